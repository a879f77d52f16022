/**
 * Coverage of a source: how many records it has on each day (server-internals 7.2). The model, its JSON form, and what follows from it.
 *
 * Contract: days are whole numbers counted from 2000-01-01 (as in `TimePoint`); a day that nobody has counted is absent, which says
 * something else than a count of 0. Pure: nothing here touches a file or a reader.
 */
import type { TimeRange } from '../../source/time-range.js';
import { formatTime, parseTime } from '../../stream/time.js';

/** Version of the JSON form; another one says nothing. */
const COVERAGE_FORMAT = 1;
/** Days that one coverage may span: 273 years. */
export const MOST_DAYS = 100_000;

/** The count of one day. */
export interface DayCount {
  readonly records: number;
  /** Length in seconds of what was counted: bins of a cache level, steps of an interval; 0 for records as the reader sends them. */
  readonly resolution: number;
  /** Nothing more is expected for this day. */
  readonly final: boolean;
}

/** Days from `begin` on, before `end`. */
export interface DayRange {
  readonly begin: number;
  readonly end: number;
}

export interface Coverage {
  readonly dataset: string;
  /** Description of the source, for titles. */
  readonly title: string;
  /** Changes with everything that the counts depend on. */
  readonly definition: string;
  /** When it was last worked on, in milliseconds since 1970. */
  readonly madeAt: number;
  /** The days that it is about. */
  readonly range: DayRange;
  readonly days: ReadonlyMap<number, DayCount>;
}

/** What is known of a stretch of days. */
export type DayState = 'data' | 'none' | 'unknown';

export interface Stretch extends DayRange {
  readonly state: DayState;
}

/** The state of a day. */
export function dayState(coverage: Pick<Coverage, 'days'>, day: number): DayState {
  const count = coverage.days.get(day);
  if (count === undefined) return 'unknown';
  return count.records > 0 ? 'data' : 'none';
}

/** The range as stretches of one state each, in order. */
export function stretches(coverage: Pick<Coverage, 'days' | 'range'>): Stretch[] {
  const found: Stretch[] = [];
  const { begin, end } = coverage.range;
  for (let day = begin; day < end; day++) {
    const state = dayState(coverage, day);
    const last = found.at(-1);
    if (last?.state === state) found[found.length - 1] = { ...last, end: day + 1 };
    else found.push({ begin: day, end: day + 1, state });
  }
  return found;
}

/** The part of a coverage inside a range of days. */
export function clippedCoverage(coverage: Coverage, range: DayRange): Coverage {
  const begin = Math.max(coverage.range.begin, range.begin);
  const end = Math.max(begin, Math.min(coverage.range.end, range.end));
  const days = new Map([...coverage.days].filter(([day]) => day >= begin && day < end));
  return { ...coverage, range: { begin, end }, days };
}

/** The days that a range of time touches. */
export function daysOf({ begin, end }: TimeRange): DayRange {
  return { begin: begin.day, end: Math.max(begin.day, end.nanosecond === 0 ? end.day : end.day + 1) };
}

/** The range of time from the begin of the first day to the end of the last. */
export function timesOf({ begin, end }: DayRange): TimeRange {
  return { begin: { day: begin, nanosecond: 0 }, end: { day: end, nanosecond: 0 } };
}

/** `YYYY-MM-DD` of a day. */
export function dayText(day: number): string {
  return formatTime({ day, nanosecond: 0 }, { decimals: 0 }).slice(0, 10);
}

/** One sentence: how many days of the range have data. */
export function coverageWords(coverage: Coverage): string {
  const { begin, end } = coverage.range;
  const total = { data: 0, none: 0, unknown: 0 };
  for (const { state, ...part } of stretches(coverage)) total[state] += part.end - part.begin;
  const known = total.data + total.none;
  const days = (count: number): string => `${count} day${count === 1 ? '' : 's'}`;
  const unknown = total.unknown === 0 ? '' : `; ${days(total.unknown)} not counted yet`;
  return `${dayText(begin)} to ${dayText(end)}: data on ${total.data} of ${days(known)}${unknown}.`;
}

/** Days counted alike, one after the other. */
interface CountRun {
  begin: string;
  resolution: number;
  final: boolean;
  records: number[];
}

/** The JSON form: what is served, and what is kept. Bounds of ranges are days, the second one is outside. */
export function coverageJson(coverage: Coverage): Readonly<Record<string, unknown>> {
  const { dataset, title, definition, madeAt, range } = coverage;
  const parts = stretches(coverage);
  const listed = (state: DayState): string[][] =>
    parts.filter((part) => part.state === state).map(({ begin, end }) => [dayText(begin), dayText(end)]);
  const total = (state: DayState): number =>
    parts.reduce((sum, part) => sum + (part.state === state ? part.end - part.begin : 0), 0);
  return {
    format: COVERAGE_FORMAT,
    dataset,
    title,
    definition,
    made: new Date(madeAt).toISOString(),
    begin: dayText(range.begin),
    end: dayText(range.end),
    days: { withData: total('data'), withoutData: total('none'), unknown: total('unknown') },
    data: listed('data'),
    gaps: listed('none'),
    unknown: listed('unknown'),
    counts: countRuns(coverage),
  };
}

function countRuns({ days, range }: Coverage): CountRun[] {
  const runs: CountRun[] = [];
  let next = Number.NaN;
  for (let day = range.begin; day < range.end; day++) {
    const count = days.get(day);
    if (count === undefined) continue;
    const last = runs.at(-1);
    const { records, resolution, final } = count;
    if (last !== undefined && next === day && last.resolution === resolution && last.final === final) {
      last.records.push(records);
    } else runs.push({ begin: dayText(day), resolution, final, records: [records] });
    next = day + 1;
  }
  return runs;
}

/** Reads the JSON form; undefined if the text is damaged or of another form. */
export function parseCoverage(text: string): Coverage | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    if (value === null || typeof value !== 'object' || value.format !== COVERAGE_FORMAT) return undefined;
    const { dataset, title, definition, made, counts } = value;
    const range = { begin: dayOf(value.begin), end: dayOf(value.end) };
    const madeAt = Date.parse(String(made));
    if (range.end - range.begin > MOST_DAYS || !Number.isFinite(madeAt) || !Array.isArray(counts)) return undefined;
    if (typeof dataset !== 'string' || typeof title !== 'string' || typeof definition !== 'string') return undefined;
    const days = new Map<number, DayCount>();
    for (const run of counts as readonly unknown[]) readRun(run, range, days);
    return { dataset, title, definition, madeAt, range, days };
  } catch {
    return undefined;
  }
}

function readRun(value: unknown, range: DayRange, days: Map<number, DayCount>): void {
  const { begin, resolution, final, records } = value as Partial<Readonly<Record<keyof CountRun, unknown>>>;
  const first = dayOf(begin);
  if (typeof resolution !== 'number' || !Array.isArray(records)) throw new TypeError('no run of counts');
  for (const [i, count] of (records as readonly unknown[]).entries()) {
    const day = first + i;
    if (typeof count !== 'number' || !(count >= 0) || day < range.begin || day >= range.end) continue;
    days.set(day, { records: count, resolution, final: final === true });
  }
}

function dayOf(text: unknown): number {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(text)) throw new TypeError('no day');
  return parseTime(text).day;
}
