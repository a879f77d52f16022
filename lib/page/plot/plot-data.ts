/**
 * From a das2 stream to what a plot needs: lines against time, and spectrograms.
 *
 *     y, z planes             lines; a plane that names another as `source` with BIN_MIN or BIN_MAX becomes its range
 *     yscan                   a spectrogram; with tags that are times (waveforms) a line, each value at x + tag
 *     xscan                   a line, each value at x + offset
 *
 * Contract: a `StreamHandler` for `StreamReader`, so it sees runs of records and keeps numbers only. At most `VALUE_LIMIT` values are kept,
 * then it throws an Error whose message is for people: a page must not eat the memory of its reader. x values that are no times cannot
 * be drawn; such packets are counted and named in `notes`. Pure.
 */

import { type PacketHeader, type Plane, planeSize, type StreamHeader } from '../../stream/header.js';
import type { StreamException } from '../../stream/message.js';
import { effectiveProperty, findProperty } from '../../stream/properties.js';
import type { RecordRun } from '../../stream/record-run.js';
import type { StreamHandler } from '../../stream/stream-reader.js';
import { intervalSeconds } from '../../stream/units.js';
import { labelText, unitText } from './label-text.js';
import { NumberList, type PlaneReader, timeReader, valueReader } from './plane-values.js';

/** Values kept of one stream: 30 million are 240 MB. */
const VALUE_LIMIT = 30_000_000;
/** Tags of a scan. */
const TAG_LIMIT = 1_000_000;

/** One line. Times are us2000; NaN is a gap. */
export interface Line {
  readonly name: string;
  readonly label: string;
  readonly units: string;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Smallest and largest value behind each average. */
  readonly low?: Float64Array;
  readonly high?: Float64Array;
}

/** A run of records with the same tags. */
export interface SpectrogramBlock {
  readonly tags: Float64Array;
  readonly x: Float64Array;
  /** `x.length` rows of `tags.length` values. */
  readonly z: Float64Array;
}

export interface Spectrogram {
  readonly name: string;
  readonly label: string;
  readonly units: string;
  readonly tagLabel: string;
  readonly tagLog: boolean;
  readonly valueLog: boolean;
  readonly blocks: readonly SpectrogramBlock[];
}

export interface PlotData {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly spectrograms: readonly Spectrogram[];
  readonly recordCount: number;
  /** Largest step in time, in microseconds, over which values belong together; 0 if the stream does not say. */
  readonly tagWidth: number;
  readonly exceptions: readonly StreamException[];
  /** What is in the stream and cannot be drawn, in words. */
  readonly notes: readonly string[];
}

/** Collects one plane. */
interface PlaneStore {
  readonly plane: Plane;
  readonly packet: PacketHeader;
  readonly read: PlaneReader;
  readonly tags: Float64Array | undefined;
  readonly values: NumberList;
}

/** Collects the records of packet types of one make: a header that comes again goes on where it was. */
interface PacketStore {
  readonly readTime: PlaneReader;
  readonly times: NumberList;
  readonly planes: readonly PlaneStore[];
}

/** Collects a stream for a plot; see the head of this file. */
export class PlotDataCollector implements StreamHandler {
  private stream: StreamHeader = { version: '', compressed: false, properties: [] };
  private readonly byMake = new Map<string, PacketStore | undefined>();
  private readonly byId: (PacketStore | undefined)[] = [];
  private readonly exceptions: StreamException[] = [];
  private readonly notes = new Set<string>();
  private recordCount = 0;
  private valueCount = 0;

  streamHeader(header: StreamHeader): void {
    this.stream = header;
  }

  packetHeader(id: number, header: PacketHeader): void {
    const make = JSON.stringify(
      header.planes.map(({ element, name, encoding, units, itemCount, attributes }) => [
        element,
        name,
        encoding.type,
        units,
        itemCount,
        [...attributes],
      ]),
    );
    if (!this.byMake.has(make)) this.byMake.set(make, this.newStore(header));
    this.byId[id] = this.byMake.get(make);
  }

  records(id: number, { bytes, view, offset, count, stride }: RecordRun): void {
    this.recordCount += count;
    const store = this.byId[id];
    if (store === undefined) return;
    const before = this.valueCount;
    for (let i = 0; i < count; i++) {
      const record = offset + i * stride;
      let time = Number.NaN;
      store.readTime(bytes, view, record, (value) => {
        time = value;
      });
      if (!Number.isFinite(time)) continue;
      store.times.push(time);
      for (const plane of store.planes) plane.read(bytes, view, record, (value) => plane.values.push(value));
    }
    for (const { plane } of store.planes) this.valueCount += count * plane.itemCount;
    if (before <= VALUE_LIMIT && this.valueCount > VALUE_LIMIT) {
      throw new Error('This range has too many values for a plot: choose a shorter one, or a coarser resolution.');
    }
  }

  comment(): void {}

  exception(exception: StreamException): void {
    this.exceptions.push(exception);
  }

  /** What has come so far. */
  data(): PlotData {
    const lines: Line[] = [];
    const spectrograms = new Map<string, Spectrogram>();
    for (const store of this.byMake.values()) {
      if (store === undefined || store.times.length === 0) continue;
      for (const plane of store.planes) {
        if (rangeOf(plane) !== undefined) continue;
        const { tags } = plane;
        if (tags === undefined || isOffset(plane)) lines.push(this.line(store, plane));
        else this.addSpectrogram(spectrograms, store, plane, tags);
      }
    }
    const title = findProperty(this.stream.properties, 'title')?.value ?? '';
    return {
      title: labelText(title, (name) => findProperty(this.stream.properties, name)?.value),
      lines,
      spectrograms: [...spectrograms.values()],
      recordCount: this.recordCount,
      tagWidth: this.tagWidth(),
      exceptions: this.exceptions,
      notes: [...this.notes],
    };
  }

  private newStore(header: PacketHeader): PacketStore | undefined {
    let offset = 0;
    let readTime: PlaneReader | undefined;
    const planes: PlaneStore[] = [];
    for (const plane of header.planes) {
      if (plane.element === 'x') readTime ??= timeReader(plane, offset);
      else {
        planes.push({
          plane,
          packet: header,
          read: valueReader(plane, offset, header, this.stream),
          tags: scanTags(plane),
          values: new NumberList(),
        });
      }
      offset += planeSize(plane);
    }
    if (readTime === undefined) {
      this.notes.add('Values against something else than time are not drawn.');
      return undefined;
    }
    return { readTime, times: new NumberList(), planes };
  }

  private line(store: PacketStore, plane: PlaneStore): Line {
    const common = {
      name: plane.plane.name ?? plane.plane.element,
      label: this.planeLabel(plane),
      units: unitText(plane.plane.units ?? ''),
    };
    if (plane.tags !== undefined) return { ...common, ...unrolled(store.times.values, plane, plane.tags) };
    const companion = (operation: string): { values?: Float64Array } => {
      const found = store.planes.find(
        (other) => rangeOf(other) === operation && ownProperty(other, 'source') === plane.plane.name,
      );
      return found === undefined ? {} : { values: found.values.values };
    };
    const { values: low } = companion('BIN_MIN');
    const { values: high } = companion('BIN_MAX');
    return {
      ...common,
      x: store.times.values,
      y: plane.values.values,
      ...(low !== undefined && { low }),
      ...(high !== undefined && { high }),
    };
  }

  private addSpectrogram(
    spectrograms: Map<string, Spectrogram>,
    store: PacketStore,
    plane: PlaneStore,
    tags: Float64Array,
  ): void {
    const units = unitText(plane.plane.units ?? '');
    const tagUnits = unitText(plane.plane.attributes.get('yUnits') ?? '');
    const key = `${plane.plane.name ?? ''}\n${units}\n${tagUnits}`;
    const known = spectrograms.get(key);
    const block: SpectrogramBlock = { tags, x: store.times.values, z: plane.values.values };
    if (known !== undefined) {
      spectrograms.set(key, { ...known, blocks: [...known.blocks, block] });
      return;
    }
    const label = (name: string): string => this.label(plane, name);
    spectrograms.set(key, {
      name: plane.plane.name ?? 'yscan',
      label: label('zLabel') || withUnits(plane.plane.name ?? 'yscan', units),
      units,
      tagLabel: label('yLabel') || tagUnits,
      tagLog: this.isLog(plane, 'yScaleType') ?? growsByRatio(tags),
      valueLog: this.isLog(plane, 'zScaleType') ?? false,
      blocks: [block],
    });
  }

  /** The own label first; those of the stream describe all planes together and say less than a name. */
  private planeLabel(plane: PlaneStore): string {
    // A y plane that was a scan has the label of its values in zLabel.
    const isScan = plane.tags !== undefined || ownProperty(plane, 'zLabel') !== undefined;
    const names = plane.plane.element === 'z' || isScan ? ['zLabel', 'yLabel'] : ['yLabel'];
    const own = names.map((name) => ownProperty(plane, name)).find((text) => text !== undefined && text !== '');
    if (own !== undefined) return labelText(own, (name) => this.property(plane, name));
    const isOnly = plane.packet.planes.length <= 2;
    const shared = isOnly ? this.label(plane, names[0] ?? 'yLabel') : '';
    return shared || withUnits(plane.plane.name ?? plane.plane.element, unitText(plane.plane.units ?? ''));
  }

  private label(plane: PlaneStore, name: string): string {
    return labelText(this.property(plane, name) ?? '', (other) => this.property(plane, other));
  }

  private property(plane: PlaneStore, name: string): string | undefined {
    return effectiveProperty(name, plane.plane, plane.packet, this.stream)?.value;
  }

  private isLog(plane: PlaneStore, name: string): boolean | undefined {
    const value = this.property(plane, name)?.trim().toLowerCase();
    return value === 'log' ? true : value === 'linear' ? false : undefined;
  }

  private tagWidth(): number {
    const [, number = '', unit = ''] =
      /^\s*([-+.\deE]+)\s*(\S*)\s*$/.exec(findProperty(this.stream.properties, 'xTagWidth')?.value ?? '') ?? [];
    const seconds = Number(number || Number.NaN) * (intervalSeconds(unit) ?? Number.NaN);
    return seconds > 0 && Number.isFinite(seconds) ? seconds * 1e6 : 0;
  }
}

function ownProperty({ plane }: PlaneStore, name: string): string | undefined {
  return findProperty(plane.properties, name)?.value;
}

/** `BIN_MIN` or `BIN_MAX` for a plane that is the range of another. */
function rangeOf(plane: PlaneStore): string | undefined {
  const operation = ownProperty(plane, 'operation');
  return operation === 'BIN_MIN' || operation === 'BIN_MAX' ? operation : undefined;
}

/** The tags of a scan plane: listed, or evenly spaced; without both their numbers (stream-format 3). */
function scanTags({ element, attributes, itemCount }: Plane): Float64Array | undefined {
  if (element !== 'yscan' && element !== 'xscan') return undefined;
  if (itemCount > TAG_LIMIT) throw new Error('This source has too many values in one record for a plot.');
  const axis = element === 'yscan' ? 'y' : 'x';
  const text = (...names: string[]): string | undefined =>
    names.map((name) => attributes.get(axis + name)).find((value) => value !== undefined);
  const list = text('Tags', 'Offsets');
  const tags = new Float64Array(itemCount);
  if (list !== undefined) {
    const parts = list.split(/[\s,]+/).filter((part) => part !== '');
    for (let i = 0; i < itemCount; i++) tags[i] = Number(parts[i] ?? Number.NaN);
    return tags;
  }
  const interval = Number(text('TagInterval', 'OffsetInterval') ?? 1);
  const first = Number(text('TagMin', 'OffsetMin') ?? 0);
  for (let i = 0; i < itemCount; i++) tags[i] = first + i * interval;
  return tags;
}

function tagUnitsOf({ element, attributes }: Plane): string {
  return attributes.get(element === 'yscan' ? 'yUnits' : 'xUnits') ?? '';
}

/** True if the tags are differences of time, so that the values stand behind each other rather than above. */
function isOffset({ plane }: PlaneStore): boolean {
  return plane.element === 'xscan' || intervalSeconds(tagUnitsOf(plane)) !== undefined;
}

/** Values of scans one behind the other; NaN ends each scan, so that no line joins them where time is missing between. */
function unrolled(
  times: Float64Array,
  { plane, values }: PlaneStore,
  tags: Float64Array,
): { x: Float64Array; y: Float64Array } {
  const microseconds = (intervalSeconds(tagUnitsOf(plane)) ?? 1) * 1e6;
  const count = tags.length;
  const x = new Float64Array(times.length * count);
  for (let i = 0; i < times.length; i++) {
    for (let j = 0; j < count; j++) x[i * count + j] = (times[i] ?? 0) + (tags[j] ?? 0) * microseconds;
  }
  return { x, y: values.values };
}

/** True if tags are spaced by ratio rather than by difference, as frequencies of many receivers are. */
function growsByRatio(tags: Float64Array): boolean {
  const first = tags[0] ?? 0;
  const middle = tags[tags.length >> 1] ?? 0;
  const last = tags.at(-1) ?? 0;
  if (!(first > 0) || !(last / first > 30)) return false;
  const byRatio = Math.abs(Math.log(middle / Math.sqrt(first * last)));
  const byDifference = Math.abs(Math.log(middle / ((first + last) / 2)));
  return byRatio < byDifference;
}

function withUnits(name: string, units: string): string {
  return units === '' ? name : `${name} (${units})`;
}
