/**
 * Looks at files that may be missing, or not ours to read, where both mean the same: there is nothing.
 *
 * Contract: never throws. Where it matters why nothing is there (queue, cache, inventories), this is not the place to ask.
 */
import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';

/** Names in a folder, sorted; none if it cannot be listed. */
export function namesIfAny(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The text of a file; undefined if it cannot be read. */
export function textIfAny(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** What the system knows about a file; undefined if it cannot be reached. */
export function statsIfAny(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
