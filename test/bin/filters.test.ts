/**
 * The built filter programs as black boxes: command line, help, pipes that close or fill up, empty and unaligned input,
 * first output before the end of the input, an empty environment (stream-format 11, 15).
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { FILTER_PROGRAM_NAMES, filterProgram } from '../../lib/filter/registry.js';
import { reportOf } from '../tools/assert-valid-stream.js';
import { packetHeader, record, STREAM } from '../tools/build-stream.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const bin = join(resolve(import.meta.dirname, '..', '..'), 'dist', 'bin');

/** Programs, the arguments they need, and the status of a usage error. */
const PROGRAMS = [
  { name: 'das2_ascii', args: [], usageStatus: 13 },
  { name: 'das2_bin_avgsec', args: ['1'], usageStatus: 100 },
] as const;

const TYPES = ['little_endian_real8', 'sun_real4'];
const HEAD = Buffer.concat([
  STREAM,
  packetHeader(1, '<x type="little_endian_real8" units="us2000"/><y name="a" type="sun_real4" units="V"/>'),
]);
const records = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => record(1, TYPES, [i * 1e6, i])));

interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly messages: string;
}

function run(name: string, args: readonly string[], input: Uint8Array, env?: NodeJS.ProcessEnv): Ended {
  const { status, stdout, stderr } = spawnSync(join(bin, name), args, { input, env, maxBuffer: 1 << 28 });
  return { status, output: stdout.toString('latin1'), messages: stderr.toString() };
}

function start(name: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(join(bin, name), args);
}

t.test('every filter program answers --help and --version and refuses unknown options', async (t) => {
  for (const name of FILTER_PROGRAM_NAMES) {
    if (!existsSync(join(bin, name))) {
      t.comment(`${name}: run scripts/build first`);
      continue;
    }
    const program = await filterProgram(name);
    const help = run(name, ['--help'], Buffer.alloc(0));
    t.same([help.status, help.output, help.messages], [0, program?.help, ''], `${name} --help`);
    const version = run(name, ['--version'], Buffer.alloc(0));
    t.same([version.status, version.messages], [0, ''], `${name} --version`);
    const usage = run(name, ['--nonsense'], HEAD);
    t.same([usage.status, usage.output], [program?.usageStatus, ''], `${name} --nonsense`);
  }
});

for (const { name, args, usageStatus } of PROGRAMS) {
  const skip = existsSync(join(bin, name)) ? false : 'run scripts/build first';

  t.test(`${name}: help and version`, { skip }, (t) => {
    for (const words of [['--help'], ['-h'], [...args, '--help'], ['--nonsense', '--help']]) {
      const { status, output, messages } = run(name, words, Buffer.alloc(0));
      t.equal(status, 0, words.join(' '));
      t.match(output, new RegExp(`^Usage: ${name} `));
      t.equal(messages, '');
    }
    for (const words of [['--version'], ['-v']]) {
      const { status, output } = run(name, words, Buffer.alloc(0));
      t.equal(status, 0, words.join(' '));
      t.match(output, new RegExp(`^${name} \\S+ \\(\\S+\\)\\n$`));
    }
    t.end();
  });

  t.test(`${name}: usage errors`, { skip }, (t) => {
    for (const words of [['--nonsense'], ['-x'], [...args, 'extra'], [...args, '-b'], [...args, '-', '-']]) {
      const { status, output, messages } = run(name, words, HEAD);
      t.equal(status, usageStatus, words.join(' '));
      t.equal(output, '', 'nothing on standard output');
      t.match(messages, new RegExp(`^${name}: .*\\nUsage: ${name} `));
    }
    t.equal(run(name, [...args, '-'], HEAD).status, 0, 'one - means standard input');
    t.end();
  });

  t.test(`${name}: empty and broken input`, { skip }, (t) => {
    const empty = run(name, args, Buffer.alloc(0));
    t.equal(empty.status, 22);
    t.equal(empty.output, '');
    t.match(empty.messages, new RegExp(`^${name}: [^\\n]*empty\\n$`));
    const page = run(name, args, Buffer.from('<html></html>'));
    t.not(page.status, 0);
    t.equal(page.output, '');
    t.notMatch(page.messages, /\bat .*:\d+/, 'no stack');
    const broken = run(name, args, Buffer.concat([HEAD, records(3), Buffer.from('what?')]));
    t.equal(broken.status, 22);
    t.match(broken.output, `<exception type="ServerError" message="${name}: `);
    t.equal((broken.output.match(/:01:/g) ?? []).length, 3, 'what was complete is there');
    t.end();
  });

  t.test(`${name}: an empty environment and another working directory`, { skip }, (t) => {
    const plain = run(name, args, Buffer.concat([HEAD, records(10)]));
    t.equal(plain.status, 0);
    const bare = spawnSync(join(bin, name), args, { input: Buffer.concat([HEAD, records(10)]), env: {}, cwd: '/' });
    t.equal(bare.status, 0);
    t.equal(bare.stdout.toString('latin1'), plain.output);
    t.equal(bare.stderr.toString(), '');
    t.same(reportOf(Buffer.from(plain.output, 'latin1'), { strict: false }).findings, []);
    t.end();
  });

  t.test(`${name}: a reader that has enough ends it quietly`, { skip }, (t) => {
    const folder = temporaryFolder(t);
    const input = folder.write('input.d2s', Buffer.concat([HEAD, records(200_000)]));
    const status = folder.write('status', '');
    const script = `{ "$0" "$@" < ${input}; echo $? > ${status}; } | head -c 10; cat ${status}`;
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', script, join(bin, name), ...args]);
    t.match(stdout.toString(), /^\[00\]\d{6}0\n$/);
    t.equal(stderr.toString(), '');
    t.end();
  });

  t.test(`${name}: a full output, a closed or odd input`, { skip: skip || !existsSync('/dev/full') }, (t) => {
    const folder = temporaryFolder(t);
    const input = folder.write('input.d2s', Buffer.concat([HEAD, records(20_000)]));
    const script = `"$0" "$@" < ${input} > /dev/full`;
    const full = spawnSync('/bin/sh', ['-c', script, join(bin, name), ...args]);
    t.not(full.status, 0);
    t.match(full.stderr.toString(), new RegExp(`^${name}: cannot write standard output: [^\\n]+\\n$`));
    const closed = spawnSync('/bin/sh', ['-c', '"$0" "$@" <&-', join(bin, name), ...args]);
    t.not(closed.status, 0, 'no standard input');
    t.match(closed.stderr.toString(), new RegExp(`^${name}: [^\\n]+\\n$`));
    const directory = spawnSync('/bin/sh', ['-c', '"$0" "$@" < /', join(bin, name), ...args]);
    t.match(directory.stderr.toString(), 'it is a directory');
    t.equal(directory.status, 22);
    t.end();
  });

  t.test(`${name}: the output comes before the input has ended, however it is cut`, { skip }, async (t) => {
    const child = start(name, args);
    const pieces: Buffer[] = [];
    const text = (): string => Buffer.concat(pieces).toString('latin1');
    const seen = (pattern: RegExp): Promise<void> =>
      new Promise((enough) => {
        const look = (): void => {
          if (pattern.test(text())) enough();
          else child.stdout.once('data', () => setImmediate(look));
        };
        look();
      });
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    const ended = new Promise<number | null>((end) => child.on('close', (status) => end(status)));
    const input = Buffer.concat([HEAD, records(500)]);

    child.stdin.write(HEAD.subarray(0, HEAD.length - 1));
    await seen(/^\[00\]/);
    child.stdin.write(input.subarray(HEAD.length - 1, HEAD.length + 5 * 16 + 7));
    await seen(/\[01\][\s\S]*:01:/);
    for (let at = HEAD.length + 5 * 16 + 7; at < input.length; at += 997)
      child.stdin.write(input.subarray(at, at + 997));
    child.stdin.end();
    t.equal(await ended, 0);
    t.equal(text(), run(name, args, input).output);
  });
}
