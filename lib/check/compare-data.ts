/**
 * Two answers to one request for data, from two servers: do they hold the same records?
 *
 * Contract: das2 streams are compared record by record, as numbers and not as bytes, so that other words in a header, another spelling of
 * units or more digits are no difference; QStreams as bytes. Of reduced data the bins may begin elsewhere (`bins`), since servers choose
 * their origin.
 */
import type { Encoding } from '../stream/encoding.js';
import { type PacketHeader, planeSize } from '../stream/header.js';
import type { RecordRun } from '../stream/record-run.js';
import { type StreamHandler, StreamReader } from '../stream/stream-reader.js';
import { unitMeaning } from './unit-meaning.js';

/** What differs, in one line for people. */
export interface DataDifference {
  /** `values`: not the same data. `bins`: the same planes, other bins. `form`: the same records, written otherwise. */
  readonly kind: 'values' | 'bins' | 'form';
  readonly message: string;
}

/** Relative difference of values that are the same: 4-byte reals and text of few digits say no more. */
const TOLERANCE = 1e-5;

/** The difference between two streams; undefined if they are the same byte by byte. Throws what a damaged stream throws. */
export function compareData(ours: Uint8Array, theirs: Uint8Array, isReduced: boolean): DataDifference | undefined {
  if (Buffer.compare(ours, theirs) === 0) return undefined;
  if (!isDas2(ours) || !isDas2(theirs)) return { kind: 'values', message: 'the bytes differ' };
  const [own, other] = [recordsOf(ours), recordsOf(theirs)];
  if (own.meaning !== other.meaning) {
    return { kind: 'values', message: `planes ${own.planes || '(none)'} instead of ${other.planes || '(none)'}` };
  }
  if (isReduced && own.times.join() !== other.times.join()) {
    return {
      kind: 'bins',
      message: `${own.times.length} bins from ${own.times[0]}, not ${other.times.length} from ${other.times[0]}`,
    };
  }
  if (own.times.length !== other.times.length) {
    return { kind: 'values', message: `${own.times.length} records instead of ${other.times.length}` };
  }
  const at = own.times.findIndex((time, i) => time !== other.times[i] || !isSame(own.values[i], other.values[i]));
  if (at >= 0) return { kind: 'values', message: `record ${at + 1} of ${own.times.length} (${own.times[at]}) differs` };
  return { kind: 'form', message: `the same ${own.times.length} records, written otherwise` };
}

/** Types of the exceptions in an answer, also in one that no parser takes (`[00]<exception …>`). */
export function exceptionTypes(body: Buffer): string[] {
  return [...body.toString('latin1').matchAll(/\](?:\d{6})\s*<exception\s[^>]*?type="([^"]*)"/g)].map(
    ([, type = '']) => type,
  );
}

function isDas2(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 400)).toString('latin1');
  return /^\[00\]\d{6}\s*<stream(?![^>]*dataset_id)/.test(start);
}

/** Where the values of a run stand. */
type Memory = Pick<RecordRun, 'bytes' | 'view'>;

interface Records {
  /** Names and units of all planes, in order. */
  readonly planes: string;
  /** The same, with one spelling for each unit. */
  readonly meaning: string;
  /** What x says: a number, or text without zeros at the end. */
  readonly times: string[];
  readonly values: number[][];
}

function recordsOf(stream: Uint8Array): Records {
  const planes: string[] = [];
  const meanings: string[] = [];
  const times: string[] = [];
  const values: number[][] = [];
  const handler: StreamHandler = {
    streamHeader() {},
    comment() {},
    exception() {},
    packetHeader(_id, header) {
      planes.push(describePlanes(header, (units) => units));
      meanings.push(describePlanes(header, unitMeaning));
    },
    records(_id, run, header) {
      for (let i = 0; i < run.count; i++) {
        const record = recordAt(run.offset + i * run.stride, run, header);
        times.push(...record.times);
        values.push(record.values);
      }
    },
  };
  const reader = new StreamReader(handler);
  reader.push(stream);
  reader.end();
  return { planes: planes.join('; '), meaning: meanings.join('; '), times, values };
}

function describePlanes({ planes }: PacketHeader, spell: (units: string) => string): string {
  return planes
    .map(({ element, name, units, itemCount }) =>
      [element, name, spell(units ?? ''), itemCount > 1 ? `x ${itemCount}` : ''].filter(Boolean).join(' '),
    )
    .join(', ');
}

/** What x says in the record that begins at `start`, and the values of all other planes. */
function recordAt(start: number, memory: Memory, header: PacketHeader): { times: string[]; values: number[] } {
  const times: string[] = [];
  const values: number[] = [];
  let at = start;
  for (const plane of header.planes) {
    const { encoding } = plane;
    for (let i = 0; i < plane.itemCount; i++) {
      const place = at + i * encoding.width;
      if (plane.element === 'x') times.push(timeText(encoding, memory, place));
      else values.push(numberAt(encoding, memory, place));
    }
    at += planeSize(plane);
  }
  return { times, values };
}

function timeText(encoding: Encoding, memory: Memory, at: number): string {
  if (encoding.kind !== 'time') return String(numberAt(encoding, memory, at));
  return textAt(encoding, memory, at)
    .replace(/Z$/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

function numberAt(encoding: Encoding, memory: Memory, at: number): number {
  if (encoding.kind === 'real4') return memory.view.getFloat32(at, encoding.littleEndian);
  if (encoding.kind === 'real8') return memory.view.getFloat64(at, encoding.littleEndian);
  if (encoding.kind === 'ascii') return Number(textAt(encoding, memory, at));
  return Date.parse(`${textAt(encoding, memory, at).slice(0, 23)}Z`);
}

function textAt({ width }: Encoding, { bytes }: Memory, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, width)
    .toString('latin1')
    .trim();
}

function isSame(own: readonly number[] = [], other: readonly number[] = []): boolean {
  return (
    own.length === other.length &&
    own.every((value, i) => {
      const theirs = other[i] ?? Number.NaN;
      return Object.is(value, theirs) || Math.abs(value - theirs) <= TOLERANCE * Math.abs(theirs);
    })
  );
}
