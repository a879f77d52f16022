/** Static files and the logo: types, links, validators, built-in copies (server-protocol 3.5, 3.11). */
import { chmodSync, linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { inProcessSite } from '../tools/in-process.js';
import { LOGO_PNG } from '../tools/protocol-fixture.js';

const BROWSER = { 'User-Agent': 'Mozilla/5.0' };

t.test('types and dispositions', async (t) => {
  const site = inProcessSite(t);
  const table: [name: string, type: string, browserType: string, disposition: string | undefined][] = [
    ['a.d2s', 'application/vnd.das2.das2stream', 'application/vnd.das2.das2stream', 'attachment; filename="a.d2s"'],
    ['a.d2t', 'text/vnd.das2.das2stream; charset=utf-8', 'text/plain; charset=utf-8', 'inline; filename="a.d2t"'],
    ['a.qds', 'application/vnd.das2.qstream', 'application/vnd.das2.qstream', 'attachment; filename="a.qds"'],
    ['a.qdst', 'text/vnd.das2.qstream; charset=utf-8', 'text/plain; charset=utf-8', 'inline; filename="a.qdst"'],
    ['a.qdt', 'text/vnd.das2.qstream; charset=utf-8', 'text/plain; charset=utf-8', 'inline; filename="a.qdt"'],
    ['a.vap', 'application/x-autoplot-vap+xml', 'application/x-autoplot-vap+xml', 'attachment; filename="a.vap"'],
    ['a.csv', 'text/csv', 'text/csv', 'attachment; filename="a.csv"'],
    ['a.svg', 'image/svg+xml', 'image/svg+xml', undefined],
    ['A.SVG', 'image/svg+xml', 'image/svg+xml', undefined],
    ['a.ico', 'image/vnd.microsoft.icon', 'image/vnd.microsoft.icon', undefined],
    ['a.xsl', 'text/xml; charset=utf-8', 'text/xml; charset=utf-8', undefined],
    ['a.unknown', 'application/octet-stream', 'application/octet-stream', undefined],
    ['README', 'application/octet-stream', 'application/octet-stream', undefined],
  ];
  for (const [name, type, browserType, disposition] of table) {
    writeFileSync(join(site.fixture.resourcePath, name), 'x');
    chmodSync(join(site.fixture.resourcePath, name), 0o644);
    const plain = await site.ask({ path: `/static/${name}` });
    t.equal(plain.headers['Content-Type'], type, name);
    t.equal(plain.headers['Content-Disposition'], disposition);
    t.equal(plain.headers.Expires, undefined, 'static files are not dynamic');
    const policy = plain.headers['Content-Security-Policy'];
    t.equal(
      policy?.includes("default-src 'none'") ?? false,
      type === 'image/svg+xml',
      'scripts in drawings do not run',
    );
    t.equal(
      plain.headers.Vary?.includes('User-Agent') ?? false,
      type !== browserType,
      'caches keep the two types apart',
    );
    t.equal((await site.ask({ path: `/static/${name}`, headers: BROWSER })).headers['Content-Type'], browserType);
  }
});

t.test('what is not there or must not be seen', async (t) => {
  const site = inProcessSite(t);
  const { resourcePath, root } = site.fixture;
  mkdirSync(join(resourcePath, 'sub'), { mode: 0o755 });
  writeFileSync(join(resourcePath, 'sub', 'in.txt'), 'inside', { mode: 0o644 });
  writeFileSync(join(resourcePath, '.hidden'), 'x', { mode: 0o644 });
  symlinkSync(root, join(resourcePath, 'up'));
  t.equal((await site.ask({ path: '/static/sub/in.txt' })).text, 'inside');
  const paths = [
    '/static/',
    '/static',
    '/static/sub',
    '/static/sub/',
    '/static//sub/in.txt',
    '/static/./sub/in.txt',
    '/static/.hidden',
    '/static/%2ehidden',
    '/static/../etc/das2server.conf',
    '/static/%2e%2e/etc/das2server.conf',
    '/static/%2e%2e%2fetc%2fdas2server.conf',
    '/static/..%5cetc',
    '/static/sub%00.txt',
    '/static//etc/passwd',
    '/static/%2fetc%2fpasswd',
    '/static/x%0d%0aX-Evil:%20y',
    `/static/${'x'.repeat(300)}`,
    '/static/__proto__',
    '/staticX/a',
  ];
  for (const path of paths) {
    const { status, text, headers } = await site.ask({ path });
    t.equal(status, 404, path);
    t.notMatch(text, /DSDF_ROOT|root:|\/tmp/);
    t.equal(headers['X-Evil'], undefined);
  }
});

t.test('links obey the rule of the source tree', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const { chownSync, lchownSync } = await import('node:fs');
  const site = inProcessSite(t);
  const { resourcePath, root } = site.fixture;
  const target = join(root, 'outside.txt');
  writeFileSync(target, 'outside', { mode: 0o644 });
  symlinkSync(target, join(resourcePath, 'link.txt'));
  t.equal((await site.ask({ path: '/static/link.txt' })).text, 'outside', 'made by the owner');
  chownSync(target, 12345, 12345);
  lchownSync(join(resourcePath, 'link.txt'), 12345, 12345);
  t.equal((await site.ask({ path: '/static/link.txt' })).status, 404, 'made by somebody else');
});

t.test('built-in copies', async (t) => {
  const site = inProcessSite(t, { settings: { RESOURCE_PATH: '/nowhere' } });
  const style = await site.ask({ path: '/static/das2server.css' });
  t.equal(style.headers['Content-Type'], 'text/css');
  t.match(style.text, 'body {', 'the program brings its own');
  const xsl = await site.ask({ path: '/static/das2server.xsl' });
  t.match(xsl.text, '<xsl:stylesheet');
  const tag = style.headers.ETag ?? '';
  t.match(tag, /^W\/"[0-9a-f]{16}"$/, 'the hash of its content');
  t.not(tag, xsl.headers.ETag);
  t.equal((await site.ask({ path: '/static/das2server.css', headers: { 'If-None-Match': tag } })).status, 304);
  const own = inProcessSite(t);
  t.match((await own.ask({ path: '/static/das2server.css' })).text, 'sans-serif', "the site's own file wins");
  t.match((await own.ask({ path: '/static/das2server.xsl' })).text, '<xsl:stylesheet', 'and the rest is still there');
});

t.test('validators', async (t) => {
  const site = inProcessSite(t);
  const file = join(site.fixture.resourcePath, 'a.txt');
  writeFileSync(file, 'x', { mode: 0o644 });
  utimesSync(file, 1_600_000_000.7, 1_600_000_000.7);
  const { headers } = await site.ask({ path: '/static/a.txt' });
  t.equal(headers['Last-Modified'], 'Sun, 13 Sep 2020 12:26:40 GMT');
  const conditional = async (name: string, value: string): Promise<number> =>
    (await site.ask({ path: '/static/a.txt', headers: { [name]: value } })).status;
  t.equal(await conditional('If-None-Match', headers.ETag ?? ''), 304);
  t.equal(await conditional('If-None-Match', `"x", ${headers.ETag}`), 304);
  t.equal(await conditional('If-None-Match', '*'), 304);
  t.equal(await conditional('If-None-Match', '"x"'), 200);
  t.equal(await conditional('If-Modified-Since', headers['Last-Modified'] ?? ''), 304);
  t.equal(await conditional('If-Modified-Since', 'Sat, 12 Sep 2020 12:26:40 GMT'), 200);
  t.equal(await conditional('If-Modified-Since', 'rubbish'), 200);
});

t.test('large files come piece by piece', async (t) => {
  const site = inProcessSite(t);
  const content = Buffer.alloc(700_000, 'abcdefg');
  writeFileSync(join(site.fixture.resourcePath, 'big.d2s'), content, { mode: 0o644 });
  const { bytes, isCut, reply, headers } = await site.ask({ path: '/static/big.d2s' });
  t.equal(headers['Content-Length'], '700000');
  t.equal(reply.body.kind, 'stream');
  t.ok(Buffer.from(bytes).equals(content) && !isCut);
  t.equal((await site.ask({ path: '/static/big.d2s', method: 'HEAD' })).reply.body.kind, 'none');
});

t.test('logo', async (t) => {
  const site = inProcessSite(t);
  const at = (name: string): string => join(site.fixture.resourcePath, name);
  for (const name of ['logo.svg', 'logo.gif', 'logo.jpg', 'logo.aaa']) linkSync(at('logo.png'), at(name));
  const type = async (): Promise<string | undefined> =>
    (await site.ask({ query: 'server=logo' })).headers['Content-Type'];
  t.equal(await type(), 'image/png');
  const { unlinkSync } = await import('node:fs');
  unlinkSync(at('logo.png'));
  t.equal(await type(), 'image/jpeg');
  unlinkSync(at('logo.jpg'));
  t.equal(await type(), 'image/gif');
  unlinkSync(at('logo.gif'));
  const unusable = await site.ask({ query: 'server=logo' });
  t.equal(unusable.status, 500, 'logo.aaa is first and of no known type');
  t.match(unusable.log.join('\n'), 'logo.aaa');
  unlinkSync(at('logo.aaa'));
  t.equal(await type(), 'image/svg+xml');
  for (const path of ['/logo', '/logo.png']) t.equal((await site.ask({ path })).status, 200);
  unlinkSync(at('logo.svg'));
  const none = await site.ask({ query: 'server=logo' });
  t.equal(none.status, 404);
  t.equal(none.headers['Content-Type'], 'text/plain; charset=utf-8');
  t.ok((await inProcessSite(t).ask({ query: 'server=logo' })).bytes.length === LOGO_PNG.length);
});
