/** Records of DOIs that are remembered, and what citations make of them. Test cases C35, C36 and C38 of citation 16. */
import t, { type Test } from 'tap';
import { DoiStore, isStale, usableRecord } from '../../../lib/cite/doi/store.js';
import { readDoiRecord } from '../../../lib/cite/metadata/doi-record.js';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { makeJob, RESULT } from '../../../lib/queue/item.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { ASK, BROWSER, DAY } from '../../routes/cite/requests.js';
import { citeSite } from '../../tools/cite-site.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { DATACITE, DOI, type Handler, json, serverOf } from './doi-servers.js';

t.test('what is believed for how long', async (t) => {
  const { path } = temporaryFolder(t);
  const store = new DoiStore(path);
  t.equal(store.known(DOI), undefined);
  const day = 86_400_000;
  const now = Date.UTC(2026, 0, 1);
  const record = readDoiRecord(JSON.stringify(DATACITE));
  if (record === undefined) throw new Error('no record');
  const good = store.note({ doi: DOI, outcome: 'good', time: now, recordTime: now, record, source: 'h' });
  t.notOk(isStale(good, now + 29 * day));
  t.ok(isStale(good, now + 31 * day));
  const failed = store.note({ doi: DOI, outcome: 'failed', reason: 'r', time: now + 40 * day });
  t.notOk(isStale(failed, now + 40 * day + 14 * 60_000));
  t.ok(isStale(failed, now + 40 * day + 16 * 60_000));
  t.match(usableRecord(store.known(DOI), now + 364 * day), { year: '2016' }, 'the old one is used');
  t.equal(usableRecord(store.known(DOI), now + 366 * day), undefined);
  const none = store.note({ doi: '10.5072/none', outcome: 'notFound', time: now });
  t.notOk(isStale(none, now + 0.9 * day));
  t.ok(isStale(none, now + 1.1 * day));
  const unlock = store.lock(DOI);
  t.equal(store.lock(DOI), undefined, 'one at a time');
  unlock?.();
});

/** A site with a source that has a DOI, a resolver, and what the resolver was asked for. */
async function doiSite(test: Test, handler: Handler, doi = DOI) {
  const { port, asked } = await serverOf(test, handler);
  const definition = `description = 'My title'\ndas2Stream = 1\nreader = 'show plain'\ndoi = '${doi}'\n`;
  const settings = { CITE_DOI_URL: `http://127.0.0.1:${port}/`, WORK_QUEUE_BROKER: 'spool' };
  const full = `${definition}creator = 'A, B'\npublisher = 'P'\npubYear = '2001'\nlicense = 'MIT'\nciteTitle = 'T'\n`;
  const site = citeSite(test, settings, { 'C/Doi': definition, 'C/Full': full });
  const cite = async (id = 'Doi') => {
    const { status, text } = await site.serve({
      query: `server=citation&dataset=C/${id}&${DAY}&compute=0&format=json`,
    });
    test.equal(status, 200);
    return JSON.parse(text);
  };
  return { site, asked, cite };
}

const codes = (citation: { warnings: { code: string }[] }): string[] => citation.warnings.map(({ code }) => code);

t.test('C35: nobody is asked unless the site wants it, or where nothing is missing', async (t) => {
  const { asked, cite } = await doiSite(t, (_request, response) => json(response, DATACITE));
  await cite('Full');
  t.same(asked, []);
  const silent = citeSite(
    t,
    {},
    { 'C/Doi': `description = 'x'\ndas2Stream = 1\nreader = 'show plain'\ndoi = '${DOI}'\n` },
  );
  const { text } = await silent.serve({ query: `server=citation&dataset=C/Doi&${DAY}&compute=0&format=json` });
  t.match(codes(JSON.parse(text)), ['no-digest', 'incomplete:creator,publisher,year']);
});

t.test('C36: a record fills what is missing, and only that', async (t) => {
  const { site, asked, cite } = await doiSite(t, (_request, response) => json(response, DATACITE));
  const made = await cite();
  t.match(made.dataset, {
    creators: [{ family: 'Doe' }, { name: 'FGM Team' }],
    title: 'My title',
    year: '2016',
    publisher: { name: 'Example Archive' },
    license: { id: 'cc0-1.0' },
    version: undefined,
    origins: { creator: 'doi', pubYear: 'doi', publisher: 'doi', license: 'doi', description: 'source' },
    missing: [],
  });
  t.same(codes(made), ['no-digest']);
  await cite();
  t.equal(asked.length, 1, 'and is remembered');
  const page = await site.serve({ query: `server=citation&dataset=C/Doi&${DAY}&compute=0`, headers: BROWSER });
  t.match(page.text, /From the record of the DOI<\/dt><dd>creators, .*year/);
});

t.test('a failure is a warning, and is not repeated at once', async (t) => {
  let isUp = false;
  const { site, asked, cite } = await doiSite(t, (_request, response) =>
    isUp ? json(response, DATACITE) : void response.writeHead(503).end(),
  );
  t.match(codes(await cite()), ['no-digest', 'doi-unresolved', /^incomplete/]);
  isUp = true;
  t.match(codes(await cite()), ['no-digest', 'doi-unresolved', /^incomplete/]);
  t.equal(asked.length, 1);
  const job = makeJob({ category: 'TASK_CITE_DOI', fields: [DOI], requester: 'test' });
  const configuration = loadConfiguration({ file: site.configurationFile, environment: {} });
  const sources = new SourceTree(configuration);
  const signal = new AbortController().signal;
  const work = { configuration, sources, log: () => {}, progress: () => {}, signal };
  t.match(await runTask(job, work), { code: RESULT.done, status: /fetched from 127/ });
  t.same(codes(await cite()), ['no-digest'], 'the worker has fetched it');
  t.equal(asked.length, 2);
  const evil = makeJob({ category: 'TASK_CITE_DOI', fields: ['http://evil.example.org/'], requester: 'test' });
  t.match(await runTask(evil, work), { code: RESULT.refused });
});

t.test('an old record is used at once and asked for anew behind the answer', async (t) => {
  const { site, asked, cite } = await doiSite(t, (_request, response) =>
    json(response, { ...DATACITE, publicationYear: 2020 }),
  );
  const record = readDoiRecord(JSON.stringify(DATACITE));
  if (record === undefined) throw new Error('no record');
  const long = Date.now() - 40 * 86_400_000;
  const store = new DoiStore(site.citeRoot);
  store.note({ doi: DOI, outcome: 'good', time: long, recordTime: long, record, source: 'h' });
  t.equal((await cite()).dataset.year, '2016');
  t.same(asked, [], 'left to the worker');
  const bare = await doiSite(t, (_request, response) => json(response, { ...DATACITE, publicationYear: 2020 }));
  const none = citeSite(
    t,
    {
      CITE_DOI_URL: loadConfiguration({ file: bare.site.configurationFile, environment: {} }).text('CITE_DOI_URL'),
      WORK_QUEUE_BROKER: 'none',
    },
    { 'C/Doi': `description = 'x'\ndas2Stream = 1\nreader = 'show plain'\ndoi = '${DOI}'\n` },
  );
  new DoiStore(none.citeRoot).note({ doi: DOI, outcome: 'good', time: long, recordTime: long, record, source: 'h' });
  const query = `server=citation&dataset=C/Doi&${DAY}&compute=0&format=json`;
  t.equal(JSON.parse((await none.serve({ query })).text).dataset.year, '2016');
  t.equal(bare.asked.length, 1, 'there is no queue: behind the answer');
  t.equal(JSON.parse((await none.serve({ query })).text).dataset.year, '2020');
});

t.test('C38: what is no DOI is never asked for', async (t) => {
  for (const doi of ['10.1/../../x', 'http://evil/', '10.5072/../x', '10.5072/a b']) {
    const { asked, cite } = await doiSite(t, (_request, response) => json(response, DATACITE), doi);
    t.match(codes(await cite()), ['no-digest', /^incomplete/], doi);
    t.same(asked, [], doi);
  }
});

t.test('data are sent as ever while a resolver does not answer', async (t) => {
  const { site, asked } = await doiSite(t, () => {});
  t.equal((await site.serve({ query: ASK })).status, 200);
  t.equal((await site.serve({ query: ASK.replace('Plain', 'Doi') })).status, 200);
  t.same(asked, []);
});
