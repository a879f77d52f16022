/**
 * Bundles a program of test/ with the sources it uses and runs it with the arguments of this one: as fast as the built programs, without
 * building them. Packages that are absent are fetched first. Interrupting is for the program, which then prints what it has.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from './repository.mjs';
import { needPackages } from './set-up.mjs';

/** Runs `entry` (a path below the repository); the exit status of this process becomes its status. */
export async function runBundled(entry, args) {
  await needPackages();
  const { build, stop } = await import('esbuild');
  const work = mkdtempSync(path.join(tmpdir(), 'das2srv-bundle-'));
  try {
    const outfile = path.join(work, 'program.mjs');
    await build({
      absWorkingDir: ROOT,
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      sourcemap: 'inline',
      // Packages in the CommonJS form ask for built-in modules.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'warning',
    });
    await stop();
    process.on('SIGINT', () => {});
    const { status } = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...args], { stdio: 'inherit' });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
