/**
 * TASK_CITE_PROBE: are cited data still the same? (citation 13.2)
 *
 *     a source     its `testRange`
 *     ALL          the ranges that were not looked at for CITE_PROBE_EVERY, and CITE_CHECK_KEPT of the kept citations
 *
 * Contract: what has changed is a line in the log of the worker, an entry in the history of the source, and on the page of the citation. One source that cannot be read
 * keeps none of the others from being looked at. Work that was done before a job was ended is not done again by the next one.
 */

import { KeptCitations } from '../../cite/citation/kept.js';
import { deliveriesOfOthers } from '../../cite/delivery/log-entries.js';
import { readHistory } from '../../cite/history/store.js';
import type { Configuration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { fieldOf, RESULT } from '../../queue/item.js';
import { requireCitations } from '../cite/access.js';
import { longestUnseen, verifyOne } from '../cite/kept.js';
import { probe, sourcesDue } from '../cite/probe.js';
import { ownContext } from '../own-request.js';
import { RetryLater, type Task } from './task.js';

/** So much of the log is read for the history of a source that has changed. */
const MOST_BYTES = 1024 * 1024 * 1024;

interface Counts {
  ranges: number;
  citations: number;
  changed: number;
}

export const citeProbeTask: Task = async (job, { configuration, log, progress, signal }) => {
  const root = configuration.flag('CITE_ENABLE') ? configuration.path('CITE_ROOT') : undefined;
  if (root === undefined) return { code: RESULT.refused, status: 'CITE_ENABLE is off: nothing is hashed' };
  requireCitations(root);
  const id = fieldOf(job, 'dataset') ?? '';
  const isAll = id === '' || id === 'ALL';
  const counts: Counts = { ranges: 0, citations: 0, changed: 0 };
  const found = (what: string, result: string, text: string): void => {
    const isSame = result.startsWith('unchanged') || result === 'first' || result === 'extended';
    if (!isSame) counts.changed++;
    if (!isSame) log(`ALARM: ${what}: ${result}: ${text}`);
  };
  const context = ownContext(configuration, () => {});
  const everySeconds = configuration.seconds('CITE_PROBE_EVERY') ?? 0;
  const ids = isAll ? await sourcesDue(context, everySeconds) : [id];
  for (const [at, source] of ids.entries()) {
    signal.throwIfAborted();
    progress(`Looking at ${source}`, at / (ids.length + 1));
    const probed = await probe(context, source, !isAll);
    if (probed === undefined) continue;
    counts.ranges++;
    found(source, probed.result, probed.text);
    if (probed.result !== 'changed') continue;
    await readHistory(root, source, { mostBytes: MOST_BYTES, elsewhere: deliveriesOfOthers(configuration, source) });
  }
  if (isAll) await checkKept(configuration, root, { signal, counts, found });
  const { ranges, citations, changed } = counts;
  const status = `${ranges} test ranges and ${citations} kept citations: ${changed === 0 ? 'all the same' : `${changed} not the same`}`;
  return { code: changed === 0 ? RESULT.done : RESULT.partly, status };
};

/** Looks at a sample of the kept citations. */
async function checkKept(
  configuration: Configuration,
  root: string,
  facts: {
    readonly signal: AbortSignal;
    readonly counts: Counts;
    readonly found: (what: string, result: string, text: string) => void;
  },
): Promise<void> {
  const { signal, counts, found } = facts;
  const kept = new KeptCitations(root);
  for (const id of longestUnseen(kept, configuration.integer('CITE_CHECK_KEPT') ?? 0)) {
    signal.throwIfAborted();
    try {
      const { comparison, sentence } = await verifyOne(configuration, kept, id);
      counts.citations++;
      found(`citation ${id}`, comparison.result, sentence);
    } catch (error) {
      if (signal.aborted || error instanceof RetryLater) throw error;
      found(`citation ${id}`, 'fault', errorDetail(error));
    }
  }
}
