/** Every script says what it is for, and what is wrong with its words, before it does anything. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
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

t.ok(NAMES.length > 8, 'there are scripts');
