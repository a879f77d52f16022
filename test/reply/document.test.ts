/** Validators and gzip of text documents, and that everything else is left alone (server-protocol T4, RFC 9110). */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { bytesReply, jsonReply } from '../../lib/reply/build-reply.js';
import { finishDocument } from '../../lib/reply/document.js';
import { acceptsGzip } from '../../lib/reply/gzip-document.js';
import type { ReplySink } from '../../lib/reply/reply.js';
import { inProcessSite } from '../tools/in-process.js';
import { testRequest } from '../tools/make-test-request.js';

const GZIP = { 'Accept-Encoding': 'gzip, deflate' };
const BROWSER = { 'User-Agent': 'Mozilla/5.0' };

const NOWHERE: ReplySink = { write: () => {}, gone: false, onGone: () => {}, abort: () => {} };

const sources = Object.fromEntries(
  Array.from({ length: 60 }, (_, i) => [
    `Many/Source${i}`,
    `description = 'Number ${i}'\nreader = stub_rdr\ndas2Stream = 1\n`,
  ]),
);

t.test('documents of every kind', async (t) => {
  const { ask } = inProcessSite(t, { sources });
  const documents = [
    { query: 'server=list' },
    { query: 'server=discovery' },
    { path: '/catalog' },
    { path: '/source/Many/index.json' },
    { path: '/services' },
    { path: '' },
  ];
  for (const request of documents) {
    const name = JSON.stringify(request);
    const plain = await ask(request);
    t.equal(plain.status, 200, name);
    t.match(plain.headers, { ETag: /^W\/"[a-z0-9-]+"$/, Vary: 'Accept-Encoding', Expires: 'now' });
    t.notOk('Content-Encoding' in plain.headers);
    const tag = plain.headers.ETag ?? '';

    const coded = await ask({ ...request, headers: GZIP });
    t.match(coded.headers, { 'Content-Encoding': 'gzip', ETag: tag, Vary: 'Accept-Encoding' });
    t.equal(coded.headers['Content-Length'], String(coded.bytes.length));
    t.ok(coded.bytes.length < plain.bytes.length);
    t.ok(gunzipSync(coded.bytes).equals(plain.bytes));

    for (const value of [tag, `"other", ${tag}`, tag.slice(2), '*']) {
      const same = await ask({ ...request, headers: { ...GZIP, 'If-None-Match': value } });
      t.equal(same.status, 304, value);
      t.match(same.headers, { ETag: tag, Vary: 'Accept-Encoding', Expires: 'now' });
      t.notOk('Content-Length' in same.headers);
      t.equal(same.reply.body.kind, 'none');
    }
    t.equal((await ask({ ...request, headers: { 'If-None-Match': '"other"' } })).status, 200);
    t.equal((await ask({ ...request, headers: { 'If-Modified-Since': new Date().toUTCString() } })).status, 200);

    const head = await ask({ ...request, method: 'HEAD', headers: GZIP });
    t.same(head.headers, coded.headers, 'HEAD has the headers of GET');
  }
});

t.test('the validator follows the content', async (t) => {
  const { ask, fixture } = inProcessSite(t, { sources });
  const before = await ask({ query: 'server=list' });
  const catalog = await ask({ path: '/catalog' });
  fixture.writeSource('Many/Another', "description = 'x'\nreader = stub_rdr\ndas2Stream = 1\n");
  const other = inProcessSite(t, { sources });
  other.fixture.writeSource('Many/Another', "description = 'x'\nreader = stub_rdr\ndas2Stream = 1\n");
  t.not((await other.ask({ query: 'server=list' })).headers.ETag, before.headers.ETag);
  t.not((await other.ask({ path: '/catalog' })).headers.ETag, catalog.headers.ETag);
});

t.test('static files', async (t) => {
  const { ask, fixture } = inProcessSite(t);
  const put = (name: string): void => writeFileSync(join(fixture.resourcePath, name), 'x'.repeat(5000));
  const coding = async (name: string, headers: Record<string, string> = {}): Promise<string | undefined> =>
    (await ask({ path: `/static/${name}`, headers: { ...GZIP, ...headers } })).headers['Content-Encoding'];
  for (const name of ['a.css', 'a.js', 'a.json', 'a.svg', 'a.html', 'a.xml', 'a.csv']) {
    put(name);
    t.equal(await coding(name), 'gzip', name);
  }
  for (const name of ['a.d2t', 'a.d2s', 'a.qds', 'a.qdt', 'a.png', 'a.bin']) {
    put(name);
    t.equal(await coding(name), undefined, name);
    t.equal(await coding(name, BROWSER), undefined, `${name} for a browser`);
  }
  const css = await ask({ path: '/static/a.css', headers: GZIP });
  t.match(css.headers, { 'Last-Modified': / GMT$/, Vary: 'Accept-Encoding' });
  const again = await ask({
    path: '/static/a.css',
    headers: { 'If-Modified-Since': css.headers['Last-Modified'] ?? '' },
  });
  t.match(again, { status: 304, headers: { ETag: css.headers.ETag, Vary: 'Accept-Encoding' } });
});

t.test('streams, descriptions, errors and pictures are left alone', async (t) => {
  const long = `summary = '${'long '.repeat(1000)}'\n`;
  const { ask } = inProcessSite(t, {
    sources: {
      Long: `description = 'x'\n${long}reader = 'for i in 1 2 3 4 5 6 7 8 9; do stub_rdr $i "$@"; done; :'\ndas2Stream = 1\n`,
    },
  });
  const requests = [
    { query: 'server=dsdf&dataset=Long' },
    { query: 'server=dataset&dataset=Long&start_time=2017-01-01&end_time=2017-01-02' },
    { query: 'server=dataset&dataset=Long&start_time=2017-01-01&end_time=2017-01-02&ascii=1' },
    { query: 'server=dsdf&dataset=Nope' },
    { query: `server=bogus` },
    { path: '/catalog/x' },
    { query: 'server=logo' },
    { query: 'server=id' },
  ];
  for (const request of requests) {
    for (const agent of [{}, BROWSER]) {
      const { headers, reply } = await ask({ ...request, headers: { ...GZIP, ...agent } });
      if (reply.body.kind === 'stream') await reply.body.run(NOWHERE);
      t.notOk('Content-Encoding' in headers, JSON.stringify(request));
      t.notOk('ETag' in headers);
    }
  }
});

t.test('the field Accept-Encoding', (t) => {
  for (const field of ['gzip', 'GZIP', 'x-gzip', 'br, gzip;q=0.1', '*', 'identity;q=0.5, *;q=0.2', 'gzip ; q=1']) {
    t.ok(acceptsGzip(field), String(field));
  }
  for (const field of [undefined, '', 'br', 'gzip;q=0', 'gzip;q=0.000, *', '*;q=0', 'identity', 'gzipx', 'gzip;q=x']) {
    t.notOk(acceptsGzip(field), String(field));
  }
  t.end();
});

t.test('small bodies and private answers', async (t) => {
  const request = testRequest({ headers: { ...GZIP, Authorization: 'Basic dTpw' } });
  const small = await finishDocument(request, jsonReply(request, { a: 1 }));
  t.notOk(small.headers.some(([name]) => name === 'Content-Encoding'));
  const large = await finishDocument(request, jsonReply(request, { a: 'x'.repeat(5000) }));
  t.same(
    large.headers.find(([name]) => name === 'Vary'),
    ['Vary', 'Authorization, Accept-Encoding'],
  );
  t.ok(large.headers.some(([name, value]) => name === 'Content-Encoding' && value === 'gzip'));
  const binary = bytesReply(request, new Uint8Array(9000), { contentType: 'application/octet-stream' });
  t.equal(await finishDocument(request, binary), binary);
  const tag = (bytes: Uint8Array): string | undefined => {
    const reply = finishDocument(testRequest(), bytesReply(request, bytes, { contentType: 'text/css' }));
    return reply instanceof Promise ? undefined : reply.headers.find(([name]) => name === 'ETag')?.[1];
  };
  const tags = Array.from({ length: 4096 }, (_, i) => {
    const bytes = new Uint8Array(512);
    bytes[i >> 3] = 1 << (i & 7);
    return tag(bytes);
  });
  t.equal(new Set(tags).size, 4096, 'each bit matters');
});
