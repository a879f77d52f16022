/** A queue that takes no more jobs: requests go on, and the log says it once a minute. */
import { readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { queueBlocks } from '../../../lib/data/cache-queue.js';
import type { RequestLog } from '../../../lib/log/request-log.js';
import { SILENT_LOG } from '../../../lib/log/request-log.js';
import { queueUsage } from '../../../lib/routes/usage-job.js';
import { makeContext, makeServer } from '../../../lib/server/context.js';
import { cacheSite } from '../../cache/site.js';
import { testRequest } from '../../tools/make-test-request.js';

t.test('QUEUE_MAX', async (t) => {
  const site = cacheSite(t, ["cacheLevel_00 = '1 min | daily'"], ['QUEUE_MAX = 2']);
  const lines: string[] = [];
  const log: RequestLog = { ...SILENT_LOG, line: (line) => void lines.push(line) };
  const context = () => makeContext(makeServer(site.configuration), log);
  const request = testRequest({ query: 'server=dataset&dataset=T/S' });
  const days = (...list: number[]) =>
    list.map((day) => ['T/S', `2017-03-0${day}`, `2017-03-0${day + 1}`, '0'] as [string, string, string, string]);
  const queue = async (...list: number[]): Promise<readonly string[]> => {
    lines.length = 0;
    await queueBlocks(context(), request, days(...list));
    return [...lines];
  };
  t.same(await queue(1), ['Cache: 1 jobs queued for missing blocks, 0 were queued already']);
  t.same(await queue(2, 3, 4), [
    'Cache: 1 jobs queued for missing blocks, 0 were queued already; not all: the queue is full (QUEUE_MAX = 2); jobs are dropped',
  ]);
  for (let i = 0; i < 3; i++) t.same(await queue(5), [], 'the log has it already');
  const usage = context();
  Object.assign(usage.notes, { dataset: 'T/S', begin: '2017-03-01', end: '2017-03-02' });
  await queueUsage(usage, request);
  t.same(lines, [], 'whatever the kind of the job');
  const state = join(site.folder, 'state');
  const [note = ''] = readdirSync(state).filter((name) => name.startsWith('note-'));
  const time = Date.now() / 1000 - 61;
  utimesSync(join(state, note), time, time);
  t.match(await queue(5), [/^Cache: 0 jobs queued .*the queue is full/]);
  t.same(await queue(5), []);
  const [first = ''] = readdirSync(join(state, 'queue/todo'));
  rmSync(join(state, 'queue/todo', first));
  t.same(await queue(6, 7), ['Cache: 1 jobs queued for missing blocks, 0 were queued already; not all']);
});

t.test('a queue that is slow', async (t) => {
  const site = cacheSite(t, ["cacheLevel_00 = '1 min | daily'"]);
  const lines: string[] = [];
  const log: RequestLog = { ...SILENT_LOG, line: (line) => void lines.push(line) };
  const { now } = Date;
  t.teardown(() => {
    Date.now = now;
  });
  let asked = 0;
  Date.now = () => now() + 3000 * asked++;
  await queueBlocks(makeContext(makeServer(site.configuration), log), testRequest({ query: 'server=dataset' }), [
    ['T/S', '2017-03-01', '2017-03-02', '0'],
    ['T/S', '2017-03-03', '2017-03-04', '0'],
  ]);
  t.same(lines, ['Cache: 1 jobs queued for missing blocks, 0 were queued already; not all: the job queue is slow']);
});
