/**
 * docs/filters.md: every program of the table in bin/das2srv.ts that is no part of the server has a section, and every example prints
 * what the page says.
 *
 * A fenced block that begins with three backquotes and `sh example` is run with the built programs and readers in a fresh folder; the `text`
 * block behind it is its output. To write the outputs anew: UPDATE_DOCUMENTS=1 npx tap test/bin/filters-document.test.ts
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../tools/temporary-folder.js';

const root = resolve(import.meta.dirname, '..', '..');
const page = join(root, 'docs', 'filters.md');
const dist = join(root, 'dist');
const FENCE = '```';
const EXAMPLE = new RegExp(`${FENCE}sh example\\n([\\s\\S]*?)${FENCE}\\n\\n${FENCE}text\\n([\\s\\S]*?)${FENCE}`, 'g');

const text = readFileSync(page, 'utf8');

t.test('every program has a section with an example', async (t) => {
  const table = readFileSync(join(root, 'bin', 'das2srv.ts'), 'utf8');
  const names = [...table.matchAll(/^ {2}([a-z0-9_]+): \(\) => import\(/gm)].map((match) => match[1] as string);
  const programs = names.filter((name) => !/^das2_srv/.test(name));
  t.ok(programs.length > 10);
  for (const name of programs) {
    const section = new RegExp(`^### ${name}\\n([\\s\\S]*?)(?=^##|(?![\\s\\S]))`, 'm').exec(text)?.[1];
    t.match(section, `${FENCE}sh example`, name);
  }
});

t.test(
  'the examples print what the page says',
  { skip: existsSync(dist) ? false : 'run scripts/build first' },
  async (t) => {
    const folder = temporaryFolder(t);
    const outputs = [...text.matchAll(EXAMPLE)].map(([, script = '', wanted]) => {
      const { status, stdout, stderr } = spawnSync('/bin/bash', ['-euo', 'pipefail', '-c', script], {
        cwd: folder.path,
        env: { PATH: `${join(dist, 'bin')}:${join(dist, 'examples')}:${process.env.PATH}`, LC_ALL: 'C' },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 120_000,
      });
      t.equal(status, 0, `${script}${stderr}`);
      t.equal(stderr, '', 'nothing on standard error');
      if (process.env.UPDATE_DOCUMENTS === undefined) t.equal(stdout, wanted, script);
      return stdout;
    });
    t.ok(outputs.length > 10);
    if (process.env.UPDATE_DOCUMENTS === undefined) return;
    let next = 0;
    const replaced = text.replace(
      EXAMPLE,
      (_, script) => `${FENCE}sh example\n${script}${FENCE}\n\n${FENCE}text\n${outputs[next++]}${FENCE}`,
    );
    writeFileSync(page, replaced);
  },
);
