/**
 * What a CGI request pays for before it is looked at: the modules that the main program loads at once (design: lazy by default).
 * A module that is imported at the branch which needs it costs the others nothing.
 */
import { relative, resolve } from 'node:path';
import { build } from 'esbuild';
import t from 'tap';

const TOP = resolve(import.meta.dirname, '../..');
/** Built-ins that are there anyway. Every other one costs between half a millisecond and ten. */
const FREE = ['node:fs', 'node:path'];
/** Loaded by the branch that needs it. */
const LAZY = [
  'lib/pipeline/',
  'lib/auth/',
  'lib/filter/',
  'lib/cache/',
  'lib/queue/',
  'lib/page/',
  'lib/data/',
  'lib/cite/',
  'lib/routes/data/dataset.ts',
];

t.test('the static imports of the main program', async (t) => {
  const { metafile } = await build({
    entryPoints: [resolve(TOP, 'cgi/srvcgi_main.ts')],
    absWorkingDir: TOP,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    outdir: 'never-written',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const loaded = new Set<string>();
  const foreign = new Set<string>();
  const visit = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { path, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind === 'dynamic-import') continue;
      if (external === true) foreign.add(path);
      else visit(path);
    }
  };
  visit('cgi/srvcgi_main.ts');
  t.ok(loaded.size > 20, 'the graph was walked');
  t.same(
    [...foreign].filter((name) => !FREE.includes(name)),
    [],
    'no further built-in',
  );
  const files = [...loaded].map((file) => relative('.', file));
  t.same(
    files.filter((file) => file.includes('node_modules')),
    [],
    'no package',
  );
  t.same(
    files.filter((file) => LAZY.some((start) => file.startsWith(start))),
    [],
    'nothing that only some requests need',
  );
  const size = [...loaded].reduce((sum, file) => sum + (metafile.inputs[file]?.bytes ?? 0), 0);
  t.ok(size < 400_000, `${size} bytes of source`);
});
