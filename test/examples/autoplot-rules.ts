/**
 * What the Java client demands of headers beyond the format itself (stream-format 17), as a list of complaints.
 */
import type { PacketHeader, StreamHeader } from '../../lib/stream/header.js';
import type { Properties } from '../../lib/stream/properties.js';

const NUMBER = '[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?';
/** Type words as the client spells them, and what a value of the type looks like. */
const VALUE_FORMS: Readonly<Record<string, RegExp>> = {
  '': /^/,
  String: /^/,
  double: new RegExp(`^${NUMBER}$`),
  int: /^[-+]?\d+$/,
  boolean: /^(?:true|false)$/,
  Datum: new RegExp(`^${NUMBER} \\S.*$`),
  DatumRange: new RegExp(`^${NUMBER} to ${NUMBER} \\S.*$`),
};

export function autoplotComplaints(header: StreamHeader, packetHeaders: readonly PacketHeader[]): readonly string[] {
  const complaints = propertyComplaints('stream', header.properties);
  for (const { planes, properties } of packetHeaders) {
    complaints.push(...propertyComplaints('packet', properties));
    if (planes[0]?.element !== 'x') complaints.push('x is not the first plane');
    const names = planes.map((plane) => plane.name ?? '');
    for (const name of names) {
      if (names.filter((other) => other === name).length > 1) complaints.push(`two planes are called '${name}'`);
    }
    for (const plane of planes) {
      complaints.push(...propertyComplaints(plane.name ?? plane.element, plane.properties));
      const { attributes } = plane;
      if (plane.element !== 'yscan' || attributes.has('yTags')) continue;
      if (!(Number(attributes.get('yTagInterval')) > 0)) complaints.push(`${plane.name}: no yTagInterval`);
      if (!Number.isFinite(Number.parseFloat(attributes.get('yTagMin') ?? '')))
        complaints.push(`${plane.name}: no yTagMin`);
    }
  }
  return complaints;
}

function propertyComplaints(owner: string, properties: Properties): string[] {
  return properties
    .filter(({ type, value }) => !VALUE_FORMS[type]?.test(value))
    .map(({ type, name, value }) => `${owner}: ${type}:${name}="${value}"`);
}
