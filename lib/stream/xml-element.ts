/**
 * What the readers of XML make of a document: a plain tree.
 */

export interface XmlElement {
  readonly name: string;
  /** In the order of the document; the parser refuses doubles. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Character data directly inside this element, joined. */
  readonly text: string;
}

/** An element that is still being read. */
export interface OpenElement extends XmlElement {
  readonly attributes: Map<string, string>;
  readonly children: OpenElement[];
  text: string;
}
