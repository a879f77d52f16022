/**
 * What `server=dsdf` tells about a source: names and values of the attributes, in order (server-protocol 3.2). Escaping and
 * packet framing belong to the route.
 *
 * Left out are commands, paths and rules of access, and keys that are no XML names. Flags are `1` or `0`; das1 labels get the
 * names that clients look up; a das1 source is announced as a das2 stream, since that is what is delivered.
 */
import { isCommandKey, isTrue, readRequiresInterval, streamKind } from './definition-keys.js';
import type { Dsdf } from './dsdf.js';
import { type SourceMacroContext, sourceMacros } from './macros.js';

const OMITTED_PREFIXES = [
  'reader',
  'reducer',
  'compressor',
  'readAccess',
  'groupAccess',
  'hapi',
  'subSource',
  'exampleQuery',
  'paramValInfo',
];
const OMITTED = new Set([
  'cacheReader',
  'coverageReducer',
  'substitutions',
  'hidden',
  'dropParams',
  'recordPath',
  'recordInventory',
  'spaseFile',
]);
const FLAGS = new Set(['das2Stream', 'qstream', 'requiresInterval']);
const XML_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** True for keys that must never leave the server. */
export function isPrivateKey(key: string): boolean {
  if (OMITTED.has(key) || isCommandKey(key)) return true;
  for (const prefix of OMITTED_PREFIXES) if (key.startsWith(prefix)) return true;
  return false;
}

/**
 * The attributes of a definition, unescaped. Only delivered values are expanded, so that a reader which needs a request
 * parameter does not stand in the way. Errors: those of macros.ts.
 */
export function descriptionAttributes(definition: Dsdf, context: SourceMacroContext): ReadonlyMap<string, string> {
  const macros = sourceMacros(definition, context);
  const attributes = new Map<string, string>();
  for (const key of definition.entries.keys()) {
    const name = attributeName(key);
    if (isPrivateKey(key) || name === undefined) continue;
    const value = macros.text(key) ?? '';
    attributes.set(name, FLAGS.has(key) ? (isTrue(value) ? '1' : '0') : printable(value));
  }
  const kind = streamKind(attributes);
  if (kind === 'das1') {
    attributes.set('das2Stream', '1');
    if (readRequiresInterval(attributes, kind)) attributes.set('requiresInterval', '1');
  }
  return attributes;
}

/** The attribute for a key; undefined if it cannot be one. */
function attributeName(key: string): string | undefined {
  if (XML_NAME.test(key)) return key;
  return key.startsWith('label(') ? labelName(key) : undefined;
}

function labelName(key: string): string | undefined {
  const label = /^label\((\d+)\)$/.exec(key)?.[1];
  if (label === undefined) return undefined;
  return Number(label) === 0 ? 'label' : `plane_${Number(label)}.label`;
}

/** Without control characters and what XML 1.0 forbids; a tab, which attributes cannot keep, becomes a blank. */
function printable(value: string): string {
  return value.replaceAll('\t', ' ').replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '');
}
