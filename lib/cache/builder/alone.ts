/**
 * Makes one block by a run of its own reader and reducer, both programs, for sources that cannot share runs (server-internals 2.7):
 *
 *   intrinsic   READER BEGIN END [PARAM …]
 *   binned      READER BEGIN END [PARAM …] | REDUCER -b BEGIN RESOLUTION      RESOLUTION with six decimals
 *
 * Contract: the block is kept if every program ended with status 0 and the stream is whole (block/check.ts); else nothing changes on disk.
 * Programs that say nothing and end with status 0, all of them, make an empty block (empty-block.ts); a reducer that is given bytes and
 * says nothing has failed, whatever its status.
 * Waits while another process makes the same block, and then finds it there; also where that one took over while this one stood still.
 */
import { readerStages } from '../../pipeline/stage/reader-stages.js';
import type { Stage } from '../../pipeline/stage/stage.js';
import { blockTimeText } from '../block/block.js';
import { runFailure, swallowed } from '../failure/block-failure.js';
import { type BlockBuilder, type BlockOutcome, builtOutcome, SKIPPED } from './block-builder.js';
import { emptyStream } from './empty-block.js';
import type { BlockLock } from './locks.js';
import type { BlockTask } from './plan-runs.js';
import { publishBlocks } from './publish.js';
import type { BlockWriter } from './writer.js';

/** Makes a block, unless it is valid when its turn comes. Throws what concerns all blocks: a full disk, a folder that cannot be written. */
export async function buildAlone(builder: BlockBuilder, task: BlockTask): Promise<BlockOutcome> {
  for (;;) {
    const outcome = await attempt(builder, task);
    if (outcome !== 'lost') return outcome;
  }
}

/** One run, or none; `lost` if another process took the lock from us. */
async function attempt(builder: BlockBuilder, task: BlockTask): Promise<BlockOutcome | 'lost'> {
  if (builder.isDone(task)) return SKIPPED;
  const location = builder.locate(task);
  await builder.locks.take(location.lock);
  try {
    // Somebody else may have made it while we waited.
    if (builder.isDone(task)) return SKIPPED;
    const writer = builder.writer(task.place, location);
    try {
      return await write(builder, task, writer, location.lock);
    } finally {
      // Behind its publication that does nothing.
      writer.discard();
    }
  } finally {
    builder.locks.release([location.lock]);
  }
}

async function write(
  builder: BlockBuilder,
  task: BlockTask,
  writer: BlockWriter,
  lock: BlockLock,
): Promise<BlockOutcome | 'lost'> {
  // The time that counts is the one at which the reader looked.
  const now = Date.now();
  const result = await builder.run(blockStages(task), (bytes, stop) => {
    writer.write(bytes);
    if (writer.failed) stop();
  });
  writer.throwIfFailed();
  const failure = runFailure(result) ?? swallowed(result);
  if (failure !== undefined) return { state: 'failed', ...failure };
  if (writer.bytes === 0) writer.write(emptyStream(task.place.source.kind === 'qstream' ? 'qstream' : 'das2'));
  const stream = writer.finish();
  if (stream.fault !== undefined) return { state: 'failed', kind: 'stream', reason: stream.fault };
  const record = builder.record(task, writer, stream, now);
  await builder.locks.confirm([lock]);
  const isOurs = (): boolean => builder.locks.holds(lock);
  const published = await publishBlocks([{ writer, record, isOurs }]);
  return published.length === 0 ? 'lost' : builtOutcome(record);
}

/** The programs that make a block. */
function blockStages({ place: { source, level }, begin, end }: BlockTask): Stage[] {
  const [from, to] = [blockTimeText(begin, level.period), blockTimeText(end, level.period)];
  const stages = readerStages(source, { begin: from, end: to, words: level.words });
  if (level.microseconds > 0 && source.reducer.kind === 'command') {
    const { text: command, environment } = source.reducer.command;
    stages.push({ role: 'reducer', command, args: ['-b', from, level.seconds.toFixed(6)], environment });
  }
  return stages;
}
