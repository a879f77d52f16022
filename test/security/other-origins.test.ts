/**
 * What pages of other servers may read through the browser of somebody who may see more than they: never what an address opens, since the browser sends
 * no password that would make the answer private (server-internals 4.3, 5.2, 8.4).
 */
import t, { type Test } from 'tap';
import type { Reply } from '../../lib/reply/reply.js';
import { serveBrowse } from '../../lib/routes/browse/serve.js';
import { serve } from '../../lib/routes/serve.js';
import { requestSettings } from '../../lib/server/context.js';
import { inProcessSite } from '../tools/in-process.js';
import { type TestRequest, testRequest } from '../tools/make-test-request.js';
import { CLIENT_ADDRESS } from '../tools/protocol-driver.js';

/** A site where the address of the client opens everything. */
function siteOf(test: Test, settings: Readonly<Record<string, string>>) {
  const { server } = inProcessSite(test, {
    settings: { ENABLE_HAPI_SUBSYS: 'true', ...settings },
    sources: {
      Guarded:
        "description = 'x'\nreader = stub_rdr\ndas2Stream = 1\nreadAccess = 'GROUP:g'\nvalidRange = '2017-01-01 to 2018-01-01'\n",
    },
  });
  return async (program: typeof serve | typeof serveBrowse, request: TestRequest) => {
    const replies: Reply[] = [];
    const made = testRequest({ settings: requestSettings(server.configuration), ...request });
    await program(server, program === serve ? made : { ...made, mountPath: '/das/browse' }, async (reply) => {
      replies.push(reply);
      const sink = { gone: false, write: () => {}, onGone: () => {}, abort: () => {} };
      if (reply.body.kind === 'stream') await reply.body.run(sink);
      return { bytes: 0, firstByteAt: 0, clientGone: false, aborted: false };
    });
    const [reply] = replies;
    return { status: reply?.status, headers: new Map(reply?.headers) };
  };
}

const TIMES = 'start_time=2017-01-01&end_time=2017-01-02';
const BROWSE = 'start=2017-01-01&stop=2017-01-02&series=Guarded';

t.test('data that TEST_FROM opens', async (t) => {
  const ask = siteOf(t, { TEST_FROM: CLIENT_ADDRESS });
  const asked: readonly (readonly [string, typeof serve | typeof serveBrowse, TestRequest])[] = [
    ['data', serve, { query: `server=dataset&dataset=Guarded&${TIMES}` }],
    ['data by path', serve, { path: '/data/Guarded', query: TIMES }],
    ['a citation', serve, { path: '/data/Guarded.citation', query: `${TIMES}&compute=0` }],
    ['records', serveBrowse, { path: '/find', query: BROWSE }],
    ['a selection', serveBrowse, { path: '/request', query: `${BROWSE}&all=on` }],
    ['an archive', serveBrowse, { path: '/export', query: `${BROWSE}&all=on&method=stream` }],
  ];
  for (const [name, program, request] of asked) {
    const { status, headers } = await ask(program, request);
    t.equal(status, 200, name);
    t.notOk(headers.has('Access-Control-Allow-Origin'), `${name}: not for pages of other servers`);
    t.match(headers.get('Cache-Control'), /private|no-store/, `${name}: not for shared caches`);
  }
  const { headers } = await ask(serve, { query: `server=dataset&dataset=Examples/Random&${TIMES}` });
  t.equal(headers.get('Access-Control-Allow-Origin'), '*', 'what everybody may read is open as ever');
});

t.test('the diagnosis page', async (t) => {
  const ask = siteOf(t, { VIEW_LOG_ALLOW: CLIENT_ADDRESS });
  const { status, headers } = await ask(serve, { query: 'server=debug' });
  t.equal(status, 200);
  t.notOk(headers.has('Access-Control-Allow-Origin'));
  t.equal(headers.get('Cache-Control'), 'no-store');
});
