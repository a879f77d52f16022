/**
 * Loader hooks that run the TypeScript sources as they are and write down the address of every module at the moment it is
 * asked for: built-in modules, packages and own files, by `import` and `import()` alike.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';

let listFile = '';

export function initialize(data) {
  listFile = data.listFile;
}

export async function resolve(specifier, context, next) {
  let resolved;
  if (specifier.startsWith('.') && context.parentURL?.endsWith('.ts')) {
    const source = fileURLToPath(new URL(specifier, context.parentURL)).replace(/\.js$/, '.ts');
    if (existsSync(source)) resolved = { url: pathToFileURL(source).href, format: 'module', shortCircuit: true };
  }
  resolved ??= await next(specifier, context);
  appendFileSync(listFile, `${resolved.url}\n`);
  return resolved;
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), { loader: 'ts', target: 'node20' });
  return { format: 'module', source: code, shortCircuit: true };
}
