/**
 * What single keys of a definition mean, without the rest of a source (server-protocol 5.3): flags, commands, the kind of stream.
 */

/** What the reader writes; `das1` readers are put behind the up-converter and then give a das2 stream. */
export type StreamKind = 'das2' | 'qstream' | 'das1';

const COMMAND_KEYS = new Set([
  'reader',
  'reducer',
  'cacheReader',
  'coverageReducer',
  'readerVersion',
  'readerCmd',
  'reducerCmd',
  'recordInventory',
]);

/** True for `1`, `true`, `yes`, `on` in any case: the boolean keys of DSDFs (server-protocol 5.3). */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^\s*(?:1|true|yes|on)\s*$/i.test(value);
}

/** True for `0`, `false`, `no`, `off` in any case. */
export function isFalse(value: string | undefined): boolean {
  return value !== undefined && isFalseWord(value);
}

// Apart, so that the expression is made only where there is a value.
function isFalseWord(value: string): boolean {
  return /^\s*(?:0|false|no|off)\s*$/i.test(value);
}

/** True if a `hidden` key hides: there, and not `0`, `false`, `no` (server-protocol 3.1). */
export function hides(value: string | undefined): boolean {
  return value !== undefined && !isFalse(value);
}

/** True for keys whose values are run as commands. */
export function isCommandKey(key: string): boolean {
  return COMMAND_KEYS.has(key) || key.startsWith('readerTrans');
}

/** What the reader writes. A file that claims both is taken for a Q stream, as clients do. */
export function streamKind(entries: ReadonlyMap<string, string>): StreamKind {
  if (isTrue(entries.get('qstream'))) return 'qstream';
  return isTrue(entries.get('das2Stream')) ? 'das2' : 'das1';
}

/** Whether the reader takes an interval: as the file says; a das1 source with `items` and `form = x_multi_y` does. */
export function readRequiresInterval(entries: ReadonlyMap<string, string>, kind: StreamKind): boolean {
  const value = entries.get('requiresInterval');
  if (value !== undefined) return isTrue(value);
  return kind === 'das1' && entries.has('items') && entries.get('form')?.trim() === 'x_multi_y';
}
