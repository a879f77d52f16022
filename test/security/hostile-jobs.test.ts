/** Jobs that nobody should have queued: a worker refuses them, or does of them what makes sense, and leaves its files alone (server-internals 2.10, 3.2). */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ExportStore } from '../../lib/browse/export/store.js';
import { finishedText, ITEM_LIMIT, makeJob, RESULT, waitingText } from '../../lib/queue/item.js';
import { spoolBroker } from '../../lib/queue/spool/broker.js';
import { readText } from '../../lib/queue/spool/files.js';
import { SourceTree } from '../../lib/source/tree/source-tree.js';
import { runTask } from '../../lib/worker/task/tasks.js';
import { cacheSite } from '../cache/site.js';
import { A, LIMITS } from '../queue/brokers.js';
import { temporaryFolder } from '../tools/temporary-folder.js';

t.test('blocks of a job lie where the source has data', async (t) => {
  const site = cacheSite(t, ["cacheLevel_00 = 'intrinsic | daily'", "validRange = '2017-03-01 to 2017-03-02T12:00'"]);
  const run = (begin: string, end: string) =>
    runTask(makeJob({ category: 'TASK_CACHE', fields: ['T/S', begin, end, '0'], requester: 'x' }), {
      configuration: site.configuration,
      sources: new SourceTree(site.configuration),
      log: () => {},
      progress: () => {},
      signal: new AbortController().signal,
    });
  t.match(await run('0001-01-01', '9999-12-31'), { code: 0, status: 'Successfully processed 2 of 2 cache blocks' });
  t.strictSame(site.calls(), ['2017-03-01 2017-03-02', '2017-03-02 2017-03-03'], 'whole blocks, also at the edge');
  t.match(await run('0001-01-01', '0002-01-01'), { code: 15, status: /validRange/ });
  t.equal(site.calls().length, 2);
});

t.test('what lies in the spool and is no job stops nobody', async (t) => {
  const { path, write } = temporaryFolder(t);
  const folder = join(path, 'queue');
  const broker = spoolBroker({ folder, limits: LIMITS });
  t.teardown(() => broker.close());
  const job = waitingText(makeJob({ category: 'TASK_CACHE', fields: ['T/S', '2017', '2018', '0'], requester: 'x' }));
  await broker.submit(job);
  const todo = (n: number): string => join(folder, `todo/0100000000000000${n}~0-0100000000000000${n}-1-${n}.0`);
  const secret = write('secret', 'the secret of the worker');
  symlinkSync(secret, todo(1));
  execFileSync('mkfifo', [todo(2)]);
  writeFileSync(todo(3), 'x'.repeat(1 << 20));
  for (const n of [1, 2]) t.equal(readText(todo(n)), '');
  t.equal(readText(todo(3))?.length, ITEM_LIMIT + 1);
  mkdirSync(join(path, 'folder'));
  t.equal(readText(join(path, 'folder')), '');
  t.equal(readText(join(path, 'nothing')), undefined);
  const taken: string[] = [];
  for (let item = await broker.take(A, 0); item !== undefined; item = await broker.take(A, 0)) {
    taken.push(item);
    await broker.finish(A, finishedText(item, { begin: '', status: 's', end: '', code: RESULT.refused }));
  }
  t.equal(taken.length, 4);
  t.ok(taken.includes(job));
  t.notOk(taken.join().includes('secret'));
});

t.test('a mail goes to an address, and to nothing else that stands in its place', (t) => {
  const { path } = temporaryFolder(t);
  const store = new ExportStore(path, 7);
  const places = { main: 'http://x/das/server', browse: 'http://x/das/browse' };
  const tell = (mail: string) => {
    const id = 'X20261122-00000000';
    store.create({ id, made: 0, items: [], method: 'url', data: 'd2s', places, paths: places }, undefined, mail);
    return store.takeMail(id);
  };
  t.equal(tell('ada@example.org'), 'ada@example.org');
  for (const evil of ['-X/tmp/log', 'ada@example.org\nBcc: all@example.org', '-oQ/tmp ada@example.org', '', '|sh'])
    t.equal(tell(evil), undefined, JSON.stringify(evil));
  t.end();
});
