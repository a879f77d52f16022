/** Sources that moved: renamed, on other servers, in circles (server-protocol 3.3). */

import t from 'tap';
import { redirectFor } from '../../lib/server/redirect.js';
import { sourceOf } from '../../lib/source/source-definitions.js';
import { inProcessSite } from '../tools/in-process.js';
import { testRequest } from '../tools/make-test-request.js';

const MOVED = {
  'R/Far': "server = 'http://far.org/das/server/'\nreader = x\n",
  'R/Named': "server = 'Far Site | http://far.org/das/server'\nreader = x\n",
  'R/Both': "server = 'http://far.org/das/server'\nrename = 'Other/Name'\n",
  'R/BothHere': "server = 'http://far.org/das/server'\nrename = 'Examples/Random'\n",
  'R/Old': "rename = '/Examples/Random.dsdf'\n",
  'R/Self': "rename = 'R/Self'\n",
  'R/Lost': "rename = 'R/Nowhere'\n",
  'R/A': "rename = 'R/B'\n",
  'R/B': "rename = 'R/A'\n",
  'R/Evil': "server = 'javascript:alert(1)'\nreader = x\n",
  'R/Plus': "rename = 'R/a+b'\n",
  'R/a+b': 'reader = x\n',
  'R/Home': "server = 'https://DAS.example.org:443/das/server/'\nreader = x\n",
};
const BASE = 'http://das.example.org/das/server';

t.test('data requests', async (t) => {
  const site = inProcessSite(t, { sources: MOVED });
  const { context } = await site.ask({ query: 'server=id' });
  const go = (asked: string, request: { path?: string; query?: string }): string | undefined => {
    const source = sourceOf(context.sources, asked);
    const reply = redirectFor(context, testRequest(request), { source, asked, question: 'data' });
    if (reply === undefined) return undefined;
    t.equal(reply.status, 301);
    return reply.headers.find(([name]) => name === 'Location')?.[1];
  };
  const query = (id: string, more = '&a=b%20c+d&e=%C2%B5'): string => `server=dataset&dataset=${id}${more}`;
  t.equal(go('R/Old', { query: query('R/Old') }), `${BASE}?${query('Examples/Random')}`);
  t.equal(go('R/Old', { query: query('R%2FOld.dsdf') }), `${BASE}?${query('Examples/Random')}`);
  t.equal(
    go('R/Old', { query: 'note=R/Old&dataset=R/Old' }),
    `${BASE}?note=R/Old&dataset=Examples/Random`,
    'only dataset',
  );
  t.equal(
    go('R/Old', { query: 'server=dataset;dataset=R/Old;x=1' }),
    `${BASE}?server=dataset&dataset=Examples/Random&x=1`,
  );
  t.equal(go('R/Plus', { query: 'dataset=R/Plus' }), `${BASE}?dataset=R/a%2Bb`);
  t.equal(go('R/Far', { query: query('R/Far') }), `http://far.org/das/server?${query('R/Far')}`);
  t.equal(go('R/Named', { query: 'dataset=R/Named' }), 'http://far.org/das/server?dataset=R/Named');
  t.equal(go('R/Both', { query: 'dataset=R/Both' }), 'http://far.org/das/server?dataset=Other/Name');
  t.equal(go('R/Home', { query: 'dataset=R/Home' }), undefined);
  t.equal(go('Examples/Random', { query: 'dataset=Examples/Random' }), undefined);
  t.equal(go('R/Old', { path: '/data/R/Old', query: 'x=R/Old' }), `${BASE}/data/Examples/Random?x=R/Old`);
  t.equal(go('R/Old.dsdf', { path: '/data/R/Old.dsdf' }), `${BASE}/data/Examples/Random`);
  t.equal(go('R/Old', { path: '/source/R/Old/das2', query: 'x=1' }), `${BASE}/source/Examples/Random/das2?x=1`);
  t.equal(
    go('R/Old', { path: '/data/R/Old', query: 'dataset=R/Old' }),
    `${BASE}/data/Examples/Random?dataset=Examples/Random`,
    'the path that names the source goes along, or clients would come back for ever',
  );
  t.equal(
    go('R/Old', { path: '/x/R/Old', query: 'server=dataset&dataset=R/Old' }),
    `${BASE}/x/R/Old?server=dataset&dataset=Examples/Random`,
    'a path that means nothing stays',
  );
  t.equal(
    go('R/Old', { query: 'dataset=R/Old&x="a"<b>^{c|d}`\\' }),
    `${BASE}?dataset=Examples/Random&x=%22a%22%3Cb%3E%5E%7Bc%7Cd%7D%60%5C`,
    'what cannot stand in an address',
  );
  t.equal(go('R/Old', { query: 'dataset=R/Old&x=a\r\nb µ' }), `${BASE}?dataset=Examples/Random&x=a%0D%0Ab%20%C2%B5`);
  for (const id of ['R/Self', 'R/Lost', 'R/A', 'R/Evil']) {
    t.throws(() => go(id, { query: `dataset=${id}` }), { code: 'sourceDefinition' }, id);
  }
  t.throws(() => go('R/Old', { query: `dataset=R/Old&x=${'y'.repeat(1000)}` }), { code: 'queryTooLong' });
});

t.test('descriptions', async (t) => {
  const site = inProcessSite(t, { sources: MOVED });
  const ask = async (id: string) => {
    const { status, headers } = await site.ask({ query: `server=dsdf&dataset=${id}` });
    return `${status} ${headers.Location ?? ''}`.trim();
  };
  t.equal(await ask('R/Far'), '200', 'foreign sources are described here');
  t.equal(await ask('R/Old'), `301 ${BASE}?server=dsdf&dataset=Examples/Random`);
  t.equal(await ask('R/BothHere'), `301 ${BASE}?server=dsdf&dataset=Examples/Random`);
  t.equal(await ask('R/Both'), '301 http://far.org/das/server?server=dsdf&dataset=Other/Name');
  t.equal(await ask('R/Self'), '500');
  t.equal(
    (await site.ask({ path: '/R/Old', query: 'server=dsdf' })).headers.Location,
    `${BASE}/Examples/Random?server=dsdf`,
  );
});

t.test('definitions as JSON, and pages', async (t) => {
  const site = inProcessSite(t, { sources: MOVED });
  const ask = async (path: string) => {
    const { status, headers } = await site.ask({ path: `/source/${path}` });
    return `${status} ${headers.Location ?? ''}`.trim();
  };
  t.equal(await ask('R/Far.json'), '301 http://far.org/das/server?server=dsdf&dataset=R/Far');
  t.equal(await ask('R/Home.json'), '200');
  t.equal(await ask('R/Evil.json'), '500', 'what is no address of a server is no place to go');
  for (const id of ['R/Far', 'R/Home']) t.equal(await ask(`${id}.html`), '200', `${id}: its page is here`);
  t.equal(await ask('R/Evil.html'), '500');
});

t.test('IGNORE_REDIRECT is about server, not rename', async (t) => {
  const site = inProcessSite(t, { sources: MOVED, settings: { IGNORE_REDIRECT: 'true' } });
  const { context } = await site.ask({ query: 'server=id' });
  const go = (id: string): string | undefined =>
    redirectFor(context, testRequest({ query: `dataset=${id}` }), {
      source: sourceOf(context.sources, id),
      asked: id,
      question: 'data',
    })?.headers.find(([name]) => name === 'Location')?.[1];
  t.equal(go('R/Far'), undefined);
  t.equal(go('R/BothHere'), `${BASE}?dataset=Examples/Random`);
});

t.test('folders without their slash (6.3)', async (t) => {
  const site = inProcessSite(t, {
    sources: {
      'Both/S': 'reader = x\n',
      Both: "description = 'A source called like a folder'\nreader = x\ndas2Stream = 1\n",
      'Deep/a+b/S': 'reader = x\n',
      'Deep/x.html/S': 'reader = x\n',
    },
  });
  const go = async (path: string, query = ''): Promise<string | number | undefined> => {
    const { status, headers } = await site.ask({ path: `/source/${path}`, query });
    return status === 301 ? headers.Location?.replace(`${BASE}/source/`, '') : status;
  };
  t.equal(await go('Examples'), 'Examples/');
  t.equal(await go('Examples', 'a=b&c=%20'), 'Examples/?a=b&c=%20', 'the query stays');
  t.equal(await go('Examples.json'), 'Examples/index.json');
  t.equal(await go('Examples.html'), 'Examples/index.html');
  t.equal(await go('Deep'), 'Deep/', 'a folder of folders');
  t.equal(await go('Deep/a+b'), 'Deep/a%2Bb/');
  t.equal(await go('Deep/x.html'), 'Deep/x.html/', 'a folder named like a page');
  t.equal(await go('Deep/x.html.html'), 'Deep/x.html/index.html');
  for (const path of ['Both', 'Both.json', 'Both.html']) t.equal(await go(path), 200, `${path}: a source goes first`);
  for (const path of ['Nope', 'Void', '.html', '.json', 'Examples/Nope', 'examples', 'Examples%00', '%2e%2e/Examples'])
    t.equal(await go(path), 404, path);
});
