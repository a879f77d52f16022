/** Requests that were given up, by the client or by a limit: the blocks that they have missed are wanted all the same. */
import t from 'tap';
import { SILENT_LOG } from '../../../lib/log/request-log.js';
import { openBroker } from '../../../lib/queue/open-broker.js';
import { dataset } from '../../../lib/routes/data/dataset.js';
import { makeContext, makeServer } from '../../../lib/server/context.js';
import { testRequest } from '../../tools/make-test-request.js';
import { LEVELS } from '../filled-levels.js';
import { cacheSite, type TestSite } from '../site.js';

const QUERY = 'server=dataset&dataset=T/S&start_time=2017-03-01&end_time=2017-03-02&resolution=60';
const JOB = 'TASK_CACHE|T/S|2017-03-01T00:00|2017-03-02T00:00|1';
/** Gives records, and never ends. */
const ENDLESS = 'reader = \'test_reader "$@"; sleep 1000 #\'';

async function waiting(site: TestSite): Promise<string[]> {
  const broker = await openBroker(site.configuration);
  const items = (await broker?.list('todo')) ?? [];
  await broker?.close();
  return items.map((item) => item.split('|').slice(6).join('|')).reverse();
}

/** Asks, and leaves at the first byte. */
async function askAndLeave(site: TestSite): Promise<void> {
  const reply = await dataset(makeContext(makeServer(site.configuration), SILENT_LOG), testRequest({ query: QUERY }));
  if (reply.body.kind !== 'stream') throw new Error('no stream');
  let leave = (): void => {};
  const sink = {
    gone: false,
    onGone(listener: () => void) {
      leave = listener;
    },
    abort() {},
    write() {
      if (sink.gone) return;
      sink.gone = true;
      leave();
    },
  };
  await reply.body.run(sink);
}

t.test('a client that leaves', async (t) => {
  const site = cacheSite(t, [...LEVELS, ENDLESS]);
  await askAndLeave(site);
  t.strictSame(await waiting(site), [JOB]);
});

t.test('a client that leaves before the first byte', async (t) => {
  const site = cacheSite(t, [
    ...LEVELS,
    'reader = \'echo begun >> "$(dirname "$(command -v test_reader)")/calls"; sleep 1000 #\'',
  ]);
  const gone = new AbortController();
  const context = makeContext(makeServer(site.configuration), SILENT_LOG);
  const answer = dataset(context, { ...testRequest({ query: QUERY }), gone: gone.signal });
  const refused = t.rejects(answer, { code: 'overload' });
  while (site.calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  gone.abort();
  await refused;
  t.strictSame(await waiting(site), [JOB]);
});

t.test('an answer that is longer, or takes longer, than the server allows', async (t) => {
  const long = cacheSite(t, LEVELS, ['MAX_OUTPUT_BYTES = 1000']);
  const slow = cacheSite(t, [...LEVELS, ENDLESS], ['MAX_RUN_TIME = 1']);
  for (const site of [long, slow]) {
    const context = makeContext(makeServer(site.configuration), SILENT_LOG);
    const reply = await dataset(context, testRequest({ query: QUERY })).catch(() => undefined);
    if (reply?.body.kind === 'stream') await reply.body.run({ gone: false, onGone() {}, abort() {}, write() {} });
    t.strictSame(await waiting(site), [JOB]);
  }
});

t.test('a reader that fails asks for nothing', async (t) => {
  const site = cacheSite(t, [...LEVELS, 'reader = \'test_reader "$@"; exit 3 #\'']);
  const context = makeContext(makeServer(site.configuration), SILENT_LOG);
  const reply = await dataset(context, testRequest({ query: QUERY })).catch(() => undefined);
  if (reply?.body.kind === 'stream') await reply.body.run({ gone: false, onGone() {}, abort() {}, write() {} });
  t.strictSame(await waiting(site), []);
});
