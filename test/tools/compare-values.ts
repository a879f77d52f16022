/**
 * Comparison of data packets for compare-streams.ts (README of the golden vectors, rule 6).
 */
import { sameNumber } from './compare-headers.js';
import { type Element, itemCount, valueWidth } from './split-stream.js';

export function compareData(have: Uint8Array, want: Uint8Array, planes: Element[], wantedPlanes: Element[]): string[] {
  const differences: string[] = [];
  let at = 0;
  for (const [index, plane] of wantedPlanes.entries()) {
    const width = valueWidth(plane);
    if (planes[index] === undefined || valueWidth(planes[index]) !== width)
      return ['the records have different layouts'];
    for (let item = 0; item < itemCount(plane); item++, at += width) {
      const fault = compareValue(have.subarray(at, at + width), want.subarray(at, at + width), plane);
      const scan = itemCount(plane) > 1 ? ` item ${item}` : '';
      if (fault !== undefined)
        differences.push(`plane ${index} ${plane.attributes.get('name') ?? plane.name}${scan}: ${fault}`);
    }
  }
  if (have.length !== want.length) differences.push(`${have.length} bytes, expected ${want.length}`);
  return differences;
}

function compareValue(have: Uint8Array, want: Uint8Array, plane: Element): string | undefined {
  if (Buffer.compare(have, want) === 0) return undefined;
  const type = plane.attributes.get('type') ?? '';
  const isX = plane.name === 'x';
  if (type.startsWith('ascii')) return compareNumberText(latin(have), latin(want), isX);
  if (type.startsWith('time')) return compareTimeText(latin(have), latin(want));
  const [a, b] = [have, want].map((bytes) => binaryValue(bytes, type)) as [number, number];
  const real8 = type.endsWith('8');
  const absolute = isX && real8 && plane.attributes.get('units') === 'us2000';
  const same = absolute ? a === b || Math.abs(a - b) <= 1 : sameNumber(a, b, real8 && !isX ? 1e-9 : 1e-6);
  return same ? undefined : `${a}, expected ${b}`;
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function binaryValue(bytes: Uint8Array, type: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = type.startsWith('little');
  return type.endsWith('8') ? view.getFloat64(0, little) : view.getFloat32(0, little);
}

function compareNumberText(have: string, want: string, isX: boolean): string | undefined {
  const complaint = `${JSON.stringify(have)}, expected ${JSON.stringify(want)}`;
  const [a, b] = [have, want].map((text) => numberOf(text)) as [number, number];
  if (have.slice(-1) !== want.slice(-1) && !/\s/.test(have.slice(-1))) return complaint;
  if (Number.isNaN(b) || !Number.isFinite(b)) return Object.is(a, b) ? undefined : complaint;
  const match = /^\s*[-+]?\d*\.?(\d*)(?:[eE]([-+]?\d+))?/.exec(want);
  const unit = 10 ** (Number(match?.[2] ?? 0) - (match?.[1] ?? '').length);
  const same = Math.abs(a - b) <= 1.01 * unit || (isX && sameNumber(a, b, 1e-6));
  return same ? undefined : complaint;
}

function numberOf(text: string): number {
  const word = text.trim().toLowerCase();
  if (/^[-+]?inf/.test(word)) return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return word === '' ? Number.NaN : Number(word);
}

const TIME = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?)?)?)?$/;
/** Seconds of the last unit, by the number of parts that are there. */
const UNITS = [31536000, 2592000, 86400, 3600, 60, 1];

interface PrintedTime {
  readonly milliseconds: number;
  /** Fraction of the second in seconds. */
  readonly fraction: number;
  readonly unit: number;
}

function printedTime(text: string): PrintedTime | undefined {
  const parts = TIME.exec(text.trim());
  if (parts === null || Number(parts[6] ?? 0) >= 60) return undefined;
  const [year, month, day, hour, minute, second] = parts
    .slice(1, 7)
    .map((part) => (part === undefined ? undefined : Number(part)));
  const date = new Date(0);
  date.setUTCFullYear(year as number, (month ?? 1) - 1, day ?? 1);
  date.setUTCHours(hour ?? 0, minute ?? 0, second ?? 0);
  const digits = parts[7] ?? '';
  const given = parts.slice(1, 7).filter((part) => part !== undefined).length;
  const unit = digits === '' ? (UNITS[given - 1] as number) : 10 ** -digits.length;
  return { milliseconds: date.getTime(), fraction: digits === '' ? 0 : Number(`0.${digits}`), unit };
}

function compareTimeText(have: string, want: string): string | undefined {
  const complaint = `${JSON.stringify(have)}, expected ${JSON.stringify(want)}`;
  if (have.slice(-1) !== want.slice(-1)) return `${complaint} (separator)`;
  const [a, b] = [printedTime(have), printedTime(want)];
  if (a === undefined || b === undefined) return complaint;
  const difference = Math.abs((a.milliseconds - b.milliseconds) / 1000 + (a.fraction - b.fraction));
  return difference <= Math.max(b.unit, 1e-6) * 1.0001 ? undefined : complaint;
}
