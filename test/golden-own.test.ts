/**
 * Golden folders of our own (test/golden-own), made from the rules by another program in another language: one run of one filter each.
 *
 *     cmd        program and arguments, split at blanks          exit      exit status
 *     input.*    standard input                                  expected.*  standard output
 *     note       optional: what is special
 *
 * Streams (`expected.d2s`) are compared by meaning, except those of QStreams and reports, which have tests of their own; text and
 * das1 byte for byte. Each case runs as a function, whole and in pieces, and where it has been built through the program.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { filterProgram } from '../lib/filter/registry.js';
import { assertValidStream } from './tools/assert-valid-stream.js';
import { cut } from './tools/build-stream.js';
import { compareStreams } from './tools/compare-streams.js';
import { runProgram } from './tools/run-filter.js';

const repository = resolve(import.meta.dirname, '..');
const golden = join(import.meta.dirname, 'golden-own');
const CHUNK_SIZES = [65536, 7, 1];

/** Folders that test/filter/qstream-golden, test/filter/analysis-golden and test/bin/valid run. */
const ELSEWHERE = /^(?:qstream|valid|psd|hapi|from-(?:tagged-)?das1)/;

for (const name of readdirSync(golden).sort()) {
  if (ELSEWHERE.test(name)) continue;
  t.test(name, async (t) => {
    const folder = join(golden, name);
    const files = readdirSync(folder);
    const read = (start: string): Buffer =>
      readFileSync(join(folder, files.find((file) => file.startsWith(start)) ?? start));
    const [command = '', ...args] = read('cmd').toString().trim().split(/\s+/);
    const isStream = files.includes('expected.d2s');
    const wanted = read('expected');
    const status = Number(read('exit').toString());
    const compare = (output: Buffer, label: string): void => {
      if (isStream) t.strictSame(compareStreams(output, wanted), [], label);
      else t.equal(output.toString('latin1'), wanted.toString('latin1'), label);
    };
    const program = await filterProgram(command);
    if (program === undefined) return t.fail(`there is no filter program ${command}`);
    for (const size of CHUNK_SIZES) {
      const { output, error } = runProgram(program, args, ...cut(read('input'), [size]));
      compare(output, `${size} bytes at a time`);
      t.equal(error?.exitStatus ?? 0, status, 'exit status');
      if (isStream && status === 0) assertValidStream(t, output, { allow: ['nan-value', 'name-missing'] });
    }
    const file = join(repository, 'dist', 'bin', command);
    if (!existsSync(file)) return t.comment(`${command} has not been built`);
    const run = spawnSync(file, args, { input: read('input') });
    compare(run.stdout, 'the program');
    t.equal(run.status, status, 'exit status of the program');
  });
}
