/** What the loader makes of TypeScript: no types, the right lines in stacks, and never the text of yesterday. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import t from 'tap';
import { temporaryFolder } from './temporary-folder.js';

const LOADER = resolve(import.meta.dirname, 'typescript-loader.mjs');

t.test('a module and what it imports', async (t) => {
  const folder = temporaryFolder(t);
  const main = folder.write(
    'main.ts',
    "import { type Pair, sum } from './sum.js';\nconst pair: Pair = [1, 2];\nconsole.log(sum(pair));\n",
  );
  const run = () => {
    const options = ['--enable-source-maps', `--import=${LOADER}`, main];
    const { stdout, stderr } = spawnSync(process.execPath, options, { env: { PATH: '/usr/bin:/bin' } });
    return { output: stdout.toString(), errors: stderr.toString() };
  };
  const head = 'export type Pair = readonly [number, number];\n\nexport interface Unused {\n  a: number;\n}\n\n';
  folder.write('sum.ts', `${head}export const sum = ([a, b]: Pair): number => a + b;\n`);
  t.same(run(), { output: '3\n', errors: '' });
  t.same(run(), { output: '3\n', errors: '' }, 'from what has been kept');
  folder.write('sum.ts', `${head}export const sum = ([a, b]: Pair): number => a - b;\n`);
  t.same(run(), { output: '-1\n', errors: '' }, 'a new text of the same length');
  folder.write('sum.ts', `${head}export function sum(_pair: Pair): never {\n  throw new Error('no');\n}\n`);
  t.match(run().errors, /sum\.ts:8:9\)/, 'the line in the source');
  folder.write('sum.ts', 'export const sum = (: Pair) => 1;\n');
  t.match(run().errors, /sum\.ts:1:20: ERROR: /, 'the place of a mistake');
});
