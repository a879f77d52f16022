/**
 * Targets below the filters: validator, packet boundary, reader and writer, inflating, numbers, times, command lines.
 */
import { deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import { Das2Error } from '../../lib/error.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import { createQStreamCut } from '../../lib/filter/qstream-cut.js';
import { createStreamFilter } from '../../lib/filter/stream-filter.js';
import { Inflater } from '../../lib/stream/inflate.js';
import { parseReal, writeReal } from '../../lib/stream/number-text.js';
import { PacketBoundary } from '../../lib/stream/packet-boundary.js';
import { StreamWriter } from '../../lib/stream/stream-writer.js';
import { formatTime, NANOSECONDS_PER_DAY, parseTime, timeFromUs2000, us2000FromTime } from '../../lib/stream/time.js';
import { validateStream } from '../../lib/stream/validator.js';
import type { Report } from '../../lib/stream/validator-findings.js';
import { exponentForm } from '../tools/exponent-form.js';
import { framed } from './das2-streams.js';
import { execute, randomChunking, WHOLE } from './execute.js';
import { demand, type FuzzInput, PropertyFailure, type Target } from './property.js';
import type { Random } from './random.js';
import { anyStream, qStreamInput } from './stream-inputs.js';

/** Pushes bytes in random chunks. */
function inChunks(random: Random, bytes: Uint8Array, push: (chunk: Uint8Array) => void): void {
  const { sizes } = randomChunking(random);
  for (let at = 0, nth = 0; at < bytes.length; nth++) {
    const size = sizes[nth % sizes.length] as number;
    const chunk = Uint8Array.from(bytes.subarray(at, at + size));
    push(chunk);
    chunk.fill(0xa5);
    at += size;
  }
}

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
        records(id, _header, source, _view, offset, count, stride) {
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

const TIME_PIECES = [
  '2000',
  '1999',
  '0001',
  '9999',
  '-',
  '-',
  '/',
  ':',
  ':',
  'T',
  ' ',
  '.',
  ',',
  'Z',
  '01',
  '1',
  '13',
  '31',
  '60',
  '24',
  '366',
  '(002)',
  'Jan',
  'feb',
  'DECEMBER',
  '12',
  '59',
  '999999999',
  '5',
  '20000102',
  '20000102T030405',
  '+01:00',
  'UTC',
  'now',
  '\u00e9',
  '\t',
  'e',
  '00',
];

const time: Target = {
  name: 'time',
  weight: 30,
  make(random) {
    let text = '';
    if (random.oneIn(2)) for (let i = random.between(1, 12); i > 0; i--) text += random.pick(TIME_PIECES);
    else {
      const base = random.pick([
        '2000-01-02T03:04:05.678',
        '2000-002',
        '1/2/2000',
        'Jan 2, 2000 03:04',
        '2000-01-02 (002) 03:04:05',
        '2012-06-30T23:59:60.5Z',
      ]);
      const at = random.below(base.length);
      text = `${base.slice(0, at)}${random.pick(TIME_PIECES)}${base.slice(at + random.below(3))}`;
    }
    return { bytes: Buffer.from(text), args: [], nature: 'damaged' };
  },
  check({ bytes }) {
    const text = Buffer.from(bytes).toString();
    let point: ReturnType<typeof parseTime>;
    try {
      point = parseTime(text);
    } catch (error) {
      if (!(error instanceof Das2Error)) throw error;
      return 1;
    }
    const { day, nanosecond } = point;
    demand(Number.isInteger(day) && Number.isInteger(nanosecond), 'whole numbers', () => JSON.stringify(point));
    demand(nanosecond >= 0 && nanosecond < NANOSECONDS_PER_DAY, 'a nanosecond of the day', () => JSON.stringify(point));
    demand(Number.isFinite(us2000FromTime(point)), 'a finite time', () => JSON.stringify(point));
    const printed = formatTime(point, { decimals: 9 });
    const again = parseTime(printed);
    demand(
      again.day === day && again.nanosecond === nanosecond,
      'a printed time can be read',
      () => `${text}: ${printed}`,
    );
    const short = formatTime(point, { decimals: 'shortest' });
    const third = parseTime(short);
    demand(third.day === day && third.nanosecond === nanosecond, 'a short time can be read', () => `${text}: ${short}`);
    return 3;
  },
};

const NUMBER_PIECES = [
  '0',
  '1',
  '9',
  '12',
  '999',
  '.',
  '-',
  '+',
  'e',
  'E',
  'e+',
  'e-',
  '5',
  '308',
  '324',
  '31',
  '00000',
  ' ',
  'nan',
  'inf',
  'Infinity',
  '\t',
  'x',
  '0x',
  '4503599627370497',
  '17976931348623157',
  '5e-324',
  '2225073858507201',
];
const REAL = /^[ \t\n\v\f\r]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/;
const WORD = /^[ \t\n\v\f\r]*([-+]?)(nan|inf)/i;

/** The rule of stream-format 5.1 by the platform's own means. */
function realByPlatform(text: string): number | undefined {
  const real = REAL.exec(text)?.[1];
  if (real !== undefined) return Number(real);
  const word = WORD.exec(text);
  if (word === null) return undefined;
  const value = word[2]?.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
  return word[1] === '-' ? -value : value;
}

const numbers: Target = {
  name: 'number-text',
  weight: 60,
  make(random) {
    let text = '';
    if (random.oneIn(2)) for (let i = random.between(1, 8); i > 0; i--) text += random.pick(NUMBER_PIECES);
    else {
      const view = new DataView(new ArrayBuffer(8));
      view.setUint32(0, random.word());
      view.setUint32(4, random.word());
      const value = random.oneIn(3) ? view.getFloat32(0) : view.getFloat64(0);
      text = random.oneIn(2) ? String(value) : Number.isFinite(value) ? value.toExponential(random.below(20)) : 'inf';
    }
    return { bytes: Buffer.from(text), args: [], nature: 'damaged' };
  },
  check({ bytes }, random) {
    const wanted = realByPlatform(Buffer.from(bytes).toString('latin1'));
    const value = parseReal(bytes, 0, bytes.length, 12345);
    demand(
      Object.is(value, wanted ?? 12345) || value === wanted,
      'the number that is written',
      () => `${value}, not ${wanted}`,
    );
    const width = random.between(2, 40);
    const field = new Uint8Array(width + 4).fill(0x23);
    writeReal(field, 2, width, value, -1e31);
    const text = Buffer.from(field).toString('latin1');
    demand(text.startsWith('##') && text.endsWith('##'), 'a number stays in its field', () => text);
    demand(/^ *\S* $/.test(text.slice(2, -2)), 'right justified in front of a blank', () => text);
    if (width < 9) return 2;
    if (Math.abs(value) < 9e98 && Math.abs(value) > 1e-98) {
      demand(
        text.slice(2, -2).trim() === exponentForm(value, width - 8),
        'the digits of an exact conversion',
        () => `${value} printed ${text}`,
      );
    }
    const again = parseReal(field, 2, 2 + width);
    const digits = Math.min(17, width - 7);
    const near = Number.isFinite(value)
      ? Math.abs(again - value) <= Math.abs(value) * 10 ** (2 - digits) + 5e-324 || again === -1e31
      : true;
    demand(near || Math.abs(value) > 1e308, 'a printed number can be read', () => `${value} printed ${text}`);
    return 3;
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

const ARGUMENT_PIECES = [
  '-b',
  '-r',
  '-s',
  '-p',
  '-h',
  '--',
  '-',
  '-c',
  '-d',
  '-m',
  '-e',
  '-v',
  '-t',
  '-y',
  '-4',
  '-8',
  '-L',
  '-rs',
  '-b2000',
  '60',
  '1e3',
  '5s',
  '-5',
  'nan',
  'inf',
  '0',
  '1e999',
  '2000-01-01',
  '--monotonic',
  '--vol-units=kB',
  '--r',
  '',
  ' ',
  '=',
  '--=x',
  '-\u00e9',
  '16',
  '2',
  '__proto__',
  '--constructor',
  'toString',
  '7',
  '--no-m',
];

/** Command lines of all programs: a filter, or a usage error. */
export function argumentsTarget(programs: readonly FilterProgram[]): Target {
  return {
    name: 'arguments',
    make(random) {
      const args = Array.from({ length: random.below(6) }, () => random.pick(ARGUMENT_PIECES));
      return { bytes: new Uint8Array(0), args, nature: 'damaged' };
    },
    check({ args }: FuzzInput) {
      for (const program of programs) {
        try {
          program.create(args, {
            write() {
              throw new PropertyFailure('nothing is written before input', program.name);
            },
          });
        } catch (error) {
          if (!(error instanceof Das2Error)) throw error;
          demand(error.code === 'usage', 'a usage error', () => `${program.name} ${error.code} ${error.message}`);
          demand(error.message.length < 400, 'short message', () => error.message);
        }
      }
      return programs.length;
    },
  };
}

export const CODEC_TARGETS: readonly Target[] = [validator, boundary, copy, inflate, time, numbers, cut];
