/**
 * Checks das2 stream and packet headers as documents (stream-format 3).
 *
 * Contract: takes the root element that was parsed, reports, and answers what later packets depend on.
 */
import type { Encoding } from '../encoding.js';
import { findProperty, type Properties } from '../properties.js';
import { parseTime, us2000FromTime } from '../time.js';
import { intervalSeconds, type TimeUnits, timeUnits } from '../units.js';
import type { XmlElement } from '../xml.js';
import { type Findings, type Place, quoted } from './findings.js';
import { checkPlane, checkPropertiesElement, isPlaneElement, isSaid, type PlaneFacts } from './plane.js';
import { datumUnits } from './properties.js';
import type { RecordLayout, ValueColumn, XColumn } from './records.js';
import { checkAttributes, checkNoText } from './xml.js';

export interface StreamFacts {
  readonly version: string;
  /** Everything behind the stream header is deflated. */
  readonly deflated: boolean;
  readonly properties: Properties;
}

const STREAM_ATTRIBUTES: ReadonlySet<string> = new Set(['version', 'compression']);
const PACKET_ATTRIBUTES: ReadonlySet<string> = new Set(['group']);
const VERSIONS: ReadonlySet<string> = new Set(['2.1', '2.2', '2.3']);

/** Checks a `<stream>` element. */
export function checkStreamHeader(root: XmlElement, place: Place, findings: Findings): StreamFacts {
  checkAttributes(root, STREAM_ATTRIBUTES, 'unknown-attribute', place, findings);
  checkNoText(root, place, findings);
  const version = root.attributes.get('version') ?? '';
  if (version === '') findings.add('version-missing', place, 'the stream header has no version');
  else if (!VERSIONS.has(version)) findings.add('version-unknown', place, () => `the version is ${quoted(version)}`);
  const compression = (root.attributes.get('compression') ?? '').trim();
  const deflated = compression === 'deflate' || compression === 'zlib';
  if (compression === 'zlib') findings.add('compression-synonym', place, 'the compression is called zlib');
  if (!deflated && compression !== '' && compression !== 'none') {
    findings.add('compression-unknown', place, () => `the compression is ${quoted(compression)}`);
  }
  const properties: Properties[] = [];
  for (const child of root.children) {
    if (child.name !== 'properties' || properties.length > 0) {
      findings.add('unexpected-element', place, () => `<${child.name.slice(0, 40)}> stands in <stream>`);
    } else properties.push(checkPropertiesElement(child, place, findings));
  }
  return { version, deflated, properties: properties[0] ?? [] };
}

/** Checks a `<packet>` element; undefined when its records cannot be read. */
export function checkPacketHeader(
  root: XmlElement,
  stream: StreamFacts,
  place: Place,
  findings: Findings,
): RecordLayout | undefined {
  checkAttributes(root, PACKET_ATTRIBUTES, 'unknown-attribute', place, findings);
  checkNoText(root, place, findings);
  let properties: Properties | undefined;
  const planes: PlaneFacts[] = [];
  let unknown = false;
  for (const child of root.children) {
    const { name } = child;
    if (isPlaneElement(name)) planes.push(checkPlane({ ...child, name }, stream.version, place, findings));
    else if (name === 'properties' && properties === undefined)
      properties = checkPropertiesElement(child, place, findings);
    else {
      unknown = true;
      findings.add('unexpected-element', place, () => `<${name.slice(0, 40)}> stands in <packet>`);
    }
  }
  if (planes.length === 0) {
    if (!unknown) findings.add('no-planes', place, 'the packet has no planes');
    return undefined;
  }
  checkNames(planes, place, findings);
  checkShape(planes, place, findings);
  const packet = properties ?? [];
  const layout = layoutOf(planes, packet, stream.properties);
  if (layout === undefined || unknown) return undefined;
  checkTagWidth(layout, planes, [packet, stream.properties], { place, findings });
  return layout;
}

function checkNames(planes: readonly PlaneFacts[], place: Place, findings: Findings): void {
  const seen = new Set<string>();
  let unnamed = 0;
  for (const { name, label, element } of planes) {
    if (name === '') {
      if (element === 'x') continue;
      unnamed++;
      findings.add('name-missing', place, `${label} has no name`);
    } else if (seen.has(name)) findings.add('name-twice', place, `two planes are called ${quoted(name)}`);
    seen.add(name);
  }
  if (unnamed > 1) findings.add('client-name', place, `${unnamed} data planes have no name`);
}

function checkShape(planes: readonly PlaneFacts[], place: Place, findings: Findings): void {
  const count = { x: 0, y: 0, z: 0, yscan: 0, xscan: 0 };
  for (const plane of planes) if (!isDerived(plane)) count[plane.element]++;
  const scans = count.yscan + count.xscan;
  const wrong = (message: string): void => findings.add('packet-shape', place, message);
  if (count.x === 0) wrong('the packet has no x plane');
  else if (count.z > 0 && scans > 0) wrong('z and scans stand in one packet');
  else if (count.z > 0 && count.y !== 1) wrong(`a packet with z has one y, this one has ${count.y}`);
  else if (count.x === 1 && planes.length === 1) wrong('the packet has nothing beside x');
  else if (count.x > 1) findings.add('several-x', place, `the packet has ${count.x} x planes`);
  if (count.x > 0 && planes[0]?.element !== 'x') {
    findings.add('client-x-first', place, 'the first plane is not x');
  }
}

/** True for the minimum, maximum ... of another plane, which stand beside it in any packet (stream-format 12.5). */
function isDerived({ name, properties }: PlaneFacts): boolean {
  const source = findProperty(properties, 'source')?.value;
  return source !== undefined && source !== name && findProperty(properties, 'operation') !== undefined;
}

function layoutOf(planes: readonly PlaneFacts[], packet: Properties, stream: Properties): RecordLayout | undefined {
  const columns: ValueColumn[] = [];
  let x: XColumn | undefined;
  let size = 0;
  for (const plane of planes) {
    const { label, layout } = plane;
    if (layout === undefined) return undefined;
    const { encoding, itemCount } = layout;
    const { littleEndian, width } = encoding;
    const column = { label, encoding: { ...encoding, name: encoding.type }, littleEndian, offset: size, itemCount };
    columns.push(column);
    size += width * itemCount;
    if (plane.element !== 'x' || x !== undefined) continue;
    const monotonic = isSaid(['xMonotonic', 'monotonicXTags'], plane.properties, packet, stream);
    x = { column, monotonic, ...timeOf(plane, encoding) };
  }
  return { size, columns, x, family: 'das2' };
}

function timeOf({ units: name, base }: PlaneFacts, encoding: Encoding): Pick<XColumn, 'units' | 'toUs2000'> {
  let units: TimeUnits | undefined = timeUnits(name ?? '');
  if (encoding.kind === 'time') units ??= timeUnits('us2000');
  const seconds = intervalSeconds(name ?? '');
  if (base !== undefined && seconds !== undefined && units === undefined) {
    try {
      const zero = us2000FromTime(parseTime(base));
      return { units: timeUnits('us2000'), toUs2000: (value) => zero + value * seconds * 1e6 };
    } catch {
      // Reported by the check of the plane.
    }
  }
  const known = units;
  return { units: known, toUs2000: (value) => (known === undefined ? value : known.toUs2000(value)) };
}

function checkTagWidth(
  { x }: RecordLayout,
  planes: readonly PlaneFacts[],
  outer: readonly Properties[],
  { place, findings }: { readonly place: Place; readonly findings: Findings },
): void {
  if (x?.units === undefined) return;
  const own = planes.find(({ element }) => element === 'x')?.properties ?? [];
  const width = [own, ...outer].map((list) => findProperty(list, 'xTagWidth')).find((found) => found !== undefined);
  if (width === undefined) return;
  const units = datumUnits(width.value);
  if (units !== undefined && intervalSeconds(units) === undefined) {
    findings.add('x-tag-width-units', place, () => `x is a time, but xTagWidth is ${quoted(width.value)}`);
  }
}
