/** `scripts/fuzz` as a command: summary and status, one case alone, wrong command lines. */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import t from 'tap';

const command = join(resolve(import.meta.dirname, '..', '..'), 'scripts', 'fuzz');

function fuzz(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000 });
  return { status, stdout, stderr };
}

t.test('runs so many cases and sums up', async (t) => {
  const { status, stdout } = fuzz('--target', 'time', '--target', 'das2_csv', '--executions', '2000', '--seed', '3');
  t.equal(status, 0);
  t.match(stdout, /seed 3, 2 targets: \d+ executions of \d+ cases in \d+ s, \d+\/s, at most \d+ MB, 0 finds/);
  t.match(stdout, /^ {2}time \d+$/m);
});

t.test('runs one case again', async (t) => {
  const first = fuzz('--target', 'das2_ascii', '--seed', '1', '--case', '12');
  t.equal(first.status, 0);
  t.match(first.stdout, /^das2_ascii \[.*\] (?:whole|cut|damaged) \d+ bytes\nnothing found\n$/);
  t.same(fuzz('--target', 'das2_ascii', '--seed', '1', '--case', '12'), first);
});

t.test('wrong command lines', async (t) => {
  for (const args of [['--target', 'nothing'], ['--nonsense'], ['--seconds', 'many']]) {
    const { status, stderr } = fuzz(...args);
    t.equal(status, 100, args.join(' '));
    t.match(stderr, /^scripts\/fuzz: /);
  }
  t.match(fuzz('--help').stdout, /^usage: scripts\/fuzz /);
});
