/**
 * Random QStreams, plain das1 and tagged das1 streams for the fuzzer, written without lib/stream.
 */
import { framed } from './das2-streams.js';
import type { Random } from './random.js';

interface QPlane {
  readonly encoding: string;
  readonly count: number;
}

const Q_NUMBERS = ['double', 'real8', 'float', 'real4', 'int8', 'int4', 'integer', 'int2', 'ascii10', 'ascii24'];
const Q_PROPERTIES = [
  '<property name="FILL_VALUE" type="Double" value="-1e31"/>',
  '<property name="CADENCE" type="rank0dataset" value="60.0 units:UNITS=s"/>',
  '<property name="LABEL" type="String" value="a &lt;b&gt;"/>',
  '<property name="CACHE_TAG" type="cacheTag" value="2000-01-01 to 2000-01-02 @ 60.0 s"/>',
  '<property name="UNITS" type="enumerationUnit" value="u[1:red::2:blue]"/>',
  '<property name="USER_PROPERTIES" type="map"><map><entry key="a" type="String" value="b"/></map></property>',
  '<property name="VALID_MIN" type="Double" value="0"/>',
];

/** A random QStream. */
export function qStream(random: Random): Uint8Array {
  const little = random.oneIn(2);
  const order = random.oneIn(3) ? '' : ` byte_order="${little ? 'little_endian' : 'big_endian'}"`;
  const isLittle = order !== '' && little;
  const pieces: Uint8Array[] = [framed('00', `<?xml version="1.0"?><stream dataset_id="z"${order}/>\n`)];
  const ids = random.oneIn(4) ? [1, random.between(2, 99)] : [1];
  const types = new Map<number, QPlane[]>();
  for (const id of ids) types.set(id, define(random, id, pieces));
  let time = 0;
  for (let steps = random.below(25); steps > 0; steps--) {
    const what = random.below(30);
    const id = random.pick(ids);
    if (what === 0) pieces.push(framed('xx', '<comment type="log:info" source="a" message="b"/>\n'));
    else if (what === 1) pieces.push(framed('xx', '<enumerationUnit name="u" value="1" label="red"/>\n'));
    else if (what === 2) types.set(id, define(random, id, pieces));
    else if (what === 3) pieces.push(framed('00', '<stream dataset_id="z"/>\n'));
    else {
      time += random.pick([1e5, 1e6, 6e7, -1e6]);
      const planes = types.get(id) ?? [];
      const values: Uint8Array[] = [Buffer.from(`:${String(id).padStart(2, '0')}:`)];
      planes.forEach((plane, nth) => {
        for (let i = 0; i < plane.count; i++) {
          values.push(qValue(random, plane.encoding, isLittle, nth === 0 ? time : random.between(-5, 90) / 4));
        }
      });
      pieces.push(Buffer.concat(values));
    }
  }
  return Buffer.concat(pieces);
}

function define(random: Random, id: number, pieces: Uint8Array[]): QPlane[] {
  const encoding = random.pick(['double', 'real8', 'time24', 'ascii24']);
  const planes: QPlane[] = [{ encoding, count: 1 }];
  const units = random.oneIn(6) ? 'V' : random.pick(['us2000', 't2000', 'us2000', 'seconds since 2010-01-01']);
  const datasets = [
    dataset('t', 1, `<property name="UNITS" type="units" value="${units}"/>`, `encoding="${encoding}" length=""`),
  ];
  const count = random.between(1, 3);
  for (let i = 0; i < count; i++) {
    const lengths = random.pick([[], [], [3], [8], [2, 3]]);
    const type = random.pick(Q_NUMBERS);
    const items = lengths.reduce((product, length) => product * length, 1);
    const more = random.oneIn(2) ? random.pick(Q_PROPERTIES) : '';
    const properties = `<property name="DEPEND_0" type="qdataset" value="t"/>${more}`;
    planes.push({ encoding: type, count: items });
    const name = i === 0 ? 'z' : `z${i}`;
    datasets.push(dataset(name, lengths.length + 1, properties, `encoding="${type}" length="${lengths.join(',')}"`));
  }
  if (random.oneIn(4)) datasets.push(dataset('f', 1, '', 'values="1,2,3" length="3"'));
  pieces.push(framed(String(id).padStart(2, '0'), `<packet>\n${datasets.join('\n')}\n</packet>\n`));
  return planes;
}

function dataset(id: string, rank: number, properties: string, values: string): string {
  return `<qdataset id="${id}" rank="${rank}"><properties>${properties}</properties><values ${values}/></qdataset>`;
}

function qValue(random: Random, encoding: string, little: boolean, value: number): Uint8Array {
  const written = random.oneIn(20) ? -1e31 : value;
  if (encoding.startsWith('time')) {
    const iso = new Date(Date.UTC(2000, 0, 1) + value / 1e3).toISOString().slice(0, 23);
    return Buffer.from(iso.padEnd(Number(encoding.slice(4))));
  }
  if (encoding.startsWith('ascii')) {
    const width = Number(encoding.slice(5));
    return Buffer.from(
      `${written.toExponential(Math.max(0, width - 9))}`
        .padStart(width - 1)
        .slice(0, width - 1)
        .padEnd(width),
    );
  }
  const width = /(?:8|double)$/.test(encoding) ? 8 : encoding === 'int2' ? 2 : 4;
  const bytes = Buffer.alloc(width);
  if (encoding === 'int8') bytes.writeBigInt64BE(BigInt(Math.trunc(value)));
  else if (encoding === 'int2') bytes.writeInt16BE(Math.trunc(value) & 0x7fff);
  else if (encoding.startsWith('int')) bytes.writeInt32BE(Math.trunc(value) & 0x7fffffff);
  else if (width === 4) bytes.writeFloatBE(written);
  else bytes.writeDoubleBE(written);
  return little ? bytes.reverse() : bytes;
}

export interface Das1Stream {
  readonly bytes: Uint8Array;
  /** Values behind the offset of each record. */
  readonly items: number;
  readonly records: number;
}

/** Random plain das1: offset and values as big-endian 4-byte reals. */
export function das1Stream(random: Random): Das1Stream {
  const items = random.oneIn(10) ? random.between(5, 40) : random.between(1, 4);
  const records = random.below(40);
  const bytes = Buffer.alloc(4 * (items + 1) * records);
  let at = 0;
  let offset = random.pick([0, 0, -5, 1000]);
  for (let i = 0; i < records; i++) {
    offset += random.pick([0.5, 1, 10, 100, -1]);
    at = bytes.writeFloatBE(random.oneIn(40) ? random.pick([Number.NaN, Infinity, -Infinity, 3e38]) : offset, at);
    for (let item = 0; item < items; item++) {
      at = bytes.writeFloatBE(
        random.oneIn(10) ? random.pick([0, -1e31, Number.NaN, Infinity]) : random.real() * 100,
        at,
      );
    }
  }
  return { bytes, items, records };
}

/** Random tagged das1: `:b0:` packets of x-y-z triplets, some `:by:` and `:bx:`. */
export function taggedDas1Stream(random: Random): Uint8Array {
  const pieces: Buffer[] = [];
  for (let count = random.below(30); count > 0; count--) {
    const tag = random.oneIn(10) ? random.pick([':by:', ':bx:', ':b1:']) : ':b0:';
    const floats = random.pick([3, 3, 6, 9, 4]);
    const content = Buffer.alloc(floats * 4);
    for (let i = 0; i < floats; i++)
      content.writeFloatBE(random.pick([1, 2, 5, 10, -1e31]) * random.between(1, 5), i * 4);
    pieces.push(Buffer.from(`${tag}${content.length.toString(16).padStart(4, '0')}`), content);
  }
  return Buffer.concat(pieces);
}
