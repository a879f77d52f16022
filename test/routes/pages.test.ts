/** The landing page and the page for administrators (server-protocol 3.8, 3.10). */
import t from 'tap';
import { inProcessSite } from '../tools/in-process.js';

t.test('landing page', async (t) => {
  const settings = {
    SITE_NAME: "'A <b> & Site'",
    SAMPLE_DSDF: 'Examples/Random',
    SAMPLE_START: '2017-01-01',
    SAMPLE_END: '2017-01-02',
    VIEW_LOG_URL: 'log',
    CONTACT_EMAIL: '"me&#64;x.org"',
    ENABLE_HAPI_SUBSYS: 'true',
    DAS23_PROTOTYPE: 'true',
  };
  const { text, headers, status } = await inProcessSite(t, { settings }).ask({});
  t.equal(status, 200);
  t.equal(headers['Content-Type'], 'text/html; charset=utf-8');
  t.match(headers['Content-Security-Policy'], "default-src 'self'");
  t.match(text, 'A &lt;b&gt; &amp; Site');
  for (const address of [
    '/das/server?server=list',
    '/das/server?server=peers',
    '/das/server?server=dsdf&amp;dataset=Examples/Random',
    '/das/server?server=dataset&amp;dataset=Examples/Random&amp;start_time=2017-01-01&amp;end_time=2017-01-02',
    '/das/log',
    '/das/server/source/index.html',
    '/das/server/source/Examples/index.html',
    '/das/server/static/das2server.css',
  ]) {
    t.match(text, `href="${address}"`);
  }
  t.match(text, 'EXAMPLES');
  t.match(text, 'me&#64;x.org');
  t.notMatch(text, /server=image/, 'only what a client would get');
  t.match(text, 'href="/das/server/hapi"');
  t.notMatch(text, /<script/);
  for (const address of [...text.matchAll(/href="([^"]*)"/g)].map((match) => match[1])) t.notMatch(address, /[<> ]/);
});

t.test('links of the landing page work', async (t) => {
  const site = inProcessSite(t, { settings: { SAMPLE_DSDF: 'Examples/Random', DAS23_PROTOTYPE: 'true' } });
  const { text } = await site.ask({});
  const links = [...text.matchAll(/(?:href|src)="\/das\/server([^"#]*)"/g)].map((match) =>
    (match[1] ?? '').replaceAll('&amp;', '&'),
  );
  t.ok(links.length > 5);
  for (const link of links) {
    const [path = '', query] = link.split('?');
    t.equal((await site.ask({ path, ...(query === undefined ? {} : { query }) })).status, 200, link);
  }
});

t.test('examples of a source that is not there are left out', async (t) => {
  const settings = { SAMPLE_DSDF: 'Gone/Away', SAMPLE_START: '2017-01-01', SAMPLE_END: '2017-01-02' };
  t.notMatch((await inProcessSite(t, { settings }).ask({})).text, /Gone|Try it/);
});

t.test('a bare landing page', async (t) => {
  const { text } = await inProcessSite(t, { settings: { SITE_NAME: undefined, SERVER_ID: undefined } }).ask({
    path: '/',
  });
  t.notMatch(text, /undefined|Try it|HAPI|Activity log|Browse the sources/);
});

t.test('plots and absolute log links', async (t) => {
  const settings = {
    PNG_MAKER: '/bin/plot',
    SAMPLE_DSDF: 'Examples/Random',
    SAMPLE_START: '2017-01-01',
    SAMPLE_END: '2017-01-02',
    VIEW_LOG_URL: 'https://x.org/log',
  };
  const { text } = await inProcessSite(t, { settings }).ask({});
  t.match(text, '?server=image&amp;dataset=Examples/Random');
  t.match(text, 'href="https://x.org/log"');
  t.match(text, '<form action="/das/server" method="get">');
  const evil = await inProcessSite(t, { settings: { VIEW_LOG_URL: 'javascript://%0aalert(1)' } }).ask({});
  t.notMatch(evil.text, 'javascript:');
});

t.test('debug', async (t) => {
  const site = inProcessSite(t, {
    settings: { VIEW_LOG_ALLOW: '192.0.2.1 127.0.0.0/8', WORK_QUEUE_CONN: 'redis://:hunter2@h', ADMIN_GROUP: 'g' },
  });
  const from = (peerAddress: string, headers: Record<string, string> = {}) =>
    site.ask({ query: 'server=debug&x=%3Cscript%3E', peerAddress, headers });
  t.equal((await from('192.0.2.2')).status, 404);
  t.equal((await from('')).status, 404);
  t.equal((await from('127.0.0.1', { 'X-Forwarded-For': '192.0.2.1' })).status, 404, 'some proxy on this host');
  t.equal((await from('192.0.2.2', { Authorization: 'Basic bm9ib2R5Ong=' })).status, 404, 'made-up credentials');
  const foreign = await from('127.0.0.1', { Host: 'evil.example' });
  t.equal(foreign.status, 404, 'a page of somebody else, whose name leads to this machine');
  t.notMatch(foreign.text, 'SERVER_URL', 'as any address where there is nothing');
  t.match(foreign.log.join('\n'), 'VIEW_LOG_ALLOW lists 127.0.0.1, but a loopback address counts only for requests to');
  t.equal((await from('127.0.0.1')).status, 200, 'the name of SERVER_URL');
  for (const allowed of [
    await from('192.0.2.1', { Cookie: 'c=topsecret' }),
    await from('192.0.2.2', { Authorization: 'Basic dTpw' }),
  ]) {
    t.equal(allowed.status, 200);
    t.match(allowed.text, 'DSDF_ROOT');
    t.match(allowed.text, '&lt;script&gt;');
    t.match(allowed.text, /Defaults of settings that are not written.*<th scope="row">IDLE_TIMEOUT<\/th><td>120 s</s);
    t.match(allowed.text, /<th scope="row">WORK_QUEUE_DIR<\/th><td>\/[^<]+\/queue</, 'a path as it is used');
    t.match(allowed.text, /<th scope="row">MAX_PIPELINES<\/th><td>[^<]*processor/, 'or how it is found');
    t.equal(allowed.text.split('VIEW_LOG_ALLOW').length, 2, 'what is written is not told again');
    t.notMatch(allowed.text, /<script>|hunter2|topsecret|dTpw|\$6\$|PATH=/);
    t.equal(allowed.headers['Cache-Control'], 'no-store');
  }
  t.equal((await site.ask({ path: '/debug', peerAddress: '192.0.2.1' })).status, 200);
});
