/** Which question goes where, and what happens to those that go nowhere (server-protocol 1.4). */
import t from 'tap';
import { inProcessSite } from '../tools/in-process.js';

t.test('paths are whole segments', async (t) => {
  const site = inProcessSite(t);
  const status = async (path: string, query?: string): Promise<number> =>
    (await site.ask({ path, ...(query === undefined ? {} : { query }) })).status;
  for (const path of [
    '',
    '/',
    '/peers',
    '/peers.xml',
    '/logo',
    '/logo.png',
    '/id',
    '/id.txt',
    '/services',
    '/services.json',
  ]) {
    t.equal(await status(path), 200, path);
  }
  for (const path of ['/catalog', '/catalog.json', '/source', '/source/', '/source/index.json', '/source/Examples/']) {
    t.equal(await status(path), 200, path);
  }
  const nothing = [
    '/peersX',
    '/peers/',
    '/peers.json',
    '/idx',
    '/id.txt/x',
    '/logo.gif',
    '/sourceXYZ',
    '/servicesX',
    '/catalogX',
    '/static',
    '/data',
    '//',
    '/list',
    '/%00',
  ];
  for (const path of nothing) t.equal(await status(path), 404, path);
  t.equal(await status('/coverage/A'), 501, 'there is no cache');
  t.equal(await status('/versions/A'), 404, 'there is no such source');
  for (const path of ['/cite', '/verify', '/data/A.citation']) t.equal(await status(path), 400, `${path} of what?`);
  t.equal(await status('/cite/x'), 404);
  for (const path of ['/..', '/../x', '/x/..', '/x/../y', '/a%5Cb', '/a%00']) {
    t.equal(await status(path, 'server=list'), 404, `${path} is refused before anything else`);
  }
  t.equal(await status('/a..b', 'server=list'), 200, 'two dots inside a name are no segment');
  t.equal(await status('/nope', 'server=list'), 200, 'server= wins over the path');
  t.equal(await status('/hapi', 'server=id'), 200);
});

t.test('an address and a parameter that name two sources', async (t) => {
  const site = inProcessSite(t);
  const range = 'start_time=2017-01-01&end_time=2017-01-02';
  for (const path of ['/data/Examples/Range', '/source/Examples/Range/das2']) {
    const { status, text } = await site.ask({ path, query: `${range}&dataset=Examples/Random` });
    t.equal(status, 400, path);
    t.match(text, 'the address and the parameter dataset name different data sources');
    t.equal(
      (await site.ask({ path, query: `${range}&dataset=/Examples/Range.dsdf`, method: 'HEAD' })).status,
      200,
      path,
    );
  }
});

t.test('questions', async (t) => {
  const site = inProcessSite(t);
  const status = async (query: string): Promise<number> => (await site.ask({ query })).status;
  t.equal(await status('server=Discovery'), 200);
  t.equal(await status('server=list&server=list'), 200);
  t.equal(await status('server=list&server=id'), 400);
  t.equal(await status('server='), 200, 'an empty value is none: the landing page');
  for (const name of ['groups', 'changePassword', 'nodes', 'info', 'x', '__proto__', 'constructor']) {
    t.equal(await status(`server=${name}`), 400, name);
  }
  for (const question of ['dsdf', 'dataset']) {
    const { status, text } = await site.ask({ query: `server=${question}&Dataset=Examples/Random` });
    t.equal(status, 400);
    t.match(text, 'the parameter dataset (the id of a data source) is missing; not known here: Dataset');
  }
  const unknown = await site.ask({ query: 'server=x' });
  t.match(unknown.text, 'supported are list, discovery, dsdf, dataset, id, logo, peers, citation, hash"');
  const more = inProcessSite(t, { settings: { CITE_ENABLE: 'false', PNG_MAKER: 'x' } });
  t.match((await more.ask({ query: 'server=x' })).text, 'peers, image"');
  for (const name of ['citation', 'hash']) t.equal(await status(`server=${name}`), 400, `${name} of what?`);
  for (const name of ['authenticator', 'source', 'image']) t.equal(await status(`server=${name}`), 501, name);
  t.equal(await status(`server=list&x=${'y'.repeat(9000)}`), 414);
  t.equal(await status(`server=list${'&a=b'.repeat(64)}`), 400);
});

t.test('methods', async (t) => {
  const site = inProcessSite(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT', 'PATCH', 'X']) {
    const { status, headers } = await site.ask({ query: 'server=list', method });
    t.equal(status, 405, method);
    t.equal(headers.Allow, 'GET, HEAD, OPTIONS');
  }
  const { status, headers } = await site.ask({ path: '/nope', method: 'OPTIONS' });
  t.equal(status, 204);
  t.equal(headers['Access-Control-Allow-Methods'], 'GET');
});

t.test('faults are logged in full and told in short', async (t) => {
  const site = inProcessSite(t, { sources: { 'Examples/Bad': 'reader = x\nthis is wrong\n' } });
  const bad = await site.ask({ query: 'server=dsdf&dataset=Examples/Bad' });
  t.equal(bad.status, 500);
  t.match(bad.log.join('\n'), /Examples\/Bad\.dsdf:2/);
  t.notMatch(bad.text, /:2|dsdf/);
  const refused = await site.ask({ query: 'server=bogus' });
  t.match(refused.log.join('\n'), /^Refused \(illegalArgument\)/m);
});

t.test('no DSDF_ROOT: what does not need it still works', async (t) => {
  const site = inProcessSite(t, { settings: { DSDF_ROOT: undefined } });
  t.equal((await site.ask({ query: 'server=id' })).status, 200);
  t.equal((await site.ask({ path: '/static/das2server.css' })).status, 200);
  const list = await site.ask({ query: 'server=list' });
  t.equal(list.status, 500);
  t.match(list.log.join('\n'), 'DSDF_ROOT');
  t.notMatch(list.text, /DSDF_ROOT|\.conf/);
});

t.test('site name', async (t) => {
  const id = async (settings: Record<string, string | undefined>) =>
    inProcessSite(t, { settings }).ask({ query: 'server=id' });
  t.equal((await id({ SITE_NAME: undefined })).text, 'tst\r\n');
  t.equal((await id({ SITE_NAME: undefined, SERVER_ID: undefined })).status, 500);
});

t.test('peers', async (t) => {
  const ask = async (settings: Record<string, string | undefined>) =>
    inProcessSite(t, { settings }).ask({ query: 'server=peers' });
  const none = await ask({ PEERS_FILE: undefined });
  t.equal(none.status, 200);
  t.match(none.text, '<peers>\n  </peers>');
  const missing = await ask({ PEERS_FILE: '/nowhere/peers.ini' });
  t.equal(missing.status, 500);
  t.notMatch(missing.text, 'nowhere');
});
