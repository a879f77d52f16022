/**
 * The commands of the documents run.
 *
 * A fenced block that begins with three backquotes and `sh run` is executable. All such blocks of one document run as one
 * script, in order, in a copy of this repository with a HOME of its own.
 *
 * For one document: DOCUMENT=docs/definitions.md npx tap --disable-coverage test/house/document-commands.test.ts
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../tools/temporary-folder.js';
import { documents, executableScript } from './documents.js';
import { ROOT, type SourceFile, workFiles } from './repository-files.js';

const only = process.env.DOCUMENT;

t.test('commands in the documents run', (t) => {
  const sandbox = temporaryFolder(t);
  const copy = join(sandbox.path, 'das2srv');
  for (const path of workFiles()) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const run = ({ path, text }: SourceFile) => {
    const script = executableScript(text);
    if (script === '') return;
    const home = join(sandbox.path, 'home', path);
    mkdirSync(home, { recursive: true });
    const result = spawnSync('/bin/bash', ['-euo', 'pipefail', '-c', script], {
      cwd: copy,
      env: { PATH: process.env.PATH, HOME: home },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 500_000,
    });
    t.equal(result.status, 0, `${path}: ${result.status === 0 ? 'runs' : `${result.stdout}\n${result.stderr}`}`);
  };
  const executable = documents.filter(({ text }) => executableScript(text) !== '');
  t.ok(executable.length >= 4, 'there are commands to run');
  const chosen = executable.filter(({ path }) => only === undefined || path === only);
  t.ok(chosen.length > 0, `DOCUMENT names a document with commands: ${executable.map(({ path }) => path).join(', ')}`);
  for (const document of chosen) run(document);
  t.end();
});
