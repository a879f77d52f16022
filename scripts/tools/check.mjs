/**
 * Format and lint (biome), types (tsc), and the house rules that are written as tests: directions of imports, heads of
 * files, names, no paths of one machine. `scripts/test` calls this without the last part, since it runs all tests anyway.
 */
import path from 'node:path';
import { readCommandLine } from './command-line.mjs';
import { ROOT } from './repository.mjs';
import { needPackages } from './set-up.mjs';
import { step } from './step.mjs';

const HELP = `usage: scripts/check [--fix] [--no-rules]

  --fix       let the formatter and linter repair what they can
  --no-rules  leave out the house rules of test/house
  --help      this text

Checks format, lint, types, directions of imports and names. Exit status 0 when all is well.

Example, before a commit:
  scripts/check --fix
`;

const tool = (file) => path.join(ROOT, 'node_modules', file);

const { values } = readCommandLine('scripts/check', HELP, {
  options: { fix: { type: 'boolean', default: false }, 'no-rules': { type: 'boolean', default: false } },
});
await needPackages();
const node = process.execPath;
const results = [
  await step('format and lint', node, [
    tool('@biomejs/biome/bin/biome'),
    'check',
    ...(values.fix ? ['--write'] : []),
    '.',
  ]),
  await step('types', node, [tool('typescript/bin/tsc'), '--noEmit']),
  await step('types of the page scripts', node, [tool('typescript/bin/tsc'), '--noEmit', '-p', 'lib/page/browser']),
];
if (!values['no-rules']) {
  const rules = ['imports', 'files', 'names'].map((name) => `test/house/${name}.test.ts`);
  results.push(await step('house rules', node, [tool('tap/dist/esm/run.mjs'), '--reporter=tap', ...rules]));
}
process.exitCode = results.every(Boolean) ? 0 : 1;
