/**
 * Runs a filter over bytes the way an unfriendly caller may: any chunks, one buffer for all of them, flushes in between.
 */
import { Das2Error } from '../../lib/error.js';
import type { ByteFilter, ByteSink } from '../../lib/stream/byte-filter.js';
import type { Random } from './random.js';

/** More output than this ends a run: the sink says that its reader has gone. */
const OUTPUT_LIMIT = 4 * 1024 * 1024;

export interface Outcome {
  readonly output: Buffer;
  readonly error: Das2Error | undefined;
  /** The output was longer than `OUTPUT_LIMIT`, and the run was ended. */
  readonly cut: boolean;
}

/** How bytes are cut: sizes over and over, and whether each push is followed by a flush. */
export interface Chunking {
  readonly sizes: readonly number[];
  readonly flushEvery: number;
}

export const WHOLE: Chunking = { sizes: [Number.MAX_SAFE_INTEGER], flushEvery: 0 };

export function randomChunking(random: Random): Chunking {
  const flushEvery = random.pick([0, 0, 1, 3]);
  switch (random.below(5)) {
    case 0:
      return { sizes: [1], flushEvery };
    case 1:
      return { sizes: [random.between(2, 12)], flushEvery };
    case 2:
      return { sizes: [random.between(1, 400)], flushEvery };
    default:
      return {
        sizes: Array.from({ length: random.between(1, 7) }, () => random.pick([1, 3, 10, 64, 200, 1000])),
        flushEvery,
      };
  }
}

const SCRATCH = new Uint8Array(64 * 1024);

/** Any error that is not a `Das2Error` is thrown. */
export function execute(
  create: (sink: ByteSink) => ByteFilter,
  bytes: Uint8Array,
  { sizes, flushEvery }: Chunking,
): Outcome {
  const pieces: Buffer[] = [];
  let total = 0;
  let cut = false;
  const sink: ByteSink = {
    write(piece) {
      if (cut) throw new Error('written to a sink that has failed');
      total += piece.length;
      pieces.push(Buffer.from(piece));
      if (total > OUTPUT_LIMIT) {
        cut = true;
        throw new Das2Error('outputClosed', 'the reader has gone');
      }
    },
  };
  let error: Das2Error | undefined;
  let filter: ByteFilter | undefined;
  try {
    filter = create(sink);
    for (let at = 0, nth = 0; at < bytes.length; nth++) {
      const size = Math.min(sizes[nth % sizes.length] as number, bytes.length - at);
      const start = sizes.length > 1 || size < 100 ? nth % 8 : 0;
      if (size + start <= SCRATCH.length) {
        // A caller uses its buffer again at once: what a filter keeps it must have copied.
        const chunk = SCRATCH.subarray(start, start + size);
        chunk.set(bytes.subarray(at, at + size));
        filter.push(chunk);
        chunk.fill(0xa5);
      } else filter.push(bytes.subarray(at, at + size));
      at += size;
      if (flushEvery > 0 && nth % flushEvery === 0) filter.flush();
    }
    filter.end();
  } catch (fault) {
    if (!(fault instanceof Das2Error)) throw fault;
    error = fault;
    // Whoever has thrown ignores further calls.
    const before = total;
    if (!cut && filter !== undefined) {
      filter.push(Buffer.from('[00]'));
      filter.flush();
      filter.end();
      if (total !== before) throw new Error('a filter that has thrown wrote more when it was called again');
    }
  }
  return { output: pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces), error, cut };
}

/** Pushes bytes in random chunks, out of one buffer each. */
export function inChunks(random: Random, bytes: Uint8Array, push: (chunk: Uint8Array) => void): void {
  const { sizes } = randomChunking(random);
  for (let at = 0, nth = 0; at < bytes.length; nth++) {
    const size = sizes[nth % sizes.length] as number;
    const chunk = Uint8Array.from(bytes.subarray(at, at + size));
    push(chunk);
    chunk.fill(0xa5);
    at += size;
  }
}
