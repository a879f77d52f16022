/**
 * What it takes to make blocks of one source: places on disk, locks, programs, the last step of each block.
 *
 * The two ways to make them stand on this: alone.ts (a run for each block), shared.ts (a run for many).
 */
import { dirname, join } from 'node:path';
import type { Configuration } from '../../conf/configuration.js';
import type { PipelineResult, Stage } from '../../pipeline/stage/stage.js';
import { formatTime } from '../../stream/time.js';
import { VERSION } from '../../version.js';
import type { CheckedStream } from '../block/check.js';
import { sweepFolder } from '../block/leftovers.js';
import { lookAtBlock } from '../block/look.js';
import { checksumOf } from '../block/read.js';
import { type BlockRecord, blockState, finality, RECORD_FORMAT } from '../block/record.js';
import type { BlockFailure } from '../failure/block-failure.js';
import { isSettled, type LevelPlace, unixTime } from '../level/place.js';
import { ensureFolders, isPlainFolder, parseUmask } from '../safe-files.js';
import { type BlockLock, BlockLocks, lockName, type QueueLocks } from './locks.js';
import type { BlockTask } from './plan-runs.js';
import { runPrograms } from './run-programs.js';
import { BlockWriter } from './writer.js';

/** What became of a block. */
export type BlockOutcome =
  | { readonly state: 'built'; readonly bytes: number; readonly empty: boolean }
  | { readonly state: 'skipped' }
  | ({ readonly state: 'failed' } & BlockFailure);

export const SKIPPED: BlockOutcome = { state: 'skipped' };

/** Where a block lies on disk. */
export interface BlockLocation {
  readonly folder: string;
  readonly name: string;
  readonly lock: BlockLock;
}

export interface BuilderOptions {
  readonly configuration: Configuration;
  readonly signal?: AbortSignal | undefined;
  /** Make valid blocks anew as well. */
  readonly force?: boolean;
  /** Read the valid ones, and make those anew whose bytes are not what was written. */
  readonly careful?: boolean;
  /** Where other workers than those of this machine lock blocks. */
  readonly queueLocks?: QueueLocks | undefined;
}

export class BlockBuilder {
  readonly locks: BlockLocks;
  readonly umask: number;
  private readonly swept = new Set<string>();

  constructor(private readonly options: BuilderOptions) {
    const { configuration, signal, queueLocks } = options;
    this.locks = new BlockLocks({ signal, queue: queueLocks });
    this.umask = parseUmask(configuration.text('CACHE_UMASK'));
  }

  get aborted(): boolean {
    return this.options.signal?.aborted === true;
  }

  /** Makes the folders of a block. */
  locate({ place, file }: BlockTask): BlockLocation {
    const below = dirname(file);
    const parts = [...place.parts, ...(below === '.' ? [] : below.split('/'))];
    const folder = ensureFolders(place.root, parts, this.umask);
    const name = file.slice(file.lastIndexOf('/') + 1);
    return { folder, name, lock: { file: join(folder, lockName(name)), block: [...place.parts, file].join('/') } };
  }

  /** True if nothing has to be done for a block. What dead builders have left in its folder is swept, once. */
  isDone({ place, file, begin }: BlockTask): boolean {
    const path = join(place.folder, file);
    const folder = dirname(path);
    if (!this.swept.has(folder)) {
      this.swept.add(folder);
      if (isPlainFolder(place.root, folder)) sweepFolder(folder, Date.now());
    }
    if (this.options.force) return false;
    const found = lookAtBlock(folder, path.slice(path.lastIndexOf('/') + 1));
    if (found === undefined) return false;
    const { kind, content } = blockState(found, place.rules, Date.now(), formatTime(begin, { decimals: 0 }));
    if (kind !== 'valid') return false;
    return !this.options.careful || content === undefined || checksumOf(path) === content.checksum;
  }

  writer({ source }: LevelPlace, { folder, name }: BlockLocation): BlockWriter {
    return new BlockWriter(folder, name, { kind: source.kind === 'qstream' ? 'qstream' : 'das2', umask: this.umask });
  }

  /** Runs programs to their end; `stop` ends them early. */
  run(stages: readonly Stage[], write: (bytes: Uint8Array, stop: () => void) => void): Promise<PipelineResult> {
    const { configuration, signal } = this.options;
    return runPrograms({ stages, configuration, signal, write });
  }

  /** What is to be known of a finished block. `now` is the time at which the reader was started. */
  record(
    { place, begin, end }: BlockTask,
    { bytes, checksum }: BlockWriter,
    stream: CheckedStream,
    now: number,
  ): BlockRecord {
    const { source, level, rules } = place;
    const empty = stream.records === 0;
    const settled = isSettled(place, begin, now);
    return {
      format: RECORD_FORMAT,
      dataset: source.id,
      hash: rules.hash,
      params: level.params,
      begin: formatTime(begin, { decimals: 0 }),
      end: formatTime(end, { decimals: 0 }),
      builtAt: new Date(now).toISOString(),
      bytes,
      checksum,
      records: stream.records,
      plain: stream.plain ?? null,
      empty,
      ...finality({ settled, empty, end: unixTime(end) }, level, now),
      serverVersion: VERSION,
    };
  }
}

/** What a block that has been made counts as. */
export function builtOutcome({ bytes, empty }: BlockRecord): BlockOutcome {
  return { state: 'built', bytes, empty };
}
