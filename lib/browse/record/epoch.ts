/**
 * Epochs: the instant at which record 0 of a series starts, with its time scale, as naming tables write it (browse-export 2.1, 4.2):
 *
 *   TS_EQ t_obs 1993.01.01_00:00:00_TAI        index kind, time keyword, time; in cache files joined by '^'
 */
import { Das2Error } from '../../error.js';
import { dateFromDay } from '../../stream/calendar.js';
import { parseTimeText } from '../time/parse-time.js';
import { type CivilTime, clockParts, pad, type Scale } from '../time/scales.js';
import { type Block, isCalendarBlock } from './block.js';

/** The one index kind there is: equal blocks from the epoch. */
export const INDEX_KIND = 'TS_EQ';

export interface Epoch {
  /** The keyword that holds the time of a record; descriptive only. */
  readonly keyword: string;
  readonly scale: Scale;
  /** Whole seconds. */
  readonly civil: CivilTime;
}

/** The epoch that a DSDF or setting names. Throws `illegalArgument` with the reason. */
export function parseEpoch(text: string): Epoch {
  const [kind, keyword = '', time, ...rest] = text.trim().split(/\s+/);
  if (time === undefined || rest.length > 0) throw wrong(`'${text.slice(0, 60)}' is not 'TS_EQ KEYWORD TIME'`);
  if (kind !== INDEX_KIND) throw wrong(`the index kind must be ${INDEX_KIND}`);
  return makeEpoch(keyword, time);
}

/** The epoch with these parts, as in a cache file. Throws `illegalArgument`. */
export function makeEpoch(keyword: string, time: string): Epoch {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(keyword)) throw wrong('the time keyword must be a word');
  const read = parseTimeText(time, { field: 'epoch' });
  if (read.kind !== 'time' || read.civil.nanosecond !== 0) throw wrong('must be a time in whole seconds');
  return { keyword, scale: read.scale ?? 'UTC', civil: read.civil };
}

/** The time of an epoch as naming tables have it. */
export function epochTime({ civil, scale }: Epoch): string {
  const { year, month, dayOfMonth } = dateFromDay(civil.day);
  const clock = clockParts(civil).map((part) => pad(part));
  return `${pad(year, 4)}.${pad(month)}.${pad(dayOfMonth)}_${clock.join(':')}_${scale}`;
}

/** The epoch as a DSDF writes it. */
export function epochText(epoch: Epoch): string {
  return `${INDEX_KIND} ${epoch.keyword} ${epochTime(epoch)}`;
}

/**
 * Why records of this block cannot be counted from this epoch; undefined if they can. Months and years are those of UTC and begin with a
 * month or year.
 */
export function blockFault(block: Block, { scale, civil }: Epoch): string | undefined {
  if (!isCalendarBlock(block)) return undefined;
  if (scale === 'TAI') return `records of ${block} cannot be counted from a TAI epoch`;
  const { month, dayOfMonth } = dateFromDay(civil.day);
  if (dayOfMonth === 1 && civil.second === 0 && (block === '1month' || month === 1)) return undefined;
  return `records of ${block} must be counted from the begin of a ${block === '1month' ? 'month' : 'year'}`;
}

function wrong(reason: string): Das2Error {
  return new Das2Error('illegalArgument', `epoch: ${reason}`);
}
