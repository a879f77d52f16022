/**
 * The sources whose days are counted when all are meant (server-internals 7.2): each that this server reads by itself and that says from
 * when to when it has data.
 */
import type { Configuration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { Das2Error } from '../../error.js';
import { sameServer } from '../../request/own-url.js';
import type { Source } from '../../source/source.js';
import type { TimeRange } from '../../source/time-range.js';
import type { SourceTree } from '../../source/tree/source-tree.js';
import { parseTime } from '../../stream/time.js';
import { Turns } from '../../turns.js';
import { dailySource } from './daily-source.js';
import { rangeToCount } from './range.js';
import { readCoverage } from './store.js';

export interface SourcesToCount {
  /** Their ids, in the order of the list. */
  readonly ids: readonly string[];
  /** Sources that cannot be counted, and why; `isFault`: a definition that has to be put right. */
  readonly leftOut: readonly { readonly id: string; readonly reason: string; readonly isFault: boolean }[];
}

const FIRST_DAY = parseTime('0001-01-01');
const LAST_DAY = parseTime('9999-01-01');

/** The range that the bounds of a job name, either of which may be ''; undefined if both are. */
export function rangeOfBounds(begin: string, end: string): TimeRange | undefined {
  if (begin === '' && end === '') return undefined;
  return { begin: begin === '' ? FIRST_DAY : parseTime(begin), end: end === '' ? LAST_DAY : parseTime(end) };
}

/** The sources that have days in a range, or any without one. Definitions are read, readers are not run. */
export async function sourcesToCount(
  sources: SourceTree,
  configuration: Configuration,
  range: TimeRange | undefined,
): Promise<SourcesToCount> {
  const ids: string[] = [];
  const leftOut: { id: string; reason: string; isFault: boolean }[] = [];
  const now = Date.now();
  const { records } = await sources.list();
  const turns = new Turns();
  for (const { path: id, isFolder } of records) {
    await turns.next();
    if (isFolder) continue;
    try {
      const source = dailySource(sources, id);
      if (isElsewhere(source, configuration)) continue;
      rangeToCount(source, configuration, { asked: range, kept: () => readCoverage(configuration, id)?.range, now });
      ids.push(id);
    } catch (error) {
      if (!(error instanceof Das2Error)) throw error;
      leftOut.push({ id, reason: errorDetail(error), isFault: error.code !== 'illegalArgument' });
    }
  }
  return { ids, leftOut };
}

/** True for what is left to others: renamed sources, those of another server, those that only describe. */
function isElsewhere({ redirect, reader }: Source, configuration: Configuration): boolean {
  const { rename, server } = redirect;
  const own = configuration.text('SERVER_URL');
  if (rename !== undefined || reader === undefined) return true;
  if (server === undefined || own === undefined || configuration.flag('IGNORE_REDIRECT')) return false;
  return !sameServer(server, own);
}
