/** scripts/build in a clone that nothing has been done to yet: it fetches its packages first, and says so where it cannot. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { ROOT } from '../house/repository-files.js';

const work = mkdtempSync(join(tmpdir(), 'das2srv-build-'));
t.teardown(() => rmSync(work, { recursive: true }));
const clone = join(work, 'clone');
for (const name of ['scripts', 'package.json', 'package-lock.json']) {
  cpSync(join(ROOT, name), join(clone, name), { recursive: true });
}
const programs = join(work, 'programs');
mkdirSync(programs);
writeFileSync(join(programs, 'npm'), '#!/bin/sh\necho "asked to $1"\necho no network >&2\nexit 1\n', { mode: 0o755 });

function build(...args: string[]) {
  const environment = { ...process.env, PATH: `${programs}:${dirname(process.execPath)}:/usr/bin:/bin` };
  return spawnSync(join(clone, 'scripts/build'), args, { encoding: 'utf8', env: environment });
}

t.match(build('--help'), { status: 0, stderr: '', stdout: /Packages that it needs are fetched/ });

const failed = build();
t.equal(failed.status, 1);
t.match(failed.stdout, /asked to ci[\s\S]*no network/, 'what npm has said');
t.match(failed.stderr, /^scripts\/build: the packages of package-lock\.json cannot be fetched \(npm ci\)$/m);
t.notMatch(failed.stdout + failed.stderr, /^ +at /m, 'no stack');
