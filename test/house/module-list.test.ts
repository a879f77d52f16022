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
import { cgiEnvironment } from '../../scripts/tools/cgi-environment.mjs';
import { temporaryFolder } from '../tools/temporary-folder.js';
import { ROOT } from './repository-files.js';

/** Built-in modules that cost nothing worth naming; all others have to be loaded by the branch that needs them. */
const LIGHT = new Set(['node:fs', 'node:path']);

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
  const list = folder.write('modules', '');
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
    // The index of the list is compared byte by byte, for which nothing else is as fast.
    if (query !== 'server=list') t.notOk(modules.includes('Buffer'), 'no Buffer');
    t.same(
      modules.filter((name) => FOREIGN_PARTS.test(name)),
      [],
      'nothing of parts that have another task',
    );
    t.end();
  });
}
