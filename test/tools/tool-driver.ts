/**
 * A command line program of ours as a process: the executable in `DAS2SRV_BIN` if that is set, else the sources, bundled for the
 * running Node.
 */
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { TemporaryFolder } from './temporary-folder.js';

/** The words that start a program. `entry`: its file in bin/, without `.ts`; `name`: as it is called when built. */
export async function toolCommand(folder: TemporaryFolder, entry: string, name: string): Promise<readonly string[]> {
  const built = process.env.DAS2SRV_BIN;
  if (built !== undefined && built !== '') return [resolve(built, name)];
  const output = join(folder.path, `program-${entry}`);
  await build({
    entryPoints: [resolve(import.meta.dirname, `../../bin/${entry}.ts`)],
    outdir: output,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const start = folder.write(
    `program-${entry}/start.mjs`,
    `import { main } from './${entry}.mjs';\n` +
      'main(process.argv.slice(2)).then((status) => process.exit(status), (error) => {\n' +
      '  console.error(error.message, error.data?.detail ?? "");\n  process.exit(error.exitStatus ?? 1);\n});\n',
  );
  return [process.execPath, start];
}
