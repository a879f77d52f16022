/**
 * Which packet types of a stream are one HAPI table, and what describes it (server-internals 6.4).
 *
 * Contract: types with the same names, units, sizes and bins are one table, whatever their encodings, ids and fill values. A table is known
 * by its signature, a text that can be made from its parameters alone, so that a server recognises in later streams what it has described.
 */
import type { PacketHeader, Plane, StreamHeader } from '../../stream/header.js';
import { COLUMN_LIMIT, type HapiColumn, type HapiParameter, hapiColumns, valueCount } from './parameters.js';
import { tableTimeWidth } from './table-rows.js';
import { defaultDecimals } from './time.js';

/** Decimals of the second in HAPI times. */
export type HapiDecimals = 3 | 6 | 9;

/** The x plane of a packet type; undefined if there is none or more than one, or if rows would be too wide: such a type is no table. */
export function timePlane(header: PacketHeader): Plane | undefined {
  const planes = header.planes.filter(({ element }) => element === 'x');
  return planes.length === 1 && valueCount(header) <= COLUMN_LIMIT ? planes[0] : undefined;
}

/**
 * The columns of a packet type as a HAPI server sends them; without `decimals` times have 3, or as many as the plane deserves.
 * Throws `packetHeader` unless the type has exactly one x.
 */
export function hapiTable(header: PacketHeader, stream: StreamHeader, decimals?: HapiDecimals): HapiColumn[] {
  const x = timePlane(header);
  const shown = decimals ?? (x === undefined ? 3 : defaultDecimals(x));
  return hapiColumns(header, stream, { timeName: 'Time', timeLength: 21 + shown });
}

/** The columns in the old form of `das2_hapi`: times as wide as the plane has them and without a Z, fill is `NaN`. */
export function oldTable(header: PacketHeader, stream: StreamHeader): HapiColumn[] {
  const own = timePlane(header)?.name ?? '';
  const table = hapiColumns(header, stream, {
    timeName: own === '' ? 'time' : own,
    timeLength: 0,
    fillText: 'NaN',
  });
  const length = tableTimeWidth(table[0] as HapiColumn) - 1;
  return table.map((column) =>
    column.parameter.type === 'isotime'
      ? {
          ...column,
          parameter: { ...column.parameter, length: column === table[0] ? length : column.plane.encoding.width - 1 },
        }
      : column,
  );
}

/** What tells tables apart: the columns, whatever their encodings. */
export function tableSignature(parameters: readonly HapiParameter[]): string {
  return JSON.stringify(parameters.map(({ name, units, size, bins, type }) => [name, units, size, bins, type]));
}

/** The parameters of columns. */
export function parametersOf(columns: readonly HapiColumn[]): HapiParameter[] {
  return columns.map(({ parameter }) => parameter);
}
