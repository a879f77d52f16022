/**
 * Record sets as clients of a DRMS write them (browse-export 9.6), one series and which of its records:
 *
 *   prog.series[2010.07.01/1d]        a start and how long; the end is not part of it      …/1d@6h]   one in six hours
 *   prog.series[2010.07.01-2010.07.03]   from the record of one time to that of another, both included
 *   prog.series[2010.07.01_06:00]     the record that holds a time                         [#59333], [#59328-#59345]   by number
 *   prog.series[^], [$]               the first and the last one there is                  [], or nothing: all
 *   …[…]{d2t}                         a segment: the form of a stream, or files of a record; several with commas between
 *
 * Contract: pure. Times without a zone are on the scale of the series. Faults are `illegalArgument` that name the field `ds`.
 */
import { isDas2Error } from '../../error.js';
import { fieldError, shown } from '../faults.js';
import { blockSeconds } from '../record/block.js';
import type { ScaledTime } from '../record/interval.js';
import { type RecordGrid, type RecordRange, recordAt, recordsIn } from '../record/number.js';
import type { LeapTable } from '../time/leap-table.js';
import { parseTimeText } from '../time/parse-time.js';
import { civilOfSeconds, DAY_SECONDS, type Instant, instantOf } from '../time/scales.js';

/** Where a range begins or ends: the first or the last record that there is, a number, or a time. */
type End = 'first' | 'last' | { readonly number: number } | { readonly time: ScaledTime };

/** Records that are asked for; `step` seconds from one to the next, undefined for all of them. */
export type RecordFilter =
  | { readonly kind: 'ends'; readonly from: End; readonly to: End; readonly step?: number }
  | { readonly kind: 'span'; readonly from: ScaledTime; readonly seconds: number; readonly step?: number };

export interface RecordSet {
  readonly name: string;
  readonly filters: readonly RecordFilter[];
  readonly segments: readonly string[];
}

/** Every `every`th record of a range. */
export interface SteppedRange extends RecordRange {
  readonly every: number;
}

const SET = /^\s*([\w.]+)\s*((?:\[[^[\]]*\]\s*)*)(?:\{([\w\s.,-]*)\})?\s*$/;
const SPAN = /^(\d{1,9})([smhdw])$/i;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const LONGEST = 2000;
const MOST_FILTERS = 200;
const ALL: RecordFilter = { kind: 'ends', from: 'first', to: 'last' };

/** What the text asks for. */
export function parseRecordSet(text: string): RecordSet {
  const match = text.length > LONGEST ? null : SET.exec(text);
  if (match === null) throw wrong(text, 'write prog.series[2010.07.01/1d]');
  const [, name = '', brackets = '', segments = ''] = match;
  const contents = [...brackets.matchAll(/\[([^[\]]*)\]/g)].map(([, content = '']) => content.trim());
  const given = contents.filter((content) => content !== '');
  if (given.length > 1) throw wrong(text, 'there is one prime key, T_REC: only one bracket can be filled');
  const parts = (given[0] ?? '').split(',').map((part) => part.trim());
  if (parts.length > MOST_FILTERS) throw wrong(text, `more than ${MOST_FILTERS} times`);
  return {
    name,
    filters: parts.map((part) => (part === '' ? ALL : filterOf(part, text))),
    segments: segments.split(/[\s,]+/).filter((segment) => segment !== ''),
  };
}

function filterOf(part: string, text: string): RecordFilter {
  if (part.startsWith('?') || part.startsWith('!') || part.startsWith(':'))
    throw wrong(text, 'only times and #numbers stand in brackets');
  const [range = '', stepText, ...more] = part.split('@');
  if (more.length > 0) throw wrong(text, 'one @ is enough');
  const step = stepText === undefined ? {} : { step: secondsOf(stepText, text) };
  const slash = range.indexOf('/');
  if (slash >= 0) {
    const from = endOf(range.slice(0, slash), text);
    if (typeof from === 'string' || !('time' in from)) throw wrong(text, 'before a / stands a time');
    return { kind: 'span', from: from.time, seconds: secondsOf(range.slice(slash + 1), text), ...step };
  }
  const single = attemptEnd(range);
  if (single !== undefined) return { kind: 'ends', from: single, to: single, ...step };
  // A minus sign may stand inside of times, too.
  for (let at = range.indexOf('-'); at >= 0; at = range.indexOf('-', at + 1)) {
    const [from, to] = [attemptEnd(range.slice(0, at)), attemptEnd(range.slice(at + 1))];
    if (from !== undefined && to !== undefined) return { kind: 'ends', from, to, ...step };
  }
  throw wrong(text, `'${shown(range)}' is neither a time nor two with - between`);
}

function attemptEnd(text: string): End | undefined {
  try {
    return endOf(text, text);
  } catch (error) {
    if (isDas2Error(error)) return undefined;
    throw error;
  }
}

function endOf(given: string, text: string): End {
  const word = given.trim();
  if (word === '^' || word === '#^') return 'first';
  if (word === '$' || word === '#$') return 'last';
  const number = /^#(-?\d{1,10})$/.exec(word);
  if (number !== null) return { number: Number(number[1]) };
  const read = parseTimeText(word, { field: 'ds' });
  if (read.kind !== 'time') throw wrong(text, `'${shown(word)}' is not a time`);
  return { time: { civil: read.civil, scale: read.scale ?? 'series' } };
}

function secondsOf(given: string, text: string): number {
  const [, count = '', unit = ''] = SPAN.exec(given.trim()) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit.toLowerCase()] ?? 0);
  if (seconds > 0) return seconds;
  throw wrong(text, `'${shown(given)}' is not a length of time: write 6h, 90m, 45s, 1d or 2w`);
}

/** The records that a filter means in a series; undefined for none. `whole`: those that there may be at all, for ends that are no times. */
export function rangeOfFilter(
  filter: RecordFilter,
  grid: RecordGrid,
  table: LeapTable,
  whole: () => RecordRange,
): SteppedRange | undefined {
  const every = filter.step === undefined ? 1 : Math.max(1, Math.round(filter.step / blockSeconds(grid.block)));
  const instantAt = ({ civil, scale }: ScaledTime): Instant =>
    instantOf(civil, scale === 'series' ? grid.epoch.scale : scale, table);
  if (filter.kind === 'span') {
    const { civil, scale } = filter.from;
    // The same clock time so much later, as in all intervals here.
    const later = civilOfSeconds(civil.day * DAY_SECONDS + civil.second + filter.seconds);
    const end = { civil: { ...later, nanosecond: civil.nanosecond }, scale };
    return { ...recordsIn(instantAt(filter.from), instantAt(end), grid, table), every };
  }
  const numberOf = (end: End): number => {
    if (end === 'first') return whole().first;
    if (end === 'last') return whole().last;
    return 'number' in end ? end.number : recordAt(instantAt(end.time), grid, table);
  };
  const [first, last] = [numberOf(filter.from), numberOf(filter.to)];
  return first <= last ? { first, last, every } : undefined;
}

function wrong(text: string, reason: string): Error {
  return fieldError('ds', `'${shown(text)}' is not understood: ${reason}`);
}
