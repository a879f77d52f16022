/**
 * Plans the reduction of one packet type: its output header and, for every data plane, where its values are and how they combine.
 *
 * Contract: original planes keep their order and everything about them; companion planes (minimum, maximum, ...) follow, plane by plane
 * (stream-format 12.4, 12.5). Waveforms collapse by 12.7, `xscan` likewise (10.1). Limits by 12.6.
 *
 * A stream may be reduced again. Where companions are asked for, those that are there already stay the only ones, and become what they
 * say: the minimum of minima, the maximum of maxima, the sum of counts; deviations, which cannot be combined, are averaged.
 */
import { Das2Error } from '../../error.js';
import { parseEncoding } from '../../stream/encoding.js';
import { fillRange, isFill } from '../../stream/fill.js';
import { type PacketHeader, type Plane, planeSize, recordSize, type StreamHeader } from '../../stream/header.js';
import { planeFill } from '../../stream/plane-fill.js';
import {
  effectiveProperty,
  findProperty,
  type Properties,
  withoutProperty,
  withProperty,
} from '../../stream/properties.js';
import { tagExtent } from '../../stream/scan-tags.js';
import { idText, RECORD_LIMIT } from '../../stream/tag.js';
import { intervalSeconds } from '../../stream/units.js';
import { datumText } from '../print-number.js';
import { isTimePlane } from './time-axis.js';
import { centreEncoding } from './time-type.js';

/** What a companion plane holds of each bin. */
export type Statistic = 'minimum' | 'maximum' | 'deviation' | 'count';

const COMPANIONS: Readonly<Record<Statistic, { readonly suffix: string; readonly operation: string }>> = {
  minimum: { suffix: '.min', operation: 'BIN_MIN' },
  maximum: { suffix: '.max', operation: 'BIN_MAX' },
  deviation: { suffix: '.stddev', operation: 'BIN_STDDEV' },
  count: { suffix: '.count', operation: 'BIN_COUNT' },
};

/** Most planes of a packet type, x included, in and out. */
export const PLANE_LIMIT = 100;

/** Narrowest text for x in units of its own: seven digits. */
const OWN_TEXT_WIDTH = 14;

/** What a reducer does to every packet type. */
export interface PlanOptions {
  /** Length of a bin in seconds, and start of bin 0 in us2000 where one is given. */
  readonly bin: number;
  readonly begin: number | undefined;
  /** Bins are in the units of x, which stays as it is (das2_bin_avg, 13.1). */
  readonly inUnitsOfX: boolean;
  /** Companion planes of every data plane, in this order. */
  readonly statistics: readonly Statistic[];
  /** The average plane says that it is one (`source`, `operation`). */
  readonly marksAverage: boolean;
  readonly collapsesWaveforms: boolean;
}

/** One data plane of the input and the output planes that come from it. */
export interface ColumnPlan {
  readonly plane: Plane;
  /** Place of the first value in an input record. */
  readonly offset: number;
  readonly fill: number;
  /** A value is a measurement exactly if it is below `low` or above `high`. */
  readonly low: number;
  readonly high: number;
  /** All items go into one average. */
  readonly collapsed: boolean;
  /** The plane is a companion of an earlier reduction: this of its values is written in place of their mean. */
  readonly companionOf: Statistic | undefined;
  /** The output plane of the average, and its place in an output record. */
  readonly average: Plane;
  readonly averageOffset: number;
  readonly companions: readonly CompanionPlan[];
}

/** A companion plane and its place in an output record. */
export interface CompanionPlan {
  readonly statistic: Statistic;
  readonly plane: Plane;
  readonly offset: number;
}

export interface PacketPlan {
  readonly id: number;
  readonly output: PacketHeader;
  readonly outputSize: number;
  readonly x: Plane;
  readonly xOffset: number;
  readonly xOutput: Plane;
  readonly xOutputOffset: number;
  readonly columns: readonly ColumnPlan[];
}

/** Says why a packet type cannot be written: its companions would exceed the limits (12.6). */
export class PlanRefusal {
  constructor(readonly reason: string) {}
}

/**
 * The plan for this packet header, or the reason why the type must be skipped. Throws `packetHeader` without an x plane and
 * `planeLimit` with two, or with too many planes on input.
 */
export function planPacket(
  id: number,
  header: PacketHeader,
  stream: StreamHeader,
  options: PlanOptions,
): PacketPlan | PlanRefusal {
  const { planes } = header;
  const where = `packet type ${idText(id)}`;
  const x = onlyX(planes, where);
  const added = planes.map((plane) => (plane === x ? [] : addedStatistics(plane, planes, options)));
  const outputCount = planes.length + added.flat().length;
  if (outputCount > PLANE_LIMIT) {
    return new PlanRefusal(
      `${where} would have ${outputCount} planes with the extra ones asked for, at most ${PLANE_LIMIT} are possible`,
    );
  }

  const xOutput = reducedX(x, options);
  const averages = planes.map((plane) => (plane === x ? xOutput : averagePlane(plane, header, stream, options)));
  const companions = planes.flatMap((plane, index) =>
    (added[index] as Statistic[]).map((statistic) => companionPlane(plane, averages[index] as Plane, statistic)),
  );
  const output: PacketHeader = { ...header, planes: [...averages, ...companions] };
  const outputSize = recordSize(output);
  if (outputSize > RECORD_LIMIT) {
    return new PlanRefusal(`${where} would have records of ${outputSize} bytes, at most ${RECORD_LIMIT} are possible`);
  }

  const inputOffsets = offsetsOf(planes);
  const outputOffsets = offsetsOf(output.planes);
  const columns: ColumnPlan[] = [];
  let nextCompanion = planes.length;
  planes.forEach((plane, index) => {
    if (plane === x) return;
    const average = averages[index] as Plane;
    const fill = planeFill(plane, header, stream);
    const statistics = added[index] as Statistic[];
    const firstCompanion = nextCompanion;
    nextCompanion += statistics.length;
    columns.push({
      plane,
      offset: inputOffsets[index] as number,
      fill,
      ...fillRange(fill),
      collapsed: average.element !== plane.element,
      companionOf: options.statistics.length === 0 ? undefined : companionStatistic(plane, planes),
      average,
      averageOffset: outputOffsets[index] as number,
      companions: statistics.map((statistic, nth) => ({
        statistic,
        plane: output.planes[firstCompanion + nth] as Plane,
        offset: outputOffsets[firstCompanion + nth] as number,
      })),
    });
  });
  const xIndex = planes.indexOf(x);
  return {
    id,
    output,
    outputSize,
    x,
    xOffset: inputOffsets[xIndex] as number,
    xOutput,
    xOutputOffset: outputOffsets[xIndex] as number,
    columns,
  };
}

/** The x plane of a packet type. Throws where there is none or more than one, or where there are too many planes. */
function onlyX(planes: readonly Plane[], where: string): Plane {
  if (planes.length > PLANE_LIMIT) {
    throw new Das2Error('planeLimit', `${where} has ${planes.length} planes, at most ${PLANE_LIMIT} can be reduced`);
  }
  const [x, ...others] = planes.filter((plane) => plane.element === 'x');
  if (x === undefined) throw new Das2Error('packetHeader', `${where} has no <x> plane`);
  if (others.length > 0)
    throw new Das2Error('planeLimit', `${where} has ${others.length + 1} <x> planes, only one can be reduced`);
  return x;
}

/** Where each plane begins in a record. */
function offsetsOf(planes: readonly Plane[]): number[] {
  let next = 0;
  return planes.map((plane) => {
    const offset = next;
    next += planeSize(plane);
    return offset;
  });
}

/** x holds bin centres in us2000, absolute whatever `base` said. */
function reducedX(x: Plane, { bin, begin, inUnitsOfX }: PlanOptions): Plane {
  if (inUnitsOfX) return inOwnUnits(x);
  if (x.encoding.kind !== 'time' && !isTimePlane(x)) return x;
  const encoding = centreEncoding(x.encoding, bin, begin);
  const attributes = new Map([...x.attributes].filter(([key]) => key !== 'base'));
  return { ...x, encoding, attributes, units: encoding.kind === 'time' ? 'UTC' : 'us2000' };
}

/** x stays as it is, but text too narrow for the seven digits of a 4-byte real is widened: a centre may not fit at all. */
function inOwnUnits(x: Plane): Plane {
  const { kind, width } = x.encoding;
  if (kind === 'time') return { ...x, units: 'UTC' };
  return kind === 'ascii' && width < OWN_TEXT_WIDTH ? { ...x, encoding: parseEncoding(`ascii${OWN_TEXT_WIDTH}`) } : x;
}

function averagePlane(plane: Plane, header: PacketHeader, stream: StreamHeader, options: PlanOptions): Plane {
  const collapses = options.collapsesWaveforms && isShortWaveform(plane, header, stream, options.bin);
  let output = collapses ? collapsedPlane(plane, planeFill(plane, header, stream)) : plane;
  // Time text is always UTC (5.4).
  if (output.encoding.kind === 'time') output = { ...output, units: 'UTC' };
  const marked = options.marksAverage && companionStatistic(plane, header.planes) === undefined;
  return marked ? derived(output, plane.name, '', 'BIN_AVG') : output;
}

/** What this plane holds if it is a companion that an earlier reduction has added to another plane of its packet. */
function companionStatistic(plane: Plane, planes: readonly Plane[]): Statistic | undefined {
  const source = findProperty(plane.properties, 'source')?.value;
  const operation = findProperty(plane.properties, 'operation')?.value;
  if (source === undefined || !planes.some((other) => other !== plane && other.name === source)) return undefined;
  const found = Object.entries(COMPANIONS).find(([, companion]) => companion.operation === operation);
  return found !== undefined && plane.name === `${source}${found[1].suffix}` ? (found[0] as Statistic) : undefined;
}

/** The companions that this plane gets: all that are asked for, but none twice, and none for what is a companion itself. */
function addedStatistics(plane: Plane, planes: readonly Plane[], { statistics }: PlanOptions): Statistic[] {
  if (companionStatistic(plane, planes) !== undefined) return [];
  return statistics.filter((statistic) => {
    const name = `${plane.name ?? ''}${COMPANIONS[statistic].suffix}`;
    return !planes.some((other) => other.name === name);
  });
}

function companionPlane(plane: Plane, average: Plane, statistic: Statistic): Plane {
  const { suffix, operation } = COMPANIONS[statistic];
  return derived(statistic === 'count' ? countPlane(average) : average, plane.name, suffix, operation);
}

/** A plane of the same shape for counts: dimensionless, without fill (13.12). */
function countPlane(average: Plane): Plane {
  const { kind, littleEndian } = average.encoding;
  const type = kind === 'real4' || kind === 'real8' ? `${littleEndian ? 'little_endian' : 'sun'}_real4` : 'ascii14';
  const properties = average.properties.filter(({ name }) => name !== 'yFill' && name !== 'zFill' && name !== 'fill');
  return { ...average, encoding: parseEncoding(type), units: '', properties };
}

function derived(plane: Plane, source: string | undefined, suffix: string, operation: string): Plane {
  let properties = withProperty(plane.properties, { type: '', name: 'source', value: source ?? '' });
  properties = withProperty(properties, { type: '', name: 'operation', value: operation });
  return { ...plane, name: suffix === '' ? source : `${source ?? ''}${suffix}`, properties };
}

/** A scan in time whose whole extent is no longer than a bin (12.7, 10.1). */
function isShortWaveform(plane: Plane, header: PacketHeader, stream: StreamHeader, seconds: number): boolean {
  let units: string | undefined;
  if (plane.element === 'xscan') units = plane.attributes.get('xUnits') ?? '';
  else if (plane.element === 'yscan' && effectiveProperty('renderer', plane, header, stream)?.value === 'waveform') {
    units = plane.attributes.get('yUnits') ?? '';
  }
  const unit = units === undefined ? undefined : intervalSeconds(units);
  return unit !== undefined && tagExtent(plane) * unit <= seconds;
}

function collapsedPlane(plane: Plane, fill: number): Plane {
  const properties: Properties = [
    { type: 'double', name: 'yFill', value: fillText(fill) },
    ...withoutProperty(plane.properties, 'yFill'),
  ];
  // A scan of 2.3 may do without units, a line may not.
  const units = plane.units ?? (plane.encoding.kind === 'time' ? undefined : '');
  return { ...plane, element: 'y', units, itemCount: 1, attributes: new Map(), properties };
}

/** As the Datums are printed, unless that would name another fill value. */
function fillText(fill: number): string {
  if (Number.isNaN(fill)) return 'NaN';
  const text = Number.isFinite(fill) ? datumText(fill) : String(fill);
  return isFill(Number(text), fill) && (fill === 0 || Number(text) !== 0) ? text : String(fill);
}
