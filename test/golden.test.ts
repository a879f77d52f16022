/**
 * The golden vectors of the stream filters and the pairs of real streams, through the filters as functions and, where they have been
 * built, through the executables. The files live beside the repository (`../shared`, or DAS2SRV_SHARED); without them this is skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { isDas2Error } from '../lib/error.js';
import { filterProgram } from '../lib/filter/registry.js';
import { type CompareMode, compareExit, compareStreams } from './tools/compare-streams.js';

const repository = resolve(import.meta.dirname, '..');
const shared = process.env.DAS2SRV_SHARED ?? join(repository, '..', 'shared');
const golden = join(shared, 'reference', 'golden');
const streams = join(shared, 'data', 'streams');

interface Run {
  readonly output: Uint8Array;
  readonly status: number;
}

type Runner = (args: readonly string[], input: Uint8Array, folder: string) => Run;

/** The filter as a function, fed in chunks of this size. */
async function functionRunner(name: string, chunkSize: number): Promise<Runner | undefined> {
  const program = await filterProgram(name);
  if (program === undefined) return undefined;
  return (args, input) => {
    const pieces: Uint8Array[] = [];
    let status = 0;
    try {
      const filter = program.create(args, { write: (bytes) => pieces.push(new Uint8Array(bytes)) });
      for (let at = 0; at < input.length; at += chunkSize) filter.push(input.subarray(at, at + chunkSize));
      filter.end();
    } catch (error) {
      if (!isDas2Error(error)) throw error;
      status = error.exitStatus;
    }
    return { output: Buffer.concat(pieces), status };
  };
}

/** The built program. */
function programRunner(name: string): Runner | undefined {
  const program = join(repository, 'dist', 'bin', name);
  if (!existsSync(program)) return undefined;
  return (args, input, folder) => {
    const { stdout, status } = spawnSync(program, args, { input, cwd: folder, maxBuffer: 1 << 28 });
    return { output: stdout, status: status ?? -1 };
  };
}

async function runnersOf(name: string): Promise<[string, Runner][]> {
  const runners: [string, Runner | undefined][] = [
    ['function', await functionRunner(name, 65536)],
    ['function, 7 bytes at a time', await functionRunner(name, 7)],
    ['program', programRunner(name)],
  ];
  return runners.filter((entry): entry is [string, Runner] => entry[1] !== undefined);
}

function text(folder: string, file: string): string | undefined {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

t.test('golden vectors', { skip: existsSync(golden) ? false : `no golden vectors in ${golden}` }, async (t) => {
  for (const name of readdirSync(golden).sort()) {
    const folder = join(golden, name);
    const [program, ...args] = (text(folder, 'cmd') ?? '').split(/\s+/);
    if (program === undefined || program === '') continue;
    const runners = await runnersOf(program);
    await t.test(name, { skip: runners.length > 0 ? false : `${program} is not there` }, async (t) => {
      const mode = (text(folder, 'compare') ?? 'semantic') as CompareMode;
      const expected = readFileSync(join(folder, 'expected.d2s'));
      for (const [label, run] of runners) {
        const { output, status } = run(args, readFileSync(join(folder, 'input.d2s')), folder);
        t.strictSame(compareStreams(output, expected, mode), [], `${label}: stream`);
        t.strictSame(compareExit(status, Number(text(folder, 'exit'))), [], `${label}: exit status`);
      }
    });
  }
});

t.test('real streams', { skip: existsSync(streams) ? false : `no streams in ${streams}` }, async (t) => {
  const pairs: [string, string[][]][] = [
    [
      'das2_bin_avgsec',
      [
        ['das2_bin_avgsec', '300'],
        ['das2_ascii', '-r', '4', '-s', '3'],
      ],
    ],
    ['das2_ascii', [['das2_ascii', '-r', '4', '-s', '3']]],
  ];
  for (const [pair, commands] of pairs) {
    const steps: Runner[] = [];
    for (const [program = ''] of commands) {
      const runner = await functionRunner(program, 65536);
      if (runner !== undefined) steps.push(runner);
    }
    await t.test(
      pair,
      { skip: steps.length === commands.length ? false : 'a program of it is not there' },
      async (t) => {
        let bytes: Uint8Array = readFileSync(join(streams, `${pair}_input1.d2s`));
        steps.forEach((run, nth) => {
          const { output, status } = run((commands[nth] ?? []).slice(1), bytes, streams);
          t.equal(status, 0);
          bytes = output;
        });
        t.strictSame(compareStreams(bytes, readFileSync(join(streams, `${pair}_output1.d2t`))), []);
      },
    );
  }
});
