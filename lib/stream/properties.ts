/**
 * Properties of a stream, a packet or a plane: an ordered list of `[Type:]name="value"` that is passed on untouched.
 *
 * Contract: type word and value are kept as text, exactly as they were read (stream-format 4.2); nobody re-types, re-formats or
 * drops them here. Look-up is by name alone, without the type word. Changing a list makes a new one.
 *
 * Grammar: stream-format 4.1. Cascade: 4.3.
 */

export interface Property {
  /** The type word in front of the colon as it was written; empty when there is none (String). */
  readonly type: string;
  readonly name: string;
  /** The value after XML decoding. */
  readonly value: string;
}

export type Properties = readonly Property[];

/** Anything that carries properties: stream header, packet header or plane. */
export interface PropertyOwner {
  readonly properties: Properties;
}

/** A property from the attribute name in which it came: `Datum:xTagWidth` has the type word `Datum`. */
export function propertyFromAttribute(attribute: string, value: string): Property {
  const colon = attribute.indexOf(':');
  // A colon in front divides nothing: without it the rest might be no name in XML.
  return colon < 1
    ? { type: '', name: attribute, value }
    : { type: attribute.slice(0, colon), name: attribute.slice(colon + 1), value };
}

/** Longest list that is looked through from its front. */
const SHORT_LIST = 32;

/** First properties by name of longer lists: thousands of planes may look into a list of thousands. */
const indexes = new WeakMap<Properties, ReadonlyMap<string, Property>>();

/** The first property of that name, whatever its type word. */
export function findProperty(properties: Properties, name: string): Property | undefined {
  if (properties.length <= SHORT_LIST) return properties.find((property) => property.name === name);
  let index = indexes.get(properties);
  if (index === undefined) {
    // Later ones of a name give way to earlier ones.
    index = new Map(properties.map((property) => [property.name, property] as const).reverse());
    indexes.set(properties, index);
  }
  return index.get(name);
}

/**
 * The property seen from a plane: owners are given from the inside out (plane, packet header, stream header) and the first hit
 * wins; nothing is merged (stream-format 4.3).
 */
export function effectiveProperty(name: string, ...owners: readonly PropertyOwner[]): Property | undefined {
  for (const owner of owners) {
    const found = findProperty(owner.properties, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The list with this property in the place of the first one of its name, or at the end. Other ones of its name vanish. */
export function withProperty(properties: Properties, property: Property): Properties {
  const at = properties.findIndex((other) => other.name === property.name);
  if (at < 0) return [...properties, property];
  return properties.flatMap((other, index) => {
    if (index === at) return [property];
    return other.name === property.name ? [] : [other];
  });
}

/** The list without the properties of that name. */
export function withoutProperty(properties: Properties, name: string): Properties {
  return properties.filter((property) => property.name !== name);
}

/** Name of the property that says which program made a stream. */
export const SOURCE_ID = 'sourceId';

/** That property for a program. */
export function sourceId(program: string): Property {
  return { type: '', name: SOURCE_ID, value: program };
}
