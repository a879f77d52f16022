/** Records of DOIs: what registries send, fetched from servers of this test, and what becomes of it in citations. Test cases C35 to C38 of citation 16. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { type DoiFetchOptions, fetchDoi, resolverAddress } from '../../../lib/cite/doi/fetch.js';
import { DoiStore, isStale, usableRecord } from '../../../lib/cite/doi/store.js';
import { readDoiRecord } from '../../../lib/cite/metadata/doi-record.js';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { isPublicAddress } from '../../../lib/conf/public-address.js';
import { makeJob, RESULT } from '../../../lib/queue/item.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { ASK, BROWSER, DAY } from '../../routes/cite/requests.js';
import { makeCertificate } from '../../tools/certificate.js';
import { citeSite } from '../../tools/cite-site.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

const DOI = '10.5072/juno-fgm';
const DATACITE = {
  creators: [
    {
      name: 'Doe, Jane',
      nameType: 'Personal',
      givenName: 'Jane',
      familyName: 'Doe',
      nameIdentifiers: [{ nameIdentifier: 'https://orcid.org/0000-0002-1825-0097', nameIdentifierScheme: 'ORCID' }],
      affiliation: [{ name: 'University of Example' }],
    },
    { name: 'FGM Team', nameType: 'Organizational' },
    { name: ':unav' },
  ],
  titles: [{ title: 'A subtitle', titleType: 'Subtitle' }, { title: 'Fields\nof Jupiter' }],
  publisher: { name: 'Example Archive', publisherIdentifier: 'https://ror.org/012345678' },
  publicationYear: 2016,
  version: '5',
  rightsList: [{ rightsIdentifier: 'cc0-1.0', rightsUri: 'https://creativecommons.org/publicdomain/zero/1.0/' }],
};

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that is closed, with all its connections, when the test ends. */
async function serverOf(
  test: { teardown(clean: () => Promise<void>): unknown },
  handler: Handler,
  certificate?: string,
): Promise<{ port: number; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const answer: Handler = (request, response) => {
    asked.push(request);
    handler(request, response);
  };
  const server =
    certificate === undefined
      ? createServer(answer)
      : createSecureServer(
          {
            key: readFileSync(join(certificate, 'privkey.pem')),
            cert: readFileSync(join(certificate, 'fullchain.pem')),
          },
          answer,
        );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.teardown(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

const json = (response: ServerResponse, value: unknown): void => void response.end(JSON.stringify(value));

const optionsFor = (port: number, more: Partial<DoiFetchOptions> = {}): DoiFetchOptions => ({
  resolver: `http://127.0.0.1:${port}`,
  hosts: [],
  userAgent: 'das2srv/test (mailto:a@b.org)',
  ...more,
});

t.test('records of registries', async (t) => {
  t.match(readDoiRecord(JSON.stringify(DATACITE)), {
    creators: [
      {
        name: 'Doe, Jane',
        family: 'Doe',
        given: 'Jane',
        isOrganization: false,
        orcid: '0000-0002-1825-0097',
        affiliation: 'University of Example',
      },
      { name: 'FGM Team', isOrganization: true },
    ],
    publisher: { name: 'Example Archive', ror: 'https://ror.org/012345678' },
    year: '2016',
    title: 'Fields of Jupiter',
    version: '5',
    license: { id: 'cc0-1.0', url: 'https://creativecommons.org/publicdomain/zero/1.0/' },
  });
  t.equal(readDoiRecord(JSON.stringify(DATACITE))?.creators.length, 2);
  const csl = {
    title: ['Fields'],
    author: [{ family: 'Roe', given: 'R.' }, { literal: 'A Team' }, 7],
    issued: { 'date-parts': [[2020, 5]] },
    publisher: 'P',
    license: [{ URL: 'javascript:alert(1)' }],
  };
  t.match(readDoiRecord(JSON.stringify(csl)), {
    title: 'Fields',
    creators: [
      { family: 'Roe', given: 'R.' },
      { name: 'A Team', isOrganization: true },
    ],
    year: '2020',
    publisher: { name: 'P' },
    license: undefined,
  });
  for (const text of ['', 'x', '[]', '{}', 'null', '{"title":{}}', '"', '{"publisher":"P"}'])
    t.equal(readDoiRecord(text), undefined, text);
  t.equal(readDoiRecord(`${'{"title":"x","a":'.padEnd(20)}${'['.repeat(100_000)}`), undefined, 'nested deeply');
  t.ok(readDoiRecord(`{"title":"${'['.repeat(100)}"}`), 'brackets in text are none');
});

t.test('whatever is sent, reading it does not fail', async () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const record = readDoiRecord(text);
      return record === undefined || Array.isArray(record.creators);
    }),
  );
  const odd = fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.string(),
    fc.array(
      fc.dictionary(fc.constantFrom('name', 'title', 'family', 'date-parts', 'nameIdentifiers'), fc.jsonValue()),
    ),
  );
  const names = [
    'creators',
    'titles',
    'title',
    'author',
    'publisher',
    'publicationYear',
    'issued',
    'rightsList',
    'license',
  ];
  fc.assert(
    fc.property(fc.record(Object.fromEntries(names.map((name) => [name, odd])), { requiredKeys: [] }), (value) => {
      const record = readDoiRecord(JSON.stringify(value));
      return record === undefined || !/[\n\r\0]/.test(record.title ?? '');
    }),
  );
});

t.test('addresses of the public network', async (t) => {
  for (const address of ['8.8.8.8', '193.0.6.139', '2001:4860:4860::8888', '2606:4700::1111'])
    t.ok(isPublicAddress(address), address);
  for (const address of [
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '255.255.255.255',
      '224.0.0.1',
    ],
    ...[
      '::',
      '::1',
      '::ffff:8.8.8.8',
      'fe80::1',
      'fc00::1',
      'ff02::1',
      '64:ff9b::808:808',
      '2002:808:808::1',
      '2001::1',
      '2001:db8::1',
    ],
    ...['', 'x', '8.8.8', '08.8.8.8'],
  ])
    t.notOk(isPublicAddress(address), address);
});

t.test('fetched: what is asked for, and what comes of the answers', async (t) => {
  t.equal(
    resolverAddress('https://doi.org/', '10.1000/a b<>?#%')?.href,
    'https://doi.org/10.1000/a%20b%3C%3E%3F%23%25',
  );
  t.equal(resolverAddress('file:///etc/', '10.1000/x'), undefined);
  t.equal(resolverAddress('nonsense', '10.1000/x'), undefined);
  const answers: Record<string, Handler> = {
    [`/${DOI}`]: (_request, response) => json(response, DATACITE),
    '/10.5072/none': (_request, response) => void response.writeHead(404).end(),
    '/10.5072/broken': (_request, response) => void response.writeHead(500).end('no'),
    '/10.5072/page': (_request, response) => void response.end('<html>'),
    '/10.5072/cut': (request) => request.socket.destroy(),
    '/10.5072/long': (_request, response) => {
      response.on('error', () => {});
      const part = Buffer.alloc(1 << 20, 0x20);
      for (let i = 0; i < 5; i++) response.write(part);
      json(response, DATACITE);
    },
  };
  const { port, asked } = await serverOf(t, (request, response) => answers[request.url ?? '']?.(request, response));
  const fetched = (doi: string) => fetchDoi(doi, optionsFor(port));
  t.match(await fetched(DOI), { outcome: 'good', record: { year: '2016' }, source: `127.0.0.1:${port}` });
  t.match(asked[0]?.headers.accept, /^application\/vnd\.datacite\.datacite\+json, application\/vnd\.citationstyles/);
  t.equal(asked[0]?.headers['user-agent'], 'das2srv/test (mailto:a@b.org)');
  t.match(await fetched('10.5072/none'), { outcome: 'notFound' });
  t.match(await fetched('10.5072/broken'), { outcome: 'failed', reason: 'status 500' });
  t.match(await fetched('10.5072/page'), { outcome: 'failed', reason: /no record/ });
  t.match(await fetched('10.5072/cut'), { outcome: 'failed' });
  t.match(await fetched('10.5072/long'), { outcome: 'failed', reason: /more than 1048576 bytes/ });
  t.match(await fetchDoi(DOI, optionsFor(1)), { outcome: 'failed', reason: 'ECONNREFUSED' });
});

t.test('C37: an answer that never ends is given up', async (t) => {
  const { port } = await serverOf(t, (_request, response) => void response.write('{'));
  t.match(await fetchDoi(DOI, optionsFor(port)), { outcome: 'failed', reason: 'no answer within 5 s' });
});

t.test('C37: redirects', async (t) => {
  const { path } = temporaryFolder(t);
  if (!makeCertificate(path, '127.0.0.1')) {
    t.pass('openssl is not there: nothing to see');
    return;
  }
  const secure = await serverOf(
    t,
    (request, response) => {
      if (request.url === '/record') json(response, DATACITE);
      else response.writeHead(302, { Location: '/round' }).end();
    },
    path,
  );
  let location = '';
  const { port } = await serverOf(
    t,
    (_request, response) => void response.writeHead(302, { Location: location }).end(),
  );
  const authority = readFileSync(join(path, 'fullchain.pem'), 'utf8');
  const from = (to: string, more: Partial<DoiFetchOptions> = {}) => {
    location = to;
    const hosts = [`127.0.0.1:${secure.port}`, `localhost:${secure.port}`];
    return fetchDoi(DOI, optionsFor(port, { hosts, authority, ...more }));
  };
  for (const host of ['127.0.0.1', 'localhost'])
    t.match(await from(`https://${host}:${secure.port}/record`), { outcome: 'failed', reason: /not public/ }, host);
  t.match(await from('https://elsewhere.example.org/record'), { reason: /not of CITE_DOI_HOSTS/ });
  t.match(await from(`http://127.0.0.1:${port}/x`), { reason: /plain https/ });
  t.match(await from(`https://u:p@127.0.0.1:${secure.port}/record`), { reason: /plain https/ });
  t.match(await from('https://['), { reason: /no address/ });
  t.match(await from('https://169.254.169.254/x', { hosts: ['169.254.169.254'] }), { reason: /not public/ });
  t.same(secure.asked, [], 'nothing was asked there');
  const isAllowed = (): boolean => true;
  t.match(await from(`https://127.0.0.1:${secure.port}/record`, { isAllowed }), {
    outcome: 'good',
    record: { year: '2016' },
    source: `127.0.0.1:${secure.port}`,
  });
  t.match(await from(`https://127.0.0.1:${secure.port}/round`, { isAllowed }), { reason: 'more than 4 redirects' });
  const otherName = await from(`https://localhost:${secure.port}/record`, { isAllowed });
  t.match(otherName, { reason: /ERR_TLS_CERT_ALTNAME_INVALID/ }, 'certificates are looked at');
});

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
