/** Imports go one way, only declared packages are used, and no source file and no export is left that nothing uses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { inCircles, unreachable, violations } from './import-rules.js';
import { ROOT, readSource, workFiles } from './repository-files.js';
import { unusedExports } from './unused-exports.js';

const packages = new Set(
  Object.keys((JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: object }).dependencies),
);
const sources = workFiles()
  .filter((path) => /^(bin|cgi|lib|conf\/examples)\/.*\.ts$/.test(path))
  .map(readSource);

/** Declarations for packages without types are used by the compiler alone. */
const programs = sources.filter(({ path }) => !path.endsWith('.d.ts'));

t.test('the sources keep the rules', (t) => {
  t.ok(sources.length > 20, 'the sources are found');
  t.same(violations(sources, packages), []);
  t.end();
});

t.test('no files import each other in a circle', (t) => {
  t.same(inCircles(programs), []);
  const file = (name: string, ...imports: readonly string[]) => ({
    path: `lib/${name}.ts`,
    text: imports.map((other) => `import type { X } from './${other}.js';`).join('\n'),
  });
  const planted = [file('a', 'b'), file('b', 'c', 'd'), file('c', 'b'), file('d'), file('e', 'a', 'd')];
  t.same(inCircles(planted), ['lib/b.ts', 'lib/c.ts']);
  t.end();
});

/** Where the search for users begins: the entries of what is built, and the QStream functions that stream-format 14.3 wants as a library. */
const ENTRIES =
  /^(bin\/das2srv|conf\/examples\/main|lib\/page\/browser\/(source|browse)-page|lib\/filter\/(bin\/vector-assembly|qstream\/(cut|count)))\.ts$/;

t.test('every source file is used by some program', (t) => {
  t.same(
    unreachable(programs, (path) => ENTRIES.test(path)),
    [],
  );
  t.end();
});

t.test('every export is used by another file', (t) => {
  const users = workFiles()
    .filter((path) => /\.(ts|mjs)$/.test(path) && path !== 'lib/page/embedded-files.ts')
    .map(readSource);
  t.same(unusedExports(programs, users), []);
  const planted = { path: 'lib/a.ts', text: 'export const used = 1;\nexport function unused() {}\n// unused' };
  t.same(unusedExports([planted], [planted, { path: 'b.ts', text: "used; 'unused'; // unused" }]), [
    'lib/a.ts: unused',
  ]);
  t.end();
});

t.test('planted violations are found', (t) => {
  const broken = (path: string, text: string) => violations([{ path, text }], packages).map(({ reason }) => reason);
  t.match(broken('lib/stream/a.ts', "import { b } from '../routes/b.js';"), [/lib\/stream lies below lib\/routes/]);
  t.match(broken('lib/stream/a.ts', "const b = await import('../conf/b.js');"), [/lies below/]);
  t.match(broken('lib/filter/a.ts', "export { b } from '../cache/b.js';"), [/lies below/]);
  t.match(broken('lib/conf/a.ts', "import type { B } from '../source/b.js';"), [/lies below/]);
  t.match(broken('lib/error.ts', "import { b } from './stream/b.js';"), [/lies below/]);
  t.match(broken('lib/request/a.ts', "import tap from 'tap';"), [/not a dependency/]);
  t.match(broken('lib/request/a.ts', "import fs from 'fs';"), [/not a dependency/]);
  t.match(broken('lib/elsewhere/a.ts', "import { b } from '../error.js';"), [/no folder/]);
  t.match(broken('lib/page/a.ts', "import { b } from '../../scripts/b.js';"), [/leads out/]);
  t.same(broken('lib/routes/a.ts', "import { b } from '../cache/b.js';\nimport 'node:fs';"), []);
  t.match(broken('lib/browse/time/a.ts', "import { b } from '../find/b.js';"), [/room above/]);
  t.match(broken('lib/browse/a.ts', "import { b } from './time/b.js';"), [/room above/]);
  t.match(broken('lib/browse/attic/a.ts', "import { b } from '../time/b.js';"), [/no such room/]);
  t.same(broken('lib/browse/find/a.ts', "import { b } from '../time/b.js';\nimport { c } from '../c.js';"), []);
  t.match(broken('lib/source/tree/a.ts', "import { b } from '../b.js';"), [/room above/]);
  t.same(broken('lib/source/a.ts', "import { b } from './tree/b.js';"), []);
  t.same(broken('lib/stream/a.ts', "// import { b } from '../routes/b.js';\n"), []);

  const circle = [
    { path: 'lib/cache/a.ts', text: "import { b } from '../pipeline/b.js';" },
    { path: 'lib/pipeline/b.ts', text: "import { a } from '../cache/a.js';" },
  ];
  t.match(violations(circle, packages), [{ reason: 'a circle: lib/cache -> lib/pipeline -> lib/cache' }]);
  t.same(violations(circle.slice(0, 1), packages), []);
  t.same(
    unreachable([...circle, { path: 'lib/c.ts', text: '' }], (path) => path === 'lib/cache/a.ts'),
    ['lib/c.ts'],
  );
  t.end();
});
