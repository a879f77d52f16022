/**
 * Targets between bytes and filters: validator, packet boundary, reader and writer, inflating, cutting.
 */
import { deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import { Das2Error } from '../../lib/error.js';
import { createQStreamCut } from '../../lib/filter/qstream/cut.js';
import { createStreamFilter } from '../../lib/filter/stream-filter.js';
import { Inflater } from '../../lib/stream/inflate.js';
import { PacketBoundary } from '../../lib/stream/packet-boundary.js';
import { StreamWriter } from '../../lib/stream/stream-writer.js';
import { timeFromUs2000 } from '../../lib/stream/time.js';
import type { Report } from '../../lib/stream/validator/findings.js';
import { validateStream } from '../../lib/stream/validator/validator.js';
import { framed } from './das2-streams.js';
import { execute, inChunks, randomChunking, WHOLE } from './execute.js';
import { demand, type Target } from './property.js';
import { anyStream, qStreamInput } from './stream-inputs.js';

const validator: Target = {
  name: 'validator',
  make: anyStream,
  check({ bytes }, random) {
    const whole = validateStream({ strict: true });
    whole.push(bytes);
    const a = JSON.stringify(whole.end());
    const pieces = validateStream({ strict: true });
    inChunks(random, bytes, (chunk) => pieces.push(chunk));
    const b = JSON.stringify(pieces.end());
    demand(a === b, 'chunking independence of the report', () => `${a.slice(0, 300)} and ${b.slice(0, 300)}`);
    return 2;
  },
};

function reportOf(bytes: Uint8Array): Report {
  const validation = validateStream();
  validation.push(bytes);
  return validation.end();
}

const EXCEPTION = framed('xx', '<exception type="ServerError" message="m"/>\n');

const boundary: Target = {
  name: 'packet-boundary',
  make: anyStream,
  check({ bytes }, random) {
    const whole = new PacketBoundary();
    whole.push(bytes);
    const pieces = new PacketBoundary();
    inChunks(random, bytes, (chunk) => pieces.push(chunk));
    const state = ({ lost, started, endsWithException, das3, total, atBoundary }: PacketBoundary): string =>
      JSON.stringify({ lost, started, endsWithException, das3, total, atBoundary });
    demand(
      state(whole) === state(pieces),
      'chunking independence of the state',
      () => `${state(whole)} and ${state(pieces)}`,
    );
    const before = reportOf(bytes);
    const codes = new Set(before.findings.map(({ code }) => code));
    if (whole.mayAppendException) {
      demand(!codes.has('truncated-packet'), 'an exception goes to a packet boundary', () => [...codes].join());
      const { summary } = reportOf(Buffer.concat([bytes, EXCEPTION]));
      demand(
        summary.packets > before.summary.packets || !before.summary.complete,
        'an appended exception is seen',
        () => [...codes].join(),
      );
    } else if (before.violations === 0 && before.summary.complete && !codes.has('trailing-white-space')) {
      const compressed = /compression\s*=\s*["'](?:deflate|zlib)/.test(Buffer.from(bytes).toString('latin1'));
      demand(compressed || whole.endsWithException, 'a good stream is followed', () => state(whole));
    }
    return 2;
  },
};

const copy: Target = {
  name: 'reader-writer',
  make: anyStream,
  check({ bytes }, random) {
    const create = (sink: { write(bytes: Uint8Array): void }) => {
      const writer = new StreamWriter(sink);
      return createStreamFilter('copy', writer, {
        streamHeader: (header) => writer.streamHeader({ ...header, compressed: false }),
        packetHeader: (id, header) => writer.packetHeader(id, header),
        records(id, { bytes: source, offset, count, stride }) {
          const size = recordBytes(stride, source, offset);
          for (let i = 0; i < count; i++) {
            const at = writer.beginRecord(id, size);
            const start = offset + i * stride;
            writer.bytes.set(source.subarray(start, start + size), at);
          }
        },
        comment: (comment) => writer.comment(comment),
        exception: (exception) => writer.exception(exception),
        finish() {},
      });
    };
    const once = execute(create, bytes, WHOLE);
    const pieces = execute(create, bytes, randomChunking(random));
    demand(
      once.output.equals(pieces.output),
      'chunking independence of the output',
      () => `${once.error} and ${pieces.error}`,
    );
    if (once.error !== undefined || once.cut) return 2;
    const twice = execute(create, once.output, WHOLE);
    demand(twice.error === undefined, 'what is written can be read', () => String(twice.error));
    demand(
      once.output.equals(twice.output),
      'a copy of a copy is the copy',
      () => `${once.output.length} and ${twice.output.length} bytes`,
    );
    return 3;
  },
};

/** Bytes of a record: a run under bracket tags has four bytes of tag in its stride, a record under a pipe tag stands alone. */
function recordBytes(stride: number, source: Uint8Array, offset: number): number {
  return source[offset - 1] === 0x7c ? stride : stride - 4;
}

const inflate: Target = {
  name: 'inflate',
  make(random, seeds) {
    const plain = anyStream(random, seeds).bytes;
    const level = random.pick([0, 1, 6, 9]);
    const packed: Uint8Array = deflateSync(plain, { level, memLevel: random.between(1, 9) });
    let bytes = random.oneIn(4) ? packed.subarray(2) : packed;
    if (!random.oneIn(3)) {
      bytes = Uint8Array.from(bytes);
      for (let i = random.between(1, 3); i > 0; i--) bytes[random.below(bytes.length)] = random.below(256);
      if (random.oneIn(3)) bytes = bytes.subarray(0, random.below(bytes.length));
    }
    return { bytes, args: [], nature: 'damaged' };
  },
  check({ bytes }, random) {
    const pieces: Buffer[] = [];
    let size = 0;
    let error: Das2Error | undefined;
    try {
      const inflater = new Inflater((piece) => {
        size += piece.length;
        if (size > 8e6) throw new Das2Error('outputLimit', 'enough');
        pieces.push(Buffer.from(piece));
      });
      inChunks(random, bytes, (chunk) => inflater.push(chunk));
      inflater.end();
    } catch (fault) {
      if (!(fault instanceof Das2Error)) throw fault;
      error = fault;
    }
    if (error?.code === 'outputLimit') return 1;
    // Each failure of the platform's own costs memory that is never given back, so not every one is looked at.
    if (error !== undefined && !random.oneIn(20)) return 1;
    const isWrapped =
      ((bytes[0] as number) & 15) === 8 && (((bytes[0] as number) << 8) | (bytes[1] as number)) % 31 === 0;
    let wanted: Buffer | undefined;
    try {
      wanted = isWrapped ? inflateSync(bytes) : inflateRawSync(bytes);
    } catch {
      wanted = undefined;
    }
    // The platform reads over what stands behind the deflated data.
    const stricter = error?.message.includes('bytes follow') === true;
    const same = (wanted === undefined) === (error !== undefined) || stricter;
    demand(same, 'success where the platform has it', () => `${error}, the platform gives ${wanted?.length} bytes`);
    if (error === undefined && wanted !== undefined) {
      demand(
        Buffer.concat(pieces).equals(wanted),
        'the bytes that the platform gives',
        () => `${size} of ${wanted?.length}`,
      );
    }
    return 1;
  },
};

const cut: Target = {
  name: 'qstream-cut',
  make(random, seeds) {
    return { ...qStreamInput(random, seeds), args: [] };
  },
  check({ bytes }, random) {
    const begin = random.pick([-1e9, 0, 1e6]);
    const end = begin + random.pick([1, 1e6, 1e9]);
    const options = { begin: timeFromUs2000(begin), end: timeFromUs2000(end), cacheRange: '2000-01-01 to 2000-01-02' };
    const create = (sink: { write(bytes: Uint8Array): void }) => createQStreamCut(options, sink);
    const whole = execute(create, bytes, WHOLE);
    const pieces = execute(create, bytes, randomChunking(random));
    demand(
      whole.output.equals(pieces.output),
      'chunking independence of the output',
      () => `${whole.error} and ${pieces.error}`,
    );
    demand(
      whole.error?.code === pieces.error?.code,
      'chunking independence of the error',
      () => `${whole.error} and ${pieces.error}`,
    );
    demand(whole.error?.code !== 'internal', 'error of the input', () => String(whole.error));
    return 2;
  },
};

export const STREAM_TARGETS: readonly Target[] = [validator, boundary, copy, inflate, cut];
