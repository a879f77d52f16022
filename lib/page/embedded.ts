/**
 * Static files inside the executable, for sites whose `RESOURCE_PATH` lacks them (server-protocol 8.2). The content is made from
 * `conf/static` by `scripts/embed`; a test compares the two.
 */
import { EMBEDDED_FILES } from './embedded-files.js';

/** The content of a built-in file, or undefined. */
export function embeddedFile(name: string): Uint8Array | undefined {
  const content = Object.hasOwn(EMBEDDED_FILES, name) ? EMBEDDED_FILES[name] : undefined;
  return content === undefined ? undefined : Buffer.from(content, 'base64');
}
