/**
 * What the main CGI program loads for the cheapest requests. A CGI program starts anew for each request, so each module is
 * paid for each time (docs/architecture.md, "Start-up"): the list is short on purpose, and this test is its guard.
 *
 * To see the list: LIST_MODULES=1 npx tap test/house/module-list.test.ts
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { buildLevels } from '../../lib/cache/builder/levels.js';
import { cgiEnvironment } from '../../scripts/tools/cgi-environment.mjs';
import { cacheSite, range } from '../cache/site.js';
import { temporaryFolder } from '../tools/temporary-folder.js';
import { ROOT } from './repository-files.js';

/** Built-in modules that cost nothing worth naming; all others have to be loaded by the branch that needs them. */
const LIGHT = new Set(['node:fs', 'node:path']);

/** What blocks that are sent whole can do without. */
const DEAR_PARTS =
  /^lib\/(queue\/|browse\/|httpd\/|pipeline\/(slots\/|running\/child-stage)|stream\/(stream-reader|xml|inflate|header-parser|units|packet-boundary)\.)/;

/** Parts of the program that none of these requests has to do with. */
const FOREIGN_PARTS = /^lib\/(pipeline|filter|cache|queue|browse|cite|httpd)\//;

function modulesLoaded(t: Test, query: string): { modules: string[]; output: string } {
  const folder = temporaryFolder(t);
  folder.write(
    'datasets/A/One.dsdf',
    'description = "One"\nreader = "true"\nvalidRange = "2001-01-01 to 2002-01-01"\n',
  );
  folder.write(
    'datasets/A/Two.dsdf',
    'description = "Two"\nreader = "true"\nvalidRange = "2001-01-01 to 2002-01-01"\n',
  );
  folder.write('log/.keep', '');
  folder.write('state/.keep', '');
  const configuration = folder.write(
    'etc/das2server.conf',
    'SITE_NAME = Test\nDSDF_ROOT = ../datasets\nLOG_PATH = ../log\nSTATE_ROOT = ../state\n',
  );
  return modulesOf(t, query, configuration);
}

/** The modules of one request to a site, and its answer. */
function modulesOf(t: Test, query: string, configuration: string): { modules: string[]; output: string } {
  const list = temporaryFolder(t).write('modules', '');
  const result = spawnSync(process.execPath, [join(ROOT, 'test/house/module-list-start.mjs')], {
    encoding: 'utf8',
    env: {
      PATH: '/usr/bin:/bin',
      LIST_FILE: list,
      DAS2_SERVER_CONF: configuration,
      ...cgiEnvironment({ QUERY_STRING: query }),
    },
  });
  t.equal(result.stderr, '', 'nothing on standard error');
  const root = new URL(`file://${ROOT}/`).href;
  const modules = readFileSync(list, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((url) => url.replace(root, ''));
  return { modules: [...new Set(modules)].sort(), output: result.stdout };
}

for (const [query, answer] of [
  ['server=list', 'A/One'],
  ['server=dsdf&dataset=A/One', 'One'],
  ['server=id', 'Test'],
] as const) {
  t.test(`${query} loads little`, (t) => {
    const { modules, output } = modulesLoaded(t, query);
    if (process.env.LIST_MODULES !== undefined) t.comment(modules.join('\n'));
    t.match(output, answer, 'the request is answered');
    t.ok(modules.length > 5, 'the modules are counted');
    t.same(
      modules.filter((name) => name.startsWith('node:') && !LIGHT.has(name)),
      [],
      'no built-in module but the light ones',
    );
    t.same(
      modules.filter((name) => name.startsWith('node_modules/')),
      [],
      'no package',
    );
    // These definitions are so young that the list looks at them again.
    if (query !== 'server=list') t.notOk(modules.includes('Buffer'), 'no Buffer');
    t.same(
      modules.filter((name) => FOREIGN_PARTS.test(name)),
      [],
      'nothing of parts that have another task',
    );
    t.end();
  });
}

t.test('an answer of whole blocks loads neither parser nor what runs readers', async (t) => {
  const site = cacheSite(t, ["cacheLevel_00 = '60 s | daily'", "reducer = 'das2_bin_avgsec'"]);
  const built = { source: site.source(), levels: [site.level(0)], range: range('2000-01-01', '2000-01-02') };
  await buildLevels({ ...built, configuration: site.configuration });
  const calls = site.calls().length;
  const query = 'server=dataset&dataset=T/S&start_time=2000-01-01&end_time=2000-01-02&resolution=60';
  const configuration = join(site.folder, 'das2server.conf');
  // Its digests are taken the first time that it is given.
  modulesOf(t, query, configuration);
  const { modules, output } = modulesOf(t, query, configuration);
  if (process.env.LIST_MODULES !== undefined) t.comment(modules.join('\n'));
  t.ok(modules.includes('lib/cite/log/known-answers.ts'), 'the answer is logged for citations');
  t.notOk(modules.includes('lib/cite/digest/delivery.ts'), 'and not hashed again');
  t.match(output, 'xCacheResolution="60.000000 s"');
  t.equal(site.calls().length, calls, 'from the cache');
  t.same(
    modules.filter((name) => (name.startsWith('node:') && !LIGHT.has(name)) || name.startsWith('node_modules/')),
    [],
    'no package, and no built-in module but the light ones',
  );
  t.same(
    modules.filter((name) => DEAR_PARTS.test(name)),
    [],
  );
  t.notOk(modules.includes('Buffer'), 'no Buffer');
});
