/**
 * Citations by whole requests: what they say, and in which forms. Test cases C22 to C33, C35, C49 and C52 of citation 16, as far as they concern the
 * routes. What becomes of cited data later is the subject of cited-data.test.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DIGEST_EMPTY, sha256 } from '../../cite/digest/vectors.js';
import { citeSite, hours } from '../../tools/cite-site.js';
import { htmlFaults } from '../../tools/validate-html.js';
import { ASK, BROWSER, CITE, DAY, FIRST, SECOND } from './requests.js';

t.test('C26, C28: without an entry the digest is computed, or left out', async (t) => {
  const site = citeSite(t);
  const bare = JSON.parse((await site.serve({ query: `${CITE}&compute=0&format=json` })).text);
  t.equal(bare.state, undefined);
  t.match(bare.warnings, [{ code: 'no-digest' }, { code: /^incomplete:/ }]);
  t.same(site.entries(), []);
  const { status, text } = await site.serve({ query: `${CITE}&format=json` });
  t.equal(status, 200);
  const made = JSON.parse(text);
  t.equal(made.state.digest, `sha256-d2c1:${FIRST}`);
  t.match(made.warnings, [{ code: 'computed-now' }, { code: 'incomplete:creator,publisher,year' }]);
  t.match(site.entries(), [{ state: 'ok', format: 'none', d2c1: FIRST }]);
  site.setStream('plain', hours());
  const again = JSON.parse((await site.serve({ query: `${CITE}&format=json` })).text);
  t.equal(again.id, made.id);
  t.equal(site.entries().length, 1, 'once');
});

t.test('C26: the warning is in all forms', async (t) => {
  const warning = 'no earlier delivery is on record';
  const site = citeSite(t);
  for (const format of ['html', 'text', 'bibtex', 'ris', 'csl-json', 'datacite-json', 'jsonld'])
    t.match((await site.serve({ query: `${CITE}&format=${format}` })).text, warning, format);
  const { id } = JSON.parse((await site.serve({ query: `${CITE}&format=json` })).text);
  t.match((await site.serve({ path: `/cite/${id}.bib` })).text, warning, 'and behind its id');
  await site.serve({ query: ASK });
  t.notMatch((await site.serve({ path: `/cite/${id}.bib` })).text, warning, 'until the data are delivered');
});

t.test('C23: the same content twice is one citation with a span', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  await site.serve({ query: `${ASK}&ascii=1` });
  const made = JSON.parse((await site.serve({ query: `${CITE}&format=json` })).text);
  t.equal(made.state.count, 2);
  t.same(Object.keys(made.state.raws).sort(), ['d2s', 'd2t']);
  t.match((await site.serve({ query: CITE, headers: BROWSER })).text, 'identical content delivered 2 times');
});

t.test('what was only computed is no delivery', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: CITE });
  await site.serve({ query: ASK });
  const page = async (): Promise<string> => (await site.serve({ query: CITE, headers: BROWSER })).text;
  t.notMatch(await page(), 'times,', 'computed once, delivered once');
  const made = JSON.parse((await site.serve({ query: `${CITE}&format=json` })).text);
  t.match(made.state, { count: 2, deliveries: 1 });
  await site.serve({ query: ASK });
  t.match(await page(), 'identical content delivered 2 times');
});

t.test('C24, C25: several states', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  const between = new Date(Date.now() + 1).toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  site.setStream('plain', hours(100));
  await site.serve({ query: ASK });
  const page = await site.serve({ query: CITE, headers: BROWSER });
  t.equal(page.status, 200);
  t.equal(page.text.match(/Cite this state/g)?.length, 2);
  t.match(page.text, 'This request has returned different data at different times');
  const list = await site.serve({ query: `${CITE}&format=bibtex` });
  t.equal(list.status, 300);
  t.same(
    JSON.parse(list.text).states.map(({ digest }: { digest: string }) => digest),
    [`sha256-d2c1:${SECOND}`, `sha256-d2c1:${FIRST}`],
  );
  t.match((await site.serve({ query: `${CITE}&format=bibtex&at=${between}` })).text, FIRST);
  t.match((await site.serve({ query: `${CITE}&format=bibtex&hash=${SECOND.slice(0, 16)}` })).text, SECOND);
  t.match((await site.serve({ query: `${CITE}&format=bibtex&hash=${sha256(hours())}` })).text, FIRST, 'by the file');
  t.equal((await site.serve({ query: `${CITE}&hash=${'0'.repeat(16)}` })).status, 404);
  t.equal((await site.serve({ query: `${CITE}&at=2000-01-01` })).status, 404);
  t.equal((await site.serve({ query: `${CITE}&hash=abc` })).status, 400);
});

t.test('planes: data requests and tables that send the same planes are one thing to cite', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: `${ASK}&planes=B` });
  await site.serve({ query: ASK });
  const [part, whole] = site.entries();
  t.match(part?.request, /planes=B$/);
  t.not(part?.rk, whole?.rk);
  const base = 'http://das.example.org/das/server';
  const texts = await Promise.all(
    [
      `rk=${part?.rk}`,
      `url=${encodeURIComponent(`${base}?${ASK}&planes=B`)}`,
      `url=${encodeURIComponent(`${base}/hapi/data?id=C/Plain&time.min=2017-01-01&time.max=2017-01-02&parameters=Time,B`)}`,
    ].map(async (query) => (await site.serve({ path: '/cite', query })).text),
  );
  t.equal(new Set(texts).size, 1);
  t.match(texts[0], /only B/);
  const id = /cite\/(\S+)\n/.exec(texts[0] ?? '')?.[1] ?? '';
  const data = (await site.serve({ path: `/cite/${id}/data` })).headers.Location ?? '';
  t.match(data, /end_time=2017-01-02T00:00:00&planes=B$/);
  t.equal((await site.serve({ query: data.slice(data.indexOf('?') + 1) })).status, 200);
});

t.test('C29: the same citation by every address', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  const address = (url: string) => `url=${encodeURIComponent(url)}`;
  const base = 'http://das.example.org/das/server';
  const rk = site.entries()[0]?.rk;
  const forms = [
    { query: CITE },
    { path: '/data/C/Plain.citation', query: DAY },
    { path: '/source/C/Plain.citation', query: DAY },
    { path: '/cite', query: address(`${base}?${ASK}`) },
    { path: '/cite', query: address(`${base}/data/C/Plain?${DAY}`) },
    { path: '/cite', query: address(`${base}/hapi/data?id=C/Plain&time.min=2017-01-01&time.max=2017-01-02`) },
    { path: '/cite', query: address(`${base}?server=dataset&dataset=C/Old&${DAY}`) },
    { path: '/cite', query: `rk=${rk}` },
  ];
  const texts = new Set<string>();
  for (const form of forms) {
    const { status, text } = await site.serve(form);
    t.equal(status, 200, String(form.path));
    texts.add(text);
  }
  t.equal(texts.size, 1);
  const [text = ''] = texts;
  t.match(
    text,
    /Subset: 2017-01-01T00:00:00 to 2017-01-02T00:00:00 UTC, native resolution, all parameters\. State of /,
  );
  const id = /cite\/(\S+)\n/.exec(text)?.[1] ?? '';
  t.equal((await site.serve({ path: `/cite/${id}.txt` })).text, text, 'and by its id');
  const data = await site.serve({ path: `/cite/${id}/data` });
  t.equal(data.status, 307);
  t.equal(
    data.headers.Location,
    `${base}?server=dataset&dataset=C/Plain&start_time=2017-01-01T00:00:00&end_time=2017-01-02T00:00:00`,
  );
});

t.test('C30, C31: forms and styles', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  const by = (Accept: string) => site.serve({ query: CITE, headers: { Accept } });
  t.match(await by('text/x-bibliography; style=apa'), {
    status: 200,
    headers: { 'Content-Type': /^text\/x-bibliography; style=apa/ },
  });
  t.match(JSON.parse((await by('text/x-bibliography; style=nope')).text), { error: { type: 'NotAcceptable' } });
  t.equal((await by('text/x-bibliography; style=nope')).status, 406);
  t.equal((await by('image/png')).status, 406);
  t.equal((await site.serve({ query: `${CITE}&format=nope` })).status, 406);
  for (const [type, start] of [
    ['application/x-bibtex', '@misc{das2_'],
    ['application/x-research-info-systems', 'TY  - DATA\r\n'],
    ['application/vnd.citationstyles.csl+json', '{"id":"das2_'],
    ['application/vnd.datacite.datacite+json', '{"schemaVersion"'],
    ['application/ld+json', '{"@context"'],
    ['application/json;q=0.9, image/png', '{"id":'],
    ['*/*', 'A field'],
  ] as const) {
    const { text } = await by(type);
    t.ok(text.startsWith(start), `${type}: ${text.slice(0, 30)}`);
  }
  t.match((await site.serve({ query: `${CITE}&format=bibtex&entry=dataset` })).text, /^@dataset\{/);
  t.match((await site.serve({ path: '/cite/styles' })).text, '"copernicus"');
});

t.test('forms have file names for those who store them', async (t) => {
  const site = citeSite(t);
  const { id } = JSON.parse((await site.serve({ query: `${CITE}&format=json` })).text);
  const name = `das2_${id.slice(0, 16)}`;
  const nameOf = async (request: { query?: string; path?: string }): Promise<string | undefined> =>
    (await site.serve(request)).headers['Content-Disposition'];
  const endings = { txt: 'text', bib: 'bibtex', ris: 'ris', 'csl.json': 'csl-json', 'datacite.json': 'datacite-json' };
  for (const [ending, format] of Object.entries({ ...endings, jsonld: 'jsonld', json: 'json' })) {
    const wanted = `inline; filename="${name}.${ending}"`;
    t.equal(await nameOf({ query: `${CITE}&format=${format}` }), wanted);
    t.equal(await nameOf({ path: `/cite/${id}.${ending}` }), wanted);
  }
  t.equal(await nameOf({ query: `${CITE}&format=html` }), undefined, 'a page is read where it is');
  const { rk } = JSON.parse((await site.serve({ query: `${CITE}&format=json` })).text);
  site.setStream('plain', hours(1));
  const bare = await nameOf({ query: `${CITE.replace('2017-01-02', '2017-01-03')}&compute=0&format=bibtex` });
  t.match(bare, /^inline; filename="das2_[0-9a-f]{16}\.bib"$/, 'without an id: the first digits of the key');
  t.notMatch(bare, rk.slice(0, 16));
  await site.serve({ path: `/cite/${id}`, method: 'POST', query: 'keep=1' });
  t.equal(await nameOf({ path: `/cite/${id}.kept.json` }), `inline; filename="${name}.kept.json"`);
});

t.test('pages are valid, and cannot be broken by metadata', async (t) => {
  const evil = `a</script><script>alert(1)</script> "'&`;
  const site = citeSite(
    t,
    {},
    {
      'C/Evil': `description = '${evil.replaceAll("'", "''")}'\ndas2Stream = 1\nreader = 'show plain'\nlicense = 'CC0-1.0 https://creativecommons.org/publicdomain/zero/1.0/'\ncreator_01 = 'Doe, Jane | 0000-0000-0000-0001'\n`,
    },
  );
  const query = `server=citation&dataset=C/Evil&${DAY}&resolution=3600`;
  const { text, headers } = await site.serve({ query, headers: BROWSER });
  t.equal(text.match(/<script/g)?.length, 2, 'the records, and that which copies');
  t.notMatch(text, '<script>alert');
  t.match(text, 'same interval at native');
  t.match(headers.Link, /rel="cite-as".*rel="item".*rel="license".*rel="author"/);
  t.same(await htmlFaults(text), []);
  const id = /cite\/([0-9a-z]{16}-[0-9a-z*~$=])/.exec(text)?.[1] ?? '';
  const verified = await site.serve({ path: `/cite/${id}/verify`, headers: BROWSER });
  t.match(verified.text, 'The data are still those that were cited.');
  t.same(await htmlFaults(verified.text), []);
});

t.test('C49: nothing is told of data that are closed', async (t) => {
  const site = citeSite(t);
  const headers = { Authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };
  const query = `dataset=C/Closed&${DAY}`;
  await site.serve({ query: `server=dataset&${query}`, headers });
  const { rk } = site.entries()[0] ?? { rk: '' };
  const { id } = JSON.parse((await site.serve({ query: `server=citation&${query}&format=json`, headers })).text);
  for (const asked of [
    { query: `server=citation&${query}` },
    { query: `server=hash&${query}` },
    { path: '/cite', query: `rk=${rk}` },
    { path: `/cite/${id}` },
    { path: `/cite/${id}/data` },
    { path: `/cite/${id}/verify` },
    { path: '/verify', query: `rk=${rk}&hash=${FIRST}` },
  ]) {
    const { status, text } = await site.serve(asked);
    t.equal(status, 401, asked.path ?? asked.query);
    t.notMatch(text, FIRST.slice(0, 16));
  }
  t.equal((await site.serve({ path: `/cite/${id}`, headers })).status, 200);
});

t.test('C52: ids', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  const { id } = JSON.parse((await site.serve({ query: `${CITE}&format=json` })).text);
  t.equal((await site.serve({ path: `/cite/${id.toUpperCase()}` })).status, 200);
  const wrong = await site.serve({ path: `/cite/${id[0] === '0' ? '1' : '0'}${id.slice(1)}` });
  t.equal(wrong.status, 404);
  t.match(wrong.text, 'look for a typing error');
  const unknown = await site.serve({ path: '/cite/b6ks4dr57vm68q0n-h' });
  t.equal(unknown.status, 404);
  t.match(unknown.text, 'no citation with this id');
});

t.test('C22, C33, C35: what is missing', async (t) => {
  const site = citeSite(
    t,
    { CITE_DOI_URL: 'https://doi.org/' },
    { 'C/Bare': `das2Stream = 1\nreader = 'show none'\ntechContact = 'A Person <a@x.org>'\ndoi = '10.5072/x'\n` },
  );
  const { text } = await site.serve({ query: `server=citation&dataset=C/Bare&${DAY}` });
  t.match(text, /^C\/Bare \(n\.d\.\)/);
  t.match(text, 'Note: The source does not say its creator, publisher, year, title.');
  t.match(text, 'no data in this interval');
  t.match(text, `sha256-d2c1 ${DIGEST_EMPTY.slice(0, 20)}`);
  t.notMatch(text, 'Person');
  writeFileSync(join(site.root, 'file'), '');
  const closed = citeSite(t, { CITE_ROOT: join(site.root, 'file') });
  const without = await closed.serve({ query: `${CITE}&format=json` });
  t.equal(without.status, 200);
  t.match(JSON.parse(without.text).warnings, [{ code: 'computed-now' }, {}, { code: 'no-log' }]);
});

t.test('what may not be cited', async (t) => {
  const site = citeSite(
    t,
    {},
    { 'C/No': `das2Stream = 1\nreader = 'show plain'\ncitable = 0\nlandingPage = 'http://x.example.org/'\n` },
  );
  const { status, text } = await site.serve({ query: `server=citation&dataset=C/No&${DAY}` });
  t.equal(status, 422);
  t.match(JSON.parse(text), { landingPage: 'http://x.example.org/' });
  t.equal(
    (await site.serve({ query: 'server=citation&dataset=C/Nothing&start_time=2017-01-01&end_time=2017-01-02' })).status,
    404,
  );
  t.equal((await site.serve({ query: 'server=citation&dataset=C/Plain' })).status, 400);
  t.equal((await site.serve({ path: '/cite', query: `rk=${'0'.repeat(64)}` })).status, 404);
  const bare = await site.serve({ path: '/cite' });
  t.equal(bare.status, 400);
  t.match(
    bare.text,
    /url takes an address of data of this server \(server=dataset, data\/<id>, hapi\/data\), rk a key/,
  );
});

t.test('a computation has its bounds', async (t) => {
  const site = citeSite(t, { CITE_COMPUTE_MAX: '100 B' });
  const { text } = await site.serve({ query: `${CITE}&format=json` });
  t.match(JSON.parse(text), { warnings: [{ code: 'no-digest', text: /too many/ }] });
  const dies = await site.serve({ query: `server=citation&dataset=C/Dies&${DAY}&format=json` });
  t.match(JSON.parse(dies.text), { warnings: [{ code: 'no-digest' }] });
});

t.test('words of clients are no names of objects', async (t) => {
  const site = citeSite(t);
  const { id } = JSON.parse((await site.serve({ query: `${CITE}&format=json` })).text);
  for (const word of ['constructor', '__proto__', 'toString']) {
    t.equal((await site.serve({ query: CITE, headers: { Accept: word } })).status, 406, word);
    t.equal((await site.serve({ query: `${CITE}&format=${word}` })).status, 406, word);
    t.equal((await site.serve({ path: `/cite/${id}.${word.toLowerCase()}` })).status, 404, word);
  }
});

t.test('while citing is off, nothing new is cited, and what was given out is answered', async (t) => {
  const on = citeSite(t);
  const { id } = JSON.parse((await on.serve({ query: `${CITE}&format=json` })).text);
  const text = readFileSync(on.configurationFile, 'utf8');
  writeFileSync(on.configurationFile, text.replace(/CITE_ENABLE.*/, 'CITE_ENABLE = no'));
  for (const query of [CITE, `server=hash&dataset=C/Plain&${DAY}`]) t.equal((await on.serve({ query })).status, 501);
  for (const path of ['/cite', '/verify', '/data/C/Plain.citation']) t.equal((await on.serve({ path })).status, 501);
  t.equal((await on.serve({ path: `/cite/${id}` })).status, 200);
});
