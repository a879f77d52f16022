import { join } from 'node:path';
import t from 'tap';
import { itemId } from '../../../lib/queue/identity.js';
import { spoolBroker } from '../../../lib/queue/spool/broker.js';
import { followJobs } from '../../../lib/worker/todo/follow.js';
import { cacheItem, ended, LIMITS, spoolFolder } from '../../queue/brokers.js';

t.test('who follows a job that nobody takes is told so once', async (t) => {
  const broker = spoolBroker({ folder: join(spoolFolder(t), 'queue'), limits: LIMITS });
  const item = cacheItem(1);
  await broker.submit(item);
  const said: string[] = [];
  const codes: (number | undefined)[] = [];
  let steps = 0;
  const following = followJobs({
    broker,
    ids: [itemId(item)],
    progress: { step: () => void steps++, say: (text) => said.push(text), end: () => {} },
    ended: ({ code }) => codes.push(code),
    lookMs: 1,
  });
  while (steps < 50) await new Promise((resolve) => setTimeout(resolve, 5));
  t.match(said, ['nobody works on WORK_QUEUE_DIR: does a das2_srv_arbiter run for this queue?']);
  t.equal(said.length, 1);
  const taken = (await broker.take('host-1-0', 1)) ?? '';
  await broker.finish('host-1-0', ended(taken, 0));
  t.equal(await following, 0);
  t.same(codes, [0]);
  t.equal(said.length, 1);
});
