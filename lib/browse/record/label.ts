/**
 * How the time of a record is written (browse-export 3.3): the compact label of the listings of old, and words for pages.
 */
import { dateFromDay } from '../../stream/calendar.js';
import { type CivilTime, clockParts, DAY_SECONDS, pad, type Scale } from '../time/scales.js';
import type { Block } from './block.js';
import { civilStart, type RecordGrid } from './number.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** The compact label of a record, in the scale of its series: `1999.10.09_06`. */
export function recordLabel(record: number, grid: RecordGrid): string {
  return compactLabel(civilStart(record, grid), grid.block);
}

/** A time as records of this block are labelled. */
function compactLabel(civil: CivilTime, block: Block): string {
  const { year, month, dayOfMonth } = dateFromDay(civil.day);
  const [hour, minute] = clockParts(civil);
  if (block === '1year') return pad(year, 4);
  if (block === '1month') return `${pad(year, 4)}.${pad(month)}`;
  const date = `${pad(year, 4)}.${pad(month)}.${pad(dayOfMonth)}`;
  switch (block) {
    case '1day':
      return date;
    case '6hr':
      return `${date}.${pad(Math.floor((civil.second * 100) / DAY_SECONDS))}`;
    case '1hr':
      return `${date}_${pad(hour)}`;
    default:
      return `${date}_${pad(hour)}:${pad(minute)}`;
  }
}

/** `9 Oct 1999`. */
export function dateWords(civil: CivilTime): string {
  const { year, month, dayOfMonth } = dateFromDay(civil.day);
  return `${dayOfMonth} ${MONTHS[month - 1]} ${pad(year, 4)}`;
}

/** `06:00`, with seconds where there are any. */
export function clockWords(civil: CivilTime): string {
  const [hour, minute, second] = clockParts(civil);
  return `${pad(hour)}:${pad(minute)}${second === 0 && civil.nanosecond === 0 ? '' : `:${pad(second)}`}`;
}

/** An interval in words: `9 Oct 1999, 06:00–12:00 TAI`; whole days without clock, and the end with its date where it is another day. */
export function intervalWords(begin: CivilTime, end: CivilTime, scale: Scale): string {
  const isWhole = begin.second === 0 && end.second === 0 && begin.nanosecond === 0 && end.nanosecond === 0;
  if (isWhole) {
    const first = dateFromDay(begin.day);
    const next = dateFromDay(end.day);
    if (end.day === begin.day + 1) return `${dateWords(begin)} ${scale}`;
    if (first.dayOfMonth === 1 && next.dayOfMonth === 1) {
      if (first.month === 1 && next.month === 1 && next.year === first.year + 1) return `${first.year} ${scale}`;
      if (next.year * 12 + next.month === first.year * 12 + first.month + 1) {
        return `${MONTHS[first.month - 1]} ${first.year} ${scale}`;
      }
    }
  }
  const isMidnight = end.second === 0 && end.nanosecond === 0 && end.day === begin.day + 1;
  const last = isMidnight ? '24:00' : end.day === begin.day ? clockWords(end) : `${dateWords(end)} ${clockWords(end)}`;
  return `${dateWords(begin)}, ${clockWords(begin)}–${last} ${scale}`;
}
