/** The own URL and the comparison of server URLs (server-protocol 1.3). */
import t from 'tap';
import { ownUrl, sameServer } from '../../lib/request/own-url.js';

const facts = { scheme: 'http', host: 'h.org', serverName: 's.org', serverPort: 80, mountPath: '/das/server' } as const;

t.test('own URL', async (t) => {
  t.equal(ownUrl(facts), 'http://h.org/das/server');
  t.equal(ownUrl(facts, 'https://x.org/das/server/'), 'https://x.org/das/server', 'SERVER_URL wins');
  t.equal(ownUrl({ ...facts, host: 'h.org:8080' }), 'http://h.org:8080/das/server');
  t.equal(ownUrl({ ...facts, serverPort: 8080 }), 'http://h.org:8080/das/server', 'libdas2 sends no port');
  t.equal(ownUrl({ ...facts, scheme: 'https', serverPort: 443 }), 'https://h.org/das/server');
  t.equal(ownUrl({ ...facts, scheme: 'https', serverPort: 8443 }), 'https://h.org:8443/das/server');
  t.equal(ownUrl({ ...facts, scheme: 'https', host: 'h.org:80', serverPort: 443 }), 'https://h.org:80/das/server');
  t.equal(ownUrl({ ...facts, host: '' }), 'http://s.org/das/server');
  t.equal(ownUrl({ ...facts, host: '[::1]:8080' }), 'http://[::1]:8080/das/server');
  t.equal(ownUrl({ ...facts, host: '', serverName: '::1' }), 'http://[::1]/das/server');
  t.equal(ownUrl({ ...facts, host: '', serverName: '' }), 'http://localhost/das/server');
  t.equal(ownUrl({ ...facts, mountPath: '/a b' }), 'http://h.org/a%20b');
  for (const host of ['evil"><script>', 'h.org/x', 'h.org\r\nX: y', 'a b', 'h.org:99999999', '@x']) {
    t.equal(ownUrl({ ...facts, host }), 'http://s.org/das/server', host);
  }
});

t.test('behind a trusted proxy', async (t) => {
  const proxied = { ...facts, serverPort: 8080, forwardedScheme: 'https', forwardedHost: 'public.org' };
  t.equal(ownUrl(proxied), 'https://public.org/das/server');
  t.equal(
    ownUrl({ ...proxied, forwardedHost: 'evil.org, public.org' }),
    'https://public.org/das/server',
    'nearest proxy',
  );
  t.equal(ownUrl({ ...proxied, forwardedHost: undefined }), 'https://h.org/das/server');
  t.equal(ownUrl({ ...proxied, forwardedHost: 'public.org:444' }), 'https://public.org:444/das/server');
  t.equal(ownUrl({ ...proxied, forwardedScheme: 'gopher' }), 'http://public.org/das/server');
});

t.test('same server', async (t) => {
  const equal: [string, string][] = [
    ['http://a.org/das/server', 'http://A.ORG/das/server/'],
    ['http://a.org/das/server', 'https://a.org/das/server'],
    ['http://a.org:80/das/server', 'https://a.org:443/das/server//'],
    ['http://a.org:8080/x', 'https://a.org:8080/x'],
    ['http://a.org:80/x', 'http://a.org/x'],
    [' http://a.org/x ', 'http://a.org/x?y=1'],
  ];
  for (const [a, b] of equal) t.ok(sameServer(a, b), `${a} ${b}`);
  const different: [string, string][] = [
    ['http://a.org/das/server', 'http://b.org/das/server'],
    ['http://a.org/das/server', 'http://a.org/das/Server'],
    ['http://a.org:8080/x', 'http://a.org/x'],
    ['http://a.org:443/x', 'http://a.org/x'],
    ['http://a.org', 'a.org'],
    ['', ''],
  ];
  for (const [a, b] of different) t.notOk(sameServer(a, b), `${a} ${b}`);
});
