/**
 * Makes the blocks of a cache level: for the worker's jobs and for `das2_srv_cache build` (server-internals 2.7, 2.10).
 *
 *   intrinsic   READER BEGIN END [PARAM …]
 *   binned      READER BEGIN END [PARAM …] | REDUCER -b BEGIN RESOLUTION      RESOLUTION with six decimals
 *
 * Contract
 * - Blocks are made one after the other in the order of time; one that is valid already is skipped. A block that fails leaves no file,
 *   is told to the log and counted, and the next one is tried. What concerns all blocks (a cache that cannot be written, a full disk)
 *   throws.
 * - Any number of processes may build at the same time: a lock file beside a block lets one of them write it, the others wait and then
 *   find it there.
 * - A block is kept if every program ended with status 0, and the stream is whole (block-check.ts).
 * - `signal` ends the program that runs; then the function rejects with the signal's reason.
 */
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Configuration } from '../conf/configuration.js';
import { Das2Error } from '../error.js';
import type { PipelineResult, Stage } from '../pipeline/stage.js';
import { releaseLock, takeLock } from '../queue/spool-lock.js';
import type { CacheLevel } from '../source/cache-level.js';
import { readerOf, type Source } from '../source/source.js';
import type { TimeRange } from '../source/time-range.js';
import { compareTimes, formatTime, type TimePoint } from '../stream/time.js';
import { VERSION } from '../version.js';
import { blockBegin, blocksOf, nextBlockBegin } from './block.js';
import { blockState, finality, RECORD_FORMAT } from './block-record.js';
import { BlockWriter, lookAtBlock } from './block-writer.js';
import { blockFile, isSettled, type LevelPlace, levelPlace, unixTime } from './level-place.js';
import { runFault, runPrograms } from './run-programs.js';
import { ensureFolders, parseUmask, sweepFolder } from './safe-files.js';

export interface BuildOptions {
  readonly source: Source;
  readonly level: CacheLevel;
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
}

export interface BuildProgress {
  /** Blocks behind us, and of the whole range. */
  readonly done: number;
  readonly total: number;
  /** Name of the block file that comes next. */
  readonly file: string;
}

export interface BuildSummary {
  /** Blocks made now, empty ones among them. */
  readonly built: number;
  /** Blocks that were valid already. */
  readonly skipped: number;
  /** Of those made now: blocks for which the reader has no data. */
  readonly empty: number;
  readonly failed: number;
  /** Size of the blocks made now. */
  readonly bytes: number;
}

const LOCK_SECONDS = 120;
const RENEW_MS = 30_000;
const POLL_MS = 200;

let lockNumber = 0;

/** Number of blocks that a range touches, without counting them one by one where there may be millions. */
export function countBlocks(range: TimeRange, period: CacheLevel['period']): number {
  if (compareTimes(range.begin, range.end) >= 0) return 0;
  if (period === 'monthly' || period === 'yearly') {
    let count = 0;
    for (const _begin of blocksOf(range, period)) count++;
    return count;
  }
  const first = blockBegin(range.begin, period);
  const length = unixTime(nextBlockBegin(first, period)) - unixTime(first);
  const last = blockBegin(range.end, period);
  const whole = Math.round((unixTime(last) - unixTime(first)) / length);
  return whole + (compareTimes(last, range.end) < 0 ? 1 : 0);
}

/** Makes the blocks of a level that a range touches. */
export async function buildBlocks(options: BuildOptions): Promise<BuildSummary> {
  const { source, level, range, configuration, signal } = options;
  const place = levelPlace(configuration, source, level);
  if (place === undefined) throw new Das2Error('configuration', 'CACHE_ROOT is not set: there is no cache');
  if (configuration.path('CACHE_ROOT') === '/') throw new Das2Error('configuration', 'CACHE_ROOT must not be /');
  readerOf(source);
  const builder = new Builder(place, options);
  const total = countBlocks(range, level.period);
  const sum = { built: 0, skipped: 0, empty: 0, failed: 0, bytes: 0 };
  let done = 0;
  for (const begin of blocksOf(range, level.period)) {
    signal?.throwIfAborted();
    const file = blockFile(place, begin);
    options.progress?.({ done, total, file: file.slice(file.lastIndexOf('/') + 1) });
    const outcome = await builder.build(begin, file);
    signal?.throwIfAborted();
    if (outcome === 'skipped') sum.skipped++;
    else if (outcome === 'failed') sum.failed++;
    else {
      sum.built++;
      sum.bytes += outcome.bytes;
      if (outcome.empty) sum.empty++;
    }
    done++;
  }
  return sum;
}

type Outcome = 'skipped' | 'failed' | { readonly bytes: number; readonly empty: boolean };

class Builder {
  private readonly umask: number;
  private readonly swept = new Set<string>();

  constructor(
    private readonly place: LevelPlace,
    private readonly options: BuildOptions,
  ) {
    const { configuration } = options;
    this.umask = parseUmask(configuration.text('CACHE_UMASK'));
  }

  async build(begin: TimePoint, file: string): Promise<Outcome> {
    const { root, parts } = this.place;
    const below = dirname(file);
    const folder = ensureFolders(root, [...parts, ...(below === '.' ? [] : below.split('/'))], this.umask);
    const name = file.slice(file.lastIndexOf('/') + 1);
    if (!this.swept.has(folder)) {
      this.swept.add(folder);
      sweepFolder(folder, Date.now());
    }
    if (this.isValid(folder, name)) return 'skipped';
    const release = await this.lock(join(folder, `.${name}.lock`));
    try {
      // Somebody else may have made it while we waited.
      if (this.isValid(folder, name)) return 'skipped';
      return await this.write(begin, folder, name);
    } finally {
      release();
    }
  }

  private isValid(folder: string, name: string): boolean {
    if (this.options.force) return false;
    const file = lookAtBlock(folder, name);
    return file !== undefined && blockState(file, this.place.rules, Date.now()).kind === 'valid';
  }

  /** Waits until nobody else writes this block; the result lets go. */
  private async lock(file: string): Promise<() => void> {
    const owner = `${hostname()}-${process.pid}-${lockNumber++}`;
    while (!takeLock(file, owner, LOCK_SECONDS)) {
      this.options.signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const timer = setInterval(() => void takeLock(file, owner, LOCK_SECONDS), RENEW_MS);
    return () => {
      clearInterval(timer);
      releaseLock(file, owner);
    };
  }

  private async write(begin: TimePoint, folder: string, name: string): Promise<Outcome> {
    const { source, level, rules } = this.place;
    const kind = source.kind === 'qstream' ? 'qstream' : 'das2';
    const writer = new BlockWriter(folder, name, { kind, umask: this.umask });
    let kept = false;
    try {
      // The time that counts is the one at which the reader looked.
      const now = Date.now();
      const fault = runFault(await this.run(begin, writer));
      const { signal } = this.options;
      if (signal?.aborted) return 'failed';
      if (fault !== undefined) return this.failed(name, fault);
      const stream = writer.finish();
      if (stream.fault !== undefined) return this.failed(name, stream.fault);
      const end = nextBlockBegin(begin, level.period);
      const empty = stream.records === 0;
      const settled = isSettled(this.place, begin, now);
      writer.commit({
        format: RECORD_FORMAT,
        dataset: source.id,
        hash: rules.hash,
        params: level.params,
        begin: formatTime(begin, { decimals: 0 }),
        end: formatTime(end, { decimals: 0 }),
        builtAt: new Date(now).toISOString(),
        bytes: writer.bytes,
        records: stream.records,
        empty,
        ...finality({ settled, empty, end: unixTime(end) }, level, now),
        serverVersion: VERSION,
      });
      kept = true;
      return { bytes: writer.bytes, empty };
    } finally {
      if (!kept) writer.discard();
    }
  }

  private failed(name: string, reason: string): 'failed' {
    this.options.log?.(`${this.place.source.id}: ${name}: ${reason}`);
    return 'failed';
  }

  private async run(begin: TimePoint, writer: BlockWriter): Promise<PipelineResult> {
    const { configuration, signal } = this.options;
    const stages = blockStages(this.place.source, this.place.level, begin);
    const result = await runPrograms({
      stages,
      configuration,
      signal,
      write(bytes, stop) {
        writer.write(bytes);
        if (writer.failed) stop();
      },
    });
    // A full disk is no fault of the reader.
    if (writer.failed) writer.finish();
    return result;
  }
}

/** The programs that make the block which begins here. */
export function blockStages(source: Source, level: CacheLevel, begin: TimePoint): Stage[] {
  const from = readerTime(begin, level);
  const reader = readerOf(source);
  const stages: Stage[] = [
    {
      role: 'reader',
      command: reader.text,
      args: [...source.readerArguments, from, readerTime(nextBlockBegin(begin, level.period), level), ...level.words],
      environment: reader.environment,
    },
  ];
  if (level.microseconds > 0 && source.reducer.kind === 'command') {
    const { text: command, environment } = source.reducer.command;
    stages.push({ role: 'reducer', command, args: ['-b', from, level.seconds.toFixed(6)], environment });
  }
  return stages;
}

/** Block limits as readers get them: as many characters as the period needs. */
function readerTime(time: TimePoint, { period }: CacheLevel): string {
  const length = period === 'persecond' ? 19 : period === 'perminute' || period === 'hourly' ? 16 : 10;
  return formatTime(time, { decimals: 0 }).slice(0, length);
}
