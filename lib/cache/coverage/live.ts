/**
 * Counts of days by running the reader at 86400 s (server-internals 7.2): for days that the cache says nothing about.
 *
 *   READER BEGIN END            the records of each day are counted
 *   READER 86400 BEGIN END      one record a day, of readers that want an interval; $(resolution) in a command is 86400, too
 *
 * 7.2 asks for the number of records of each day, and names a run at 86400 s for what the cache does not tell. A run with the source's reducer at
 * that resolution would lose that number: it leaves one record of each day that has any, so all counts would be 0 or 1, and those of sources that
 * cannot be reduced would be something else again. So the run is made for bins of 86400 s, each bin holds the exact number of records that fell
 * into it, and the reducer is left out; a reader that is told the step itself is told 86400.
 *
 * Contract: neighbouring days go into one run, the latest first: one day, then twice as many as long as runs are short, at most `RUN_DAYS`. A
 * run that fails is done again in halves, so that one bad day spoils no others. A reader that fails too often in a row is asked once more
 * from the first day on. Time that is up ends it: the days left stay unknown.
 */
import type { Configuration } from '../../conf/configuration.js';
import { readerStages } from '../../pipeline/stage/reader-stages.js';
import { readerTimeText } from '../../request/time-text.js';
import { type Source, validRangeOf } from '../../source/source.js';
import { intersection, type TimeRange } from '../../source/time-range.js';
import { runFault, runPrograms } from '../builder/run-programs.js';
import { type DayRange, timesOf } from './coverage.js';
import { DAY_SECONDS, hasDailyReader } from './daily-source.js';
import { DayCounter } from './day-counter.js';

/** Days of one run of the reader at most. */
const RUN_DAYS = 32;
/** A run that was done sooner may be followed by a longer one; one that took longer is followed by a shorter one. */
const SHORT_RUN_MS = 10_000;
const LONG_RUN_MS = 60_000;
/** A job must not keep others waiting for long: what is left is for the next one. */
const LONGEST_SECONDS = 600;
/** So many runs that fail one after the other are the reader's last word about these times. */
const MOST_FAULTS = 8;

export interface LiveOptions {
  readonly source: Source;
  /** The source for a run over this range; as it is if absent. */
  readonly sourceFor?: ((range: TimeRange) => Source) | undefined;
  readonly configuration: Configuration;
  readonly signal: AbortSignal | undefined;
  readonly log: (line: string) => void;
  /** Told the counts of days, 0 included, as they are known; `resolution` as in `DayCount`. */
  readonly counted: (day: number, records: number, resolution: number) => void;
  /** Told before each run. */
  readonly progress: (range: DayRange) => void;
  /** Seconds after which no further run begins, within the limits of the site; ten minutes if absent. */
  readonly seconds?: number | undefined;
}

/** What is left after all runs. */
export interface LiveSummary {
  /** Why days are unknown. */
  readonly reason: string | undefined;
  /** There was no time for all days. */
  readonly isTimeUp: boolean;
}

/** Counts these days, given in order. Rejects with the reason of the signal. */
export async function countLive(days: readonly number[], options: LiveOptions): Promise<LiveSummary> {
  const left = new DaysLeft(days);
  const seconds = options.configuration.seconds('MAX_RUN_TIME') || LONGEST_SECONDS;
  const end = Date.now() + Math.min(seconds, options.seconds ?? LONGEST_SECONDS) * 1000;
  let faults = 0;
  let reason: string | undefined;
  for (let run = left.next(); run !== undefined; run = left.next()) {
    options.signal?.throwIfAborted();
    const begun = Date.now();
    if (begun >= end) return { reason: 'time was up', isTimeUp: true };
    options.progress(run);
    const fault = await countRun(run, options);
    options.signal?.throwIfAborted();
    if (fault === undefined) {
      faults = 0;
      left.took(Date.now() - begun);
      continue;
    }
    reason = fault;
    if (!left.giveBackHalves(run)) options.log(`${options.source.id}: coverage: ${fault}`);
    if (++faults < MOST_FAULTS) continue;
    if (!left.turn()) break;
    faults = 0;
  }
  return { reason, isTimeUp: false };
}

/** The days that are still to be counted, in stretches, and how many of them the next run takes. */
class DaysLeft {
  readonly #stretches: DayRange[] = [];
  #isFromEnd = true;
  #length = 1;

  constructor(days: readonly number[]) {
    for (const day of days) {
      const last = this.#stretches.at(-1);
      if (last?.end === day) this.#stretches[this.#stretches.length - 1] = { begin: last.begin, end: day + 1 };
      else this.#stretches.push({ begin: day, end: day + 1 });
    }
  }

  /** The days of the next run, taken off. */
  next(): DayRange | undefined {
    const stretch = this.#isFromEnd ? this.#stretches.pop() : this.#stretches.shift();
    if (stretch === undefined) return undefined;
    const { begin, end } = stretch;
    if (end - begin <= this.#length) return stretch;
    const cut = this.#isFromEnd ? end - this.#length : begin + this.#length;
    if (this.#isFromEnd) this.#stretches.push({ begin, end: cut });
    else this.#stretches.unshift({ begin: cut, end });
    return this.#isFromEnd ? { begin: cut, end } : { begin, end: cut };
  }

  /** The time of a run that went well decides about the length of the next one. */
  took(milliseconds: number): void {
    if (milliseconds < SHORT_RUN_MS) this.#length = Math.min(RUN_DAYS, this.#length * 2);
    else if (milliseconds > LONG_RUN_MS) this.#length = Math.max(1, Math.floor(this.#length / 2));
  }

  /** Puts the days of a run that failed back, to be done in two; false if it was a single one, which is dropped. */
  giveBackHalves({ begin, end }: DayRange): boolean {
    this.#length = Math.max(1, Math.floor((end - begin) / 2));
    const middle = begin + this.#length;
    if (middle >= end) return false;
    const halves = [
      { begin, end: middle },
      { begin: middle, end },
    ];
    if (this.#isFromEnd) this.#stretches.push(...halves);
    else this.#stretches.unshift(...halves);
    return true;
  }

  /** From now on the earliest days first; false if it was so already. */
  turn(): boolean {
    const isNew = this.#isFromEnd;
    this.#isFromEnd = false;
    this.#length = 1;
    return isNew;
  }
}

/** Why a run cannot be trusted; undefined if its days are counted. */
async function countRun(days: DayRange, options: LiveOptions): Promise<string | undefined> {
  const whole = timesOf(days);
  const valid = validRangeOf(options.source, Date.now());
  const range = valid === undefined ? whole : intersection(whole, valid);
  const source = range === undefined ? options.source : (options.sourceFor?.(range) ?? options.source);
  const counter = new DayCounter(source.kind === 'qstream' ? 'qstream' : 'das2', days);
  if (range !== undefined) {
    const fault = await runReader(source, range, counter, options);
    if (fault !== undefined) return fault;
  }
  const resolution = hasDailyReader(source) ? DAY_SECONDS : 0;
  for (let day = days.begin; day < days.end; day++) options.counted(day, counter.counts.get(day) ?? 0, resolution);
  return undefined;
}

async function runReader(
  source: Source,
  { begin, end }: TimeRange,
  counter: DayCounter,
  { configuration, signal }: LiveOptions,
): Promise<string | undefined> {
  const interval = source.requiresInterval ? String(DAY_SECONDS) : undefined;
  let bytes = 0;
  let spoilt = false;
  const result = await runPrograms({
    stages: readerStages(source, { interval, begin: readerTimeText(begin), end: readerTimeText(end), words: [] }),
    configuration,
    signal,
    write(chunk, stop) {
      bytes += chunk.length;
      counter.push(chunk);
      if (counter.fault === undefined || spoilt) return;
      spoilt = true;
      stop();
    },
  });
  if (spoilt) return counter.fault;
  // A reader that ends well and says nothing has no data.
  if (bytes > 0) counter.end();
  return runFault(result) ?? counter.fault;
}
