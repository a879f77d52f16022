/**
 * The built filter programs as black boxes: command line, help, pipes that close or fill up, empty and unaligned input,
 * first output before the end of the input, an empty environment (stream-format 11, 15).
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { hapiProgram } from '../../lib/filter/hapi/program.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import { FILTER_PROGRAM_NAMES, filterProgram } from '../../lib/filter/registry.js';
import { reportOf } from '../tools/assert-valid-stream.js';
import { packetHeader, record, STREAM } from '../tools/build-stream.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const bin = join(resolve(import.meta.dirname, '..', '..'), 'dist', 'bin');

/** How a program is called here, and what it does with its input. */
interface Called {
  readonly args: readonly string[];
  /** What it reads; das2 without it. */
  readonly input?: 'das1' | 'tagged das1';
  /** What it writes; das2 without it. */
  readonly output?: 'text' | 'das1';
  /** Says nothing before the end of the input. */
  readonly atEnd?: boolean;
  /** Any further words are arguments. */
  readonly takesWords?: boolean;
  /** Three records of the input are three of the output. */
  readonly oneForOne?: boolean;
}

const PROGRAMS: Readonly<Partial<Record<string, Called>>> = {
  das1_ascii: { args: ['2000-01-01'], input: 'das1', output: 'text' },
  das1_bin_avg: { args: ['1', '1'], input: 'das1', output: 'das1' },
  das2_ascii: { args: [], oneForOne: true },
  das2_bin_avg: { args: ['1e6'], oneForOne: true },
  das2_bin_avgsec: { args: ['1'], oneForOne: true },
  das2_bin_minmaxavgsec: { args: ['1'], oneForOne: true },
  das2_bin_peakavgsec: { args: ['1'], oneForOne: true },
  das2_bin_ratesec: { args: ['1'], atEnd: true, oneForOne: true },
  das2_binary: { args: ['-8'], oneForOne: true },
  das2_csv: { args: [], output: 'text' },
  das2_from_tagged_das1: { args: ['-tBeg', '2000-01-01'], input: 'tagged das1' },
  das2_hapi: { args: [], output: 'text', takesWords: true },
  das2_histo: { args: [], atEnd: true, oneForOne: true },
  das2_psd: { args: ['16', '1'] },
};

const TYPES = ['little_endian_real8', 'sun_real4'];
const HEAD = Buffer.concat([
  STREAM,
  packetHeader(1, '<x type="little_endian_real8" units="us2000"/><y name="a" type="sun_real4" units="V"/>'),
]);

/** What stands before the records, and that many records a second apart. */
function inputOf({ input }: Called): { readonly head: Buffer; records(count: number): Buffer } {
  const many = (one: (i: number) => Buffer) => (count: number) =>
    Buffer.concat(Array.from({ length: count }, (_, i) => one(i)));
  const floats = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [i, value] of values.entries()) bytes.writeFloatBE(value, i * 4);
    return bytes;
  };
  if (input === 'das1') return { head: Buffer.alloc(0), records: many((i) => floats(i, i)) };
  if (input === 'tagged das1') {
    return { head: Buffer.alloc(0), records: many((i) => Buffer.concat([Buffer.from(':b0:000c'), floats(i, 10, i)])) };
  }
  return { head: HEAD, records: many((i) => record(1, TYPES, [i * 1e6, i])) };
}

/** The filters of the registry, and das2_hapi, which the server does not run by its name. */
const NAMES: readonly string[] = [...FILTER_PROGRAM_NAMES, 'das2_hapi'];

async function programOf(name: string): Promise<FilterProgram | undefined> {
  return name === 'das2_hapi' ? hapiProgram(() => ({})) : filterProgram(name);
}

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
  for (const name of NAMES) {
    if (!existsSync(join(bin, name))) {
      t.comment(`${name}: run scripts/build first`);
      continue;
    }
    const program = await programOf(name);
    const help = run(name, ['--help'], Buffer.alloc(0));
    const told = help.output.replace(/\nStatus: 0 done; (\d+) wrong usage; .*\n/, (_, status: string) => {
      t.equal(Number(status), program?.usageStatus, `${name} --help: its status for wrong usage`);
      return '';
    });
    t.same([help.status, told, help.messages], [0, program?.help, ''], `${name} --help`);
    const version = run(name, ['--version'], Buffer.alloc(0));
    t.same([version.status, version.messages], [0, ''], `${name} --version`);
    const usage = run(name, ['--nonsense'], HEAD);
    t.same([usage.status, usage.output], [program?.usageStatus, ''], `${name} --nonsense`);
  }
});

for (const name of NAMES) {
  const called = PROGRAMS[name];
  if (called === undefined) throw new Error(`PROGRAMS in test/bin/filters.test.ts does not say how ${name} is called`);
  const { args, output: kind = 'das2', input: family = 'das2' } = called;
  const { head, records } = inputOf(called);
  const input = (count: number): Buffer => Buffer.concat([head, records(count)]);
  const skip = existsSync(join(bin, name)) ? false : 'run scripts/build first';

  t.test(`${name}: help and version`, { skip }, (t) => {
    for (const words of [['--help'], ['-h'], [...args, '--help'], ['--nonsense', '--help']]) {
      const { status, output, messages } = run(name, words, Buffer.alloc(0));
      t.equal(status, 0, words.join(' '));
      t.match(output, new RegExp(`^Usage: ${name} `));
      t.equal(messages, '');
    }
    for (const words of name === 'das2_bin_ratesec' ? [['--version']] : [['--version'], ['-v']]) {
      const { status, output } = run(name, words, Buffer.alloc(0));
      t.equal(status, 0, words.join(' '));
      t.match(output, new RegExp(`^${name} \\S+ \\(\\S+\\)\\n$`));
    }
    t.end();
  });

  t.test(`${name}: usage errors`, { skip }, async (t) => {
    const usageStatus = (await programOf(name))?.usageStatus;
    const wrong = [['--nonsense'], ['-x']];
    if (called.takesWords !== true) wrong.push([...args, 'extra'], [...args, '-', '-'], [...args, '1', '2', '3']);
    for (const words of wrong) {
      const { status, output, messages } = run(name, words, input(2));
      t.equal(status, usageStatus, words.join(' '));
      t.equal(output, '', 'nothing on standard output');
      t.match(messages, new RegExp(`^${name}: .*\\nUsage: ${name} `));
    }
    t.equal(run(name, [...args, '-'], input(40)).status, 0, 'one - means standard input');
  });

  t.test(`${name}: empty and broken input`, { skip }, (t) => {
    if (family === 'das2') {
      const empty = run(name, args, Buffer.alloc(0));
      t.equal(empty.status, 22);
      t.equal(empty.output, '');
      t.match(empty.messages, new RegExp(`^${name}: [^\\n]*empty\\n$`));
      const page = run(name, args, Buffer.from('<html></html>'));
      t.not(page.status, 0);
      t.equal(page.output, '');
      t.notMatch(page.messages, /\bat .*:\d+/, 'no stack');
    }
    const broken = run(name, args, Buffer.concat([input(3), Buffer.from('what?')]));
    t.equal(broken.status, 22);
    t.match(broken.messages, new RegExp(`^${name}: [^\\n]+\\n$`));
    if (kind === 'das2') t.match(broken.output, `<exception type="ServerError" message="${name}: `);
    if (called.oneForOne === true) {
      t.equal((broken.output.match(/:01:/g) ?? []).length, 3, 'what was complete is there');
    }
    t.end();
  });

  // Only das2 streams say of what version they are.
  if (family === 'das2') {
    t.test(`${name}: a version that nobody knows is told, and read`, { skip }, async (t) => {
      const plain = input(100);
      const other = Buffer.from(plain.toString('latin1').replace('version="2.2"', 'version="2.7"'), 'latin1');
      const { status, output, messages } = run(name, args, other);
      t.equal(status, 0);
      t.equal(messages, `${name}: the stream says that it is of version "2.7"; it is read as 2.2\n`);
      t.equal(output, run(name, args, plain).output);
    });
  }

  t.test(`${name}: an empty environment and another working directory`, { skip }, (t) => {
    const plain = run(name, args, input(100));
    t.equal(plain.status, 0);
    t.not(plain.output, '');
    const bare = spawnSync(join(bin, name), args, { input: input(100), env: {}, cwd: '/' });
    t.equal(bare.status, 0);
    t.equal(bare.stdout.toString('latin1'), plain.output);
    t.equal(bare.stderr.toString(), '');
    if (kind === 'das2') t.same(reportOf(Buffer.from(plain.output, 'latin1'), { strict: false }).findings, []);
    t.end();
  });

  t.test(`${name}: a reader that has enough ends it quietly`, { skip }, (t) => {
    const folder = temporaryFolder(t);
    const file = folder.write('input', input(200_000));
    const status = folder.write('status', '');
    const script = `{ "$0" "$@" < ${file}; echo $? > ${status}; } | head -c 10 | wc -c; cat ${status}`;
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', script, join(bin, name), ...args]);
    t.match(stdout.toString(), /^ *10\n0\n$/);
    t.equal(stderr.toString(), '');
    t.end();
  });

  t.test(`${name}: a full output, a closed or odd input`, { skip: skip || !existsSync('/dev/full') }, (t) => {
    const folder = temporaryFolder(t);
    const file = folder.write('input', input(20_000));
    const shell = (script: string) => {
      const { status, stderr } = spawnSync('/bin/sh', ['-c', script, join(bin, name), ...args]);
      return { status, messages: stderr.toString() };
    };
    const full = shell(`"$0" "$@" < ${file} > /dev/full`);
    t.not(full.status, 0);
    t.match(full.messages, new RegExp(`^${name}: cannot write standard output: [^\\n]+\\n$`));
    const closedOutput = shell(`"$0" "$@" < ${file} >&-`);
    t.match(closedOutput.messages, new RegExp(`^(?:${name}: [^\\n]+\\n)?$`), 'no standard output: at most a line');
    // The runtime opens the null device in place of a closed standard input; an empty das1 stream is no fault.
    const closed = shell('"$0" "$@" <&-');
    if (family === 'das2') t.not(closed.status, 0, 'no standard input');
    t.match(closed.messages, new RegExp(closed.status === 0 ? '^$' : `^${name}: [^\\n]+\\n$`));
    const directory = shell('"$0" "$@" < /');
    t.match(directory.messages, 'it is a directory');
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
    const all = input(500);

    if (head.length > 0) {
      child.stdin.write(head.subarray(0, head.length - 1));
      if (kind === 'das2') await seen(/^\[00\]/);
    }
    const begin = Math.max(0, head.length - 1);
    const middle = input(40).length + 7;
    child.stdin.write(all.subarray(begin, middle));
    if (called.atEnd !== true) await seen(kind === 'das2' ? /\[01\][\s\S]*:01:/ : /./);
    for (let at = middle; at < all.length; at += 997) child.stdin.write(all.subarray(at, at + 997));
    child.stdin.end();
    t.equal(await ended, 0);
    t.equal(text(), run(name, args, all).output);
  });
}
