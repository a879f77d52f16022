/**
 * One build of levels (levels.ts): from long runs of the reader to short ones as far as runs fail, with what is done, what failed and how far it is.
 */
import type { Configuration } from '../../conf/configuration.js';
import type { CacheLevel, CachePeriod } from '../../source/cache-level.js';
import type { Source } from '../../source/source.js';
import type { TimeRange } from '../../source/time-range.js';
import { formatTime, type TimePoint } from '../../stream/time.js';
import { Turns } from '../../turns.js';
import { countBlocks, longerPeriod, shorterPeriod } from '../block/block.js';
import { type BlockFailure, countFailure, type FailureCount } from '../failure/block-failure.js';
import { failureOf, forgetFailure, noteFailure } from '../failure/marks.js';
import { buildAlone } from './alone.js';
import { type BlockBuilder, type BlockOutcome, SKIPPED } from './block-builder.js';
import type { QueueLocks } from './locks.js';
import { type BlockTask, isWhole, type ReaderRun, runsOf } from './plan-runs.js';
import { buildShared } from './shared.js';
import type { SharingRules } from './sharing.js';

/** What to build, and how. */
export interface BuildOptions {
  readonly source: Source;
  readonly levels: readonly CacheLevel[];
  /** Every block that it touches is made. */
  readonly range: TimeRange;
  readonly configuration: Configuration;
  /** What an administrator wants to know, a line at a time. */
  readonly log?: (line: string) => void;
  /** Told before each block. */
  readonly progress?: (state: BuildProgress) => void;
  readonly signal?: AbortSignal | undefined;
  /** Make valid blocks anew as well. */
  readonly force?: boolean;
  /** Read the valid ones, and make those anew whose bytes are not what was written. */
  readonly careful?: boolean;
  /** Leaves out the blocks for which it is false. */
  readonly only?: (level: CacheLevel, begin: TimePoint) => boolean;
  /** Where other workers than those of this machine lock blocks. */
  readonly queueLocks?: QueueLocks | undefined;
  /** The id of the job that all this is for. */
  readonly job?: string;
  /** Leaves out, as failed, blocks that failed a short time ago; but those of the same job are tried again. */
  readonly sparing?: boolean;
}

/** How far a build is. */
export interface BuildProgress {
  /** Blocks behind us, and of all levels in the whole range. Falls back when a run fails that had got through some. */
  readonly done: number;
  readonly total: number;
  /** Name of the block file that is made now. */
  readonly file: string;
}

/** What a build has made. */
export interface BuildSummary {
  /** Blocks made now, empty ones among them. */
  readonly built: number;
  /** Blocks that were valid already. */
  readonly skipped: number;
  /** Of those made now: blocks for which the reader has no data. */
  readonly empty: number;
  readonly failed: number;
  /** The failed ones by kind. */
  readonly failures: readonly FailureCount[];
  /** Size of the blocks made now. */
  readonly bytes: number;
}

/** The same of one level. */
export interface LevelSummary extends BuildSummary {
  readonly level: CacheLevel;
}

/** Runs in a row that a limit of time has ended, behind which nothing more is tried. */
const MOST_TIMEOUTS = 3;
/** The summary of a build that found nothing to do. */
export const NOTHING: BuildSummary = { built: 0, skipped: 0, empty: 0, failed: 0, failures: [], bytes: 0 };

/** One build: its plan, what is done of it, and how failures change the plan. */
export class Build {
  readonly sums = new Map<number, BuildSummary>();
  private readonly total: number;
  private readonly turns = new Turns();
  private done = 0;
  private timeouts = 0;
  /** Longest shared run that a limit of time has not ended. */
  private longest: CachePeriod = 'yearly';

  constructor(
    private readonly options: BuildOptions,
    private readonly builder: BlockBuilder,
    readonly rules: SharingRules,
  ) {
    const { levels, range } = options;
    this.total = levels.reduce((sum, { period }) => sum + countBlocks(range, period), 0);
  }

  /** Makes the blocks of a unit of time. */
  async unit(tasks: readonly BlockTask[], unit: CachePeriod): Promise<void> {
    const { only, signal } = this.options;
    const missing: BlockTask[] = [];
    await this.turns.give();
    for (const task of tasks) {
      // The look at a block may read all of it.
      await this.turns.next();
      signal?.throwIfAborted();
      if (only?.(task.place.level, task.begin) === false) this.done++;
      else if (this.builder.isDone(task)) this.settle(task, SKIPPED);
      else if (!this.isHeld(task)) missing.push(task);
    }
    await this.makeAll(missing, longerPeriod(unit, this.longest) === unit ? this.longest : unit);
  }

  /** True for a block that has failed for another request a short time ago: it counts as failed again, without a try. */
  private isHeld(task: BlockTask): boolean {
    const { sparing, job = '' } = this.options;
    const mark = sparing ? failureOf(task, Date.now()) : undefined;
    if (mark === undefined || mark.job === job) return false;
    this.settle(task, { state: 'failed', kind: 'held', reason: `not tried before ${mark.tryAfter}: ${mark.reason}` });
    return true;
  }

  /** Makes blocks by shared runs no longer than `unit`; blocks that are longer by themselves. */
  private async makeAll(tasks: readonly BlockTask[], unit: CachePeriod): Promise<void> {
    const fits = ({ place }: BlockTask): boolean => longerPeriod(place.level.period, unit) === unit;
    for (const task of tasks) if (!fits(task)) await this.single(task);
    for (const run of runsOf(tasks.filter(fits), unit)) await this.make(run);
  }

  private async make(run: ReaderRun): Promise<void> {
    const [first] = run.blocks;
    if (first === undefined) return;
    this.options.signal?.throwIfAborted();
    this.announce(first);
    if (this.timeouts >= MOST_TIMEOUTS) return this.giveUp(run);
    if (this.rules.of(first.place) === 'none') {
      for (const task of run.blocks) await this.alone(task);
      return;
    }
    let ahead = 0;
    // None of them counts as done before the run has ended, which may take long.
    const begun = (task: BlockTask): void => this.announce(task, ahead++);
    const { done, left, failure, tried } = await buildShared(this.builder, { run, rules: this.rules, begun });
    this.options.signal?.throwIfAborted();
    for (const [task, outcome] of done) this.settle(task, outcome);
    if (failure !== undefined) await this.afterFailure(run, failure, tried);
    for (const task of left) await this.single(task);
  }

  /** The blocks of a failed run are tried in shorter ones, except those that would run the very same command. */
  private async afterFailure(run: ReaderRun, failure: BlockFailure, tried: readonly BlockTask[]): Promise<void> {
    const isLast = run.blocks.length === 1;
    const same = (task: BlockTask): boolean => isWhole(task, run) && (isLast || failure.kind !== 'stream');
    for (const task of tried.filter(same)) this.settle(task, { state: 'failed', ...failure });
    const rest = tried.filter((task) => !same(task));
    if (rest.length === 0) return;
    const span = [run.begin, run.end].map((time) => formatTime(time, { decimals: 0 })).join(' to ');
    this.tell(`${span}: ${failure.reason}; trying ${rest.length} blocks of this run in parts`);
    const shorter = shorterPeriod(run.unit);
    if (failure.kind === 'timeout' && shorter !== undefined) this.longest = shorter;
    if (failure.kind !== 'stream' && shorter !== undefined) return this.makeAll(rest, shorter);
    for (const task of rest) await this.single(task);
  }

  /** A run for one block. */
  private single(task: BlockTask): Promise<void> {
    const { begin, end, place } = task;
    return this.make({ begin, end, unit: place.level.period, blocks: [task] });
  }

  private async alone(task: BlockTask): Promise<void> {
    this.announce(task);
    const outcome = await buildAlone(this.builder, task);
    this.options.signal?.throwIfAborted();
    this.settle(task, outcome);
  }

  private giveUp({ blocks }: ReaderRun): void {
    const reason = `not tried: ${MOST_TIMEOUTS} runs in a row had to be ended`;
    for (const task of blocks) this.settle(task, { state: 'failed', kind: 'timeout', reason });
  }

  /** Tells of a block that is begun, and how many before it the present run has got through. */
  private announce({ file }: BlockTask, ahead = 0): void {
    this.options.progress?.({ done: this.done + ahead, total: this.total, file: nameOf(file) });
  }

  private settle(task: BlockTask, outcome: BlockOutcome): void {
    const { place, file } = task;
    this.done++;
    const { number } = place.level;
    const sum = this.sums.get(number) ?? NOTHING;
    if (outcome.state === 'skipped') this.sums.set(number, { ...sum, skipped: sum.skipped + 1 });
    else if (outcome.state === 'built') {
      this.timeouts = 0;
      forgetFailure(task);
      const { built, empty, bytes } = sum;
      const add = { built: built + 1, empty: empty + (outcome.empty ? 1 : 0), bytes: bytes + outcome.bytes };
      this.sums.set(number, { ...sum, ...add });
    } else {
      if (outcome.kind !== 'held') {
        const { job = '' } = this.options;
        noteFailure(task, outcome, { job, umask: this.builder.umask, now: Date.now() });
        this.timeouts = outcome.kind === 'timeout' ? this.timeouts + 1 : 0;
      }
      const line = `${nameOf(file)}: ${outcome.reason}`;
      const failures = countFailure(sum.failures, outcome.kind, line);
      this.sums.set(number, { ...sum, failed: sum.failed + 1, failures });
      this.tell(line);
    }
  }

  private tell(line: string): void {
    this.options.log?.(`${this.options.source.id}: ${line}`);
  }
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
