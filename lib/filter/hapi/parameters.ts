/**
 * das2 planes as HAPI parameters: names, units, fill, bins (server-internals 6.4).
 *
 * Contract: parameter 0 is the time. Names are unique whatever the case of letters, and identifiers; the name in the stream is kept as
 * `x_das2_name` where it differs. Every number is a `double`, every scan an array with one entry of bins; no `null` where the schema wants
 * text. Labels lose font codes and macros, and units that are told beside them. Objects are ready for `JSON.stringify`.
 */
import { Das2Error } from '../../error.js';
import { isFill } from '../../stream/fill.js';
import { type PacketHeader, type Plane, planeSize, type StreamHeader } from '../../stream/header.js';
import { planeFill } from '../../stream/plane-fill.js';
import { effectiveProperty } from '../../stream/properties.js';
import { scanTags } from '../../stream/scan-tags.js';

/** Most values of a record that is a row of a table. */
export const COLUMN_LIMIT = 1_000_000;

/** Fill of parameters whose planes have none that a number can show. */
const DEFAULT_FILL_TEXT = '-1e31';

export interface HapiBins {
  readonly name: string;
  readonly units: string;
  readonly centers: readonly number[];
}

/** One entry of `parameters` in an info document. */
export interface HapiParameter {
  readonly name: string;
  readonly type: 'isotime' | 'double';
  readonly units: string | null;
  readonly fill: string | null;
  readonly length?: number;
  readonly size?: readonly number[];
  readonly label?: string;
  readonly description?: string;
  readonly bins?: readonly HapiBins[];
  readonly x_das2_name?: string;
}

/** A parameter and where its values stand in a record. */
export interface HapiColumn {
  readonly parameter: HapiParameter;
  readonly plane: Plane;
  /** Place of the first value in a record. */
  readonly offset: number;
  /** Fill of the plane in the stream. */
  readonly fill: number;
}

export interface HapiColumnOptions {
  /** Name of the time parameter. */
  readonly timeName: string;
  /** Characters of a time. */
  readonly timeLength: number;
  /** Fill is written as this text instead of the plane's own value. */
  readonly fillText?: string;
}

/**
 * The columns of a packet type, the time first. Throws `packetHeader` unless it has exactly one x, `packetTooLarge` where a row would have more
 * than `COLUMN_LIMIT` values.
 */
export function hapiColumns(header: PacketHeader, stream: StreamHeader, options: HapiColumnOptions): HapiColumn[] {
  if (header.planes.filter(({ element }) => element === 'x').length !== 1) {
    throw new Das2Error('packetHeader', 'a packet type must have one <x> plane to be a table');
  }
  const values = valueCount(header);
  if (values > COLUMN_LIMIT) {
    throw new Das2Error('packetTooLarge', `a record of ${values} values is no table, at most ${COLUMN_LIMIT} are`);
  }
  const names = new UniqueNames(options.timeName);
  const columns: HapiColumn[] = [];
  const unnamed = { value: 0, scan: 0 };
  let time: HapiColumn | undefined;
  let offset = 0;
  for (const plane of header.planes) {
    const place = offset;
    offset += planeSize(plane);
    if (plane.element === 'x') {
      time = { parameter: timeParameter(plane, options), plane, offset: place, fill: Number.NaN };
      continue;
    }
    const name = names.unique(parameterName(plane, unnamed));
    columns.push({
      parameter: dataParameter(name, plane, header, stream, options),
      plane,
      offset: place,
      fill: planeFill(plane, header, stream),
    });
  }
  return [time as HapiColumn, ...columns];
}

/** Values of a record, its time counted. */
export function valueCount({ planes }: PacketHeader): number {
  return planes.reduce((sum, { itemCount }) => sum + itemCount, 0);
}

/**
 * The columns that a list of names selects, in the order of the header and the time always first. Names are those of the parameters or
 * of the planes, exactly; no names means all. Throws `plane` for a name that nothing has.
 */
export function selectColumns(columns: readonly HapiColumn[], names: readonly string[]): HapiColumn[] {
  if (names.length === 0) return [...columns];
  const has = (column: HapiColumn, index: number, name: string): boolean =>
    column.parameter.name === name ||
    (column.plane.name !== '' && column.plane.name === name) ||
    (index === 0 && name.toLowerCase() === 'time');
  const unknown = names.find((name) => !columns.some((column, index) => has(column, index, name)));
  if (unknown !== undefined) {
    const known = columns.map(({ parameter }) => parameter.name).join(', ');
    throw new Das2Error(
      'plane',
      `there is no parameter '${unknown.slice(0, 80)}'; the stream has ${known.slice(0, 1000)}`,
      { data: { parameter: unknown } },
    );
  }
  return columns.filter((column, index) => index === 0 || names.some((name) => has(column, index, name)));
}

function timeParameter(plane: Plane, { timeName, timeLength }: HapiColumnOptions): HapiParameter {
  const own = plane.name ?? '';
  return {
    name: timeName,
    type: 'isotime',
    units: 'UTC',
    fill: null,
    length: timeLength,
    ...(own === '' || own === timeName ? {} : { x_das2_name: own }),
  };
}

function dataParameter(
  name: string,
  plane: Plane,
  header: PacketHeader,
  stream: StreamHeader,
  options: HapiColumnOptions,
): HapiParameter {
  const text = (property: string): string => plainText(effectiveProperty(property, plane, header, stream)?.value ?? '');
  const axis = plane.element === 'y' || plane.element === 'xscan' ? 'y' : 'z';
  const units = plane.units?.trim() ?? '';
  const isTime = plane.encoding.kind === 'time';
  const label = withoutUnits(text(`${axis}Label`), isTime ? 'UTC' : units);
  const description = text(`${axis}Summary`);
  const own = plane.name ?? '';
  return {
    name,
    type: isTime ? 'isotime' : 'double',
    units: isTime ? 'UTC' : units === '' ? null : units,
    fill: isTime ? null : (options.fillText ?? fillText(planeFill(plane, header, stream))),
    ...(isTime ? { length: options.timeLength } : {}),
    ...(isScan(plane) ? { size: [plane.itemCount], bins: [bins(plane, text('yLabel'))] } : {}),
    ...(label === '' ? {} : { label }),
    ...(description === '' ? {} : { description }),
    ...(own === '' || own === name ? {} : { x_das2_name: own }),
  };
}

/** True for planes with several values. */
export function isScan({ element }: Plane): boolean {
  return element === 'yscan' || element === 'xscan';
}

function bins(plane: Plane, label: string): HapiBins {
  const units = plane.attributes.get(plane.element === 'yscan' ? 'yUnits' : 'xUnits')?.trim() ?? '';
  const own = plane.element === 'yscan' ? withoutUnits(label, units) : '';
  return {
    name: own === '' ? (plane.element === 'yscan' ? 'yTags' : 'xOffsets') : own,
    units: units === '' ? 'dimensionless' : units,
    centers: scanTags(plane),
  };
}

/** The fill as a number that CSV and JSON can hold. */
function fillText(fill: number): string {
  return !Number.isFinite(fill) || isFill(fill, -1e31) ? DEFAULT_FILL_TEXT : String(fill);
}

function parameterName(plane: Plane, unnamed: { value: number; scan: number }): string {
  const raw = plane.name?.trim() ?? '';
  if (raw === '') return isScan(plane) ? `YSCAN_${++unnamed.scan}` : `Y_${++unnamed.value}`;
  const clean = raw.replace(/[^A-Za-z0-9_]/g, '_');
  return /^[A-Za-z_]/.test(clean) ? clean : `_${clean}`;
}

/** Names that differ in more than the case of their letters: later ones of a name get a number behind it. */
class UniqueNames {
  private readonly used = new Set<string>();
  /** Number that the next one of a name tries first. */
  private readonly next = new Map<string, number>();

  constructor(first: string) {
    this.used.add(first.toLowerCase());
  }

  unique(wanted: string): string {
    const key = wanted.toLowerCase();
    let name = wanted;
    let n = this.next.get(key) ?? 2;
    for (; this.used.has(name.toLowerCase()); n++) name = `${wanted}_${n}`;
    this.next.set(key, n);
    this.used.add(name.toLowerCase());
    return name;
  }
}

/** A label without font codes and macros (stream-format 4.5). */
export function plainText(label: string): string {
  return (
    label
      // A second brace ends the look for the end of the first, or many of them would take the square of their number.
      .replace(/%\{[^{}]*\}/g, '')
      .replace(/!(.)/gs, (_, code: string) => (code === '!' ? '!' : code.toLowerCase() === 'c' ? ' ' : ''))
      .replace(/\s+/g, ' ')
      .trim()
  );
}

/** A plain label without its units in brackets at the end, which clients add by themselves, and without what macros leave behind. */
export function withoutUnits(label: string, units: string): string {
  const open = Math.max(label.lastIndexOf('('), label.lastIndexOf('['));
  const inside = /^[^)\]]*(?=[)\]]$)/.exec(label.slice(open + 1))?.[0];
  if (open < 0 || inside === undefined) return label;
  // Raised figures have lost their codes by now: `m!a-1!n` has become what `m**-1` is without its mark.
  const bare = (text: string): string => text.replace(/\*\*|[\s^.*]/g, '');
  return bare(inside) === '' || bare(inside) === bare(units) ? label.slice(0, open).trimEnd() : label;
}
