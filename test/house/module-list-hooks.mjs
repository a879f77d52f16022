/**
 * Loader hooks that write down the address of every module at the moment it is asked for: built-in modules, packages and own files, by
 * `import` and `import()` alike. They stand in front of those that find TypeScript.
 */
import { appendFileSync } from 'node:fs';

let listFile = '';

export function initialize(data) {
  listFile = data.listFile;
}

export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  appendFileSync(listFile, `${resolved.url}\n`);
  return resolved;
}
