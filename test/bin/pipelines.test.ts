/**
 * Pipelines of built programs as people type them: readers in front, `head` behind, interrupts, full disks, descriptors that somebody has made
 * non-blocking (stream-format 11.1, 11.3, 11.4). How each program for itself begins and ends: ends.test.ts.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { packetHeader, record, STREAM } from '../tools/build-stream.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const dist = resolve(import.meta.dirname, '..', '..', 'dist');
const bin = join(dist, 'bin');
const examples = join(dist, 'examples');
const skip = existsSync(join(bin, 'das2_csv')) && existsSync(examples) ? false : 'run scripts/build first';
const PATH = `${bin}:${examples}:${process.env.PATH}`;
const RANGE = '2026-01-01 2026-01-03';

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

/** Runs a script in bash; the statuses of its last pipeline are the last line of what it prints on descriptor 3. */
function bash(script: string, env: NodeJS.ProcessEnv = {}): Ended & { readonly statuses: string } {
  const { status, stdout, stderr, output } = spawnSync('/bin/bash', ['-c', `${script}\necho "\${PIPESTATUS[*]}" >&3`], {
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
    timeout: 120_000,
  });
  const statuses = String(output[3] ?? '').trim();
  return { status, output: stdout.toString('latin1'), messages: stderr.toString(), statuses };
}

function hasProgram(name: string): boolean {
  return spawnSync('/bin/sh', ['-c', `command -v ${name}`]).status === 0;
}

t.test('head closes a long pipeline cleanly and quietly', { skip }, async (t) => {
  const { output, messages, statuses } = bash(
    `random_walk 2026-01-01 2026-03-01 | das2_bin_avgsec 1 | das2_ascii | head -c 2000 | wc -c`,
  );
  t.match(output, /^ *2000\n$/);
  t.equal(messages, '');
  t.equal(statuses, '0 0 0 0 0');
});

t.test('rows for a spreadsheet, and only the first one', { skip }, async (t) => {
  const { output, messages, statuses } = bash(`random_walk 2026-01-01 2026-02-01 | das2_csv | head -1`);
  t.match(output, /^[^\n]+\n$/);
  t.equal(messages, '');
  t.equal(statuses, '0 0 0');
});

t.test('every filter between a reader and the validator', { skip }, async (t) => {
  for (const filter of [
    'das2_bin_avgsec 600',
    'das2_bin_avgsec -r -s -b 2026-01-01 600 | das2_ascii',
    'das2_bin_minmaxavgsec 600 | das2_bin_minmaxavgsec 3600',
    'das2_bin_peakavgsec 600',
    'das2_bin_avg 6e8',
    'das2_bin_ratesec 3600',
    'das2_ascii | das2_binary',
    'das2_histo | das2_ascii',
  ]) {
    const { messages, statuses, output } = bash(`orbit_field ${RANGE} | ${filter} | das2_valid --strict`);
    t.match(statuses, /^(?:0 ?)+$/, filter);
    t.match(output, /das2 stream; \d+ packets; .* 0 violations/);
    t.equal(messages, '', filter);
  }
});

t.test('text and back gives the same numbers', { skip }, async (t) => {
  const { output, statuses } = bash(
    `orbit_field ${RANGE} | das2_ascii -r 17 -s 9 | das2_binary -8 | das2_csv -r 7 | md5sum
     orbit_field ${RANGE} | das2_csv -r 7 | md5sum`,
  );
  const [first, second] = output.trim().split('\n');
  t.equal(first, second);
  t.match(statuses, /^0 0 0/);
});

t.test('a full disk is told, whoever meets it', { skip: skip || !existsSync('/dev/full') }, async (t) => {
  const { messages, statuses } = bash(`random_walk ${RANGE} | das2_bin_avgsec 1 | das2_ascii > /dev/full`);
  t.match(messages, /das2_ascii: cannot write standard output: /);
  const [, averager, last] = statuses.split(' ');
  t.not(last, '0');
  t.equal(averager, '0', 'the program in front ends quietly');
});

t.test('input from a file, and - for standard input', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const file = folder.write('in.d2s', Buffer.concat([HEAD, records(100)]));
  const plain = bash(`das2_bin_avgsec 10 < ${file}`);
  t.equal(plain.status, 0);
  t.equal(bash(`cat ${file} | das2_bin_avgsec 10 -`).output, plain.output);
  t.equal(bash(`das2_bin_avgsec -- 10 < ${file}`).output, plain.output);
  t.equal(bash(`cd ${folder.path} && das2srv das2_bin_avgsec 10 < in.d2s`).output, plain.output);
  t.equal(bash(`env -i ${bin}/das2_bin_avgsec 10 < ${file}`).output, plain.output);
});

t.test('interrupts end a program at once and without a word', { skip }, async (t) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const) {
    const child = spawn(join(bin, 'das2_bin_avgsec'), ['1'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let messages = '';
    child.stderr.on('data', (piece) => {
      messages += String(piece);
    });
    const ended = new Promise<{ status: number | null; by: string | null }>((end) =>
      child.on('close', (status, by) => end({ status, by })),
    );
    const answered = new Promise<void>((answer) => child.stdout.once('data', () => answer()));
    child.stdin.write(Buffer.concat([HEAD, records(5)]));
    await answered;
    child.kill(signal);
    // The runtime ignores SIGPIPE: a closed pipe is an error of writing there.
    if (signal === 'SIGPIPE') child.stdin.end();
    const { status, by } = await ended;
    t.ok(
      signal === 'SIGPIPE' ? status === 0 || by === signal : by === signal || status !== 0,
      `${signal}: ${status} ${by}`,
    );
    t.equal(messages, '', signal);
  }
});

t.test('the first output of a pipeline comes while the reader still runs', { skip }, async (t) => {
  const child = spawn('/bin/bash', ['-c', 'das2_bin_avgsec 60 | das2_ascii'], {
    env: { PATH },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  const first = new Promise<void>((seen) =>
    child.stdout.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
      if (/:01:.*\n/.test(text)) seen();
    }),
  );
  const ended = new Promise<number | null>((end) => child.on('close', (status) => end(status)));
  child.stdin.write(Buffer.concat([HEAD, records(200)]));
  await first;
  t.equal(child.exitCode, null, 'the input is still open');
  child.stdin.end();
  t.equal(await ended, 0);
});

t.test('descriptors that somebody has made non-blocking', { skip: skip || !hasProgram('python3') }, async (t) => {
  const folder = temporaryFolder(t);
  const input = Buffer.concat([HEAD, records(60_000)]);
  const file = folder.write('in.d2s', input);
  // Both pipes are non-blocking for the program; it is fed late and read slowly.
  const python = `
import os, subprocess, sys, threading, time
data = open(sys.argv[1], 'rb').read()
read_in, write_in = os.pipe()
read_out, write_out = os.pipe()
os.set_blocking(read_in, False)
os.set_blocking(write_out, False)
child = subprocess.Popen(sys.argv[2:], stdin=read_in, stdout=write_out)
os.close(read_in)
os.close(write_out)
def feed():
    time.sleep(0.2)
    with os.fdopen(write_in, 'wb') as pipe:
        pipe.write(data)
threading.Thread(target=feed).start()
time.sleep(0.5)
out = os.fdopen(read_out, 'rb').read()
sys.stdout.buffer.write(out)
sys.stdout.flush()
sys.exit(child.wait())
`;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', python, file, join(bin, 'das2_ascii')], {
    maxBuffer: 1 << 28,
    timeout: 90_000,
  });
  t.equal(status, 0);
  t.equal(stderr.toString(), '');
  t.ok(stdout.equals(spawnSync(join(bin, 'das2_ascii'), [], { input, maxBuffer: 1 << 28 }).stdout));
});
