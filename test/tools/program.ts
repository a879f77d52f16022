/**
 * One program as a process of its own: the executable in `DAS2SRV_BIN` (a folder such as dist/bin) if that is set, else the
 * sources, bundled once for the running Node.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';

/** How to start a program: the words of its command. */
export interface Program {
  readonly command: readonly string[];
  remove(): void;
}

export interface ProgramResult {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/** What runs the `main` of a module as a program, with words about its faults on standard error. */
const START = (module: string): string =>
  `import { main } from '${module}';\n` +
  'main(process.argv.slice(2)).then((status) => process.exit(status), (error) => {\n' +
  "  console.error([error.message, error.data?.detail].filter(Boolean).join(' '));\n" +
  '  process.exit(error.exitStatus ?? 1);\n});\n';

export interface BuildOptions {
  /** Makes the text of the module that calls `main` of a module. */
  readonly start?: (module: string) => string;
  /** The folder in which the program is put. */
  readonly parent?: string;
}

/** The program `name` whose entry module is `entry`, from the root of the repository. */
export async function buildProgram(name: string, entry: string, options: BuildOptions = {}): Promise<Program> {
  const folder = process.env.DAS2SRV_BIN;
  if (folder !== undefined && folder !== '') return { command: [resolve(folder, name)], remove: () => {} };
  return bundleProgram(entry, options);
}

/** The program of an entry module, from the root of the repository, bundled for the running Node. */
export async function bundleProgram(
  entry: string,
  { start = START, parent = tmpdir() }: BuildOptions = {},
): Promise<Program> {
  const output = mkdtempSync(join(parent, 'das2-program-'));
  await build({
    entryPoints: [resolve(import.meta.dirname, '../..', entry)],
    outdir: output,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    // CommonJS packages in the bundle ask for built-ins by require.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const file = join(output, 'start.mjs');
  writeFileSync(file, start(`./${basename(entry, '.ts')}.mjs`));
  return { command: [process.execPath, file], remove: () => rmSync(output, { recursive: true, force: true }) };
}

/** Runs a program to its end. */
export function runProgram(
  program: Program,
  args: readonly string[],
  options: { readonly input?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<ProgramResult> {
  const [command = '', ...words] = program.command;
  const child = spawn(command, [...words, ...args], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    // No terminal of the session: a program that would ask there must not.
    detached: true,
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (status) => done({ status, output, errors }));
  });
}
