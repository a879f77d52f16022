/**
 * Packet types with y planes only in `das2_psd`: records are collected until a window is full (stream-format 13.6).
 *
 * Contract: the collection starts anew, with the last two records, where the spacing of three successive records changes by more than the
 * given fraction. dt is the time from the first to the last record of a window divided by N-1, for the first window as for the others (D-20).
 * Tags are those of the window with which a definition began: a spacing that jitters by less than half a frequency step over the whole
 * spectrum (and 0.1 %) makes no new definition. Memory is one window of every plane.
 */
import { Das2Error } from '../../error.js';
import { isText } from '../../stream/encoding.js';
import { fillRange } from '../../stream/fill.js';
import { type Plane, planeSize } from '../../stream/header.js';
import { planeFill } from '../../stream/plane-fill.js';
import { FieldWriter } from '../bin/record-writer.js';
import { OutputType } from '../output-types.js';
import { PlaneValues } from '../plane-values.js';
import { PsdAxis } from './axis.js';
import {
  type FrequencyAxis,
  type FrequencyRules,
  frequencyAxis,
  frequencyRules,
  OWN_STATUS,
  spectrumFill,
  spectrumPacketProperties,
  spectrumPlane,
} from './header.js';
import { advanceOf, type PacketPlanning, writeSpectrum } from './scan.js';

const NEWLINE = 0x0a;
const DEFAULT_JITTER = 0.01;
/** Largest relative difference of dt from that of the definition. */
const SAME_SPACING = 1e-3;
/** Values kept for one packet type: 64 MB. */
const COLLECTED_LIMIT = 8_000_000;

/** One y plane and what has been collected of it. */
interface SeriesSource {
  readonly values: PlaneValues;
  readonly points: Float64Array;
  readonly low: number;
  readonly high: number;
  readonly fill: number;
  readonly rules: FrequencyRules;
}

/** Where the spectrum of a plane stands in a record. */
interface SeriesColumn {
  readonly source: SeriesSource;
  readonly plane: Plane;
  readonly axis: FrequencyAxis;
  readonly writer: FieldWriter;
  readonly offset: number;
}

interface Definition {
  readonly interval: number;
  readonly type: OutputType;
  readonly columns: readonly SeriesColumn[];
  readonly xOffset: number;
  readonly xWriter: FieldWriter;
  readonly endsInText: boolean;
}

export class SeriesPacket {
  private readonly sources: readonly SeriesSource[];
  private readonly times: Float64Array;
  private readonly advance: number;
  private readonly jitter: number;
  private count = 0;
  private definition: Definition | undefined;
  /** Planes that have been reported as left out, so that it is said once. */
  private readonly reported = new Set<Plane>();

  constructor(
    private readonly planning: PacketPlanning,
    private readonly axis: PsdAxis,
  ) {
    const { header, stream, options, leaveOut } = planning;
    this.advance = advanceOf(options);
    this.jitter = options.jitter ?? DEFAULT_JITTER;
    const usable: { plane: Plane; offset: number }[] = [];
    let offset = 0;
    for (const plane of header.planes) {
      if (plane.element !== 'x') {
        if (plane.encoding.kind === 'time') leaveOut(plane, 'its values are times');
        else usable.push({ plane, offset });
      }
      offset += planeSize(plane);
    }
    if ((usable.length + 1) * options.length > COLLECTED_LIMIT) {
      throw new Das2Error(
        'planeLimit',
        `packet type ${planning.id} has ${usable.length} planes; windows of ${options.length} points of all of them are too many to keep`,
        { exitStatus: OWN_STATUS },
      );
    }
    this.sources = usable.map(({ plane, offset: place }) => ({
      ...fillRange(planeFill(plane, header, stream)),
      values: new PlaneValues(plane, place),
      points: new Float64Array(options.length),
      fill: spectrumFill(plane, header, stream),
      rules: frequencyRules(plane, header, stream),
    }));
    this.times = new Float64Array(options.length);
  }

  /** True if any of its planes can be transformed. */
  get hasSource(): boolean {
    return this.sources.length > 0;
  }

  /** Takes the record whose values begin at `record`. */
  take(bytes: Uint8Array, view: DataView, record: number): void {
    if (this.sources.length === 0) return;
    const unitSeconds = this.axis.requireTime();
    const x = this.axis.read(bytes, view, record);
    if (Number.isNaN(x)) return;
    this.checkSpacing(x);
    const at = this.count++;
    this.times[at] = x;
    for (const { values, points } of this.sources) points[at] = values.read(bytes, view, record)[0] as number;
    if (this.count < this.times.length) return;
    this.transform(unitSeconds);
    this.keep(this.times.length - this.advance);
  }

  /** Lets go of the collection, or of all but its last record, if the record at x does not continue it evenly. */
  private checkSpacing(x: number): void {
    const { count, times } = this;
    if (count === 0) return;
    const before = times[count - 1] as number;
    if (!(x > before)) {
      this.count = 0;
      return;
    }
    if (count === 1) return;
    const first = times[count - 2] as number;
    const change = (2 * Math.abs(x - 2 * before + first)) / Math.abs(x - first);
    if (!(change <= this.jitter)) this.keep(1);
  }

  /** Keeps the last `kept` records. */
  private keep(kept: number): void {
    const from = this.count - kept;
    if (kept > 0) {
      this.times.copyWithin(0, from, this.count);
      for (const { points } of this.sources) points.copyWithin(0, from, this.count);
    }
    this.count = kept;
  }

  private transform(unitSeconds: number): void {
    const { times, planning } = this;
    const { length } = planning.options;
    const first = times[0] as number;
    const interval = (((times[length - 1] as number) - first) / (length - 1)) * unitSeconds;
    const whole = this.sources.map(isWhole);
    if (!whole.includes(true)) return;
    const definition = this.definitionFor(interval);
    if (definition === undefined) return;
    const { type, columns, xOffset, xWriter, endsInText } = definition;
    if (!columns.some(({ source }) => whole[this.sources.indexOf(source)])) return;
    const middle = first + ((length / 2) * interval) / unitSeconds;
    xWriter.require(middle);
    const start = planning.output.beginRecord(type);
    const { bytes: target, view } = planning.output.writer;
    xWriter.write(target, view, start + xOffset, middle);
    for (const { source, plane, axis, writer, offset } of columns) {
      const good = whole[this.sources.indexOf(source)] === true;
      if (good) planning.spectrum.take(source.points, 0, interval);
      writeSpectrum({ target, view, at: start + offset, plane, writer, axis }, good ? planning.spectrum : source.fill);
    }
    if (endsInText) target[start + type.size - 1] = NEWLINE;
  }

  /** The definition of spectra with this spacing; undefined if no plane has any frequencies left. */
  private definitionFor(interval: number): Definition | undefined {
    const { length } = this.planning.options;
    const tolerance = Math.min(SAME_SPACING, 0.5 / length);
    const { definition } = this;
    if (definition !== undefined && Math.abs(definition.interval / interval - 1) <= tolerance) return definition;
    this.definition = this.define(interval);
    return this.definition;
  }

  private define(interval: number): Definition | undefined {
    const { planning, axis } = this;
    const { header, options, leaveOut } = planning;
    const planes: Plane[] = [];
    const columns: SeriesColumn[] = [];
    const xPlane = axis.outputPlane(options.length * interval, this.advance * interval);
    let xOffset = 0;
    let offset = 0;
    for (const plane of header.planes) {
      let output: Plane | undefined;
      const source = this.sources.find(({ values }) => values.plane === plane);
      if (plane.element === 'x') {
        output = xPlane;
        xOffset = offset;
      } else if (source !== undefined) {
        const frequencies = frequencyAxis(source.rules, options.length, interval);
        if (frequencies.count > 0) {
          output = spectrumPlane(plane, frequencies, source.fill);
          const writer = new FieldWriter(output.encoding, source.fill);
          columns.push({ source, plane: output, axis: frequencies, writer, offset });
        } else if (!this.reported.has(plane)) {
          this.reported.add(plane);
          leaveOut(plane, 'DFT_freqTrimMin and DFT_freqTrimMax leave no frequencies');
        }
      }
      if (output === undefined) continue;
      planes.push(output);
      offset += planeSize(output);
    }
    if (columns.length === 0) return undefined;
    const last = planes.at(-1) as Plane;
    return {
      interval,
      type: new OutputType({ ...header, properties: spectrumPacketProperties(header), planes }),
      columns,
      xOffset,
      xWriter: PsdAxis.writer(xPlane.encoding),
      endsInText: isText(last.encoding),
    };
  }
}

/** True if no point of the window is fill. */
function isWhole({ points, low, high }: SeriesSource): boolean {
  for (let i = 0; i < points.length; i++) {
    const value = points[i] as number;
    if (!(value < low || value > high) || value - value !== 0) return false;
  }
  return true;
}
