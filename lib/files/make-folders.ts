/**
 * Makes a folder and those above it that are missing.
 *
 * Not left to the `recursive` option of `mkdirSync`: below /proc, where nothing can be made although every parent is there, Node
 * goes round in circles for ever, and a path of the configuration may be anything.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes what is missing of an absolute path; the folders made, the topmost first. Throws what the system throws. */
export function makeFolders(path: string, mode = 0o777): string[] {
  const missing: string[] = [];
  let folder = path;
  for (
    ;
    dirname(folder) !== folder && statSync(folder, { throwIfNoEntry: false }) === undefined;
    folder = dirname(folder)
  ) {
    missing.unshift(folder);
  }
  const made: string[] = [];
  for (const name of missing) {
    try {
      mkdirSync(name, { mode });
      made.push(name);
    } catch (error) {
      // Another process was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return made;
}
