/**
 * Names of files, and words that must not be in any tracked file: paths of one machine, marks of unfinished work. What is
 * looked for is put together here from pieces, so that this file does not find itself.
 */
import t from 'tap';
import { readSource, workFiles } from './repository-files.js';

const files = workFiles();

/** Entry points carry the second half of their program's name, so they alone have underscores. */
function nameIsGood(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^(bin|cgi)\//.test(path)) return /^[a-z0-9]+([_-][a-z0-9]+)*\.ts$/.test(name);
  if (/\.(ts|mjs)$/.test(name)) return /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.(ts|mjs)$/.test(name);
  return true;
}

const slash = '/';
const UNWANTED: readonly [string, RegExp][] = [
  ['a path of one machine', new RegExp(`(^|[^\\w.])${slash}(work|farm)${slash}[a-z.]`)],
  [
    'a mark of unfinished work',
    new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')}|${['XX', 'X'].join('')})\\b`),
  ],
  ['an only test', /\bt\.only\(/],
];

function unwanted(path: string, text: string): string[] {
  const found: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const [what, pattern] of UNWANTED) if (pattern.test(line)) found.push(`${path}:${index + 1}: ${what}`);
  }
  return found;
}

/** Files that are data rather than text. */
const isText = (path: string) => !/\.(d2s|d2t|qds|png|ico|gif|jpg|woff2?|gz|dat|bin|crt|key)$/i.test(path);

t.test('file names are in kebab case', (t) => {
  t.same(
    files.filter((path) => !nameIsGood(path)),
    [],
  );
  t.notOk(nameIsGood('lib/stream/StreamReader.ts'));
  t.notOk(nameIsGood('lib/stream/stream_reader.ts'));
  t.ok(nameIsGood('cgi/srvcgi_main.ts'));
  t.end();
});

t.test('nothing names one machine or waits for later', (t) => {
  t.same(
    files
      .filter((path) => isText(path) && path !== 'package-lock.json')
      .flatMap((path) => unwanted(path, readSource(path).text)),
    [],
  );
  t.equal(unwanted('a', `cd ${slash}work${slash}main`).length, 1);
  t.equal(unwanted('a', `// ${['TO', 'DO'].join('')}: later`).length, 1);
  t.equal(unwanted('a', `DSDF_ROOT = ${slash}var${slash}www${slash}datasets`).length, 0);
  t.end();
});

t.test('the lock file names no host', (t) => {
  t.notMatch(readSource('package-lock.json').text, /"resolved": "(?!https:\/\/registry\.npmjs\.org\/)/);
  t.end();
});

t.test('programs that git must keep executable are', async (t) => {
  const { statSync } = await import('node:fs');
  const { join } = await import('node:path');
  const { ROOT } = await import('./repository-files.js');
  const scripts = files.filter((path) => /^(scripts\/[a-z-]+|\.ci\/run|test\/faults\/[a-z-]+)$/.test(path));
  t.ok(scripts.length >= 3);
  for (const path of scripts) t.ok((statSync(join(ROOT, path)).mode & 0o111) !== 0, path);
  t.end();
});
