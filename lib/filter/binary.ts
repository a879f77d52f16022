/**
 * `das2_binary`: writes every value of a das2 stream in binary, the inverse of das2_ascii (stream-format 13.11).
 *
 * Contract: `timeN` becomes an 8-byte real in us2000, `asciiN` a 4-byte real up to 14 bytes and an 8-byte real above; `-4` and `-8` force one
 * width for everything but x. What was text becomes little endian unless asked otherwise; binary planes stay as they are unless
 * a byte order, or a width, is given. Comments and exceptions pass.
 */
import { Das2Error } from '../error.js';
import type { ByteFilter, ByteSink } from '../stream/byte-filter.js';
import { type Encoding, isText, parseEncoding } from '../stream/encoding.js';
import type { PacketHeader, Plane } from '../stream/header.js';
import { StreamWriter } from '../stream/stream-writer.js';
import { parseCommandLine } from './arguments.js';
import { binaryColumn } from './binary-column.js';
import type { FilterProgram } from './program.js';
import { RecodingBody } from './recoding-body.js';
import { createStreamFilter } from './stream-filter.js';

const NAME = 'das2_binary';

/** Text of this many digits fits a 4-byte real: `ascii14` holds seven. */
const WIDEST_REAL4_TEXT = 14;

export interface BinaryOptions {
  /** Bytes of every value that is not x. */
  readonly width?: 4 | 8 | undefined;
  /** Byte order of every value; without it little endian for what was text, and binary values stay as they are. */
  readonly byteOrder?: 'big' | 'little' | undefined;
}

/** The filter behind `das2_binary`. */
function createBinary(options: BinaryOptions, sink: ByteSink): ByteFilter {
  const writer = new StreamWriter(sink);
  const plan = (header: PacketHeader): PacketHeader => ({
    ...header,
    planes: header.planes.map((plane) => binaryPlane(plane, options)),
  });
  return createStreamFilter(NAME, writer, new RecodingBody({ program: NAME, plan, column: binaryColumn }, writer));
}

function binaryPlane(plane: Plane, options: BinaryOptions): Plane {
  const encoding = binaryEncoding(plane, options);
  if (plane.encoding.kind !== 'time') return { ...plane, encoding };
  return { ...plane, encoding, units: 'us2000' };
}

function binaryEncoding({ element, encoding }: Plane, { width, byteOrder }: BinaryOptions): Encoding {
  let bytes: 4 | 8 = encoding.width === 4 ? 4 : 8;
  if (encoding.kind === 'ascii') bytes = encoding.width <= WIDEST_REAL4_TEXT ? 4 : 8;
  if (element !== 'x' && encoding.kind !== 'time') bytes = width ?? bytes;
  if (encoding.kind === 'time') bytes = 8;
  const little = byteOrder === undefined ? isText(encoding) || encoding.littleEndian : byteOrder === 'little';
  return parseEncoding(`${little ? 'little_endian' : 'sun'}_real${bytes}`);
}

export const binary: FilterProgram = {
  name: NAME,
  usageStatus: 100,
  help: `Usage: ${NAME} [-4 | -8] [-B | -L]

Writes the values of a das2 stream as binary numbers: the inverse of das2_ascii. Reads the stream
from standard input and writes it to standard output. Times become microseconds since 2000-01-01
(us2000).

  -4, -8         4-byte or 8-byte reals for all values except x. By default text of up to 7 digits
                 (ascii14) becomes a 4-byte real, longer text an 8-byte real, and binary values keep
                 their width.
  -L, -B         little or big endian, for all values. By default what was text becomes little
                 endian, and binary values stay as they are.
  -h, --help     print this text
  -v, --version  print version and commit

Example: a text stream, made smaller before it is stored

  ${NAME} < orbit.d2t > orbit.d2s
`,
  create(args, sink) {
    const line = parseCommandLine(args, {
      options: { 4: { takes: 'flag' }, 8: { takes: 'flag' }, B: { takes: 'flag' }, L: { takes: 'flag' } },
      words: [],
    });
    if (line.has('4') && line.has('8')) throw new Das2Error('usage', 'options -4 and -8 exclude each other');
    if (line.has('B') && line.has('L')) throw new Das2Error('usage', 'options -B and -L exclude each other');
    return createBinary(
      {
        width: line.has('4') ? 4 : line.has('8') ? 8 : undefined,
        byteOrder: line.has('B') ? 'big' : line.has('L') ? 'little' : undefined,
      },
      sink,
    );
  },
};
