/** The test vectors of the reference for digests (citation 4.6): streams A to G, byte for byte as their SHA-256 there says. */
import { createHash } from 'node:crypto';

export interface Vector {
  readonly name: string;
  readonly bytes: Buffer;
  /** First 16 digits of the SHA-256 of the bytes; undefined where the reference does not show the stream itself. */
  readonly start?: string;
  readonly d2c1: string;
}

export const DIGEST_A = '08671c44daeb30942d2f0fcba4fab070712ddf6d1f530850ae8a46b62fd44be5';
export const DIGEST_D = '80f4250cf368b83ab317af36c8d09294cdd9c87f241671817dea19a676e56dc7';
export const DIGEST_EMPTY = 'adf24b5b07708a875a15ae277849b466bf9d68c44ef27fd16e05150871f774c4';
const DIGEST_F = '67f0a04c99d302208b7a18e947c51be01b85bf898a895a88e8ef65a142651536';

/** A header packet: tag, length, document with its line end. */
export function packet(id: string, document: string): string {
  const text = `${document}\n`;
  return `[${id}]${String(Buffer.byteLength(text)).padStart(6, '0')}${text}`;
}

const PROPERTIES = '<properties double:zFill="-1.0e+31" Datum:xTagWidth="60 s"/>';
export const STREAM_A = packet('00', `<stream version="2.2">${PROPERTIES}</stream>`);

function header(type8: string, type4: string): string {
  return packet(
    '01',
    `<packet><x type="${type8}" units="t2000"/><y type="${type4}" name="B_mag" units="nT"/>` +
      `<yscan type="${type4}" name="E" zUnits="V/m" yUnits="Hz" nitems="3" yTags="10,17.8,31.1"/></packet>`,
  );
}

function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s/g, ''), 'hex');
}

/** Vector A with another last value. */
function binary(last: string): Buffer {
  return Buffer.concat([
    Buffer.from(STREAM_A + header('sun_real8', 'sun_real4')),
    hex('3a30313a 0000000000000000 3fc00000 3f800000 40000000 f2fc6f7c'),
    hex(`3a30313a 404e000000000000 c0100000 40400000 3f000000 ${last}`),
  ]);
}

/** Vector B by its description: everything that may differ does. */
function different(): Buffer {
  const record = (x: number, y: number, scan: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(4 + 8 + 4 + 24);
    bytes.write(':07:');
    bytes.writeDoubleLE(x, 4);
    bytes.writeFloatLE(y, 12);
    for (const [at, value] of scan.entries()) bytes.writeDoubleLE(value, 16 + 8 * at);
    return bytes;
  };
  const head = packet(
    '07',
    '<packet><x units="t2000" type="little_endian_real8"/><y units="nT" name="B_mag" type="little_endian_real4"/>' +
      '<yscan nitems="3" yTags="1.0e1, 17.80, 3.11e+01" yUnits="Hz" zUnits="V/m" name="E" type="little_endian_real8"/></packet>',
  );
  const progress = packet('xx', '<comment type="taskProgress" source="reader" value="1"/>');
  return Buffer.concat([
    Buffer.from(
      packet(
        '00',
        `<stream version="2.2"><properties pid="812" creationTime="2026-01-01" Datum:xTagWidth="60 s" double:zFill="-1.0e+31"/></stream>`,
      ) +
        progress +
        head,
    ),
    record(0, 1.5, [1, 2, -1e31]),
    Buffer.from(progress + head),
    record(60, -2.25, [3, 0.5, 4]),
    Buffer.from(progress),
  ]);
}

function time(type: string, text: string): Buffer {
  return Buffer.from(
    packet('00', '<stream version="2.2"></stream>') +
      packet('01', `<packet><x type="${type}" units="us2000"/><y type="ascii8" name="radius" units=""/></packet>`) +
      `:01:${text} ${'5.782'.padStart(7)}\n`,
  );
}

export const VECTORS: readonly Vector[] = [
  { name: 'A', bytes: binary('40800000'), start: 'a24ed0dbe99a5833', d2c1: DIGEST_A },
  { name: 'B', bytes: different(), d2c1: DIGEST_A },
  {
    name: 'C',
    bytes: Buffer.from(
      `${STREAM_A}${header('ascii10', 'ascii10')}` +
        ':01:  0.00e+00  1.50e+00  1.00e+00  2.00e+00-1.00e+31\n:01:  6.00e+01 -2.25e+00  3.00e+00  5.00e-01 4.00e+00\n',
    ),
    start: '2f2913909de2c0b3',
    d2c1: DIGEST_A,
  },
  { name: 'D', bytes: binary('40900000'), start: 'b08be6fb2cc7e8fc', d2c1: DIGEST_D },
  {
    name: 'E',
    bytes: Buffer.from(`${STREAM_A}${packet('xx', '<exception type="NoDataInInterval" message="no data"/>')}`),
    d2c1: DIGEST_EMPTY,
  },
  { name: 'F', bytes: time('time22', '2013-001T01:00:00.000'), d2c1: DIGEST_F },
  { name: 'G', bytes: time('time24', '2013-01-01T01:00:00.000'), d2c1: DIGEST_F },
];

/** The SHA-256 of bytes in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
