/**
 * Counts of days by running the reader (server-internals 7.2): for days that the cache says nothing about.
 *
 *   READER BEGIN END            records of each day
 *   READER 86400 BEGIN END      a point a day, for readers that want an interval
 *
 * Contract: neighbouring days go into one run, at most `RUN_DAYS`, the latest first; a run that fails is done again in halves, so that one
 * bad day spoils no others. A reader that fails too often in a row, and time that is up, end it: the days left stay unknown.
 */
import type { Configuration } from '../conf/configuration.js';
import { readerStages } from '../pipeline/reader-stages.js';
import { readerTimeText } from '../request/time-text.js';
import { type Source, validRangeOf } from '../source/source.js';
import { intersection } from '../source/time-range.js';
import type { DayRange } from './coverage.js';
import { DayCounter } from './day-counter.js';
import { runFault, runPrograms } from './run-programs.js';

/** Days of one run of the reader. */
const RUN_DAYS = 32;
const DAY_SECONDS = 86_400;
/** A job must not keep others waiting for long: what is left is for the next one. */
const LONGEST_SECONDS = 600;
/** So many runs that fail one after the other are the reader's last word. */
const MOST_FAULTS = 8;

export interface LiveOptions {
  readonly source: Source;
  readonly configuration: Configuration;
  readonly signal: AbortSignal | undefined;
  readonly log: (line: string) => void;
  /** Told the counts of days, 0 included, as they are known; `resolution` as in `DayCount`. */
  readonly counted: (day: number, records: number, resolution: number) => void;
  /** Told before each run. */
  readonly progress: (range: DayRange) => void;
}

/** What is left after all runs: why days are unknown. */
export interface LiveSummary {
  readonly reason: string | undefined;
}

/** Counts these days, given in order. Rejects with the reason of the signal. */
export async function countLive(days: readonly number[], options: LiveOptions): Promise<LiveSummary> {
  const runs = runsOf(days);
  const seconds = options.configuration.seconds('MAX_RUN_TIME') || LONGEST_SECONDS;
  const end = Date.now() + Math.min(seconds, LONGEST_SECONDS) * 1000;
  let faults = 0;
  let reason: string | undefined;
  for (let run = runs.pop(); run !== undefined; run = runs.pop()) {
    options.signal?.throwIfAborted();
    if (Date.now() >= end) return { reason: 'time was up, the next job goes on' };
    options.progress(run);
    const fault = await countRun(run, options);
    options.signal?.throwIfAborted();
    if (fault === undefined) {
      faults = 0;
      continue;
    }
    reason = fault;
    if (++faults >= MOST_FAULTS) return { reason };
    const middle = Math.floor((run.begin + run.end) / 2);
    if (middle > run.begin) runs.push({ begin: run.begin, end: middle }, { begin: middle, end: run.end });
    else options.log(`${options.source.id}: coverage: ${fault}`);
  }
  return { reason };
}

/** Runs for these days, in order; whole ones count from the latest day. */
function runsOf(days: readonly number[]): DayRange[] {
  const runs: DayRange[] = [];
  for (const day of days.toReversed()) {
    const last = runs.at(-1);
    if (last !== undefined && last.begin === day + 1 && last.end - day <= RUN_DAYS) {
      runs[runs.length - 1] = { begin: day, end: last.end };
    } else runs.push({ begin: day, end: day + 1 });
  }
  return runs.reverse();
}

/** Why a run cannot be trusted; undefined if its days are counted. */
async function countRun(days: DayRange, options: LiveOptions): Promise<string | undefined> {
  const { source } = options;
  const whole = { begin: { day: days.begin, nanosecond: 0 }, end: { day: days.end, nanosecond: 0 } };
  const valid = validRangeOf(source, Date.now());
  const range = valid === undefined ? whole : intersection(whole, valid);
  const counter = new DayCounter(source.kind === 'qstream' ? 'qstream' : 'das2', days);
  if (range !== undefined) {
    const times = [readerTimeText(range.begin), readerTimeText(range.end)];
    const fault = await runReader(times, counter, options);
    if (fault !== undefined) return fault;
  }
  const resolution = source.requiresInterval ? DAY_SECONDS : 0;
  for (let day = days.begin; day < days.end; day++) options.counted(day, counter.counts.get(day) ?? 0, resolution);
  return undefined;
}

async function runReader(
  times: readonly string[],
  counter: DayCounter,
  { source, configuration, signal }: LiveOptions,
): Promise<string | undefined> {
  const [begin = '', end = ''] = times;
  const interval = source.requiresInterval ? String(DAY_SECONDS) : undefined;
  let bytes = 0;
  let spoilt = false;
  const result = await runPrograms({
    stages: readerStages(source, { interval, begin, end, words: [] }),
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
