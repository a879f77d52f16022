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
import { fillRange } from '../../stream/fill.js';
import { type PacketHeader, type Plane, planeSize, recordSize, type StreamHeader } from '../../stream/header.js';
import { planeFill } from '../../stream/plane-fill.js';
import { idText, RECORD_LIMIT } from '../../stream/tag.js';
import { addedStatistics, companionPlane, companionStatistic, markedAverage, type Statistic } from './companions.js';
import { isTimePlane } from './time-axis.js';
import { centreEncoding } from './time-type.js';
import { collapsedPlane, isShortWaveform } from './waveform.js';

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

/** A plane of the input, what its average is written into, and the planes that are added to it. */
interface OutputPlanes {
  readonly plane: Plane;
  readonly average: Plane;
  readonly companions: readonly { readonly statistic: Statistic; readonly plane: Plane }[];
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
  const where = `packet type ${idText(id)}`;
  const x = onlyX(header.planes, where);
  const outputs = header.planes.map((plane) => outputPlanes(plane, header, stream, options));
  const averages = outputs.map(({ average }) => average);
  const planes = [...averages, ...outputs.flatMap(({ companions }) => companions.map(({ plane }) => plane))];
  const output: PacketHeader = { ...header, planes };
  const outputSize = recordSize(output);
  const refusal = refusalOf(planes.length, outputSize);
  if (refusal !== undefined) return new PlanRefusal(`${where} would have ${refusal}`);

  const inputOffsets = offsetsOf(header.planes);
  const outputOffsets = offsetsOf(planes);
  const column = ({ plane, average, companions }: OutputPlanes): ColumnPlan => {
    const fill = planeFill(plane, header, stream);
    return {
      plane,
      offset: inputOffsets.get(plane) as number,
      fill,
      ...fillRange(fill),
      collapsed: average.element !== plane.element,
      companionOf: options.statistics.length === 0 ? undefined : companionStatistic(plane, header.planes),
      average,
      averageOffset: outputOffsets.get(average) as number,
      companions: companions.map((added) => ({ ...added, offset: outputOffsets.get(added.plane) as number })),
    };
  };
  const xOutput = averages[header.planes.indexOf(x)] as Plane;
  return {
    id,
    output,
    outputSize,
    x,
    xOffset: inputOffsets.get(x) as number,
    xOutput,
    xOutputOffset: outputOffsets.get(xOutput) as number,
    columns: outputs.filter(({ plane }) => plane !== x).map(column),
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

/** What is too much of an output (12.6, 2.5); undefined if nothing is. */
function refusalOf(planes: number, size: number): string | undefined {
  if (planes > PLANE_LIMIT) {
    return `${planes} planes with the extra ones asked for, at most ${PLANE_LIMIT} are possible`;
  }
  return size > RECORD_LIMIT ? `records of ${size} bytes, at most ${RECORD_LIMIT} are possible` : undefined;
}

/** Where each plane begins in a record. */
function offsetsOf(planes: readonly Plane[]): ReadonlyMap<Plane, number> {
  const offsets = new Map<Plane, number>();
  let next = 0;
  for (const plane of planes) {
    offsets.set(plane, next);
    next += planeSize(plane);
  }
  return offsets;
}

function outputPlanes(plane: Plane, header: PacketHeader, stream: StreamHeader, options: PlanOptions): OutputPlanes {
  if (plane.element === 'x') return { plane, average: reducedX(plane, options), companions: [] };
  const average = averagePlane(plane, header, stream, options);
  const companions = addedStatistics(plane, header.planes, options.statistics).map((statistic) => ({
    statistic,
    plane: companionPlane(plane, average, statistic),
  }));
  return { plane, average, companions };
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
  const output = collapses ? collapsedPlane(plane, planeFill(plane, header, stream)) : plane;
  // Time text is always UTC (5.4).
  const average = output.encoding.kind === 'time' ? { ...output, units: 'UTC' } : output;
  const isMarked = options.marksAverage && companionStatistic(plane, header.planes) === undefined;
  return isMarked ? markedAverage(average) : average;
}
