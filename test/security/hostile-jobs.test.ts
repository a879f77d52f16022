/** Jobs that nobody should have queued: a worker refuses them, or does of them what makes sense, and leaves its files alone (server-internals 2.10, 3.2). */
import t from 'tap';
import { makeJob } from '../../lib/queue/item.js';
import { SourceTree } from '../../lib/source/tree/source-tree.js';
import { cacheTask } from '../../lib/worker/task/cache.js';
import { cacheSite } from '../cache/site.js';

t.test('blocks of a job lie where the source has data', async (t) => {
  const site = cacheSite(t, ["cacheLevel_00 = 'intrinsic | daily'", "validRange = '2017-03-01 to 2017-03-02T12:00'"]);
  const run = (begin: string, end: string) =>
    cacheTask(makeJob({ category: 'TASK_CACHE', fields: ['T/S', begin, end, '0'], requester: 'x' }), {
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
