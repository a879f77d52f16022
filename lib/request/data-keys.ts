/**
 * The names that parameters of the das2.2 interface go by: today's, those of das2.3 and those of older clients (server-protocol 4.1, 4.3).
 * In each list the first that is given counts.
 */

/** Spellings of the two bounds, a family a row; begin and end must be of one family. */
export const BOUND_FAMILIES = [
  { begin: ['start_time'], end: ['end_time', 'stop_time'] },
  { begin: ['time.min'], end: ['time.max'] },
  { begin: ['reader.x.min'], end: ['reader.x.max'] },
  { begin: ['read.time.min'], end: ['read.time.max'] },
  { begin: ['start'], end: ['stop'] },
] as const;

/** The bin width, in seconds. */
export const RESOLUTION_KEYS = ['resolution', 'time.res', 'reducer.x.resolution', 'bin.time.max'] as const;
/** Seconds between the values of a source that makes them. */
export const INTERVAL_KEYS = ['interval', 'time.int', 'reader.x.interval', 'read.time.inter'] as const;
/** Parameters for the reader. */
export const PARAMS_KEYS = ['params', 'reader.params', 'read.opts'] as const;
/** Values as text. */
export const ASCII_KEYS = ['ascii', 'text'] as const;

/** Names of the planes that are wanted, with commas between (ours). */
export const PLANES_KEYS = ['planes'] as const;
/** Delimited text in place of a stream (ours). */
export const CSV_KEYS = ['csv'] as const;

/** True for every key that means something to the das2.2 interface; `server` and `dataset` included. */
export function isRecognisedKey(key: string): boolean {
  for (const { begin, end } of BOUND_FAMILIES) if (has(begin, key) || has(end, key)) return true;
  if (key === 'server' || key === 'dataset') return true;
  return PARAMETER_NAMES.some((list) => has(list, key)) || flagOf(key) !== undefined;
}

/** The word that the check box of a form adds to `params`: FLAG of `params~FLAG` (server-protocol 6.5); undefined for other keys. */
export function flagOf(key: string): string | undefined {
  const tilde = key.indexOf('~');
  return tilde >= 0 && has(PARAMS_KEYS, key.slice(0, tilde)) ? key.slice(tilde + 1) : undefined;
}

/** The names of each parameter besides the bounds of time. */
export const PARAMETER_NAMES = [RESOLUTION_KEYS, INTERVAL_KEYS, PARAMS_KEYS, ASCII_KEYS, PLANES_KEYS, CSV_KEYS];

function has(keys: readonly string[], key: string): boolean {
  return keys.includes(key);
}
