/**
 * A source as a request for whole days at 86400 s sees it (server-internals 7.2): that is how its coverage is counted where the cache does
 * not tell.
 */
import { readerTimeText } from '../../request/time-text.js';
import type { Source } from '../../source/source.js';
import { sourceOf } from '../../source/source-definitions.js';
import type { TimeRange } from '../../source/time-range.js';
import type { SourceTree } from '../../source/tree/source-tree.js';

export const DAY_SECONDS = 86_400;
const STEP = String(DAY_SECONDS);
/** Stands for the range where none is known yet. */
const ANY_DAY: TimeRange = { begin: { day: 0, nanosecond: 0 }, end: { day: 1, nanosecond: 0 } };

/** The source, its macros filled as by such a request. Errors: `noSuchSource`, `sourceDefinition`. */
export function dailySource(sources: SourceTree, id: string, { begin, end }: TimeRange = ANY_DAY): Source {
  const macros = [
    ['start_time', readerTimeText(begin)],
    ['end_time', readerTimeText(end)],
    ['resolution', STEP],
    ['interval', STEP],
  ] as const;
  return sourceOf(sources, id, new Map(macros));
}

/** True if the reader is told the step, as an interval or by a macro: a record of it stands for a day then. */
export function hasDailyReader({ requiresInterval, reader, das1Reader }: Source): boolean {
  return (
    requiresInterval || [reader, das1Reader].some((command) => Object.values(command?.environment ?? {}).includes(STEP))
  );
}
