/** `modificationDate`: it moves when a dataset has become another one, and only then (server-internals 6.4, 11). */
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { layOutHapiSite } from '../../tools/hapi-site.js';
import { inProcess } from '../../tools/in-process.js';

const [DEFINED, BUILT] = ['2019-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z'];

function place(t: Test) {
  const site = layOutHapiSite();
  const { ask } = inProcess(t, site);
  const definition = join(site.dsdfRoot, 'H/Plain.dsdf');
  const record = join(site.stateRoot, 'hapi/H/Plain.json');
  utimesSync(definition, new Date(DEFINED), new Date(DEFINED));
  return {
    site,
    definition,
    record,
    async modified(): Promise<string> {
      const { text, headers } = await ask({ path: '/hapi/info', query: 'id=H/Plain' });
      const { modificationDate } = JSON.parse(text) as { modificationDate: string };
      t.equal(headers['Last-Modified'], new Date(modificationDate).toUTCString());
      return modificationDate;
    },
    /** The record as another release left it. */
    age(): void {
      const kept: Record<string, unknown> = JSON.parse(readFileSync(record, 'utf8'));
      writeFileSync(record, JSON.stringify({ ...kept, key: 'that of another release', builtAt: Date.parse(BUILT) }));
    },
  };
}

t.test('a look that finds the same', async (t) => {
  const { record, modified, age } = place(t);
  t.ok((await modified()) > BUILT, 'the first look');
  age();
  t.equal(await modified(), BUILT, 'a new release looks again');
  t.not(JSON.parse(readFileSync(record, 'utf8')).key, 'that of another release');
  t.equal(await modified(), BUILT);
});

t.test('a look that finds something else', async (t) => {
  const { site, modified, age } = place(t);
  await modified();
  age();
  writeFileSync(join(site.root, 'plain.d2s'), readFileSync(join(site.root, 'fine.d2s')));
  t.ok((await modified()) > BUILT);
});

t.test('a look behind one that failed', async (t) => {
  const { record, modified, age } = place(t);
  await modified();
  age();
  const failed: Record<string, unknown> = JSON.parse(readFileSync(record, 'utf8'));
  writeFileSync(record, JSON.stringify({ ...failed, tables: [], failure: 'tape broke' }));
  t.ok((await modified()) > BUILT, 'nothing is known of what there was');
});

t.test('another definition', async (t) => {
  const { definition, modified, age } = place(t);
  await modified();
  age();
  const changed = '2021-05-05T05:05:05.000Z';
  utimesSync(definition, new Date(changed), new Date(changed));
  t.equal(await modified(), changed);
});
