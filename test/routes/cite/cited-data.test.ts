/**
 * What was cited, later: comparison, known digests, kept and withdrawn citations, by whole requests. Test cases C27, C39 to C43, C46 to C48, C50
 * and C51 of citation 16, as far as they concern the routes.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { KeptCitations } from '../../../lib/cite/citation/kept.js';
import { appendEntry } from '../../../lib/cite/log/append.js';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { makeJob, RESULT } from '../../../lib/queue/item.js';
import { makeServer } from '../../../lib/server/context.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { sha256 } from '../../cite/digest/vectors.js';
import { headerPacket, STREAM } from '../../tools/build-stream.js';
import { citeSite, digestOf, hours } from '../../tools/cite-site.js';
import { ASK, BROWSER, CITE, DAY, FIRST, SECOND } from './requests.js';

t.test('C16: labels that have changed are told, and are no change of the data', async (t) => {
  const site = citeSite(t);
  const headers = { Accept: 'application/json' };
  await site.serve({ query: ASK });
  const { id } = JSON.parse((await site.serve({ query: `${CITE}&format=json&keep=1` })).text);
  const verify = async () => JSON.parse((await site.serve({ path: `/cite/${id}/verify`, headers })).text);
  t.match(await verify(), { result: 'unchanged', labelsChanged: false });
  const labelled = headerPacket('00', '<stream version="2.2"><properties title="other"/></stream>\n');
  site.setStream('plain', Buffer.concat([labelled, hours().subarray(STREAM.length)]));
  await site.serve({ query: ASK });
  t.match(await verify(), { result: 'unchanged', labelsChanged: true });
  const url = encodeURIComponent(`http://das.example.org/das/server?${ASK}`);
  const byHash = await site.serve({ path: '/verify', query: `url=${url}&hash=${FIRST}`, headers });
  t.match(JSON.parse(byHash.text), { result: 'unchanged', labelsChanged: true });
});

t.test('C39 to C42: comparison', async (t) => {
  const site = citeSite(
    t,
    {},
    {
      'C/Plain': `${readFileSync(join(citeSite(t).dsdfRoot, 'C/Plain.dsdf'), 'utf8')}change_01 = '2999-01-01: recalibrated'\n`,
    },
  );
  const url = `url=${encodeURIComponent(`http://das.example.org/das/server?${ASK}`)}`;
  const verify = async (query: string) => JSON.parse((await site.serve({ path: '/verify', query })).text);
  t.match(await verify(`${url}&hash=${FIRST}&compute=0`), { result: 'unknown', reason: 'no-entry' });
  await site.serve({ query: ASK });
  t.match(await verify(`${url}&hash=sha256-d2c1:${FIRST}`), {
    result: 'unchanged',
    basis: 'log',
    labelsChanged: false,
    sameSpan: true,
  });
  site.setStream('plain', hours(100));
  t.match(await verify(`${url}&hash=${FIRST}`), { result: 'unchanged', basis: 'log' }, 'the log knows nothing of it');
  await site.serve({ query: ASK });
  t.match(await verify(`${url}&hash=${FIRST}`), {
    result: 'changed',
    basis: 'log',
    cited: { digest: FIRST },
    current: { digest: SECOND },
    changes: [{ date: '2999-01-01', text: 'recalibrated', source: 'declared' }],
    warning: /differ/,
    links: { data: /server=dataset/ },
  });
  const { headers, status } = await site.serve({ path: '/verify', query: `${url}&hash=${FIRST}` });
  t.equal(status, 200);
  t.equal(headers['Cache-Control'], 'no-store');
  t.equal((await site.serve({ path: '/verify', query: `${url}&hash=xyz` })).status, 400);
  const old = citeSite(t, { CITE_VERIFY_MAXAGE: '0 s' });
  await old.serve({ query: ASK });
  old.setStream('plain', hours(100));
  const { text } = await old.serve({ path: '/verify', query: `${url}&hash=${FIRST}` });
  t.match(JSON.parse(text), { result: 'changed', basis: 'recomputed' });
});

t.test('C43, C51: kept citations stay', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  const { id } = JSON.parse((await site.serve({ query: `${CITE}&format=json` })).text);
  t.equal((await site.serve({ method: 'POST', path: `/cite/${id}`, query: 'keep=1' })).status, 200);
  t.equal((await site.serve({ path: `/cite/${id}`, query: 'keep=1&format=json' })).status, 200);
  const kept = join(site.citeRoot, 'kept', id.slice(0, 2));
  t.same(readdirSync(kept), [`${id}.json`]);
  await site.serve({ path: `/cite/${id}/verify` });
  t.match(readFileSync(join(kept, `${id}.events`), 'utf8'), '"event":"verified","result":"unchanged"');
  t.match((await site.serve({ path: `/cite/${id}`, headers: BROWSER })).text, /Last checked<\/dt><dd>.*unchanged/);
  rmSync(join(site.dsdfRoot, 'C/Plain.dsdf'));
  const gone = await site.serve({ path: `/cite/${id}`, headers: BROWSER });
  t.equal(gone.status, 200);
  t.match(gone.text, 'not there any more');
  t.match(JSON.parse((await site.serve({ path: `/cite/${id}/verify` })).text), { result: 'gone' });
  const url = `url=${encodeURIComponent(`http://das.example.org/das/server?${ASK}`)}`;
  t.match(JSON.parse((await site.serve({ path: '/verify', query: `${url}&hash=${FIRST}` })).text), { result: 'gone' });
  t.equal((await site.serve({ method: 'POST', path: `/cite/${id}` })).status, 405);
});

t.test('C48: a source that gives something else each time', async (t) => {
  const site = citeSite(t);
  for (const base of [1, 2, 3]) {
    site.setStream('plain', hours(base));
    await site.serve({ query: ASK });
  }
  const { text } = await site.serve({ query: `${CITE}&format=json&hash=${digestOf(hours(3))}` });
  t.match(JSON.parse(text).warnings, [{ code: 'volatile' }]);
});

t.test('C50: addresses of others are refused', async (t) => {
  const site = citeSite(t);
  for (const url of [
    'http://other.example.org/das/server?server=dataset',
    'http://das.example.org/das/server.evil?x',
    'http://das.example.org/das/server?server=list',
    'http://das.example.org/das/server/debug',
    'x',
  ]) {
    t.equal((await site.serve({ path: '/cite', query: `url=${encodeURIComponent(url)}` })).status, 400, url);
  }
  const { text } = await site.serve({ query: CITE, headers: { Host: 'evil.example.org' } });
  t.notMatch(text, 'evil.example.org');
});

t.test('known digests', async (t) => {
  const site = citeSite(t);
  const hash = async (more = '') =>
    JSON.parse((await site.serve({ query: `server=hash&dataset=C/Plain&${DAY}${more}` })).text);
  t.match(await hash(), { digests: [], computed: false });
  t.match(await hash('&compute=1'), {
    digests: [{ d2c1: FIRST, count: 1, via: 'live', packets: 24 }],
    computed: true,
    dsver: /^7\+/,
  });
  t.match(await hash('&compute=1'), { digests: [{ d2c1: FIRST }], computed: false });
});

t.test('C46: reduced data that are made in another way are not called changed', async (t) => {
  const site = citeSite(t);
  const query = `server=dataset&dataset=C/Plain&${DAY}&resolution=7200`;
  await site.serve({ query });
  const [live] = site.entries();
  if (live?.d2c1 === undefined) throw new Error('no entry');
  const hash = live.d2c1;
  const verify = async () =>
    JSON.parse((await site.serve({ path: '/verify', query: `rk=${live.rk}&hash=${hash}&compute=0` })).text);
  const add = (seconds: number, d2c1: string, via: string): void =>
    appendEntry(site.citeRoot, { ...live, time: new Date(Date.now() + seconds * 1000).toISOString(), d2c1, via });
  add(1, hash, 'cache:bin-60s');
  t.match(await verify(), { result: 'unchanged' });
  add(2, SECOND, 'live:bin-3600s');
  t.match(await verify(), { result: 'unknown', reason: 'different-path' });
  add(3, SECOND, 'live:bin-60s');
  add(4, '1'.repeat(64), 'live');
  t.match(await verify(), { result: 'changed', current: { digest: SECOND } }, 'the same way counts first');
});

t.test('a citation that was withdrawn leaves a notice', async (t) => {
  const site = citeSite(t);
  await site.serve({ query: ASK });
  const { id } = JSON.parse((await site.serve({ query: `${CITE}&format=json&keep=1` })).text);
  new KeptCitations(site.citeRoot).note(id, { time: '2026-01-01T00:00:00Z', event: 'withdrawn', reason: 'an error' });
  const { status, text } = await site.serve({ path: `/cite/${id}` });
  t.equal(status, 410);
  t.match(text, 'an error');
});

t.test('C47: an interval that reaches the present, and data that have grown', async (t) => {
  const site = citeSite(t);
  const query = 'dataset=C/Live&start_time=2017-01-01&end_time=2100-01-01';
  site.setStream('plain', hours(0, 12));
  const { text } = await site.serve({ query: `server=citation&${query}&format=json` });
  const made = JSON.parse(text);
  t.match(made.warnings, [
    { code: 'computed-now' },
    { code: 'open-ended', text: /A request that ends at \d{4}-\d\d-\d\dT00:00:00/ },
  ]);
  site.setStream('plain', hours(0, 24));
  await site.serve({ query: `server=dataset&${query}` });
  const verify = async () => JSON.parse((await site.serve({ path: `/cite/${made.id}/verify` })).text);
  t.match(await verify(), { result: 'extended', basis: 'recomputed', warning: /more have come since/ });
  site.setStream('plain', Buffer.concat([hours(1, 1), hours(0, 24).subarray(hours(0, 0).length)]));
  await site.serve({ query: `server=dataset&${query}` });
  t.match(await verify(), { result: 'changed' });
});

t.test('C27: what is too much while a client waits is done by the worker', async (t) => {
  const site = citeSite(t, { CITE_COMPUTE_MAX: '100 B', WORK_QUEUE_BROKER: 'spool' });
  const { status, headers, text } = await site.serve({ query: CITE });
  t.equal(status, 202);
  t.equal(headers['Retry-After'], '60');
  const { links } = JSON.parse(text);
  t.match(links.status, /cite\?url=http/);
  const configuration = loadConfiguration({ file: site.configurationFile, environment: {} });
  const work = async (rk: string) =>
    runTask(makeJob({ category: 'TASK_CITE_HASH', fields: [rk], requester: 'x', remote: '192.0.2.1', user: 'x' }), {
      configuration,
      sources: makeServer(configuration).sourcesFor({ line() {}, text() {}, close() {} }),
      log: () => {},
      progress: () => {},
      signal: new AbortController().signal,
    });
  const [shard = ''] = readdirSync(join(site.citeRoot, 'req'));
  const [rk = ''] = readdirSync(join(site.citeRoot, 'req', shard));
  t.match(await work(rk), { code: RESULT.done });
  t.match(await work('0'.repeat(64)), { code: RESULT.refused });
  t.match(site.entries(), [{ state: 'ok', d2c1: FIRST, rk }]);
  const later = await site.serve({ query: links.status.slice(links.status.indexOf('?') + 1), path: '/cite' });
  t.equal(later.status, 200);
  t.match(later.text, FIRST.slice(0, 20));
});

t.test('a state is found by the bytes of any of its deliveries', async (t) => {
  const site = citeSite(t);
  const commented = (text: string): Buffer => {
    const comment = `<comment type="log:info" source="reader" value="${text}"/>\n`;
    return Buffer.concat([hours(), Buffer.from(`[xx]${String(comment.length).padStart(6, '0')}${comment}`)]);
  };
  for (const text of ['run 1', 'run 2']) {
    site.setStream('plain', commented(text));
    await site.serve({ query: ASK });
  }
  site.setStream('plain', hours(100));
  await site.serve({ query: ASK });
  for (const text of ['run 1', 'run 2']) {
    const { status, text: made } = await site.serve({ query: `${CITE}&format=json&hash=${sha256(commented(text))}` });
    t.equal(status, 200, text);
    t.equal(JSON.parse(made).state.digest, `sha256-d2c1:${FIRST}`);
  }
  const url = encodeURIComponent(`http://das.example.org/das/server?${ASK}`);
  const verify = async (hash: string) =>
    JSON.parse((await site.serve({ path: '/verify', query: `url=${url}&hash=${hash}` })).text);
  const cited = { digest: FIRST };
  t.match(await verify(sha256(commented('run 1'))), { result: 'changed', cited });
  site.setStream('plain', commented('run 3'));
  await site.serve({ query: ASK });
  t.match(await verify(sha256(commented('run 1'))), { result: 'unchanged', cited }, 'another file with the same data');
});

t.test('known digests of closed data are stored by nobody', async (t) => {
  const site = citeSite(t);
  const credentials = `Basic ${Buffer.from('u:p').toString('base64')}`;
  const { status, headers } = await site.serve({
    query: `server=hash&dataset=C/Closed&${DAY}`,
    headers: { Authorization: credentials },
  });
  t.equal(status, 200);
  t.match(headers, { 'Cache-Control': 'no-store', Vary: /Authorization/ });
});

t.test('a digest that is too much for now is left to the worker by server=hash, too', async (t) => {
  const site = citeSite(t, { CITE_COMPUTE_MAX: '100', WORK_QUEUE_BROKER: 'spool' });
  const { status, headers, text } = await site.serve({ query: `server=hash&dataset=C/Plain&${DAY}&compute=1` });
  t.equal(status, 202);
  t.match(headers, { 'Retry-After': /^\d+$/ });
  t.match(JSON.parse(text), { digests: [], computed: false, problem: /background/ });
});

t.test('the same finding is noted once an hour', async (t) => {
  const site = citeSite(t);
  const { id } = JSON.parse((await site.serve({ query: `${CITE}&format=json&keep=1` })).text);
  const events = (): string[] => new KeptCitations(site.citeRoot).events(id).map(({ event }) => event);
  for (let i = 0; i < 3; i++) await site.serve({ path: `/cite/${id}/verify` });
  t.same(events(), ['verified']);
  const kept = new KeptCitations(site.citeRoot);
  const [last] = kept.events(id);
  kept.note(id, { ...last, event: 'verified', time: new Date(Date.now() + 2 * 3600e3).toISOString() });
  t.same(events(), ['verified', 'verified']);
});

t.test('a kept citation whose file is damaged is made anew from the log', async (t) => {
  const site = citeSite(t);
  const { id, rk } = JSON.parse((await site.serve({ query: `${CITE}&format=json&keep=1` })).text);
  const file = join(site.citeRoot, 'kept', id.slice(0, 2), `${id}.json`);
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 100));
  const { status, text } = await site.serve({ path: `/cite/${id}.json` });
  t.equal(status, 200);
  t.equal(JSON.parse(text).rk, rk);
});
