/**
 * Makes the stream of a cache level for a range out of blocks and of runs of the reader, as one (server-internals 2.6, 2.12 rules 4, 5).
 *
 * Contract: whatever is cached, the records are the same: each piece gives the records of its own part of the time axis. A block that
 * can no longer be opened, or whose bytes are not those that were written, is made by the reader. A run that fails fails the producer with the
 * program that was to blame. Bytes go out as they come.
 */
import { closeSync } from 'node:fs';
import type { Pipeline } from '../../pipeline/run.js';
import { type Producer, ProducerFailure, type ProducerOutput } from '../../pipeline/running/producer-stage.js';
import type { PipelineResult } from '../../pipeline/stage/stage.js';
import type { TimeRange } from '../../source/time-range.js';
import { type OpenBlock, openPiece, type Piece } from '../level/find-blocks.js';
import type { LevelPlace } from '../level/place.js';
import { BlockMerger } from './merge-blocks.js';
import { BlockSender } from './send-block.js';

/**
 * Blocks that are opened before the first byte is sent: what is open cannot vanish, whoever removes or replaces it. An account may commonly
 * have 1024 files open, and one worker process answers several requests; so blocks behind these are opened when those in front are done.
 */
export const MOST_OPEN = 128;
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
  /** Told of a block that lies there and cannot be used. */
  damaged(piece: Piece): void;
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
  /** By index of the piece. */
  private readonly opened = new Map<number, OpenBlock>();
  private next = 0;
  private readonly sender: BlockSender;

  constructor(
    private readonly assembly: Assembly,
    private readonly output: ProducerOutput,
  ) {
    const { place, kept, rangeText, plain = false } = assembly;
    this.sender = new BlockSender(output);
    const options = { program: PROGRAM, level: place.level, ...kept, rangeText, plain };
    this.merger = new BlockMerger(options, this.sender.sink);
  }

  async run(): Promise<void> {
    const { pieces } = this.assembly;
    try {
      this.openAhead(0);
      for (const [index, piece] of pieces.entries()) {
        if (this.output.stopped) return;
        this.openAhead(index);
        const block = this.opened.get(index);
        if (block === undefined) await this.live(piece);
        else if (!(await this.sender.send(block, this.merger, piece.bounds))) {
          this.assembly.damaged(piece);
          await this.live(piece);
        }
        this.close(index);
      }
      if (!this.output.stopped) this.merger.end();
    } finally {
      for (const index of [...this.opened.keys()]) this.close(index);
    }
  }

  /** Opens the blocks that come next, as many as may be open. */
  private openAhead(index: number): void {
    const { pieces, place, now } = this.assembly;
    this.next = Math.max(this.next, index);
    for (; this.next < pieces.length && this.opened.size < MOST_OPEN; this.next++) {
      const piece = pieces[this.next] as Piece;
      const block = piece.file === undefined ? undefined : openPiece(place, piece, now);
      if (block !== undefined) this.opened.set(this.next, block);
    }
  }

  private close(index: number): void {
    const block = this.opened.get(index);
    if (block === undefined) return;
    this.opened.delete(index);
    closeSync(block.descriptor);
  }

  private async live(piece: Piece): Promise<void> {
    const { output, merger } = this;
    this.sender.forget();
    merger.flush();
    const [pipeline] = await Promise.all([this.assembly.start(piece), merger.prepare()]);
    const stop = (): void => void pipeline.cancel('clientGone');
    output.signal.addEventListener('abort', stop);
    if (output.stopped) stop();
    let fault: unknown;
    let bytes = 0;
    merger.begin(piece.bounds, true);
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
    if (output.stopped) return;
    if (fault !== undefined) throw fault;
    if (!result.ok) throw new ProducerFailure(result.failedStage, result.terminationReason);
    if (bytes > 0) merger.close();
  }
}
