/** The hooks of typescript-loader.mjs: how names are found, and what a module's text becomes. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(import.meta.dirname, '../..');
const KEPT = path.join(ROOT, 'node_modules/.cache/test-modules');
const require = createRequire(import.meta.url);
const CONFIGURATION = readFileSync(path.join(ROOT, 'tsconfig.json'), 'utf8');
const VERSION = `${require('esbuild/package.json').version}\n${CONFIGURATION}`;

const isTypeScript = (url) => /^file:[^?]*\.ts(?:\?|$)/.test(url);
const hashOf = (...texts) => createHash('sha256').update(texts.join('\0')).digest('hex');

export function resolve(specifier, context, nextResolve) {
  return nextResolve(typeScriptOf(specifier, context.parentURL) ?? specifier, context);
}

export function load(url, context, nextLoad) {
  if (!isTypeScript(url)) return nextLoad(url, context);
  return { format: 'module', shortCircuit: true, source: withoutTypes(fileURLToPath(url.replace(/\?.*$/, ''))) };
}

/** The address of the TypeScript that a name in `.js` stands for; undefined for a name that stands for itself. */
function typeScriptOf(specifier, parent) {
  if (!/^(?:\.{1,2}\/|file:)[^?]*\.js(?:\?|$)/.test(specifier)) return undefined;
  const url = new URL(specifier, parent);
  if (url.pathname.includes('/node_modules/')) return undefined;
  url.pathname = url.pathname.replace(/js$/, 'ts');
  return existsSync(fileURLToPath(url)) ? url.href : undefined;
}

/** The JavaScript of a file, with its source map. */
function withoutTypes(file) {
  const text = readFileSync(file, 'utf8');
  const kept = path.join(KEPT, `${hashOf(file)}.js`);
  const mark = `\n// ${hashOf(VERSION, text)}\n`;
  try {
    const found = readFileSync(kept, 'utf8');
    if (found.endsWith(mark)) return found;
  } catch {
    // Not kept yet.
  }
  const { code } = require('esbuild').transformSync(text, {
    loader: 'ts',
    format: 'esm',
    target: 'es2022',
    sourcemap: 'inline',
    sourcesContent: false,
    sourcefile: file,
    tsconfigRaw: CONFIGURATION,
  });
  try {
    mkdirSync(KEPT, { recursive: true });
    const aside = `${kept}.${process.pid}`;
    writeFileSync(aside, code + mark);
    renameSync(aside, kept);
  } catch {
    // A folder that cannot be written to costs time, no more.
  }
  return code;
}
