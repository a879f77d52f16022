/**
 * Builds the executables: one multi-call file of all programs, linked under each program's name, and one of the example
 * readers. Bun packs them by default; `--runtime node` packs the same sources on Node's single-executable format for
 * machines where Bun does not run.
 *
 * Contract: leaves OUT/bin/<program> and OUT/examples/<reader>, where OUT is `dist` (Bun) or `dist-node` (Node) or what
 * `--out` says. Every file appears whole or not at all (written aside, then renamed). Nothing happens when no source has
 * changed since the last build, unless `--force`; packages that are absent or older than package-lock.json are fetched first. Never run `strip` on the result: the payload sits behind the ELF sections.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
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
import { readCommandLine, refuseCommandLine } from './command-line.mjs';
import { definitions, packWithBun, packWithNode } from './pack.mjs';
import { exampleNames, filesBelow, programNames, ROOT } from './repository.mjs';
import { checkNode, installPackages } from './set-up.mjs';
import { trainingRuns } from './training-runs.mjs';

const HELP = `usage: scripts/build [--runtime bun|node] [--out DIR] [--force]

Makes the executables out of the sources, unless they are up to date. Packages that it needs are fetched first (npm ci).

  --runtime NAME  what runs inside the executable: bun (default) or node
  --out DIR       where to build; default dist (bun) or dist-node (node)
  --force         build even if no source has changed
  --help          this text

Leaves DIR/bin/das2_... (and das1_...) and DIR/examples/READER.

Example:
  scripts/build --out /tmp/das2srv
`;

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

/** Examples are small and each stands for itself; the programs of the server share most of their modules. */
async function grouped(entry, work) {
  // Packages are known only when they have been fetched.
  const { groupModules } = await import('./group-modules.mjs');
  return groupModules({ entry, folder: path.join(work, 'modules'), define: definitions() });
}

/** A request is over before compiled code pays, and the compiler is a thread; lib/runtime.ts sets the scale back for real work. */
const TIER_UP = 20;

/** Packs, asks the result what it needs first, and packs again with that in one place. */
function packTrained({ entry, target, work }) {
  packWithBun({ entry, target, tierUp: TIER_UP });
  const folder = path.join(work, 'training');
  mkdirSync(folder);
  packWithBun({ entry, target, tierUp: TIER_UP, order: trainingRuns(target, folder) });
}

async function build({ runtime, out, force }) {
  checkNode();
  if (!(await installPackages())) throw new Error('the packages of package-lock.json cannot be fetched (npm ci)');
  // The page scripts are made of the same sources: an executable never carries older ones.
  execFileSync(process.execPath, [path.join(ROOT, 'scripts/tools/embed.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stamp = path.join(out, '.built');
  const wanted = signature({ runtime });
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
      if (runtime === 'node') await packWithNode({ entry, target, work });
      else if (name === 'das2srv') packTrained({ entry: await grouped(entry, work), target, work });
      else packWithBun({ entry, target });
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

const { values } = readCommandLine('scripts/build', HELP, {
  options: {
    runtime: { type: 'string', default: 'bun' },
    out: { type: 'string' },
    force: { type: 'boolean', default: false },
  },
});
const { runtime } = values;
if (runtime !== 'bun' && runtime !== 'node')
  refuseCommandLine('scripts/build', `--runtime ${runtime}: choose bun or node`);
try {
  await build({
    runtime,
    out: path.resolve(values.out ?? path.join(ROOT, runtime === 'bun' ? 'dist' : 'dist-node')),
    force: values.force,
  });
} catch (error) {
  const details = error?.stderr?.toString?.().trim();
  console.error(`scripts/build: ${error.message}${details ? `\n${details}` : ''}`);
  process.exitCode = 1;
}
