/**
 * Makes many blocks, of several levels, out of one run of the reader (server-internals 2.7, 2.12 rule 3): its stream is cut into blocks inside
 * the process, and each binned block has a reducer of its own whose first bin begins with the block.
 *
 * Contract
 * - What a block holds does not depend on what else the run makes, for readers whose records do not depend on the range that they are asked
 *   for. For das2 streams, and reducers of ours that are named in plain words; sharing.ts tells.
 * - A reader that says nothing and ends with status 0 has no data: all blocks of the run are empty ones (empty-block.ts).
 * - Blocks are finished on the way and kept as temporary files, so neither memory nor open files grow with the run. They appear when the
 *   reader has ended with status 0, and only then.
 * - Blocks that another process is making or has taken over, that were valid already, or whose records come in no order are left over. A run
 *   for one block alone waits for the other process.
 */
import { asDas2Error, Das2Error, isDas2Error } from '../../error.js';
import { readerStages } from '../../pipeline/stage/reader-stages.js';
import type { CachePeriod } from '../../source/cache-level.js';
import { us2000FromTime } from '../../stream/time.js';
import { Turns } from '../../turns.js';
import { blockTimeText, longerPeriod } from '../block/block.js';
import type { CheckedStream } from '../block/check.js';
import { type BlockFailure, runFailure } from '../failure/block-failure.js';
import type { LevelPlace } from '../level/place.js';
import { type BlockBuilder, type BlockLocation, type BlockOutcome, builtOutcome, SKIPPED } from './block-builder.js';
import { emptyStream } from './empty-block.js';
import type { BlockCut } from './open-block.js';
import { type BlockTask, isWhole, type ReaderRun } from './plan-runs.js';
import { type FinishedBlock, publishBlocks } from './publish.js';
import type { SharingRules } from './sharing.js';
import { BlockSplitter } from './split-blocks.js';
import type { BlockWriter } from './writer.js';

/** What became of a run. */
export interface SharedOutcome {
  readonly done: ReadonlyMap<BlockTask, BlockOutcome>;
  /** To be made alone, each by a run of its own. */
  readonly left: readonly BlockTask[];
  /** Why the run was worth nothing, and the blocks that it should have made. */
  readonly failure: BlockFailure | undefined;
  readonly tried: readonly BlockTask[];
}

export interface SharedOptions {
  readonly run: ReaderRun;
  readonly rules: SharingRules;
  /** Told when the first bytes of a block come. */
  readonly begun: (task: BlockTask) => void;
}

/** One block while the run goes on. */
interface Part {
  readonly task: BlockTask;
  readonly location: BlockLocation;
  writer: BlockWriter | undefined;
  stream: CheckedStream | undefined;
  /** Why the block's own reducer has given up. */
  fault: string | undefined;
}

/** Makes the blocks of a run. Throws what concerns all blocks. */
export async function buildShared(builder: BlockBuilder, options: SharedOptions): Promise<SharedOutcome> {
  const parts: Part[] = [];
  const left: BlockTask[] = [];
  const done = new Map<BlockTask, BlockOutcome>();
  const turns = new Turns();
  const locations = new Map<BlockTask, BlockLocation>();
  for (const task of options.run.blocks) {
    await turns.next();
    locations.set(task, builder.locate(task));
  }
  const locks = [...locations.values()].map(({ lock }) => lock);
  const [first] = locks;
  const isAlone = first !== undefined && locks.length === 1;
  const taken = await (isAlone ? builder.locks.take(first) : builder.locks.takeFree(locks));
  try {
    for (const [task, location] of locations) {
      await turns.next();
      if (!taken.has(location.lock)) left.push(task);
      else if (!builder.isDone(task))
        parts.push({ task, location, writer: undefined, stream: undefined, fault: undefined });
      else {
        builder.locks.release([location.lock]);
        done.set(task, SKIPPED);
      }
    }
    if (parts.length === 0) return { done, left, failure: undefined, tried: [] };
    return await new SharedRun(builder, parts, options).make(done, left);
  } finally {
    for (const { writer } of parts) writer?.discard();
    builder.locks.release(locks);
  }
}

class SharedRun {
  private stopped = false;

  constructor(
    private readonly builder: BlockBuilder,
    private readonly parts: readonly Part[],
    private readonly options: SharedOptions,
  ) {}

  /** Adds to what is done and what is left. */
  async make(done: Map<BlockTask, BlockOutcome>, left: BlockTask[]): Promise<SharedOutcome> {
    const { builder, parts } = this;
    const now = Date.now();
    const failure = await this.read();
    if (builder.aborted || failure !== undefined) return { done, left, failure, tried: parts.map(({ task }) => task) };
    const finished = new Map<FinishedBlock, BlockTask>();
    for (const { task, location, writer, stream, fault } of parts) {
      if (fault !== undefined) done.set(task, { state: 'failed', kind: 'reducer', reason: fault });
      else if (writer === undefined || stream === undefined) left.push(task);
      else if (stream.fault !== undefined) done.set(task, { state: 'failed', kind: 'stream', reason: stream.fault });
      else {
        const record = builder.record(task, writer, stream, now);
        finished.set({ writer, record, isOurs: () => builder.locks.holds(location.lock) }, task);
      }
    }
    await builder.locks.confirm(parts.map(({ location }) => location.lock));
    const published = new Set(await publishBlocks([...finished.keys()]));
    for (const [block, task] of finished) {
      if (published.has(block)) done.set(task, builtOutcome(block.record));
      // Another process has its lock, or had it in between: its block counts, if it is a good one.
      else left.push(task);
    }
    return { done, left, failure: undefined, tried: [] };
  }

  /** Runs the reader and writes the blocks; why nothing of it can be kept. */
  private async read(): Promise<BlockFailure | undefined> {
    const { builder, parts } = this;
    const planned = this.options.run;
    const { source, level } = (planned.blocks[0] as BlockTask).place;
    const period = textPeriod(planned);
    const splitter = new BlockSplitter(this.cuts());
    let fault: unknown;
    let bytesRead = 0;
    const stages = readerStages(source, {
      begin: blockTimeText(planned.begin, period),
      end: blockTimeText(planned.end, period),
      words: level.words,
    });
    const result = await builder.run(stages, (bytes, stop) => {
      bytesRead += bytes.length;
      try {
        if (fault === undefined) splitter.push(bytes);
      } catch (error) {
        fault = error;
      }
      if (fault !== undefined || this.stopped) stop();
    });
    const failure = runFailure(result);
    try {
      if (failure === undefined && fault === undefined)
        await this.end(bytesRead === 0 ? this.writeEmpty() : splitter.end());
    } catch (error) {
      fault = error;
    }
    for (const { writer } of parts) writer?.throwIfFailed();
    if (fault === undefined) return failure;
    if (!isDas2Error(fault)) throw fault;
    return { kind: 'stream', reason: fault.message };
  }

  /** The last blocks of a run: each waits for the disk, and there may be hundreds. */
  private async end(steps: Iterable<void>): Promise<void> {
    const turns = new Turns();
    for (const _step of steps) await turns.next();
  }

  private *writeEmpty(): Generator<void> {
    for (const part of this.parts) {
      part.writer = this.builder.writer(part.task.place, part.location);
      this.options.begun(part.task);
      part.writer.write(emptyStream('das2'));
      part.stream = part.writer.finish();
      yield;
    }
  }

  /** The blocks of each level, for the splitter. */
  private cuts(): BlockCut[][] {
    const byLevel = new Map<LevelPlace, BlockCut[]>();
    for (const part of this.parts) {
      const { place } = part.task;
      const cuts = byLevel.get(place) ?? [];
      byLevel.set(place, cuts);
      cuts.push(this.cut(part));
    }
    return [...byLevel.values()];
  }

  private cut(part: Part): BlockCut {
    const { place, begin, end } = part.task;
    const { level } = place;
    return {
      begin: us2000FromTime(begin),
      end: us2000FromTime(end),
      open: () => {
        const writer = this.builder.writer(place, part.location);
        part.writer = writer;
        this.options.begun(part.task);
        const sink = {
          write: (bytes: Uint8Array): void => {
            writer.write(bytes);
            if (writer.failed) this.stopped = true;
          },
        };
        if (level.microseconds === 0) return { push: sink.write, flush() {}, end() {} };
        const { reducer } = this.options.rules;
        if (reducer === undefined) throw new Das2Error('internal', 'a binned level without a reducer shares a run');
        const from = blockTimeText(begin, level.period);
        return reducer.program.create([...reducer.args, '-b', from, level.seconds.toFixed(6)], sink);
      },
      closed: (fault) => {
        if (part.writer?.failed !== false) return;
        if (fault === undefined) part.stream = part.writer.finish();
        else part.fault = asDas2Error(fault).message;
      },
      late: () => {
        part.stream = undefined;
      },
    };
  }
}

/** Which form of times holds the bounds of a run: that of a block as long as the run, else that of the shortest block. */
function textPeriod(run: ReaderRun): CachePeriod {
  const periods = run.blocks.filter((task) => isWhole(task, run)).map(({ place }) => place.level.period);
  if (periods.length > 0) return periods.reduce(longerPeriod);
  return run.blocks.map(({ place }) => place.level.period).reduce((a, b) => (longerPeriod(a, b) === a ? b : a));
}
