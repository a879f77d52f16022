/** `/versions/<dataset>`: the history of a source by whole requests; and the pages that lead to it. Test cases C24, C40, C49 and C55 of citation 16, as far as they concern it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Equivalences } from '../../../lib/cite/citation/equivalence.js';
import { citationId } from '../../../lib/cite/citation/id.js';
import { KeptCitations } from '../../../lib/cite/citation/kept.js';
import { appendEntry } from '../../../lib/cite/log/append.js';
import { requestFromQuery, requestKey, requestToQuery } from '../../../lib/cite/request-key.js';
import { parseXml } from '../../../lib/stream/xml.js';
import { type CiteSite, citeSite, hours } from '../../tools/cite-site.js';
import { htmlFaults } from '../../tools/validate-html.js';
import { ASK, BROWSER, CITE, DAY, FIRST, SECOND } from './requests.js';

const BASE = 'http://das.example.org/das/server';

/** A site with a source that declares changes and a range that stays the same. */
function siteOf(test: Parameters<typeof citeSite>[0], more = ''): CiteSite {
  const plain = readFileSync(join(citeSite(test).dsdfRoot, 'C/Plain.dsdf'), 'utf8');
  return citeSite(
    test,
    {},
    {
      'C/Plain': `${plain}change_01 = '2026-01-05: recalibrated <b> & more'\nversionDate = '2026-01-04'\n${more}`,
      'C/Aged': `${plain}readAccess = 'AGE:5y | GROUP:g'\nsecurityRealm = 'My Realm'\n`,
      'C/Young': `${plain}readAccess = 'AGE:50y | GROUP:g'\nsecurityRealm = 'My Realm'\n`,
    },
  );
}

async function changed(site: CiteSite, ask = ASK): Promise<void> {
  await site.serve({ query: ask });
  site.setStream('plain', hours(100));
  await site.serve({ query: ask });
}

const ofPlain = { path: '/versions/C/Plain', query: '' };

t.test('declared and observed changes, without digests and requests', async (t) => {
  const site = siteOf(t);
  const before = JSON.parse((await site.serve(ofPlain)).text);
  t.match(before, { dataset: 'C/Plain', version: '7', complete: true, log: true, dsver: /^7\+/ });
  t.same(
    before.entries.map(({ kind }: { kind: string }) => kind),
    ['declared', 'version'],
  );
  await site.serve({ query: `${CITE}&keep=1` });
  await changed(site);
  const { text, status } = await site.serve(ofPlain);
  t.equal(status, 200);
  t.match(JSON.parse(text).entries[0], {
    kind: 'observed',
    text: /^content of 2017-01-01 changed (?:on|between) 2/,
    requests: 1,
    keptCitations: 1,
    data: { firstDay: '2017-01-01', lastDay: '2017-01-01' },
  });
  t.notMatch(text, FIRST.slice(0, 16));
  t.notMatch(text, site.entries()[0]?.rk);
  const page = await site.serve({ ...ofPlain, headers: BROWSER });
  t.match(page.text, 'recalibrated &lt;b&gt; &amp; more');
  t.match(page.text, '(1 request; 1 kept citation affected)');
  t.same(await htmlFaults(page.text), []);
  const [kept = ''] = new KeptCitations(site.citeRoot).list();
  new KeptCitations(site.citeRoot).note(kept, { time: new Date().toISOString(), event: 'withdrawn' });
  t.match(JSON.parse((await site.serve(ofPlain)).text).entries[0], { keptCitations: 0 }, 'but not one withdrawn');
});

t.test('the feed', async (t) => {
  const site = siteOf(t);
  await changed(site);
  const feed = await site.serve({ ...ofPlain, headers: { Accept: 'application/atom+xml' } });
  t.match(feed.headers['Content-Type'], /^application\/atom\+xml/);
  t.match(feed.headers.Link, `<${BASE}/versions/C/Plain?format=atom>; rel="alternate"`);
  const root = parseXml(Buffer.from(feed.text));
  t.equal(root.name, 'feed');
  const textsOf = (name: string): string[] =>
    root.children
      .filter((child) => child.name === 'entry')
      .map((child) => child.children.find((part) => part.name === name)?.text ?? '');
  t.match(textsOf('title'), [
    /^Observed: content of 2017-01-01/,
    'Declared: recalibrated <b> & more',
    'Version: version 7',
  ]);
  t.equal(new Set(textsOf('id')).size, 3);
  for (const updated of textsOf('updated')) t.match(updated, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  const again = parseXml(Buffer.from((await site.serve({ ...ofPlain, query: 'format=atom' })).text));
  t.same(again, root, 'entries keep their ids');
});

t.test('refusals and redirects', async (t) => {
  const site = siteOf(t);
  t.equal((await site.serve({ path: '/versions/C/Nothing' })).status, 404);
  t.equal((await site.serve({ path: '/versions/' })).status, 404);
  t.equal((await site.serve({ ...ofPlain, query: 'format=nope' })).status, 406);
  const moved = await site.serve({ path: '/versions/C/Old' });
  t.equal(moved.status, 301);
  t.equal(moved.headers.Location, `${BASE}/versions/C/Plain`);
  t.equal((await citeSite(t, { CITE_ENABLE: 'no' }).serve(ofPlain)).status, 501);
});

t.test('C49: guarded sources tell nothing; of data that age has opened what concerns them', async (t) => {
  const site = siteOf(t);
  const { status, text } = await site.serve({ path: '/versions/C/Closed' });
  t.equal(status, 401);
  t.notMatch(text, /entries/);
  const ask = (id: string): string => `server=dataset&dataset=${id}&${DAY}`;
  await changed(site, ask('C/Aged'));
  t.equal((await site.serve({ query: ask('C/Young') })).status, 401, 'not open yet');
  // As if somebody with a password had asked for it.
  for (const entry of site.entries()) {
    const asked = requestFromQuery(entry.request);
    if (asked === undefined) continue;
    const request = { ...asked, dataset: 'C/Young' };
    appendEntry(site.citeRoot, { ...entry, rk: requestKey(request), request: requestToQuery(request) });
  }
  const kindsOf = async (id: string): Promise<string[]> =>
    JSON.parse((await site.serve({ path: `/versions/${id}` })).text).entries.map(({ kind }: { kind: string }) => kind);
  t.same(await kindsOf('C/Aged'), ['observed']);
  t.same(await kindsOf('C/Young'), []);
});

t.test('C55: what is known of the range that stays the same', async (t) => {
  const site = siteOf(t, "testRange = '2017-01-01 to 2017-01-02'\n");
  const probe = async () => JSON.parse((await site.serve(ofPlain)).text).probe;
  t.match(await probe(), { begin: '2017-01-01T00:00:00', looks: 0 });
  await site.serve({ query: ASK });
  t.match(await probe(), { looks: 1, unchangedSince: /Z$/, otherStates: 0 });
  t.match((await site.serve({ ...ofPlain, headers: BROWSER })).text, 'the same in 1 look');
});

t.test('equivalent digests: no change, and unchanged for who compares', async (t) => {
  const site = siteOf(t);
  await changed(site);
  const query = `url=${encodeURIComponent(`${BASE}?${ASK}`)}&hash=${FIRST}`;
  const verify = async () => JSON.parse((await site.serve({ path: '/verify', query })).text);
  t.match(await verify(), { result: 'changed', links: { versions: `${BASE}/versions/C/Plain` } });
  const facts = {
    old: FIRST,
    new: SECOND,
    name: 'A. Keeper',
    date: '2026-05-01T00:00:00Z',
    reason: 'another compiler',
  };
  new Equivalences(site.citeRoot).declare(facts);
  t.match(await verify(), { result: 'unchanged-equivalent', equivalences: [facts] });
  const page = await site.serve({ path: '/verify', query, headers: BROWSER });
  t.match(page.text, '2026-05-01, A. Keeper: another compiler');
  t.same(await htmlFaults(page.text), []);
  t.same(
    JSON.parse((await site.serve(ofPlain)).text).entries.filter(({ kind }: { kind: string }) => kind === 'observed'),
    [],
  );
  t.equal(
    (await site.serve({ query: `${ASK}&expect=${FIRST}` })).status,
    412,
    'whoever wants these very values gets no others',
  );
});

t.test('C24: the page of states tells of declared changes between them and asks which one it is', async (t) => {
  const site = siteOf(t, `change_02 = '${new Date().toISOString().slice(0, 10)}: new tables'\n`);
  await changed(site);
  const page = await site.serve({ query: CITE, headers: BROWSER });
  t.match(page.text, 'new tables');
  t.notMatch(page.text, 'recalibrated');
  t.match(page.text, /<input id="at" name="at" required/);
  t.match(page.text, 'href="/das/server/versions/C/Plain"');
  t.same(await htmlFaults(page.text), []);
});

t.test('the page of a citation leads to the history and has a text to copy', async (t) => {
  const site = siteOf(t);
  await site.serve({ query: ASK });
  const page = await site.serve({ query: CITE, headers: BROWSER });
  t.match(page.text, 'href="/das/server/versions/C/Plain"');
  t.match(page.text, /static\/copy-text\.js/);
  t.match(page.text, /class="call"/);
  t.same(await htmlFaults(page.text), []);
  t.equal((await site.serve({ path: '/static/copy-text.js' })).status, 200);
  t.equal((await site.serve({ query: `${CITE}&style=nope`, headers: BROWSER })).status, 406);
  const id = citationId(site.entries()[0]?.rk ?? '', FIRST);
  const { links } = JSON.parse((await site.serve({ path: `/cite/${id}.json` })).text);
  t.equal(links.versions, `${BASE}/versions/C/Plain`);
});
