/**
 * Reads a DSDF from disk: plain files only (a pipe or device would hang the server), 1 MiB at most, UTF-8. Bytes that are no
 * UTF-8 are read as ISO-8859-1, which old files use, with a warning.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { fileText, joinBytes } from '../../bytes.js';
import { isDas2Error } from '../../error.js';
import { definitionError } from './definition-error.js';
import { type Dsdf, parseDsdf } from './dsdf.js';
import { SUFFIX } from './source-id.js';

const LARGEST_BYTES = 1 << 20;

/** Reads and parses a definition. `name` stands for the file in errors and warnings. Errors: `sourceDefinition`. */
export function readDefinition(path: string, name: string, warn?: (line: string) => void): Dsdf {
  const text = fileText(readPlainFile(path, name), (line) => warn?.(`${name}: ${line}`));
  return parseDsdf(text, { name, ...(warn && { warn }) });
}

/** The parsed definition of a source that the tree has found; its warnings go to the log of the tree. Errors: `sourceDefinition`. */
export function definitionOf(
  tree: { readonly log: (line: string) => void },
  found: { readonly id: string; readonly file: string },
): Dsdf {
  return readDefinition(found.file, `${found.id}${SUFFIX}`, tree.log);
}

function readPlainFile(path: string, name: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw definitionError(`${name}: cannot be opened (${(cause as NodeJS.ErrnoException).code ?? 'error'})`, cause);
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw definitionError(`${name}: not a plain file`);
    if (stats.size > LARGEST_BYTES) throw definitionError(`${name}: larger than 1 MiB`);
    // One byte more than expected, so that a file that grows meanwhile is read whole or found too large.
    let bytes = new Uint8Array(stats.size + 1);
    let length = 0;
    for (;;) {
      const count = readSync(file, bytes, length, bytes.length - length, null);
      if (count === 0) return bytes.subarray(0, length);
      length += count;
      if (length > LARGEST_BYTES) throw definitionError(`${name}: larger than 1 MiB`);
      if (length === bytes.length) bytes = joinBytes(bytes, new Uint8Array(bytes.length));
    }
  } catch (cause) {
    if (isDas2Error(cause)) throw cause;
    throw definitionError(`${name}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'})`, cause);
  } finally {
    closeSync(file);
  }
}
