/**
 * Static files inside the executable, for sites whose `RESOURCE_PATH` lacks them (server-protocol 8.2). The content is made from
 * `conf/static` by `scripts/embed`; a test compares the two.
 */
import { EMBEDDED_FILES } from './embedded-files.js';

/** A built-in file. */
export interface EmbeddedFile {
  /** Another one for other content: 16 hexadecimal digits. */
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** The built-in file of this name, or undefined. */
export function embeddedFile(name: string): EmbeddedFile | undefined {
  const found = Object.hasOwn(EMBEDDED_FILES, name) ? EMBEDDED_FILES[name] : undefined;
  return found === undefined ? undefined : { hash: found[0], bytes: Buffer.from(found[1], 'base64') };
}
