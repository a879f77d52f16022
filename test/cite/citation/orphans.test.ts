/** Citations that have lost their deliveries, and files that have lost their citations. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findOrphans } from '../../../lib/cite/citation/orphans.js';
import { CITE } from '../../routes/cite/requests.js';
import { citeSite, hours } from '../../tools/cite-site.js';

t.test('orphans are found once the log is lost', async (t) => {
  const site = citeSite(t);
  const none = { ids: [], kept: [], files: [] };
  t.same(findOrphans(site.citeRoot), none, 'nothing there yet');
  const idOf = async (more: string): Promise<string> =>
    JSON.parse((await site.serve({ query: `${CITE}&format=json${more}` })).text).id;
  const kept = await idOf('&keep=1');
  site.setStream('plain', hours(100));
  const seen = await idOf('&resolution=3600');
  t.same(findOrphans(site.citeRoot), none);
  const folder = join(site.citeRoot, 'kept', kept.slice(0, 2));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${kept}.events`), '');
  t.same(findOrphans(site.citeRoot), none, 'events of a kept one');
  rmSync(join(site.citeRoot, 'log'), { recursive: true });
  t.same(findOrphans(site.citeRoot), { ids: [seen], kept: [kept], files: [] });
  rmSync(join(folder, `${kept}.json`));
  const { ids, files } = findOrphans(site.citeRoot);
  t.same(new Set(ids), new Set([seen, kept]));
  t.same(files, [`kept/${kept.slice(0, 2)}/${kept}.events`]);
});
