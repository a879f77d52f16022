/**
 * das2_valid as a process: files, standard input, JSON, statuses, closed output; and its golden folders (test/golden-own/valid*).
 * DAS2SRV_NEW_GOLDEN=valid-json writes the expected output of that folder anew; read it before you keep it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import t from 'tap';
import { RULE_CODES } from '../../lib/stream/validator/rules.js';
import { headerPacket, STREAM } from '../tools/build-stream.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

const folder = temporaryFolder(t);
const golden = resolve(import.meta.dirname, '..', 'golden-own');

/** The built program where there is one, else the sources, bundled for the running Node. */
async function command(): Promise<[string, ...string[]]> {
  const built = process.env.DAS2SRV_BIN;
  if (built !== undefined && built !== '') return [resolve(built, 'das2_valid')];
  const bundle = join(folder.path, 'valid.mjs');
  await build({
    entryPoints: [resolve(import.meta.dirname, '../../bin/valid.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  const start = folder.write(
    'start.mjs',
    "import { main } from './valid.mjs';\nprocess.exitCode = await main(process.argv.slice(2));\n",
  );
  return [process.execPath, start];
}

const [program, ...before] = await command();

interface Outcome {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

function run(args: readonly string[], input: Uint8Array = new Uint8Array()): Outcome {
  const { status, stdout, stderr } = spawnSync(program, [...before, ...args], { input });
  return { status, output: stdout.toString(), errors: stderr.toString() };
}

const BAD = Buffer.concat([STREAM, headerPacket('xx', '<a/>\n')]);

t.test('statuses', (t) => {
  t.match(run([], STREAM), { status: 0, output: /^\(standard input\): das2 stream; 1 packet; /, errors: '' });
  t.match(run(['-'], BAD), {
    status: 1,
    output: /^\(standard input\):43: violation: packet xx: .* \[root-element, section 2\.1\]\n/,
  });
  t.match(run(['--strict', folder.write('good.d2s', STREAM)]), { status: 0 });
  t.match(run(['--what']), { status: 100, output: '', errors: /unknown option "--what"/ });
  const absent = run([folder.write('bad.d2s', BAD), join(folder.path, 'absent.d2s')]);
  t.match(absent, { status: 100, output: /bad\.d2s:43: violation/, errors: /absent\.d2s: there is no such file/ });
  t.match(run([folder.path]), { status: 100, errors: /it is a directory/ });
  t.match(run(['--', folder.write('--json', STREAM).replace(`${folder.path}/`, './')]), { status: 100 });
  t.end();
});

t.test('help names every rule, version says the version', (t) => {
  const { status, output } = run(['--help']);
  t.equal(status, 0);
  for (const code of RULE_CODES) t.ok(output.includes(`  ${code} `), code);
  t.match(run(['--version']), { status: 0, output: /^das2_valid \S+ \(\S+\)\n$/ });
  t.end();
});

t.test('JSON is one document for all files', (t) => {
  const names = [folder.write('one.d2s', STREAM), folder.write('two.d2s', BAD), join(folder.path, 'none.d2s')];
  const { status, output } = run(['--json', ...names]);
  t.equal(status, 100);
  const { files } = JSON.parse(output) as { files: Record<string, unknown>[] };
  t.match(files, [
    { file: names[0], valid: true, violations: 0, family: 'das2', packets: 1, records: {}, findings: [] },
    { file: names[1], valid: false, violations: 1, findings: [{ code: 'root-element', offset: 43, packet: 'xx' }] },
    { file: names[2], error: 'there is no such file' },
  ]);
  t.end();
});

t.test('a reader that goes away ends it quietly', async (t) => {
  const child = spawn(program, [...before, ...Array.from({ length: 2000 }, () => folder.write('bad.d2s', BAD))]);
  child.stdin.end();
  child.stdout.once('data', () => child.stdout.destroy());
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const status = await new Promise((done) => child.on('close', done));
  t.equal(errors, '');
  t.equal(status, 0);
});

t.test('golden folders', (t) => {
  for (const name of readdirSync(golden).sort()) {
    if (!name.startsWith('valid')) continue;
    const file = (part: string): string => join(golden, name, part);
    const [, ...args] = readFileSync(file('cmd'), 'utf8').trim().split(/\s+/);
    const { status, output, errors } = run(args, readFileSync(file('input.d2s')));
    t.equal(errors, '', name);
    if (process.env.DAS2SRV_NEW_GOLDEN === name) writeFileSync(file('expected.d2s'), output);
    t.equal(output, readFileSync(file('expected.d2s'), 'utf8'), name);
    t.equal(status, Number(readFileSync(file('exit'), 'utf8')), `${name}: status`);
  }
  t.end();
});
