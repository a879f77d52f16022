/**
 * The model of stream and packet headers (das2 2.2 and 2.3), shared by reader, writer and every filter.
 *
 * Contract: the model is read only; a filter makes changed copies with object spread. Everything that a filter does not own is
 * kept as text: properties, units, tag lists, attributes it has never heard of. Only what decides the layout of a record is
 * interpreted: `type` (see encoding.ts) and `nitems`.
 *
 * This file holds no XML: parse in header-parser.ts, write in header-writer.ts. Rules: stream-format 3.
 */
import type { Encoding } from './encoding.js';
import type { Properties, PropertyOwner } from './properties.js';

export interface StreamHeader extends PropertyOwner {
  /** As it was written; empty when the attribute is missing. Filters write `2.2`. */
  readonly version: string;
  /** True when everything after this header is deflated. The reader inflates, so filters write `none`. */
  readonly compressed: boolean;
  readonly properties: Properties;
}

export type PlaneElement = 'x' | 'y' | 'z' | 'yscan' | 'xscan';

export interface Plane extends PropertyOwner {
  readonly element: PlaneElement;
  /** Undefined when the attribute is missing, which is common on `<x>`. */
  readonly name: string | undefined;
  readonly encoding: Encoding;
  /**
   * Units of the values as text: attribute `units` of x, y, z; `zUnits` of yscan; `yUnits` of xscan. Undefined when missing, which
   * is legal for `timeN` planes and xscan only.
   */
  readonly units: string | undefined;
  /** Values per record: 1, or `nitems` of a scan. */
  readonly itemCount: number;
  /** Every other attribute as text in the order of the document: `yUnits`, `yTags`, `yTagInterval`, `base`, ... */
  readonly attributes: ReadonlyMap<string, string>;
  readonly properties: Properties;
}

export interface PacketHeader extends PropertyOwner {
  /** Label shared by packet types of one data set; undefined when missing. */
  readonly group: string | undefined;
  /** In wire order. At least one. */
  readonly planes: readonly Plane[];
  readonly properties: Properties;
}

/** Bytes of all values of one plane in one record. */
export function planeSize(plane: Plane): number {
  return plane.encoding.width * plane.itemCount;
}

/** Bytes of one record without its four byte tag. */
export function recordSize(header: PacketHeader): number {
  let size = 0;
  for (const plane of header.planes) size += planeSize(plane);
  return size;
}

/** The attribute that names the units of the values of such a plane. */
export function unitsAttribute(element: PlaneElement): 'units' | 'zUnits' | 'yUnits' {
  if (element === 'yscan') return 'zUnits';
  return element === 'xscan' ? 'yUnits' : 'units';
}
