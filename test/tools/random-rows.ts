/** Random rows of a time, a value and a scan, and streams made of them, for property tests of reducers. */
import fc from 'fast-check';
import { type BinAvgsecOptions, createBinAvgsec } from '../../lib/filter/bin-avgsec.js';
import { packetHeader, record, STREAM } from './build-stream.js';
import { type Element, itemCount, planesOf, splitStream, valueWidth } from './split-stream.js';

export const FILL = -1e31;

/** Planes besides x: one y, and a scan of three. */
export const WIDTH = 4;

/** A record. */
export interface Row {
  readonly id: number;
  /** us2000. */
  readonly x: number;
  readonly values: readonly number[];
}

/** How a stream writes its values. */
export interface Encodings {
  readonly x: string;
  readonly xUnits: string;
  readonly values: string;
  readonly convert?: (us2000: number) => number;
}

export const PLAIN: Encodings = { x: 'little_endian_real8', xUnits: 'us2000', values: 'sun_real8' };

/** Quarters: sums are exact, so results can be compared exactly. */
const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -4000, max: 4000 }).map((n) => n / 4) },
  { weight: 1, arbitrary: fc.constant(FILL) },
);
/** A record of any type. */
export const row: fc.Arbitrary<Row> = fc.record({
  id: fc.constantFrom(1, 2, 17),
  x: fc.integer({ min: 0, max: 120_000 }).map((ms) => 1e15 + ms * 1000),
  values: fc.array(value, { minLength: WIDTH, maxLength: WIDTH }),
});
/** Records of three packet types in any order. */
export const rows = fc.array(row, { maxLength: 60 });
/** Such records in order of time. */
export const sorted = rows.map((list) => [...list].sort((a, b) => a.x - b.x));
/** Whole tenths of seconds. */
export const seconds = fc.integer({ min: 1, max: 400 }).map((n) => n / 10);
export const BEGIN = 1e15 - 7_300_000;

/** The header of a packet type. */
export function definition(id: number, { x, xUnits, values }: Encodings = PLAIN, properties = ''): Buffer {
  return packetHeader(
    id,
    `<properties p${id}="1" ${properties}/><x type="${x}" units="${xUnits}"/><y name="a" type="${values}" units="V"><properties Datum:q="1 hr"/></y>
     <yscan name="b" type="${values}" zUnits="V/m" yUnits="Hz" nitems="3" yTags="1,2,3"/>`,
  );
}

/** The headers of the three packet types. */
export const DEFINITIONS = [1, 2, 17].map((id) => definition(id));

/** A record as a packet. */
export function rowRecord(
  { id, x, values }: Row,
  { x: xType, values: type, convert = (us) => us }: Encodings = PLAIN,
): Buffer {
  return record(id, [xType, type], [convert(x), ...values]);
}

/** A stream of records. */
export function streamOf(list: readonly Row[], encodings = PLAIN): Buffer {
  return Buffer.concat([
    STREAM,
    ...[1, 2, 17].map((id) => definition(id, encodings)),
    ...list.map((one) => rowRecord(one, encodings)),
  ]);
}

/** What the averager makes of these chunks. */
export function run(options: BinAvgsecOptions, ...chunks: Uint8Array[]): Buffer {
  const pieces: Buffer[] = [];
  const filter = createBinAvgsec(options, { write: (bytes) => pieces.push(Buffer.from(bytes)) });
  for (const chunk of chunks) filter.push(chunk);
  filter.end();
  return Buffer.concat(pieces);
}

/** A record of an output. */
export interface Bin extends Row {
  readonly bytes: string;
}

/** The data packets of an output as numbers; time text becomes us2000. */
export function bins(output: Uint8Array): Bin[] {
  return splitStream(output).flatMap(({ tag, data, header }) => {
    if (data === undefined) return [];
    const bytes = Buffer.from(data);
    let at = 0;
    const [x = 0, ...values] = planesOf(header as Element).flatMap((plane) =>
      Array.from({ length: itemCount(plane) }, () => {
        const width = valueWidth(plane);
        at += width;
        return numberAt(bytes, at - width, width, plane.attributes.get('type') ?? '');
      }),
    );
    return [{ id: Number(tag.slice(1, 3)), x, values, bytes: bytes.toString('latin1') }];
  });
}

function numberAt(bytes: Buffer, at: number, width: number, type: string): number {
  if (type.startsWith('ascii')) return Number(bytes.toString('latin1', at, at + width));
  if (type.startsWith('time')) {
    const text = bytes.toString('latin1', at, at + width).trim();
    return (Date.parse(`${text.slice(0, 19)}Z`) - Date.UTC(2000, 0, 1)) * 1000 + Number(`0${text.slice(19)}`) * 1e6;
  }
  if (width === 4) return type.startsWith('little') ? bytes.readFloatLE(at) : bytes.readFloatBE(at);
  return type.startsWith('little') ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at);
}

/** Bins worked out from the rows in the plainest way: the records, in order, that each output record stands for. */
export function expectedBins(
  list: readonly Row[],
  size: number,
  start: number | undefined,
): { id: number; number: number; rows: Row[] }[] {
  const origin = start ?? list[0]?.x ?? 0;
  const open = new Map<number, { id: number; number: number; rows: Row[] }>();
  const closed: { id: number; number: number; rows: Row[] }[] = [];
  for (const one of list) {
    const number = Math.floor((one.x - origin) / (size * 1e6));
    const current = open.get(one.id);
    if (current?.number === number) current.rows.push(one);
    else {
      if (current !== undefined) closed.push(current);
      open.set(one.id, { id: one.id, number, rows: [one] });
    }
  }
  return [...closed, ...[...open.values()].sort((a, b) => a.id - b.id)];
}

/** The bytes of the records of a packet type. */
export const ofId = (list: readonly Bin[], id: number): string[] =>
  list.filter((bin) => bin.id === id).map((bin) => bin.bytes);
/** True for numbers that are equal but for rounding. */
export const close = (a: number, b: number, tolerance: number): boolean =>
  Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
