/**
 * Packet types with scans in `das2_psd`: each scan is transformed along its tags, window by window (stream-format 13.6).
 *
 * Contract: scans whose tags are equally spaced in time share the records of one output type, others get one of their own, because x and the
 * number of windows follow from the spacing. y planes ride along in all of them. A scan that cannot be transformed is reported and left out.
 */
import { isText } from '../../stream/encoding.js';
import { fillRange } from '../../stream/fill.js';
import { type PacketHeader, type Plane, planeSize, type StreamHeader } from '../../stream/header.js';
import { planeFill } from '../../stream/plane-fill.js';
import { scanTags, tagNumber } from '../../stream/scan-tags.js';
import { intervalSeconds } from '../../stream/units.js';
import { FieldWriter } from '../bin/record-writer.js';
import { OutputType, type OutputTypes } from '../output-types.js';
import { PlaneValues } from '../plane-values.js';
import { PsdAxis } from './axis.js';
import {
  type FrequencyAxis,
  frequencyAxis,
  frequencyRules,
  type PsdOptions,
  spectrumFill,
  spectrumPacketProperties,
  spectrumPlane,
} from './header.js';
import type { Spectrum } from './spectrum.js';

const NEWLINE = 0x0a;
/** Tag intervals may differ from their mean by this much, all but two of them. */
const UNEVEN = 0.01;
const UNEVEN_ALLOWED = 2;
/** Scans share records if their tag intervals agree to this. */
const SAME_INTERVAL = 1e-9;

/** One scan and where its spectra go. */
interface ScanSource {
  readonly values: PlaneValues;
  readonly low: number;
  readonly high: number;
  readonly fill: number;
  readonly axis: FrequencyAxis;
  readonly plane: Plane;
  readonly writer: FieldWriter;
  readonly windowCount: number;
  /** Place of its spectrum in an output record. */
  outputOffset: number;
}

/** The scans of one spacing. */
interface ScanGroup {
  readonly interval: number;
  readonly sources: ScanSource[];
}

interface Copied {
  readonly from: number;
  readonly to: number;
  readonly size: number;
  /** Text: its last byte becomes a blank, whatever it was. */
  readonly endsInText: boolean;
}

/** The output of one group. */
interface GroupOutput {
  readonly group: ScanGroup;
  readonly type: OutputType;
  readonly xOffset: number;
  readonly xWriter: FieldWriter;
  readonly copied: readonly Copied[];
  readonly windowCount: number;
  readonly endsInText: boolean;
}

export interface PacketPlanning {
  readonly id: number;
  readonly header: PacketHeader;
  readonly stream: StreamHeader;
  readonly options: PsdOptions;
  readonly output: OutputTypes;
  readonly spectrum: Spectrum;
  /** Reports a plane that is left out; throws with `-n`. */
  readonly leaveOut: (plane: Plane, reason: string) => void;
}

/** Windows are advanced by this many points. */
export function advanceOf({ length, slideDenominator }: PsdOptions): number {
  return Math.max(1, Math.floor(length / slideDenominator));
}

export class ScanPacket {
  private readonly outputs: readonly GroupOutput[];
  private readonly advance: number;

  constructor(
    private readonly planning: PacketPlanning,
    private readonly axis: PsdAxis,
  ) {
    this.advance = advanceOf(planning.options);
    this.outputs = groupsOf(planning, this.advance).map((group) => groupOutput(group, planning, axis, this.advance));
    for (const { type } of this.outputs) planning.output.define(type);
  }

  /** True if any of its planes can be transformed. */
  get hasSource(): boolean {
    return this.outputs.length > 0;
  }

  /** Transforms the record whose values begin at `record`. */
  take(bytes: Uint8Array, view: DataView, record: number): void {
    if (this.outputs.length === 0) return;
    const unitSeconds = this.axis.requireTime();
    const x = this.axis.read(bytes, view, record);
    if (Number.isNaN(x)) return;
    const { length } = this.planning.options;
    for (const output of this.outputs) {
      const { sources, interval } = output.group;
      for (const { values } of sources) values.read(bytes, view, record);
      for (let window = 0; window < output.windowCount; window++) {
        const first = window * this.advance;
        if (!sources.some((source) => isWhole(source, first, length))) continue;
        const middle = x + ((first + length / 2) * interval) / unitSeconds;
        this.write(output, { bytes, record, first, middle });
      }
    }
  }

  private write(
    output: GroupOutput,
    { bytes, record, first, middle }: { bytes: Uint8Array; record: number; first: number; middle: number },
  ): void {
    const { planning } = this;
    const { spectrum } = planning;
    const { length } = planning.options;
    output.xWriter.require(middle);
    const start = planning.output.beginRecord(output.type);
    const { bytes: target, view } = planning.output.writer;
    output.xWriter.write(target, view, start + output.xOffset, middle);
    for (const { from, to, size, endsInText } of output.copied) {
      target.set(bytes.subarray(record + from, record + from + size), start + to);
      if (endsInText) target[start + to + size - 1] = 0x20;
    }
    for (const source of output.group.sources) {
      const { axis, plane, writer, fill } = source;
      const whole = isWhole(source, first, length);
      if (whole) spectrum.take(source.values.values, first, output.group.interval);
      writeSpectrum({ target, view, at: start + source.outputOffset, plane, writer, axis }, whole ? spectrum : fill);
    }
    if (output.endsInText) target[start + output.type.size - 1] = NEWLINE;
  }
}

/** Where a spectrum goes. */
export interface SpectrumPlace {
  readonly target: Uint8Array;
  readonly view: DataView;
  readonly at: number;
  readonly plane: Plane;
  readonly writer: FieldWriter;
  readonly axis: FrequencyAxis;
}

/** Writes the spectrum taken last, or fill in its place. */
export function writeSpectrum(place: SpectrumPlace, from: Spectrum | number): void {
  const { target, view, plane, writer, axis } = place;
  const { kind, littleEndian, width } = plane.encoding;
  let { at } = place;
  if (typeof from === 'number') {
    for (let item = 0; item < axis.count; item++, at += width) writer.write(target, view, at, from);
    return;
  }
  const { density } = from;
  const end = axis.first + axis.count;
  if (kind === 'real4') {
    for (let k = axis.first; k < end; k++, at += 4) view.setFloat32(at, density[k] as number, littleEndian);
  } else if (kind === 'real8') {
    for (let k = axis.first; k < end; k++, at += 8) view.setFloat64(at, density[k] as number, littleEndian);
  } else {
    for (let k = axis.first; k < end; k++, at += width) writer.write(target, view, at, density[k] as number);
  }
}

/** True if the window exists and holds no fill. */
function isWhole({ values, low, high }: ScanSource, first: number, length: number): boolean {
  const { values: points } = values;
  const end = first + length;
  if (end > points.length) return false;
  for (let i = first; i < end; i++) {
    const value = points[i] as number;
    // Infinite points would make every frequency infinite or none.
    if (!(value < low || value > high) || value - value !== 0) return false;
  }
  return true;
}

function groupsOf(planning: PacketPlanning, advance: number): ScanGroup[] {
  const { header, stream, options, leaveOut } = planning;
  const groups: ScanGroup[] = [];
  let offset = 0;
  for (const plane of header.planes) {
    const place = offset;
    offset += planeSize(plane);
    if (plane.element !== 'yscan' && plane.element !== 'xscan') continue;
    const interval = scanInterval(plane, options.length);
    if (typeof interval === 'string') {
      leaveOut(plane, interval);
      continue;
    }
    const axis = frequencyAxis(frequencyRules(plane, header, stream), options.length, interval);
    if (axis.count === 0) {
      leaveOut(plane, 'DFT_freqTrimMin and DFT_freqTrimMax leave no frequencies');
      continue;
    }
    const fill = spectrumFill(plane, header, stream);
    const output = spectrumPlane(plane, axis, fill);
    const { low, high } = fillRange(planeFill(plane, header, stream));
    const source: ScanSource = {
      values: new PlaneValues(plane, place),
      low,
      high,
      fill,
      axis,
      plane: output,
      writer: new FieldWriter(output.encoding, fill),
      windowCount: Math.floor((plane.itemCount - options.length) / advance) + 1,
      outputOffset: 0,
    };
    const group = groups.find((other) => Math.abs(other.interval - interval) <= SAME_INTERVAL * interval);
    if (group === undefined) groups.push({ interval, sources: [source] });
    else group.sources.push(source);
  }
  return groups;
}

/** Seconds between the tags of a scan, or why it cannot be transformed. */
function scanInterval(plane: Plane, length: number): number | string {
  if (plane.encoding.kind === 'time') return 'its values are times';
  if (plane.itemCount < length) return `it has ${plane.itemCount} values, fewer than a window of ${length}`;
  const units = plane.attributes.get(plane.element === 'yscan' ? 'yUnits' : 'xUnits') ?? '';
  const seconds = intervalSeconds(units);
  if (seconds === undefined) return `its tags have the units '${units.slice(0, 40)}', which are no time interval`;
  const { attributes } = plane;
  const list = attributes.get('yTags') ?? attributes.get('yOffsets') ?? attributes.get('xOffsets');
  const step = attributes.get('yTagInterval') ?? attributes.get('yOffsetInterval') ?? attributes.get('xOffsetInterval');
  if (list === undefined) return (tagNumber(step ?? '1') ?? 1) * seconds;
  const tags = scanTags(plane);
  const last = tags.length - 1;
  const mean = ((tags[last] as number) - (tags[0] as number)) / last;
  if (!(mean > 0)) return 'its tags do not increase';
  let uneven = 0;
  for (let i = 0; i < last; i++) {
    if (Math.abs((tags[i + 1] as number) - (tags[i] as number) - mean) > UNEVEN * mean) uneven++;
  }
  if (uneven > UNEVEN_ALLOWED) return `${uneven} of its tag intervals differ from the mean by more than 1 %`;
  return mean * seconds;
}

function groupOutput(group: ScanGroup, planning: PacketPlanning, axis: PsdAxis, advance: number): GroupOutput {
  const { header, options } = planning;
  const planes: Plane[] = [];
  const copied: Copied[] = [];
  let xOffset = 0;
  let xPlane: Plane | undefined;
  let from = 0;
  let to = 0;
  let next = 0;
  for (const plane of header.planes) {
    const size = planeSize(plane);
    let output: Plane | undefined;
    if (plane.element === 'x') {
      output = axis.outputPlane(options.length * group.interval, advance * group.interval);
      xPlane = output;
      xOffset = to;
    } else if (plane.element === 'y' || plane.element === 'z') {
      output = plane;
      copied.push({ from, to, size, endsInText: isText(plane.encoding) });
    } else {
      const source = group.sources[next];
      if (source !== undefined && source.values.plane === plane) {
        next++;
        output = source.plane;
        source.outputOffset = to;
      }
    }
    from += size;
    if (output === undefined) continue;
    planes.push(output);
    to += planeSize(output);
  }
  const last = planes.at(-1) as Plane;
  return {
    group,
    type: new OutputType({ ...header, properties: spectrumPacketProperties(header), planes }),
    xOffset,
    xWriter: PsdAxis.writer((xPlane as Plane).encoding),
    copied,
    windowCount: Math.max(...group.sources.map(({ windowCount }) => windowCount)),
    endsInText: isText(last.encoding),
  };
}
