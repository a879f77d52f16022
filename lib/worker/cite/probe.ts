/**
 * das2_srv_cite probe: reads the data that a source says will not change (`testRange`, with `testInterval` where it needs one) again and compares them with
 * what the log knows of them (citation 13.2).
 *
 * Contract: whatever is found becomes an entry of the log, so that the next probe compares with it. A source that cannot be read is told and keeps none of
 * the others from being looked at.
 */

import { digitsOf } from '../../cite/citation/states.js';
import { logEntries } from '../../cite/delivery/log-entries.js';
import { compare, sentenceOf } from '../../cite/making/compare.js';
import { computeState } from '../../cite/making/compute.js';
import { questionOf } from '../../cite/question/question.js';
import { testRequest } from '../../cite/question/test-range.js';
import { type CanonicalRequest, requestKey } from '../../cite/request-key.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { isDas2Error } from '../../error.js';
import type { ServerContext } from '../../server/context.js';
import { sourceOf } from '../../source/source-definitions.js';
import { ownContext, ownRequest } from '../own-request.js';
import type { CitationPlace } from './kept.js';

interface Probed {
  readonly source: string;
  /** `first`: nothing was known of the range before. `fault`: it cannot be read. */
  readonly result: string;
  readonly text: string;
}

/** Probes these sources, or all that have a `testRange`; the result is the exit status: 1 if data have changed or cannot be read. */
export async function probeSources(place: CitationPlace, ids: readonly string[]): Promise<number> {
  const { configuration, json, print } = place;
  const context = ownContext(configuration, () => {});
  const wanted = ids.length > 0 ? ids : await allSources(context);
  const results: Probed[] = [];
  for (const id of wanted) {
    const result = await probe(context, id, ids.length > 0);
    if (result === undefined) continue;
    results.push(result);
    if (!json) print(`${id} ${result.result}: ${result.text}\n`);
  }
  if (json) print(`${JSON.stringify(results, undefined, 2)}\n`);
  else if (ids.length === 0) print(`${results.length} of ${wanted.length} sources have a testRange\n`);
  return results.every(({ result }) => result.startsWith('unchanged') || result === 'first') ? 0 : 1;
}

async function allSources(context: ServerContext): Promise<string[]> {
  const { records } = await context.sources.list();
  return records.filter(({ isFolder }) => !isFolder).map(({ path }) => path);
}

/** The sources whose range was not looked at for so many seconds; none of those that have none. 0: none at all. */
export async function sourcesDue(context: ServerContext, everySeconds: number): Promise<string[]> {
  if (everySeconds <= 0) return [];
  const isDue = async (id: string): Promise<boolean> => {
    try {
      const asked = testRequest(sourceOf(context.sources, id));
      if (asked === undefined) return false;
      const looks = await logEntries(context.configuration, requestKey(asked));
      // One that has failed is made again the next night.
      const last = looks.find(({ format, state }) => format === 'none' && state === 'ok');
      return last === undefined || Date.now() - Date.parse(last.time) >= everySeconds * 1000;
    } catch {
      // das2_srv_check tells of definitions that cannot be read.
      return false;
    }
  };
  const due: string[] = [];
  for (const id of await allSources(context)) if (await isDue(id)) due.push(id);
  return due;
}

/** What became of a source; undefined if there is nothing to probe and nobody has named it. */
export async function probe(context: ServerContext, id: string, isNamed: boolean): Promise<Probed | undefined> {
  const fault = (text: string): Probed => ({ source: id, result: 'fault', text });
  let text: string | undefined;
  try {
    const source = sourceOf(context.sources, id);
    const { rename, server } = source.redirect;
    // What has moved is probed where it is now.
    if (rename === undefined && server === undefined) text = source.entries.get('testRange');
    if (text === undefined) return isNamed ? fault('it has no testRange') : undefined;
    const asked = testRequest(source);
    if (asked === undefined) return fault(`its testRange '${text}' is not BEGIN to END`);
    return { source: id, ...(await lookAgain(context, asked)) };
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    // Whether a definition that cannot be read has something to probe is not known; das2_srv_check tells of it.
    return isNamed || text !== undefined ? fault(errorDetail(error)) : undefined;
  }
}

async function lookAgain(context: ServerContext, asked: CanonicalRequest): Promise<Pick<Probed, 'result' | 'text'>> {
  const request = ownRequest(context.configuration);
  const cited = await questionOf(context, request, asked, { isTrusted: true });
  const entries = await logEntries(context.configuration, cited.rk);
  const hashed = entries.filter(({ state, d2c1 }) => state === 'ok' && d2c1 !== undefined);
  // What clients have got since the last probe may be of after a change.
  const last = hashed.find(({ format }) => format === 'none') ?? hashed[0];
  if (last?.d2c1 === undefined) {
    const computed = await computeState(context, request, cited, entries);
    if (computed.kind === 'state' || computed.kind === 'known')
      return { result: 'first', text: 'from now on it is known what the data are.' };
    const why = computed.kind === 'failed' ? computed.reason : 'more than CITE_COMPUTE_MAX, or than a minute';
    return { result: 'fault', text: `its data cannot be hashed: ${why}` };
  }
  const comparison = await compare(context, request, cited, digitsOf(last.d2c1), { maxAgeSeconds: 0 });
  return { result: comparison.result, text: `${sentenceOf(comparison)} The last look was at ${last.time}.` };
}
