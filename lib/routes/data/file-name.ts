/**
 * Names of the files in which clients keep data answers (server-protocol 4.6.3).
 */

/** What a name is made of. */
export interface NamedData {
  readonly id: string;
  /** Times as the reader gets them (before any widening to whole bins). */
  readonly begin: string;
  readonly end: string;
}

const LONGEST_NAME = 150;

/** `<last segment of the id>_<begin>_<end>.<extension>` in letters that need no quoting anywhere, 150 bytes at most. */
export function dataFileName(data: NamedData, extension: string): string {
  const last = data.id.slice(data.id.lastIndexOf('/') + 1);
  const times = `_${timePart(data.begin)}_${timePart(data.end)}.${extension}`;
  const safe = `${last}${times}`.replace(/[^A-Za-z0-9._+-]/g, '_');
  if (safe.length <= LONGEST_NAME) return safe;
  // The times tell files apart; the name gives way.
  return safe.slice(0, Math.max(0, LONGEST_NAME - times.length)) + safe.slice(-Math.min(times.length, LONGEST_NAME));
}

function timePart(text: string): string {
  return text.replaceAll(':', '-').replaceAll('.000000', '').replaceAll('.000Z', '').replaceAll('T00-00-00', '');
}
