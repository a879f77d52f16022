/** Kept citations: their very bytes, and what a program of the site signs of them (citation 6.4, 14.2). Test case C51 of citation 16. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Equivalences } from '../../../lib/cite/citation/equivalence.js';
import { citationId } from '../../../lib/cite/citation/id.js';
import { KeptCitations } from '../../../lib/cite/citation/kept.js';
import { sha256 } from '../../cite/digest/vectors.js';
import { type CiteSite, citeSite, digestOf, hours } from '../../tools/cite-site.js';
import { htmlFaults } from '../../tools/validate-html.js';
import { ASK, BROWSER, CITE, DAY, FIRST, SECOND } from './requests.js';

/** A site that has signed what the program `signer` writes, and the id of the citation of the day. */
async function signedSite(test: Test, signer: string): Promise<{ site: CiteSite; id: string }> {
  const name = 'sign-it';
  const site = citeSite(test, { CITE_SIGN_CMD: `${name} --with words` });
  site.writeProgram(name, signer);
  await site.serve({ query: ASK });
  return { site, id: citationId(site.entries()[0]?.rk ?? '', FIRST) };
}

const keep = (site: CiteSite) => site.serve({ query: `${CITE}&keep=1&format=json` });

t.test('a signature of the very bytes of the record, made once', async (t) => {
  const { site, id } = await signedSite(t, 'echo "$*"\nsha256sum\n');
  t.equal((await site.serve({ path: `/cite/${id}.kept.json` })).status, 404, 'nobody has seen it yet');
  t.equal((await site.serve({ query: `${CITE}&format=json` })).status, 200);
  t.equal((await site.serve({ path: `/cite/${id}.kept.json` })).status, 404, 'not kept');
  await keep(site);
  const record = await site.serve({ path: `/cite/${id}.kept.json` });
  t.match(JSON.parse(record.text), { id, server: { digest: 'd2c/1' }, state: { digest: `sha256-d2c1:${FIRST}` } });
  const signature = await site.serve({ path: `/cite/${id}.sig` });
  t.equal(signature.text, `--with words\n${sha256(record.bytes)}  -\n`);
  site.writeProgram('sign-it', 'echo another\n');
  await keep(site);
  t.equal((await site.serve({ path: `/cite/${id}.sig` })).text, signature.text, 'it stays');
  const page = await site.serve({ path: `/cite/${id}`, headers: BROWSER });
  t.match(page.text, `href="/das/server/cite/${id}.sig"`);
  t.same(await htmlFaults(page.text), []);
});

t.test('who cannot sign keeps no citation from being kept, and is asked again', async (t) => {
  const { site, id } = await signedSite(t, 'cat >/dev/null\nexit 3\n');
  t.equal((await keep(site)).status, 200);
  t.equal((await site.serve({ path: `/cite/${id}.kept.json` })).status, 200);
  t.equal((await site.serve({ path: `/cite/${id}.sig` })).status, 404);
  for (const silent of ['true\n', 'yes\n']) {
    site.writeProgram('sign-it', silent);
    await keep(site);
    t.equal((await site.serve({ path: `/cite/${id}.sig` })).status, 404);
  }
  site.writeProgram('sign-it', 'echo yes\n');
  await keep(site);
  t.equal((await site.serve({ path: `/cite/${id}.sig` })).text, 'yes\n');
});

t.test('C49: records of guarded data are for who may have the data', async (t) => {
  const site = citeSite(t, { TEST_FROM: '127.0.0.1/32' });
  const query = `server=citation&dataset=C/Closed&${DAY}&keep=1&format=json`;
  const made = await site.serve({ query, peerAddress: '127.0.0.1' });
  t.equal(made.status, 200);
  const { id } = JSON.parse(made.text);
  const path = `/cite/${id}.kept.json`;
  t.equal((await site.serve({ path, peerAddress: '127.0.0.1' })).status, 200);
  t.equal((await site.serve({ path, peerAddress: '8.8.8.8' })).status, 401);
  t.equal((await site.serve({ path: `/cite/${id}.sig`, peerAddress: '8.8.8.8' })).status, 401);
  rmSync(join(site.dsdfRoot, 'C/Closed.dsdf'));
  const open = await site.serve({ query: `${CITE}&keep=1&format=json` });
  rmSync(join(site.dsdfRoot, 'C/Plain.dsdf'));
  const openPath = `/cite/${JSON.parse(open.text).id}`;
  for (const ending of ['', '.kept.json'])
    t.equal((await site.serve({ path: openPath + ending })).status, 200, 'an open source has gone');
  for (const gone of [path, `/cite/${id}`])
    t.equal((await site.serve({ path: gone, peerAddress: '8.8.8.8' })).status, 404, 'a guarded one has gone');
});

t.test('a kept citation says that a later state of its data is kept', async (t) => {
  const site = citeSite(t);
  const store = new KeptCitations(site.citeRoot);
  await site.serve({ query: ASK });
  const first = JSON.parse((await site.serve({ query: `${CITE}&keep=1&format=json` })).text).id;
  t.same(store.events(first), []);
  site.setStream('plain', hours(100));
  await site.serve({ query: ASK });
  const keep = async (digest: string): Promise<string> =>
    JSON.parse((await site.serve({ query: `${CITE}&hash=${digest}&keep=1&format=json` })).text).id;
  const second = await keep(SECOND);
  t.match(store.events(first), [{ event: 'superseded', by: second }]);
  t.same(store.events(second), []);
  const page = await site.serve({ path: `/cite/${first}`, headers: BROWSER });
  t.match(page.text, `Superseded: these data have changed since, and <a href="/das/server/cite/${second}">`);
  t.notMatch((await site.serve({ path: `/cite/${second}`, headers: BROWSER })).text, 'Superseded');
  await keep(SECOND);
  t.equal(store.events(first).length, 1, 'once');
  site.setStream('plain', hours(200));
  await site.serve({ query: ASK });
  const third = digestOf(hours(200));
  new Equivalences(site.citeRoot).declare({ old: SECOND, new: third, name: 'x', date: '2026-01-01', reason: 'x' });
  await keep(third);
  t.match(store.events(first).at(-1), { event: 'superseded', by: /./ });
  t.not(store.events(first).at(-1)?.by, second, 'the latest one is named');
  t.same(store.events(second), [], 'equivalent data are the same data');
});

t.test('an earlier state that is kept later knows of the later one', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  site.setStream('plain', hours(100));
  await site.serve({ query: ASK });
  const keep = async (digest: string): Promise<string> =>
    JSON.parse((await site.serve({ query: `${CITE}&hash=${digest}&keep=1&format=json` })).text).id;
  const later = await keep(SECOND);
  const earlier = await keep(FIRST);
  t.match(new KeptCitations(site.citeRoot).events(earlier), [{ event: 'superseded', by: later }]);
  t.same(new KeptCitations(site.citeRoot).events(later), []);
  const store = new KeptCitations(site.citeRoot);
  store.note(later, { time: new Date().toISOString(), event: 'withdrawn', reason: 'wrong' });
  site.setStream('plain', hours(50));
  await site.serve({ query: ASK });
  const latest = await keep(digestOf(hours(50)));
  t.equal(store.events(earlier).at(-1)?.by, latest);
  t.same(
    store.events(later).map(({ event }) => event),
    ['withdrawn'],
    'what was withdrawn is no state any more',
  );
});
