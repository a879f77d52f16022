/**
 * How every program that works in a pipeline ends and begins: an interrupt while it works, a reader that goes away, a full disk, a terminal as its
 * input (stream-format 11.1, 11.3). What filters do besides is in filters.test.ts, whole pipelines are in pipelines.test.ts.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { FILTER_PROGRAM_NAMES } from '../../lib/filter/registry.js';
import { headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const bin = join(resolve(import.meta.dirname, '..', '..'), 'dist', 'bin');
const skip = existsSync(join(bin, 'das2_valid')) ? false : 'run scripts/build first';
const hasPython = spawnSync('/bin/sh', ['-c', 'command -v python3']).status === 0;

const folder = temporaryFolder(t);

/** More than a pipe holds, so that a program must have read before everything is written. */
const COUNT = 30_000;
const many = (one: (i: number) => Buffer): Buffer => Buffer.concat(Array.from({ length: COUNT }, (_, i) => one(i)));

const das2 = Buffer.concat([
  STREAM,
  packetHeader(1, '<x type="little_endian_real8" units="us2000"/><y name="a" type="sun_real4" units="V"/>'),
  many((i) => record(1, ['little_endian_real8', 'sun_real4'], [i * 1e6, i])),
]);
const floats = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeFloatBE(value, i * 4);
  return bytes;
};
const das1 = many((i) => floats(i, i));
const tagged = many((i) => Buffer.concat([Buffer.from(':b0:000c'), floats(i, 10, i)]));
const times = Buffer.from('2000-01-01\n'.repeat(COUNT));
/** Findings of every kind of rule, so that the report of the validator is long. */
const broken = many(() => headerPacket('xx', '<exception/>'));

interface Called {
  readonly args: readonly string[];
  readonly input: Buffer;
  /** What it waits for at a terminal. */
  readonly expects: RegExp;
}

const DAS2 = /a das2 stream/;
const EITHER = /a das2 stream or a QStream/;
const stream = (expects: RegExp, ...args: readonly string[]): Called => ({ args, input: das2, expects });

const READERS: Readonly<Record<string, Called>> = {
  das1_ascii: { args: ['2000-01-01'], input: das1, expects: /a plain das1 stream/ },
  das1_bin_avg: { args: ['1', '1'], input: das1, expects: /a plain das1 stream/ },
  das2_ascii: stream(EITHER),
  das2_bin_avg: stream(DAS2, '1e6'),
  das2_bin_avgsec: stream(EITHER, '1'),
  das2_bin_minmaxavgsec: stream(DAS2, '1'),
  das2_bin_peakavgsec: stream(DAS2, '1'),
  das2_bin_ratesec: stream(DAS2, '1'),
  das2_binary: stream(DAS2, '-8'),
  das2_csv: stream(DAS2),
  das2_from_tagged_das1: { args: ['-tBeg', '2000-01-01'], input: tagged, expects: /a tagged das1 stream/ },
  das2_hapi: stream(DAS2),
  das2_histo: stream(DAS2),
  das2_prtime: { args: ['-i'], input: times, expects: /times, one a line,/ },
  das2_psd: stream(DAS2, '16', '1'),
  das2_valid: { args: ['--json'], input: Buffer.concat([STREAM, broken]), expects: EITHER },
};

t.test('every filter program is here', async (t) => {
  t.same(
    FILTER_PROGRAM_NAMES.filter((name) => READERS[name] === undefined),
    [],
  );
});

for (const [name, { args, input, expects }] of Object.entries(READERS)) {
  t.test(`${name}: an interrupt ends it at once and without a word`, { skip }, async (t) => {
    const child = spawn(join(bin, name), args);
    let messages = '';
    child.stderr.on('data', (piece) => {
      messages += String(piece);
    });
    child.stdin.on('error', () => {});
    child.stdout.resume();
    const ended = new Promise<{ status: number | null; by: string | null }>((end) =>
      child.on('close', (status, by) => end({ status, by })),
    );
    // The end of the input stays away: only the signal can end the program.
    await new Promise((written) => child.stdin.write(input, written));
    child.kill('SIGINT');
    const { status, by } = await ended;
    t.ok(by === 'SIGINT' || (status !== null && status > 0), `${status} ${by}`);
    t.equal(messages, '');
  });

  t.test(`${name}: someone at a terminal is told what it expects`, { skip: skip || !hasPython }, async (t) => {
    // The program gets a terminal as its input and the end of it at once.
    const python = `
import os, pty, subprocess, sys
main, side = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stdin=side, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
os.close(side)
os.write(main, b'\\x04')
out, err = child.communicate(timeout=60)
sys.stdout.write(err.decode())
`;
    const { stdout } = spawnSync('python3', ['-c', python, join(bin, name), ...args], { timeout: 90_000 });
    const [first = ''] = stdout.toString().split('\n');
    t.match(first, new RegExp(`^${name}: waiting for ${expects.source} on standard input .*--help`));
  });

  t.test(`${name}: a closed output`, { skip }, async (t) => {
    const file = folder.write('input', input);
    const script = `{ "$0" "$@" < ${file}; echo $? > ${file}.status; } | head -c 1 | wc -c; cat ${file}.status`;
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', script, join(bin, name), ...args]);
    t.match(stdout.toString(), name === 'das2_valid' ? /^ *1\n[01]\n$/ : /^ *1\n0\n$/);
    t.equal(stderr.toString(), '');
  });
}

/** Programs that make their output from arguments and files; they get more to say than a pipe holds where they can. */
function makers(): Readonly<Record<string, readonly string[]>> {
  folder.write('das1.dsdf', "form=x_multi_y\nny=1\nreader='sh printer'\n");
  folder.write('printer', 'cat das1.bin\n');
  folder.write('das1.bin', das1);
  folder.write('cached.dsdf', "description='d'\nreader='r'\nreducer='das2_bin_avgsec'\ncacheLevel_00='1 s | yearly'\n");
  folder.write('cache/_noparam/bin-1s/2000_bin-1s.d2s', das2);
  return {
    das1_inctime: ['2000-01-01', '1'],
    das2_cache_rdr: ['cached.dsdf', 'cache', '_noparam', '2000-01-01', '2000-02-01', '1'],
    das2_from_das1: ['das1.dsdf', '2000-01-01', '2000-02-01'],
    das2_prtime: ['2000-01-01'],
  };
}

const MAKERS = makers();

for (const [name, args] of Object.entries(MAKERS)) {
  t.test(`${name}: a closed output`, { skip }, async (t) => {
    const script = '{ "$0" "$@" 2> messages; echo $? > status; } | head -c 1 | wc -c; cat status';
    const { stdout } = spawnSync('/bin/sh', ['-c', script, join(bin, name), ...args], { cwd: folder.path });
    t.match(stdout.toString(), /^ *1\n0\n$/);
    const quiet = spawnSync('/bin/sh', ['-c', 'grep -v _bin-1s.d2s messages'], { cwd: folder.path });
    t.equal(quiet.stdout.toString(), '', 'nothing but the names of the files read');
  });
}

for (const [name, args] of [
  ...Object.entries(MAKERS),
  ...Object.entries(READERS).map(([name, { args }]) => [name, args] as const),
]) {
  t.test(`${name}: a full disk`, { skip: skip || !existsSync('/dev/full') }, async (t) => {
    const file = folder.write('input', READERS[name]?.input ?? '');
    const { status, stderr } = spawnSync(
      '/bin/sh',
      ['-c', `"$0" "$@" < ${file} > /dev/full`, join(bin, name), ...args],
      { cwd: folder.path },
    );
    t.not(status, 0);
    t.match(stderr.toString(), new RegExp(`^${name}: cannot write standard output: there is no space left$`, 'm'));
  });
}

t.test('das2_from_das1: an interrupt ends the reader with it', { skip }, async (t) => {
  folder.write('slow.dsdf', "form=x_multi_y\nny=1\nreader='sh slow'\n");
  folder.write('slow', 'cat das1.bin\nexec sleep 600\n');
  // A group of its own, as a shell gives it to a pipeline.
  const child = spawn(join(bin, 'das2_from_das1'), ['slow.dsdf', '2000-01-01', '2000-01-02'], {
    cwd: folder.path,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((end) => child.on('close', () => end()));
  let messages = '';
  child.stderr.on('data', (piece) => {
    messages += String(piece);
  });
  await new Promise((answer) => child.stdout.once('data', answer));
  child.stdout.resume();
  process.kill(-(child.pid as number), 'SIGINT');
  // Standard output is open as long as the program or its reader lives.
  await ended;
  t.equal(messages, '');
});
