/** How jobs end in das2_srv_arbiter, on each kind of queue. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeJob, waitingText } from '../../../lib/queue/item.js';
import { cacheItem, finished, folder, onEach, runOnce, spoolSite } from '../worker-sites.js';

onEach('results of jobs', async (t, make) => {
  const { file, top, broker } = make(t);
  const codes = async (...items: string[]) => {
    await broker.clear('finished');
    for (const item of items) t.equal(await broker.submit(item), 'queued');
    const run = runOnce(file, '-n', '1');
    t.equal(run.status, 0, run.errors);
    const all = [...(await broker.list('finished'))].reverse();
    t.equal(await broker.count('todo'), 0);
    return all.map((text) => ({ code: Number(text.split('|').at(-1)), status: text.split('|').at(-3) ?? '' }));
  };
  t.match(await codes(cacheItem('good', '1979-03-01', '1979-03-04')), [
    { code: 0, status: 'Successfully processed 3 of 3 cache blocks' },
  ]);
  t.ok(existsSync(join(top, 'cache/data/good/_noparam/intrinsic/1979/03/1979-03-02_intrinsic.d2s')));
  t.match(await codes(cacheItem('good', '1979-03-01', '1979-03-04')), [{ code: 16 }]);
  t.match(await codes(cacheItem('good', '1979-03-01', '1979-03-06')), [{ code: 0, status: /3 valid already/ }]);
  t.match(await codes(cacheItem('good', '1979-04-01', '1979-04-02', 'all')), [{ code: 0, status: /2 of 2/ }]);
  const bad = await codes(
    cacheItem('failing'),
    cacheItem('none'),
    cacheItem('bare'),
    cacheItem('good', '1979-03-01', '1979-03-02', '7'),
    '2019-08-24T02:09:27.690|h||||u|TASK_EVIL|x',
    'nonsense',
    waitingText(makeJob({ category: 'TASK_LIST', fields: [], requester: 'test' })),
  );
  const known = bad.map(({ code }) => code).sort((a, b) => a - b);
  t.same(known, [0, 13, 15, 15, 15, 15, 15]);
  const failure = bad.find(({ code }) => code === 13);
  t.match(failure?.status, /processed 0 of 1 cache blocks; 1 failed.*no calibration/);
  t.notOk(existsSync(join(top, 'cache/data/failing/_noparam/intrinsic/1979/03/1979-03-01_intrinsic.d2s')));
});

onEach('jobs in the older form are done, and told once', async (t, make) => {
  const { file, broker } = make(t);
  for (const day of [1, 2, 3]) {
    await broker.submit(`2019-08-24T02:09:27.690|h||||u|TASK_CACHE|good||1979-05-0${day}|1979-05-0${day + 1}|0`);
  }
  const run = runOnce(file, '-n', '1');
  t.equal(run.status, 0, run.errors);
  t.match(await finished(broker, 3), [{ code: 0 }, { code: 0 }, { code: 0 }]);
  t.equal(run.errors.match(/TASK_CACHE of an older form/g)?.length, 1, run.errors);
});

onEach('a job that only another machine does is kept', async (t, make) => {
  const { file, broker } = make(t);
  const jobs = [
    { category: 'TASK_CITE_SYNC', fields: ['other/ab.202611'] },
    { category: 'TASK_CITE_SYNC', fields: ['other/cd.202611'] },
  ] as const;
  const items = jobs.map((job) => waitingText(makeJob({ ...job, requester: 'test' })));
  for (const item of items) t.equal(await broker.submit(item), 'queued');
  await broker.submit(cacheItem('good'));
  for (let i = 0; i < 4; i++) {
    const run = runOnce(file, '-n', '1');
    t.equal(run.status, 0, run.errors);
    if (i === 0) t.match(run.errors, /waits for another worker: citations of this machine are in files alone/);
    t.same(new Set(await broker.list('todo')), new Set(items), 'unchanged');
    for (const item of items) t.equal(await broker.submit(item), 'duplicate');
    // As if an hour had gone.
    for (const item of items) t.equal(await broker.raise(item), true);
  }
  t.match(await finished(broker, 1), [{ code: 0 }], 'others are done all the same');
  t.equal(await broker.count('dead'), 0);
});

t.test('usage reports', async (t) => {
  const { file, top, broker } = spoolSite(t);
  const record = (more: object) =>
    JSON.stringify({
      time: '2020-02-03T04:05:06.000Z',
      address: '10.0.0.1',
      status: 200,
      bytes: 100,
      agent: 'Autoplot',
      dataset: 'A/b',
      ...more,
    });
  const lines = [
    record({}),
    record({ address: '10.0.0.2', user: 'don', cache: 'hit' }),
    record({ status: 404, bytes: 1 }),
    record({ agent: 'somebot' }),
    record({ dataset: undefined }),
    record({ time: '2020-02-20T00:00:00.000Z' }),
    'no record',
  ];
  folder.write(`${top.slice(folder.path.length + 1)}/log/das2.access_202002.log`, `${lines.join('\n')}\n`);
  const job = makeJob({
    category: 'TASK_USAGE',
    fields: ['ALL', '2020-02-01', '2020-02-10', '', '', ''],
    requester: 'test',
  });
  await broker.submit(waitingText(job));
  await broker.submit(waitingText(makeJob({ ...job, fields: ['A/b', '', '', '', '', ''], remote: '10.0.0.1' })));
  t.equal(runOnce(file, '-n', '1').status, 0);
  const [noted, counted] = await finished(broker, 2);
  t.match(counted, { code: 0, status: '4 requests counted' });
  t.match(noted, { code: 0, status: 'noted' }, 'the record of a request is no order');
  const report = JSON.parse(readFileSync(join(top, 'state/usage/ALL.json'), 'utf8'));
  t.same(report.counts[1], {
    dataset: 'A/b',
    month: '2020-02',
    requests: 3,
    failed: 1,
    bytes: 201,
    cached: 1,
    addresses: 2,
    users: 1,
    robots: 1,
  });
  t.equal(report.unreadable, 1);
  t.match(readFileSync(join(top, 'state/usage/ALL.txt'), 'utf8'), /2020-02 A\/b +3 +1 +201 +1 +2 +1 +1\n/);
});
