/**
 * Makes the stream of a cache level for a range out of blocks and of runs of the reader, as one (server-internals 2.6, 2.12 rules 4, 5).
 *
 * Contract: whatever is cached, the records are the same: each piece gives the records of its own part of the time axis. A block that
 * can no longer be opened is made by the reader. A run that fails fails the producer with the program that was to blame. Bytes go out
 * as they come.
 */
import { closeSync, readSync } from 'node:fs';
import type { Pipeline } from '../pipeline/run.js';
import type { PipelineResult } from '../pipeline/stage.js';
import { type Producer, ProducerFailure, type ProducerOutput } from '../pipeline/stage-producer.js';
import type { TimeRange } from '../source/time-range.js';
import { openBlock, type Piece } from './find-blocks.js';
import type { LevelPlace } from './level-place.js';
import { BlockMerger } from './merge-blocks.js';

const CHUNK_BYTES = 256 * 1024;
/** Name in the stream header where the blocks have none. */
const PROGRAM = 'das2_cache_rdr';

export interface Assembly {
  readonly place: LevelPlace;
  /** In order of time. */
  readonly pieces: readonly Piece[];
  /** Records whose x lies here are sent. */
  readonly kept: TimeRange;
  /** `BEGIN to END` as the client said it. */
  readonly rangeText: string;
  /** The stream stands in for one of the reader. */
  readonly plain?: boolean;
  readonly now: number;
  /** Starts what makes a piece that no block has: reader and reducer, or a finer level and the reducer. */
  start(piece: Piece): Promise<Pipeline>;
  /** Told how each run ended. */
  ended(result: PipelineResult): void;
}

/** The first stage of a pipeline that answers from the cache. */
export function assemble(assembly: Assembly): Producer {
  const live = assembly.pieces.filter(({ file }) => file === undefined).length;
  const { level } = assembly.place;
  const label = `${level.directory}: ${assembly.pieces.length - live} blocks, ${live} missing parts`;
  return { role: 'cacheReader', label, run: (output) => new Assembler(assembly, output).run() };
}

class Assembler {
  private readonly merger: BlockMerger;

  constructor(
    private readonly assembly: Assembly,
    private readonly output: ProducerOutput,
  ) {
    const { place, kept, rangeText, plain = false } = assembly;
    this.merger = new BlockMerger({ program: PROGRAM, level: place.level, ...kept, rangeText, plain }, output);
  }

  async run(): Promise<void> {
    const { pieces, place, now } = this.assembly;
    for (const piece of pieces) {
      if (this.output.signal.aborted) return;
      const descriptor = piece.file === undefined ? undefined : openBlock(place, piece.file, now);
      if (descriptor === undefined) await this.live(piece);
      else await this.file(piece, descriptor);
    }
    if (!this.output.signal.aborted) this.merger.end();
  }

  private async file(piece: Piece, descriptor: number): Promise<void> {
    try {
      this.merger.begin(piece);
      const buffer = new Uint8Array(CHUNK_BYTES);
      for (;;) {
        const count = readSync(descriptor, buffer, 0, buffer.length, null);
        if (count === 0) break;
        this.merger.push(buffer.subarray(0, count));
        this.merger.flush();
        while (this.output.drained !== undefined) await this.output.drained;
        if (this.output.signal.aborted) return;
      }
      this.merger.close();
    } finally {
      closeSync(descriptor);
    }
  }

  private async live(piece: Piece): Promise<void> {
    const { output, merger } = this;
    const pipeline = await this.assembly.start(piece);
    const stop = (): void => void pipeline.cancel('clientGone');
    output.signal.addEventListener('abort', stop);
    if (output.signal.aborted) stop();
    let fault: unknown;
    let bytes = 0;
    merger.begin(piece, true);
    const result = await pipeline.deliver({
      write(chunk) {
        if (fault !== undefined) return;
        bytes += chunk.length;
        try {
          merger.push(chunk);
          merger.flush();
        } catch (error) {
          fault = error;
          stop();
        }
        return output.drained;
      },
    });
    output.signal.removeEventListener('abort', stop);
    this.assembly.ended(result);
    if (output.signal.aborted) return;
    if (fault !== undefined) throw fault;
    if (!result.ok) throw new ProducerFailure(result.failedStage, result.terminationReason);
    if (bytes > 0) merger.close();
  }
}
