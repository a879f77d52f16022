/**
 * Bundles the fuzzer of test/fuzz with the sources it tests and runs it: as fast as the built programs, without building them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, stop } from 'esbuild';
import { ROOT } from './repository.mjs';

const work = mkdtempSync(path.join(tmpdir(), 'das2srv-fuzz-'));
try {
  const outfile = path.join(work, 'fuzz.mjs');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/fuzz/main.ts'],
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
  const corpus = path.join(ROOT, 'test/fuzz/corpus');
  // Interrupting is for the fuzzer, which then prints its summary.
  process.on('SIGINT', () => {});
  const { status } = spawnSync(
    process.execPath,
    ['--enable-source-maps', outfile, '--corpus', corpus, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
