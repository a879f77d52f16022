/** Every script says what it is for, and what is wrong with its words, before it does anything. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { ROOT } from './repository-files.js';

const FOLDER = join(ROOT, 'scripts');

function isProgram(name: string): boolean {
  try {
    accessSync(join(FOLDER, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const NAMES = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isFile() && isProgram(entry.name))
  .map(({ name }) => name);

for (const name of NAMES) {
  t.test(name, (t) => {
    const run = (...args: string[]) =>
      spawnSync(join(FOLDER, name), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const help = run('--help');
    t.match(help, { status: 0, stderr: '' });
    t.match(help.stdout, new RegExp(`^usage: scripts/${name}\\b`, 'i'));
    t.match(help.stdout, /^(?!usage:)[A-Z].{30}/m, 'a sentence about its purpose');
    t.match(help.stdout, new RegExp(`^Examples?\\b.*:\n  .*scripts/${name}\\b`, 'm'));
    t.equal(Math.max(...help.stdout.split('\n').map((line) => line.length)) <= 150, true, 'lines that can be read');

    const wrong = run('--no-such-option');
    t.not(wrong.status, 0);
    t.equal(wrong.stdout, '');
    t.match(wrong.stderr, new RegExp(`^scripts/${name}: .*--no-such-option`, 'm'));
    t.match(wrong.stderr, '--help');
    t.notMatch(wrong.stderr, /^ +at /m, 'no stack');
    t.end();
  });
}

t.test('a clone that has no packages, and cannot fetch any', (t) => {
  const clone = mkdtempSync(join(tmpdir(), 'das2srv-clone-'));
  t.teardown(() => rmSync(clone, { recursive: true }));
  for (const name of ['scripts', 'package.json', 'package-lock.json'])
    cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  const programs = join(clone, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, 'npm'), '#!/bin/sh\necho "no network" >&2\nexit 1\n', { mode: 0o755 });
  const env = { ...process.env, PATH: `${programs}:${process.env.PATH}` };
  for (const name of ['bench', 'build', 'check', 'conformance', 'embed', 'faults', 'fuzz', 'scaling', 'test']) {
    const { status, stdout, stderr } = spawnSync(join(clone, 'scripts', name), { encoding: 'utf8', env });
    t.equal(status, 1, name);
    t.match(stdout + stderr, /npm ci|scripts\/build/, `${name} says what is missing`);
    t.notMatch(stdout + stderr, /^ *at .*:\d+:\d+|ERR_|No such file/m, `${name}: no stack`);
  }
  t.end();
});

t.test('what needs the built programs says so before it begins', (t) => {
  for (const name of ['bench', 'conformance', 'faults', 'scaling']) {
    const { status, stderr } = spawnSync(join(FOLDER, name), ['--bin', '/nonexistent'], { encoding: 'utf8' });
    t.not(status, 0, name);
    t.match(stderr, /\/nonexistent.*: run scripts\/build first/, name);
  }
  t.end();
});

t.ok(NAMES.length > 8, 'there are scripts');
