/**
 * Facts about this repository that several scripts need: its root, its version and commit, its tracked files, the names of
 * the programs. Works without git (a source archive): the commit is then `unknown`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Output of a git command in the root, or undefined where git or the repository is absent. */
export function git(...args) {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trimEnd();
  } catch {
    return undefined;
  }
}

export function version() {
  return JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).version;
}

/** Short commit; `+` behind it when sources differ from that commit. */
export function commit() {
  const short = git('rev-parse', '--short=10', 'HEAD');
  if (short === undefined) return 'unknown';
  return git('status', '--porcelain', '--', 'bin', 'cgi', 'lib', 'conf') ? `${short}+` : short;
}

/** Keys of a table of programs: one `name: () => import('...')` a line. */
function tableKeys(file) {
  const absolute = path.join(ROOT, file);
  if (!existsSync(absolute)) return [];
  return [...readFileSync(absolute, 'utf8').matchAll(/^ {2}([a-z0-9_]+): \(\) => import\(/gm)].map((match) => match[1]);
}

/** Names of all programs, from the table in bin/das2srv.ts. */
export const programNames = () => tableKeys('bin/das2srv.ts');

/** Names of the example readers. */
export const exampleNames = () => tableKeys('conf/examples/programs.ts');

/** All files below the given folders of the root, relative to it, sorted. */
export function filesBelow(...folders) {
  const found = [];
  for (const folder of folders) {
    const absolute = path.join(ROOT, folder);
    if (!existsSync(absolute)) continue;
    for (const entry of readdirSync(absolute, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) found.push(path.relative(ROOT, path.join(entry.parentPath ?? entry.path, entry.name)));
    }
  }
  return found.sort();
}
