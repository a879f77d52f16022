/** Streams of waveforms, and what das2_psd must make of them: what its tests share. */
import type { Test } from 'tap';
import { Spectrum } from '../../lib/filter/psd/spectrum.js';
import type { Plane, StreamHeader } from '../../lib/stream/header.js';
import { findProperty } from '../../lib/stream/properties.js';
import { packetHeader, record, STREAM } from './build-stream.js';
import type { StreamPacket } from './read-stream.js';

/** An x plane, and its type. */
export const X = '<x type="little_endian_real8" units="us2000"/>';
export const REAL8 = 'little_endian_real8';

/** Values of a wave with some noise, the same ones each time. */
export const wave = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin((from + i) ** 1.5) + ((from + i) % 7) / 3);

/** A scan of so many points. */
export function scan(count: number, tags = 'yTagInterval="0.001"', more = ''): string {
  return `<yscan name="w" type="${REAL8}" zUnits="V m**-1" yUnits="s" nitems="${count}" ${tags}>${more}</yscan>`;
}

/** A stream of one record with a scan. */
export function scanStream(values: readonly number[], plane = scan(values.length), head = STREAM): Buffer {
  return Buffer.concat([head, packetHeader(7, X + plane), record(7, [REAL8], [5e6, ...values])]);
}

/** A packet of data. */
export type Data = Extract<StreamPacket, { kind: 'data' }>;

/** The packets of data. */
export function dataOf(packets: readonly StreamPacket[]): Data[] {
  return packets.filter((packet) => packet.kind === 'data');
}

/** The real8 little endian values of a record. */
export function numbers(packet: Data | undefined): number[] {
  const bytes = Buffer.from(packet?.bytes ?? []);
  return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
}

/** The value of a property. */
export function property(owner: { properties: Plane['properties'] } | undefined, name: string): string | undefined {
  return owner === undefined ? undefined : findProperty(owner.properties, name)?.value;
}

/** The header in front of the packets. */
export function streamHeaderOf(packets: readonly StreamPacket[]): StreamHeader | undefined {
  const first = packets[0];
  return first?.kind === 'stream' ? first.header : undefined;
}

/** What one window must give. */
export function density(values: readonly number[], interval: number, keepMean = false): number[] {
  const spectrum = new Spectrum(values.length, keepMean);
  spectrum.take(Float64Array.from(values), 0, interval);
  return [...spectrum.density];
}

/** Checks numbers but for rounding. */
export function close(t: Test, found: readonly number[], wanted: readonly number[], message: string): void {
  const largest = Math.max(...wanted.map(Math.abs));
  const far = wanted.findIndex((value, i) => !(Math.abs((found[i] ?? Number.NaN) - value) <= 1e-12 * largest));
  t.equal(found.length, wanted.length, `${message}: length`);
  t.equal(far, -1, `${message}: ${found[far]} instead of ${wanted[far]} at ${far}`);
}
