/**
 * Looks at blocks without reading them: size, time, side file.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** How the names of side files end. */
export const SIDE = '.json';

/** Name of the side file of a block file's name. */
export function sideName(name: string): string {
  return `.${name}${SIDE}`;
}

/** What a look at a block tells without reading it. */
export interface BlockFacts {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
  /** Text of its side file; undefined if there is none. */
  readonly sideText: string | undefined;
}

/**
 * Looks at a block in a folder; undefined if there is no such plain file, or none that may be looked at: then `refused` hears the code of the
 * system (`EACCES`).
 */
export function lookAtBlock(
  folder: string,
  name: string,
  refused?: (code: string | undefined) => void,
): BlockFacts | undefined {
  try {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    if (found === undefined || !found.isFile()) return undefined;
    return { size: found.size, changedAt: found.mtimeMs, sideText: readSide(folder, name) };
  } catch (error) {
    refused?.((error as NodeJS.ErrnoException).code);
    return undefined;
  }
}

/** The text of a block's side file; undefined if there is none, '' if it cannot be read. */
export function readSide(folder: string, name: string): string | undefined {
  try {
    return readFileSync(join(folder, sideName(name)), 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : '';
  }
}
