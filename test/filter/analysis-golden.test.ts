/**
 * Golden folders of our own for das2_psd, das2_hapi, das2_from_das1 and das2_from_tagged_das1, through the built programs: input, command line,
 * expected bytes and exit status. The spectra were checked against direct sums by a program in another language.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { filterProgram } from '../../lib/filter/registry.js';
import { cut } from '../tools/build-stream.js';
import { compareStreams } from '../tools/compare-streams.js';
import { runProgram } from '../tools/run-filter.js';

const repository = resolve(import.meta.dirname, '..', '..');
const golden = join(repository, 'test', 'golden-own');
const bin = join(repository, 'dist', 'bin');

for (const name of readdirSync(golden).sort()) {
  if (!/^(?:psd|hapi|from-das1|from-tagged-das1)(?:-|$)/.test(name)) continue;
  const folder = join(golden, name);
  const read = (file: string): Buffer => readFileSync(join(folder, file));
  const [command = '', ...args] = read('cmd').toString().trim().split(/\s+/);
  const exit = Number(read('exit').toString());

  // Last digits of spectra may differ between processors.
  const compare = (t: Test, output: Buffer, label: string): void => {
    if (name.startsWith('psd')) t.strictSame(compareStreams(output, read('expected.d2s')), [], label);
    else t.equal(output.toString('latin1'), read('expected.d2s').toString('latin1'), label);
  };

  t.test(name, async (t) => {
    const program = await filterProgram(command);
    if (program !== undefined) {
      for (const size of [65536, 7, 1]) {
        const { output, status } = runProgram(program, args, ...cut(read('input.d2s'), [size]));
        compare(t, output, `function, ${size} bytes at a time`);
        t.equal(status, exit);
      }
    }
    const path = join(bin, command);
    if (!existsSync(path)) {
      t.comment(`${command} has not been built`);
      return;
    }
    const { stdout, status } = spawnSync(path, args, { input: read('input.d2s'), cwd: folder });
    compare(t, stdout, 'program');
    t.equal(status, exit);
  });
}
