/** das2_digest as a process: tap in a pipeline, files, comparison with citations and bags. Test cases C57 and C58 of citation 16. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DIGEST_A, DIGEST_D, sha256, VECTORS } from '../cite/digest/vectors.js';
import { buildProgram } from '../tools/program.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const folder = temporaryFolder(t);
const { command, remove } = await buildProgram('das2_digest', 'bin/digest.ts');
t.teardown(remove);

const vector = (name: string): Buffer => VECTORS.find((one) => one.name === name)?.bytes ?? Buffer.alloc(0);
const a = vector('A');
folder.write('a.d2s', a);
folder.write('c.d2s', vector('C'));
folder.write('d.d2s', vector('D'));

interface Outcome {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

function run(args: readonly string[], input: Uint8Array = Buffer.alloc(0)): Outcome {
  const [program = '', ...before] = command;
  const result = spawnSync(program, [...before, ...args], { cwd: folder.path, input, encoding: 'utf8' });
  return { status: result.status, output: result.stdout, errors: result.stderr };
}

/** Runs it as a tap whose descriptor 3 is a file. */
function tap(input: Uint8Array): { readonly status: number | null; readonly output: Buffer; readonly record: unknown } {
  const script = `"$@" --fd 3 3> '${join(folder.path, 'record')}'`;
  const result = spawnSync('/bin/sh', ['-c', script, 'sh', ...command], { input });
  const record: unknown = JSON.parse(readFileSync(join(folder.path, 'record'), 'utf8'));
  return { status: result.status, output: result.stdout, record };
}

t.test('C57: a tap changes nothing and tells descriptor 3', (t) => {
  const { status, output, record } = tap(a);
  t.equal(status, 0);
  t.ok(output.equals(a), 'byte for byte');
  t.match(record, {
    state: 'ok',
    digest: `sha256-d2c1:${DIGEST_A}`,
    d2c1: DIGEST_A,
    raw: sha256(a),
    bytes: a.length,
    packets: 2,
    firstX: '2000-01-01T00:00:00',
    lastX: '2000-01-01T00:01:00',
  });
  const rubbish = Buffer.concat([a, Buffer.from('rubbish'), a]);
  const other = tap(rubbish);
  t.equal(other.status, 0, 'what cannot be hashed passes all the same');
  t.ok(other.output.equals(rubbish));
  t.match(other.record, { state: 'unhashed', reason: /no packet tag/, raw: sha256(rubbish), bytes: rubbish.length });
  t.notOk('digest' in (other.record as object));
  t.end();
});

t.test('a closed output ends the tap quietly', (t) => {
  const script = `yes | head -c 3000000 | "$@" --fd 3 3> '${join(folder.path, 'record')}' | head -c 10`;
  const { status, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', ...command], { encoding: 'utf8' });
  t.equal(status, 0);
  t.equal(stderr, '');
  t.match(JSON.parse(readFileSync(join(folder.path, 'record'), 'utf8')), {
    state: 'aborted',
    reason: 'the output was closed',
  });
  t.end();
});

t.test('digests of files and of standard input', (t) => {
  const text = run(['a.d2s']);
  t.equal(text.status, 0);
  t.match(text.output, `sha256-d2c1:${DIGEST_A}  a.d2s\n`);
  t.match(text.output, `bytes   ${sha256(a)}\n`);
  t.match(text.output, 'packets 2, 2000-01-01T00:00:00 to 2000-01-01T00:01:00\n');
  t.match(run([], a).output, `sha256-d2c1:${DIGEST_A}  -\n`);
  const lines = run(['--json', 'a.d2s', 'd.d2s']).output.trimEnd().split('\n');
  t.match(
    lines.map((line) => JSON.parse(line) as unknown),
    [
      { file: 'a.d2s', d2c1: DIGEST_A },
      { file: 'd.d2s', d2c1: DIGEST_D },
    ],
  );
  const bad = run(['-'], Buffer.from('rubbish'));
  t.equal(bad.status, 1);
  t.match(bad.errors, /das2_digest: -: no digest: /);
  t.equal(run(['nothing.d2s', 'a.d2s']).status, 100);
  t.match(run(['nothing.d2s', 'a.d2s']).errors, 'nothing.d2s: there is no such file');
  t.end();
});

t.test('comparison with a citation', (t) => {
  folder.write('cite.bib', `@misc{a,\n  note = {Data set; sha256-d2c1:${DIGEST_A.toUpperCase()}}\n}\n`);
  t.same(run(['--verify', 'cite.bib', 'c.d2s']), { status: 0, output: 'c.d2s: unchanged\n', errors: '' });
  const changed = run(['--verify', 'cite.bib', 'd.d2s']);
  t.equal(changed.status, 1);
  t.equal(
    changed.output,
    `d.d2s: changed: it is sha256-d2c1:${DIGEST_D}\nsha256-d2c1:${DIGEST_A}: no file here has this content\n`,
  );
  folder.write('two.ris', `N1  - sha256-d2c1:${DIGEST_A}\nN1  - sha256-d2c1:${DIGEST_D}\n`);
  t.equal(run(['--verify', 'two.ris', 'a.d2s', 'd.d2s']).status, 0);
  t.equal(run(['--verify', 'two.ris', 'a.d2s']).status, 1, 'one is missing');
  folder.write('short.txt', `State of 2026, sha256-d2c1\n${DIGEST_A.slice(0, 20)}.\n`);
  const short = run(['--verify', 'short.txt', 'a.d2s']);
  t.equal(short.status, 1, 'a prefix is no proof');
  t.match(short.output, /agrees as far as the citation goes/);
  folder.write('none.txt', 'nothing here');
  t.match(run(['--verify', 'none.txt', 'a.d2s']), { status: 100, errors: /there is no digest in it/ });
  t.match(run(['--verify', 'cite.bib']), { status: 100, errors: /FILE is missing/ });
  t.end();
});

t.test('C58: one changed byte in a bag is told with the name of its file', (t) => {
  folder.write('bag/data/a.d2s', a);
  folder.write('bag/data/d.d2s', vector('D'));
  folder.write('bag/manifest-sha256.txt', `${sha256(a)}  data/a.d2s\n${sha256(vector('D'))}  data/d.d2s\n`);
  t.same(run(['--verify', 'bag']).status, 0);
  const bytes = Buffer.from(a);
  bytes[200] = (bytes[200] as number) ^ 1;
  folder.write('bag/data/a.d2s', bytes);
  const { status, output } = run(['--verify', 'bag']);
  t.equal(status, 1);
  t.equal(
    output,
    `bag/data/a.d2s: changed: it is ${run(['--json', 'bag/data/a.d2s']).output.match(/sha256-d2c1:\w+/)?.[0] ?? `other bytes, SHA-256 ${sha256(bytes)}`}\nbag/data/d.d2s: unchanged\n`,
  );
  t.end();
});

t.test('a wrong command line', (t) => {
  for (const args of [['--what'], ['--fd'], ['--fd', '1'], ['--fd', '999'], ['--fd', '2', 'a.d2s'], ['--verify']]) {
    const { status, errors, output } = run(args);
    t.equal(status, 100, args.join(' '));
    t.match(errors, /das2_digest: .*\nUsage: das2_digest/);
    t.equal(output, '');
  }
  t.match(run(['--help']), { status: 0, output: /^Usage: das2_digest/ });
  t.match(run(['--version']), { status: 0, output: /^das2_digest / });
  t.end();
});
