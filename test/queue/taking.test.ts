/** Every queue: who puts jobs in, who takes them, in which order, and how a job goes back as it came. */
import t from 'tap';
import { holderName, isOurHolder } from '../../lib/queue/broker.js';
import { parseItem, workingText } from '../../lib/queue/item.js';
import { A, B, cacheItem, ended, inventoryItem, queues } from './brokers.js';

const { check } = await queues();

/** Jobs are told apart by the millisecond in which they were asked for. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 2));

check('first in, first out', async (t, open) => {
  const broker = open();
  for (const level of [1, 2, 3]) t.equal(await broker.submit(cacheItem(level)), 'queued');
  t.equal(await broker.count('todo'), 3);
  const newest = await broker.list('todo');
  t.match(newest[0], /\|3$/);
  t.equal((await broker.list('todo', 1)).length, 1);
  for (const level of [1, 2, 3]) {
    const item = await broker.take(A, 0.1);
    t.match(item, new RegExp(`\\|${level}$`));
    t.equal(await broker.finish(A, ended(item ?? '')), true);
  }
  t.equal(await broker.take(A, 0.1), undefined);
  const finished = await broker.list('finished');
  t.same(
    finished.map((text) => parseItem(text).job.fields[3]),
    ['3', '2', '1'],
    'the head is the newest',
  );
  t.equal(finished[0]?.split('|').length, 15);
});

check('urgent items come first, then our own categories', async (t, open) => {
  const broker = open();
  await broker.submit(cacheItem(1));
  await broker.submit(inventoryItem());
  const order: (string | undefined)[] = [];
  for (let i = 0; i < 2; i++) {
    const item = (await broker.take(A, 0.1)) ?? '';
    order.push(item.split('|')[6]);
    await broker.finish(A, ended(item));
  }
  t.same(order, ['TASK_INVENTORY', 'TASK_CACHE']);
  await broker.submit(cacheItem(2));
  await broker.submit(cacheItem(3), { urgent: true });
  t.match(await broker.take(A, 0.1), /\|3$/);
});

check('the same work is queued once, until it is done', async (t, open) => {
  const [one, two] = [open(), open()];
  t.equal(await one.submit(cacheItem(1)), 'queued');
  t.equal(await two.submit(cacheItem('001')), 'duplicate', 'another spelling of the level');
  t.equal(await two.submit(cacheItem(1, '1979-061T00:00')), 'duplicate', 'another spelling of the time');
  t.equal(await two.submit(cacheItem(2)), 'queued');
  const item = (await one.take(A, 0.1)) ?? '';
  t.equal(await two.submit(cacheItem(1)), 'duplicate', 'under way');
  await one.finish(A, ended(item));
  t.equal(await two.submit(cacheItem(1)), 'queued');
  t.equal(await two.submit(cacheItem(1), { repeat: true }), 'queued');
});

check('a job that has queued another one for its rest leaves the mark to that one', async (t, open) => {
  const [worker, operator] = [open(), open()];
  await worker.submit(cacheItem(1));
  const first = (await worker.take(A, 0.1)) ?? '';
  await moment();
  const rest = cacheItem(1);
  t.equal(await worker.submit(rest, { repeat: true }), 'queued');
  await worker.finish(A, ended(first));
  t.equal(await operator.submit(cacheItem(1)), 'duplicate', 'the rest waits');
  t.equal(await worker.take(A, 0.1), rest);
  t.equal(await operator.submit(cacheItem(1)), 'duplicate', 'the rest is under way');
  await worker.finish(A, ended(rest));
  t.equal(await operator.submit(cacheItem(1)), 'queued', 'all is done');
  await moment();
  await operator.submit(cacheItem(1), { repeat: true });
  await operator.remove('todo', (await operator.list('todo')).at(-1) ?? '');
  t.equal(await operator.submit(cacheItem(1)), 'duplicate', 'one of two was taken off the list');
  t.equal(await operator.clear('todo'), 1);
  t.equal(await operator.submit(cacheItem(1)), 'queued');
});

check('many producers at once queue it once', async (t, open) => {
  const brokers = [open(), open(), open(), open()];
  const answers = await Promise.all(brokers.map((broker) => broker.submit(cacheItem(9))));
  t.equal(answers.filter((answer) => answer === 'queued').length, 1);
  t.equal(await brokers[0]?.count('todo'), 1);
});

check('a full queue takes no more', async (t, open) => {
  const broker = open({ waiting: 2 });
  t.same([await broker.submit(cacheItem(1)), await broker.submit(cacheItem(2))], ['queued', 'queued']);
  t.equal(await broker.submit(cacheItem(3)), 'full');
  await broker.remove('todo', (await broker.list('todo'))[0] ?? '');
  t.equal(await broker.submit(cacheItem(3)), 'queued', 'a refusal left no trace');
});

check('several workers never take one item twice', async (t, open) => {
  const broker = open();
  const count = 30;
  for (let i = 0; i < count; i++) await broker.submit(cacheItem(i));
  const taken: string[] = [];
  const work = async (slot: number) => {
    const mine = open();
    const holder = holderName('host', 33, slot);
    for (;;) {
      const item = await mine.take(holder, 0.1);
      if (item === undefined) return;
      taken.push(item);
      await mine.finish(holder, ended(item));
    }
  };
  await Promise.all([1, 2, 3, 4].map(work));
  t.equal(taken.length, count);
  t.equal(new Set(taken).size, count);
});

check('a slot that waits can be called off', async (t, open) => {
  const broker = open();
  const stop = new AbortController();
  const taken = broker.take(A, 60, stop.signal);
  setTimeout(() => stop.abort(), 50);
  t.equal(await taken, undefined);
  await broker.submit(cacheItem(1));
  t.match(await broker.take(A, 5), /TASK_CACHE/, 'and wait again');
});

check('an item wakes a slot that waits', async (t, open) => {
  const taken = open().take(A, 60);
  await open().submit(cacheItem(4));
  t.match(await taken, /\|4$/);
});

check('an item that is given back is unchanged and next', async (t, open) => {
  const broker = open();
  await broker.submit(cacheItem(1));
  await broker.submit(cacheItem(2));
  const item = (await broker.take(A, 0.1)) ?? '';
  await broker.note(A, workingText(parseItem(item).job, { begin: 'x', status: '', fraction: 0.5 }));
  t.equal(await broker.giveBack(A), true);
  t.equal(await broker.giveBack(A), false, 'once');
  t.equal((await broker.list('todo')).at(-1), item);
  t.equal(await broker.take(B, 0.1), item);
  t.equal(item.split('|').length, 11);
});

check('older forms of items go back as they came', async (t, open) => {
  const broker = open();
  const older =
    '2019-08-24T02:09:27.690|h/das||127.0.0.1||apache|TASK_CACHE|Examples/Spectra||1979-03-01|1979-03-02|10';
  await broker.submit(older);
  t.equal(await broker.take(A, 0.1), older);
  await broker.note(A, workingText(parseItem(older).job, { begin: 'x', status: '', fraction: 0 }));
  await broker.giveBack(A);
  t.same(await broker.list('todo'), [older]);
});

check('items that cannot be read go through all the same', async (t, open) => {
  const broker = open();
  const junk = 'this|is \u00fcber|nothing';
  await broker.submit(junk);
  t.equal(await broker.take(A, 0.1), junk);
  t.equal(await broker.finish(A, ended(junk, 15)), true);
  t.match((await broker.list('finished'))[0], /nothing\|.*\|15$/);
});

t.test('names of slots', async (t) => {
  t.equal(holderName('my host|x', 5, 1), 'my_host_x-5-1');
  t.equal(isOurHolder('web1.example.org-5-1'), true);
  t.equal(isOurHolder('12345'), false, 'an older worker');
});
