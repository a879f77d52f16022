/** das2_prtime and das1_inctime as black boxes. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';

const bin = join(resolve(import.meta.dirname, '..', '..'), 'dist', 'bin');
const skip = existsSync(join(bin, 'das2_prtime')) ? false : 'run scripts/build first';

function run(
  name: string,
  args: readonly string[],
  input = '',
): { status: number | null; output: string; messages: string } {
  const { status, stdout, stderr } = spawnSync(join(bin, name), args, { input, env: {} });
  return { status, output: stdout.toString(), messages: stderr.toString() };
}

t.test('das2_prtime', { skip }, (t) => {
  const cases: readonly [readonly string[], string][] = [
    [['2000-01-02'], '2000-01-02 (002) 00:00:00\n'],
    [['2 Jan 2000', '03:04'], '2000-01-02 (002) 03:04:00\n'],
    [['-s', '2000-366T01:02:03.99'], '2000-12-31T01:02:03\n'],
    [['-o', '-3', '2000-12-31T01:02:03.9999'], '2000-366T01:02:03.999\n'],
    [['-s9', '2017-001T00:00:00.000000001'], '2017-01-01T00:00:00.000000001\n'],
  ];
  for (const [args, expected] of cases) {
    const { status, output } = run('das2_prtime', args);
    t.equal(output, expected, args.join(' '));
    t.equal(status, 0);
  }
  t.strictSame(
    run('das2_prtime', ['-i', '-o'], '2000-02-01\n\n2001-02-01\n').output,
    '2000-032T00:00:00\n2001-032T00:00:00\n',
  );
  const mixed = run('das2_prtime', ['-i'], 'junk\n2001-02-01\n');
  t.equal(mixed.status, 127);
  t.equal(mixed.output, '2001-02-01 (032) 00:00:00\n');
  for (const args of [[], ['-x', '2000'], ['-i', '2000']]) t.equal(run('das2_prtime', args).status, 4, args.join(' '));
  for (const args of [
    ['2 Jan 2000', '-o'],
    ['2', '-o', 'Jan', '2000'],
    ['--', '2000-01-02'],
    ['2000', '-01', '-02'],
  ]) {
    const { status, output } = run('das2_prtime', args);
    t.equal(output, args.includes('-o') ? '2000-002T00:00:00\n' : '2000-01-02 (002) 00:00:00\n', args.join(' '));
    t.equal(status, 0);
  }
  t.equal(run('das2_prtime', ['2000', '-x']).status, 4);
  t.match(run('das2_prtime', ['2000', '--help']), { status: 0, output: /^Usage: das2_prtime / });
  const junk = run('das2_prtime', ['2000-13']);
  t.equal(junk.status, 127);
  t.match(junk.messages, /^das2_prtime: .*2000-13/);
  t.match(run('das2_prtime', ['--help']).output, /^Usage: das2_prtime /);
  t.end();
});

t.test('das1_inctime', { skip }, (t) => {
  const cases: readonly [readonly string[], string][] = [
    [['2000-02-28', '86400'], '2000-02-29 (060) 00:00:00\n'],
    [['2000-01-01', '-0.5'], '1999-12-31 (365) 23:59:59\n'],
    [['2000-01-01', '3155760000'], '2100-01-01 (001) 00:00:00\n'],
    [['2000-001T12:00', '1e3'], '2000-01-01 (001) 12:16:40\n'],
    [['--', '2000-01-02', '-86400'], '2000-01-01 (001) 00:00:00\n'],
    [['9999-12-30', '86400'], '9999-12-31 (365) 00:00:00\n'],
  ];
  for (const [args, expected] of cases) t.equal(run('das1_inctime', args).output, expected, args.join(' '));
  for (const args of [
    [],
    ['2000'],
    ['2000', 'x'],
    ['junk', '1'],
    ['2000', '1', '2'],
    ['2000', 'nan'],
    ['2000', '-x'],
  ]) {
    const { status, output, messages } = run('das1_inctime', args);
    t.equal(status, 100, args.join(' '));
    t.equal(output, '');
    t.match(messages, /^das1_inctime: /);
  }
  for (const args of [
    ['9999-12-31', '86400'],
    ['0000-01-01', '-1'],
    ['2000', '-1e11'],
    ['2000', '1e300'],
  ]) {
    const { status, output, messages } = run('das1_inctime', args);
    t.same([status, output], [100, ''], args.join(' '));
    t.match(messages, /^das1_inctime: SECONDS: .* 0 to 9999/, args.join(' '));
  }
  t.match(run('das1_inctime', ['2000', '5', '--help']), { status: 0, output: /^Usage: das1_inctime / });
  t.match(run('das1_inctime', ['2000', '--version']), { status: 0, output: /^das1_inctime / });
  t.end();
});
