/** Every queue: what people see of it and change in it. */
import { parseItem, workingText } from '../../lib/queue/item.js';
import { A, cacheItem, ended, inventoryItem, LIMITS, queues } from './brokers.js';

const { check } = await queues();

check('progress is seen, and the end has 15 fields', async (t, open) => {
  const broker = open();
  await broker.submit(cacheItem(10));
  await broker.beat(A, false);
  const item = (await broker.take(A, 0.1)) ?? '';
  const parsed = parseItem(item);
  const text = workingText(parsed.job, { begin: '2020-01-01T00:00:00.000', status: 'Writing: x|y', fraction: 0.374 });
  t.equal(await broker.note(A, text), true);
  const [entry] = await open().working();
  t.equal(entry?.list, `das2_working_${A}`);
  t.equal(entry?.holder, A);
  t.equal(entry?.text.split('|').length, 14);
  t.match(entry?.text, /\|Writing: x y\|0\.37$/);
  t.ok((entry?.beatAge ?? -1) >= 0);
  await broker.finish(A, ended(item));
  t.same(await broker.working(), []);
  t.equal((await broker.list('finished'))[0]?.split('|').length, 15);
});

check('the history stays bounded', async (t, open) => {
  const broker = open();
  for (let i = 0; i < 9; i++) {
    await broker.submit(cacheItem(i));
    await broker.finish(A, ended((await broker.take(A, 0.1)) ?? ''), { dead: true });
  }
  t.equal(await broker.count('finished'), LIMITS.finished);
  t.equal(await broker.count('dead'), LIMITS.finished);
  t.equal(parseItem((await broker.list('finished'))[0] ?? '').job.fields[3], '8');
});

check('the item that was asked for first', async (t, open) => {
  const broker = open();
  t.equal(await broker.oldest(), undefined);
  const asked = (second: number, level: number) =>
    cacheItem(level).replace(/^[^|]*/, `2020-01-01T00:00:0${second}.000`);
  await broker.submit(asked(5, 1));
  const own = inventoryItem();
  await broker.submit(own);
  t.equal(await broker.oldest(), asked(5, 1));
  await broker.remove('todo', own);
  await broker.submit(asked(3, 2), { urgent: true });
  t.equal(await broker.oldest(), asked(3, 2));
  t.equal(await broker.take(A, 0.1), asked(3, 2));
  await broker.postpone(A, 3600);
  t.equal(await broker.oldest(), asked(3, 2), 'one that was put off waits, too');
  const [[item, until] = [], ...others] = await broker.putOff();
  t.same([item, others], [asked(3, 2), []]);
  t.ok(Math.abs((until ?? 0) - (Date.now() + 3_600_000)) < 60_000, 'it is told until when');
});

check('people remove, raise and clear', async (t, open) => {
  const broker = open();
  for (const level of [1, 2, 3]) await broker.submit(cacheItem(level));
  const [third = '', second = '', first = ''] = await broker.list('todo');
  t.equal(await broker.remove('todo', second), true);
  t.equal(await broker.remove('todo', second), false);
  t.equal(await broker.raise(third), true);
  t.equal(await broker.raise(second), false);
  t.equal(await broker.take(A, 0.1), third);
  t.equal(await broker.submit(cacheItem(2)), 'queued', 'removed work may be asked for again');
  t.equal(await broker.clear('todo'), 2);
  t.equal(await broker.submit(first), 'queued');
  t.equal(await broker.count('todo'), 1);
});
