/** Deliveries and the log they leave. Test cases C08 to C13, C17 to C19, C22, C59 of citation 16, by whole requests. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DigestTap } from '../../../lib/cite/digest/tap.js';
import { DAY } from '../../routes/cite/requests.js';
import { citeSite, hours } from '../../tools/cite-site.js';
import { DIGEST_EMPTY, sha256 } from '../digest/vectors.js';

const PLAIN = `server=dataset&dataset=C/Plain&${DAY}`;

function digestOf(bytes: Uint8Array): string | undefined {
  const tap = new DigestTap();
  tap.push(bytes);
  return tap.end().d2c1;
}

t.test('C08, C13: one request in many forms has one key and one digest', async (t) => {
  const site = citeSite(t);
  const time = 'time.min=2017-01-01T00:00:00Z&time.max=2017-01-02T00:00:00Z';
  const forms = [
    { query: PLAIN },
    { query: `${PLAIN}&ascii=1` },
    { query: `${PLAIN}&compress=true&foo=1` },
    { query: `server=dataset&dataset=C/Plain&start_time=2017-001&end_time=2017-01-02T00:00:00.000Z` },
    { path: '/data/C/Plain', query: DAY },
    { path: '/data/C/Plain', query: `${DAY}&resolution=0` },
    { path: '/hapi/data', query: `id=C/Plain&${time}` },
    { path: '/hapi/data', query: `id=C/Plain&${time}`, headers: { 'Accept-Encoding': 'gzip' } },
    { path: '/hapi/data', query: `id=C/Plain&${time}&format=binary` },
    { path: '/hapi/data', query: `id=C/Plain&${time}&format=json&include=header` },
  ];
  const bodies: string[] = [];
  for (const form of forms) {
    const { status, bytes, headers } = await site.serve(form);
    t.equal(status, 200, form.query);
    t.match(
      headers.Link,
      /^<http:\/\/das\.example\.org\/das\/server\/cite\?rk=[0-9a-f]{64}>; rel="cite-as", <.*>; rel="describedby"; type="application\/ld\+json"$/,
    );
    bodies.push(sha256(bytes));
  }
  const entries = site.entries();
  t.equal(entries.length, forms.length);
  t.equal(new Set(entries.map(({ rk }) => rk)).size, 1, 'one key');
  t.same(new Set(entries.map(({ d2c1 }) => d2c1)), new Set([digestOf(hours())]), 'one digest');
  t.same(
    entries.map(({ raw }) => raw),
    bodies,
    'the bytes as sent, before they were coded',
  );
  t.equal(new Set(bodies).size, 5, 'five forms of bytes');
  t.match(entries[0], {
    state: 'ok',
    format: 'd2s',
    bytes: hours().length,
    packets: 24,
    firstX: '2017-01-01T00:00:00',
    lastX: '2017-01-01T23:00:00',
    via: 'live',
    dsver: /^7\+[0-9a-f]{8}$/,
    open: false,
    request:
      'dataset=C%2FPlain&begin=2017-01-01T00%3A00%3A00&end=2017-01-02T00%3A00%3A00&res=native&interval=&params=&planes=*',
  });
  t.same(
    entries.map(({ format }) => format),
    ['d2s', 'd2t', 'd2s', 'd2s', 'd2s', 'd2s', 'hapi-csv', 'hapi-csv', 'hapi-binary', 'hapi-json'],
  );
});

t.test('C09 to C12: what makes another key, and what does not', async (t) => {
  const site = citeSite(t);
  const key = async (query: string): Promise<string | undefined> => {
    const before = site.entries().length;
    await site.serve({ query: `server=dataset&${query}` });
    const entries = site.entries();
    t.equal(entries.length, before + 1, query);
    return entries.at(-1)?.rk;
  };
  const reduced = await key(`dataset=C/Plain&${DAY}&resolution=7200`);
  t.equal(await key(`dataset=C/Plain&${DAY}&resolution=7200.0`), reduced);
  t.equal(await key(`dataset=C/Plain&${DAY}&resolution=72e2`), reduced);
  const native = await key(`dataset=C/Plain&${DAY}`);
  t.not(native, reduced);
  const one = await key(`dataset=C/Plain&${DAY}&params=5%2010`);
  t.equal(await key(`dataset=C/Plain&${DAY}&params=5%20%2010%20`), one);
  t.not(await key(`dataset=C/Plain&${DAY}&params=10%205`), one);
  t.not(await key(`dataset=C/Plain&start_time=2016-01-01&end_time=2017-01-02`), native, 'as asked, not as trimmed');
  t.match(site.entries().at(-1)?.request, 'begin=2016-01-01');
  await key(`dataset=C/Steps&${DAY}&resolution=60`);
  t.match(site.entries().at(-1)?.request, 'res=native&interval=60&');
  const moved = await site.serve({ query: `server=dataset&dataset=C/Old&${DAY}` });
  t.equal(moved.status, 301, 'the old name leads to the new one, whose key counts');
});

t.test('a selection of parameters is a request of its own', async (t) => {
  const site = citeSite(t);
  const query = 'id=C/Plain&time.min=2017-01-01&time.max=2017-01-02';
  await site.serve({ path: '/hapi/data', query: `${query}&parameters=Time,B` });
  await site.serve({ path: '/hapi/data', query });
  const [part, all] = site.entries();
  t.match(part?.request, /planes=B$/);
  t.equal(part?.state, 'ok');
  t.not(part?.d2c1, all?.d2c1);
});

t.test('C17, C18, C19: what has no digest', async (t) => {
  const site = citeSite(t);
  const ask = (name: string, leavesAt?: number) =>
    site.serve({ query: `server=dataset&dataset=C/${name}&${DAY}`, ...(leavesAt !== undefined && { leavesAt }) });
  await ask('Dies');
  t.match(site.entries().at(-1), {
    state: 'failed',
    reason: 'reader ended with status 1',
    d2c1: undefined,
    raw: undefined,
  });
  await ask('Plain', 10);
  t.match(site.entries().at(-1), { state: 'aborted', d2c1: undefined });
  const { bytes } = await ask('Broken');
  t.ok(bytes.equals(readFileSync(join(site.root, 'broken.d2s'))), 'the bytes are delivered unchanged');
  t.match(site.entries().at(-1), {
    state: 'unhashed',
    reason: /data packet of id 99/,
    d2c1: undefined,
    raw: sha256(bytes),
  });
});

t.test('C59: no data are data, too', async (t) => {
  const site = citeSite(t);
  for (const name of ['None', 'Silent']) {
    const { text } = await site.serve({ query: `server=dataset&dataset=C/${name}&${DAY}` });
    t.match(text, 'NoDataInInterval');
    t.match(site.entries().at(-1), { state: 'ok', d2c1: DIGEST_EMPTY, packets: 0 });
  }
  t.equal(site.entries().length, 2);
});

t.test('what is not logged', async (t) => {
  const site = citeSite(t);
  await site.serve({ method: 'HEAD', query: PLAIN });
  await site.serve({ query: PLAIN, headers: { 'If-None-Match': '"x"' } });
  await site.serve({ query: `server=dataset&dataset=C/Closed&${DAY}` });
  await site.serve({ query: `server=dataset&dataset=C/Plain&start_time=x&end_time=y` });
  t.same(site.entries(), []);
  const off = citeSite(t, { CITE_ENABLE: 'no' });
  const { headers } = await off.serve({ query: PLAIN });
  t.equal(headers.Link, undefined);
  t.same(off.entries(), []);
});

t.test('no person is in the log, and only the account of the server reads it', async (t) => {
  const site = citeSite(t);
  const credentials = `Basic ${Buffer.from('u:p').toString('base64')}`;
  await site.serve({
    query: `server=dataset&dataset=C/Closed&${DAY}`,
    headers: { Authorization: credentials, 'User-Agent': 'A Browser', Referer: 'http://elsewhere.example.org/' },
    peerAddress: '192.0.2.77',
  });
  const [entry] = site.entries();
  t.equal(entry?.state, 'ok');
  const file = join(
    site.citeRoot,
    'log',
    entry?.rk.slice(0, 2) ?? '',
    `${entry?.time.slice(0, 7).replace('-', '')}.seg`,
  );
  const text = readFileSync(file, 'utf8');
  t.notMatch(text, /192\.0\.2\.77|Browser|elsewhere|Basic/);
  t.equal(text.split('\t').length, 16);
  t.equal(statSync(file).mode & 0o777, 0o600);
});

t.test('C22: a log that cannot be written', async (t) => {
  const site = citeSite(t);
  writeFileSync(site.citeRoot, 'no folder');
  for (let i = 0; i < 3; i++) t.equal((await site.serve({ query: PLAIN })).status, 200);
  const lines = readdirSync(site.logPath)
    .map((name) => readFileSync(join(site.logPath, name), 'utf8'))
    .join('')
    .match(/CITE_ROOT\) cannot be written/g);
  t.equal(lines?.length, 1, 'one line');
  rmSync(site.citeRoot);
  await site.serve({ query: PLAIN });
  t.equal(site.entries().length, 1, 'it goes on once it can be');
});

t.test('an interval that reaches the present is open', async (t) => {
  const site = citeSite(t);
  const open = async (id: string, end: string): Promise<boolean | undefined> => {
    await site.serve({ query: `server=dataset&dataset=C/${id}&start_time=2017-01-01&end_time=${end}` });
    return site.entries().at(-1)?.open;
  };
  t.equal(await open('Live', '2017-01-02'), false);
  t.equal(await open('Live', '2100-01-01'), true);
  t.equal(await open('Plain', '2018-01-01'), false, 'all of what will ever be');
  t.equal(await open('Plain', '2018-01-02'), true, 'beyond what there is');
});

t.test('a change of the definition shows in the version of the dataset', async (t) => {
  const site = citeSite(t);
  const version = async (): Promise<string | undefined> => {
    await site.serve({ query: PLAIN });
    return site.entries().at(-1)?.dsver;
  };
  const text = readFileSync(join(site.dsdfRoot, 'C/Plain.dsdf'), 'utf8');
  const first = await version();
  site.writeSource('C/Plain', `; a comment\n${text}`);
  t.equal(await version(), first, 'comments do not count');
  site.writeSource('C/Plain', text.replace('show plain', 'show  plain'));
  const second = await version();
  t.not(second, first);
  t.match(second, /^7\+/);
});
