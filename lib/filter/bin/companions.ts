/**
 * The planes that a reduction adds to a data plane, minimum, maximum, deviation and count, and how they are known again when a stream is
 * reduced once more (stream-format 12.5, 13.12).
 *
 * Contract: a companion says of which plane it is and what it holds (`source`, `operation`), and its name says the same. It is one
 * only where that plane is in the packet too.
 */
import { parseEncoding } from '../../stream/encoding.js';
import type { Plane } from '../../stream/header.js';
import { findProperty, withProperty } from '../../stream/properties.js';

/** What a companion plane holds of each bin. */
export type Statistic = 'minimum' | 'maximum' | 'deviation' | 'count';

const COMPANIONS: Readonly<Record<Statistic, { readonly suffix: string; readonly operation: string }>> = {
  minimum: { suffix: '.min', operation: 'BIN_MIN' },
  maximum: { suffix: '.max', operation: 'BIN_MAX' },
  deviation: { suffix: '.stddev', operation: 'BIN_STDDEV' },
  count: { suffix: '.count', operation: 'BIN_COUNT' },
};

/** What this plane holds if it is a companion that an earlier reduction has added to another plane of its packet. */
export function companionStatistic(plane: Plane, planes: readonly Plane[]): Statistic | undefined {
  const source = findProperty(plane.properties, 'source')?.value;
  const operation = findProperty(plane.properties, 'operation')?.value;
  if (source === undefined || !planes.some((other) => other !== plane && other.name === source)) return undefined;
  const found = Object.entries(COMPANIONS).find(([, companion]) => companion.operation === operation);
  return found !== undefined && plane.name === `${source}${found[1].suffix}` ? (found[0] as Statistic) : undefined;
}

/** Which of these companions a plane gets: none that is there already, and none for what is a companion itself. */
export function addedStatistics(
  plane: Plane,
  planes: readonly Plane[],
  statistics: readonly Statistic[],
): readonly Statistic[] {
  if (companionStatistic(plane, planes) !== undefined) return [];
  return statistics.filter((statistic) => {
    const name = `${plane.name ?? ''}${COMPANIONS[statistic].suffix}`;
    return !planes.some((other) => other.name === name);
  });
}

/** The companion of a plane whose average is written into `average`. */
export function companionPlane(plane: Plane, average: Plane, statistic: Statistic): Plane {
  const { suffix, operation } = COMPANIONS[statistic];
  const companion = derived(statistic === 'count' ? countPlane(average) : average, plane.name, operation);
  return { ...companion, name: `${plane.name ?? ''}${suffix}` };
}

/** The plane of an average that says that it is one. */
export function markedAverage(average: Plane): Plane {
  return derived(average, average.name, 'BIN_AVG');
}

function derived(plane: Plane, source: string | undefined, operation: string): Plane {
  const properties = withProperty(plane.properties, { type: '', name: 'source', value: source ?? '' });
  return { ...plane, properties: withProperty(properties, { type: '', name: 'operation', value: operation }) };
}

/** A plane of the same shape for counts: dimensionless, without fill (13.12). */
function countPlane(average: Plane): Plane {
  const { kind, littleEndian } = average.encoding;
  const type = kind === 'real4' || kind === 'real8' ? `${littleEndian ? 'little_endian' : 'sun'}_real4` : 'ascii14';
  const properties = average.properties.filter(({ name }) => name !== 'yFill' && name !== 'zFill' && name !== 'fill');
  return { ...average, encoding: parseEncoding(type), units: '', properties };
}
