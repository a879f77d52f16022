/**
 * `/coverage/<id>` and its place on the page of a source: forms, rights, validators, what happens before it was ever counted, and what is
 * queued.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { RequestLog } from '../../../lib/log/request-log.js';
import { makeJob, parseItem } from '../../../lib/queue/item.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import type { Reply } from '../../../lib/reply/reply.js';
import { handle } from '../../../lib/routes/router.js';
import { serve } from '../../../lib/routes/serve.js';
import { makeContext, makeServer } from '../../../lib/server/context.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { parseXml } from '../../../lib/stream/xml.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { cacheSite, type TestSite } from '../../cache/site.js';
import { assertValidStream } from '../../tools/assert-valid-stream.js';
import { type TestRequest, testRequest } from '../../tools/make-test-request.js';
import { htmlFaults } from '../../tools/validate-html.js';

const VALID = "validRange = '2017-03-01 to 2017-03-11'";
const QUICK = "reader = 'STEP=3600 GAP=1 test_reader'";
const BROWSER = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0' };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly log: readonly string[];
}

async function ask(site: TestSite, path: string, request: TestRequest = {}): Promise<Answer> {
  const lines: string[] = [];
  const log: RequestLog = { line: (line) => lines.push(line), text: (text) => lines.push(text), close() {} };
  const context = makeContext(makeServer(site.configuration), log);
  const reply = await handle(context, testRequest({ path, ...request }));
  return { status: reply.status, headers: Object.fromEntries(reply.headers), text: await textOf(reply), log: lines };
}

async function textOf({ body }: Reply): Promise<string> {
  if (body.kind === 'none') return '';
  if (body.kind === 'bytes') return Buffer.from(body.bytes).toString();
  const pieces: Buffer[] = [];
  await body.run({ gone: false, onGone() {}, abort() {}, write: (bytes) => void pieces.push(Buffer.from(bytes)) });
  return Buffer.concat(pieces).toString();
}

async function queued(site: TestSite): Promise<string[]> {
  const broker = await openBroker(site.configuration);
  return [...((await broker?.list('todo')) ?? [])].map((text) => {
    const { category, fields } = parseItem(text).job;
    return [category, ...fields].join(' ');
  });
}

async function count(site: TestSite, dataset = 'T/S'): Promise<void> {
  const job = makeJob({ category: 'TASK_COVERAGE', fields: [dataset, '', ''], requester: 'test' });
  await runTask(job, {
    configuration: site.configuration,
    sources: new SourceTree(site.configuration),
    log() {},
    progress() {},
    signal: new AbortController().signal,
  });
}

const password = (user: string, word: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${word}`).toString('base64')}`,
});

t.test('before it was counted: 404, and the worker is asked once', async (t) => {
  const site = cacheSite(t, [VALID, QUICK]);
  const first = await ask(site, '/coverage/T/S');
  t.equal(first.status, 404);
  t.match(first.text, /not been counted yet; it is being made, ask again later/);
  assertValidStream(t, Buffer.from(first.text), { allow: ['empty-stream'] });
  const json = await ask(site, '/coverage/T/S.json');
  t.match(JSON.parse(json.text), { error: { message: /not been counted yet/ } });
  t.match(await ask(site, '/coverage/T/S.svg', { headers: BROWSER }), {
    status: 404,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  });
  t.strictSame(await queued(site), ['TASK_COVERAGE T/S  ']);
  const lonely = cacheSite(t, [VALID, QUICK], ['WORK_QUEUE_BROKER = none']);
  const alone = await ask(lonely, '/coverage/T/S');
  t.match(alone, { status: 404, text: /cannot be made now/ });
  t.match(alone.log.join('\n'), /WORK_QUEUE_BROKER is none/);
});

t.test('what cannot be counted is not asked of the worker', async (t) => {
  const site = cacheSite(t, [QUICK]);
  const timeless = await ask(site, '/coverage/T/S.json');
  t.equal(timeless.status, 404);
  t.match(JSON.parse(timeless.text).error.message, /not been counted: the source has no validRange and no examples/);
  site.define(["validRange = '0001-01-01 to 9999-01-01'", QUICK]);
  t.match((await ask(site, '/coverage/T/S.json')).text, /more than 100000 days/);
  t.strictSame(await queued(site), []);
});

t.test('a reader whose command takes words of the request', async (t) => {
  const site = cacheSite(t, [VALID, "reader = 'stepped $(resolution) $(start_time)'"]);
  site.program('stepped', `#!/bin/sh\nexport STEP=$1\nshift 2\nexec ${site.folder}/bin/test_reader "$@"\n`);
  t.equal((await ask(site, '/coverage/T/S')).status, 404);
  t.strictSame(await queued(site), ['TASK_COVERAGE T/S  ']);
  await count(site);
  const { text, log } = await ask(site, '/coverage/T/S.json', {
    query: 'resolution=60&start_time=2017-03-01&end_time=2017-03-02',
  });
  t.match(JSON.parse(text).counts, [{ resolution: 86400, records: [1] }]);
  t.notMatch(log.join('\n'), /out of date/);
});

t.test('three forms of the same counts', async (t) => {
  const site = cacheSite(t, [VALID, QUICK]);
  await count(site);
  const stream = await ask(site, '/coverage/T/S');
  t.match(stream, {
    status: 200,
    headers: {
      'Content-Type': 'text/vnd.das2.das2stream; charset=utf-8',
      'Content-Disposition': 'inline; filename="S_coverage.d2t"',
    },
  });
  assertValidStream(t, Buffer.from(stream.text));
  t.equal(stream.text.match(/^:01:|(?<=\n):01:/g)?.length, 10);
  const browser = await ask(site, '/coverage/T/S', { headers: BROWSER });
  t.equal(browser.headers['Content-Type'], 'text/plain; charset=utf-8');
  const json = await ask(site, '/coverage/T/S.json');
  t.match(JSON.parse(json.text), {
    dataset: 'T/S',
    days: { withData: 10, withoutData: 0, unknown: 0 },
    data: [['2017-03-01', '2017-03-11']],
    counts: [{ begin: '2017-03-01', records: new Array(10).fill(18) }],
  });
  t.notMatch(json.text, site.folder);
  const svg = await ask(site, '/coverage/T/S.svg');
  t.equal(svg.headers['Content-Type'], 'image/svg+xml');
  t.match(svg.headers['Content-Security-Policy'], /default-src 'none'/);
  t.equal(parseXml(Buffer.from(svg.text)).name, 'svg');
  t.match(svg.text, /2017-03-01 to 2017-03-11: data on 10 of 10 days\./);
  t.notMatch(svg.text, /<script|href=|onload/);
  t.equal(svg.headers.Vary, 'Accept-Encoding');
  t.equal((await ask(site, '/coverage/T/S', { method: 'HEAD' })).status, 200);
  for (const path of ['/coverage/T/S', '/coverage/T/S.json', '/coverage/T/S.svg']) {
    const { ETag: tag = '' } = (await ask(site, path)).headers;
    const again = await ask(site, path, { headers: { 'If-None-Match': tag } });
    t.match(again, { status: 304, text: '', headers: { ETag: tag } }, path);
  }
  const coded = await ask(site, '/coverage/T/S', { headers: { 'Accept-Encoding': 'gzip' } });
  t.equal(coded.headers['Content-Encoding'], undefined, 'streams are never coded');
});

t.test('a part of it, in whole days', async (t) => {
  const site = cacheSite(t, [VALID, QUICK]);
  await count(site);
  const part = async (query: string) => JSON.parse((await ask(site, '/coverage/T/S.json', { query })).text);
  t.match(await part('start_time=2017-03-03T12:00&end_time=2017-03-05T01:00'), {
    begin: '2017-03-03',
    end: '2017-03-06',
    days: { withData: 3 },
  });
  t.match(await part('time.min=2017-060&time.max=2018-001'), { begin: '2017-03-01', end: '2017-03-11' });
  t.match(await part('start_time=2019-001&end_time=2020-001'), { days: { withData: 0, unknown: 0 }, counts: [] });
  for (const query of ['start_time=2017-03-03', 'start_time=x&end_time=y', 'start_time=2018&end_time=2017']) {
    t.equal((await ask(site, '/coverage/T/S.json', { query })).status, 400, query);
  }
  const none = await ask(site, '/coverage/T/S', { query: 'start_time=2019-001&end_time=2020-001' });
  t.match(none.text, 'NoDataInInterval');
  assertValidStream(t, Buffer.from(none.text));
  t.equal((await ask(site, '/coverage/T/S.svg', { query: 'start_time=2019-001&end_time=2020-001' })).status, 200);
});

t.test('the same rights as for the data', async (t) => {
  const site = cacheSite(t, [VALID, QUICK, "readAccess = 'AGE:1y | USER:ada'"], []);
  writeFileSync(join(site.folder, 'passwd'), 'ada:lLp764MZK2EPo\n');
  const settings = `${site.folder}/das2server.conf`;
  const { loadConfiguration } = await import('../../../lib/conf/configuration.js');
  const { readFileSync } = await import('node:fs');
  writeFileSync(settings, `${readFileSync(settings, 'utf8')}USER_PASSWD = ${site.folder}/passwd\n`);
  const guarded: TestSite = { ...site, configuration: loadConfiguration({ file: settings, environment: {} }) };
  t.equal((await ask(guarded, '/coverage/T/S')).status, 404, 'all of it is old');
  const today = new Date().toISOString().slice(0, 10);
  site.define([`validRange = '2017-03-01 to now'`, "reader = 'true'", "readAccess = 'AGE:1y | USER:ada'"]);
  await count(guarded);
  const open = JSON.parse((await ask(guarded, '/coverage/T/S.json')).text);
  t.ok(open.end < today, `without a password up to ${open.end}`);
  t.ok(open.end > `${Number(today.slice(0, 4)) - 2}`);
  const all = await ask(guarded, '/coverage/T/S.json', { headers: password('ada', 'test') });
  t.ok(JSON.parse(all.text).end > today);
  t.match(all.headers, { 'Cache-Control': 'private', Vary: /Authorization/ });
  const query = `start_time=2017-03-01&end_time=${today}`;
  t.match(await ask(guarded, '/coverage/T/S.json', { query }), {
    status: 401,
    headers: { 'WWW-Authenticate': 'Basic realm="/das/server/T/S"' },
  });
  t.equal((await ask(guarded, '/coverage/T/S', { headers: password('ada', 'guess') })).status, 401);
  site.define([VALID, QUICK, "readAccess = 'USER:ada'"]);
  const before = await queued(site);
  for (const form of ['', '.json', '.svg']) t.equal((await ask(guarded, `/coverage/T/S${form}`)).status, 401, form);
  t.strictSame(await queued(site), before, 'who may not see it may not have it made');
});

t.test('what is no coverage', async (t) => {
  const site = cacheSite(t, [VALID, QUICK]);
  const define = (name: string, text: string) =>
    writeFileSync(join(site.folder, `datasets/${name}.dsdf`), `description = 'x'\ndas2Stream = 1\n${text}\n`);
  define('old', "rename = 'T/S'\nreader = 'true'");
  define('far', "server = 'http://other.example.org/das/server'\nreader = 'true'");
  define('a.json', `${VALID}\n${QUICK}`);
  for (const path of ['/coverage/', '/coverage/none', '/coverage/T', '/coverage/..%2f..%2fetc', '/coverage/.json']) {
    t.equal((await ask(site, path)).status, 404, path);
  }
  t.equal((await ask(site, '/coverage')).status, 404);
  t.match(await ask(site, '/coverage/old.json'), {
    status: 301,
    headers: { Location: 'http://das.example.org/das/server/coverage/T/S.json' },
  });
  t.match(await ask(site, '/coverage/far'), {
    status: 301,
    headers: { Location: 'http://other.example.org/das/server/coverage/far' },
  });
  await count(site, 'a.json');
  t.match((await ask(site, '/coverage/a.json')).headers['Content-Type'], /das2stream/, 'a source of that very name');
  t.match((await ask(site, '/coverage/a.json.json')).headers['Content-Type'], /json/);
  const { Configuration } = await import('../../../lib/conf/configuration.js');
  const text = `DSDF_ROOT = ${site.folder}/datasets\n`;
  const bare = { ...site, configuration: new Configuration(text, { file: 'x', prefix: site.folder }) };
  t.equal((await ask(bare, '/coverage/T/S')).status, 501);
  mkdirSync(join(site.cacheRoot, 'coverage/T'), { recursive: true });
  writeFileSync(join(site.cacheRoot, 'coverage/T/S.json'), '{"format":1,');
  t.equal((await ask(site, '/coverage/T/S')).status, 404, 'a damaged file is as good as none');
});

t.test('out of date: sent all the same, and asked for anew', async (t) => {
  const site = cacheSite(t, [VALID, QUICK]);
  await count(site);
  t.equal((await ask(site, '/coverage/T/S.json')).status, 200);
  t.strictSame(await queued(site), []);
  site.define([VALID, "reader = 'STEP=60 test_reader'"]);
  const answer = await ask(site, '/coverage/T/S.json');
  t.match(answer, { status: 200, headers: { ETag: /^W/ } });
  t.match(answer.log.join('\n'), /asked for anew/);
  t.strictSame(await queued(site), ['TASK_COVERAGE T/S  ']);
});

t.test('on the page of the source', async (t) => {
  const site = cacheSite(t, [VALID, QUICK]);
  const page = async () => {
    const { text } = await ask(site, '/source/T/S.html');
    t.strictSame(await htmlFaults(text), []);
    return text;
  };
  t.match(await page(), /Not counted yet\. <a href="\/das\/server\/coverage\/T\/S\.svg">/);
  t.strictSame(await queued(site), [], 'a look asks for nothing');
  await count(site);
  t.match(await page(), /<img class="strip" src="\/das\/server\/coverage\/T\/S\.svg"[^>]* alt="2017-03-01 to [^"]+"/);
  site.define([VALID, QUICK, "readAccess = 'USER:ada'"]);
  const guarded = await page();
  t.match(guarded, /For those who may have the data/);
  t.notMatch(guarded, /<img class="strip"/, 'no page asks for a password by itself');
});

t.test('USAGE_JOBS: an item for each data request that was answered', async (t) => {
  const site = cacheSite(t, [VALID, QUICK], ['USAGE_JOBS = true', 'ACCESS_LOG = false']);
  const server = makeServer(site.configuration);
  const get = (path: string, query = '') =>
    serve(server, testRequest({ path, query }), async (reply) => {
      const bytes = (await textOf(reply)).length;
      return { bytes, firstByteAt: Date.now(), clientGone: false, aborted: false };
    });
  const query = 'start_time=2017-03-01&end_time=2017-03-02&resolution=60&params=-x';
  await get('/data/T/S', query);
  await get('/data/T/S', query);
  await get('/data/T/none', query);
  await get('/id');
  const item = 'TASK_USAGE T/S 2017-03-01 2017-03-02 -x 60 ';
  t.strictSame(await queued(site), [item, item]);
});
