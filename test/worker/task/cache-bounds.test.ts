/** How large a job for blocks may be: within validRange as large as that is, without one as CACHE_JOB_BLOCKS says. */
import t from 'tap';
import { makeJob } from '../../../lib/queue/item.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import type { TaskContext } from '../../../lib/worker/task/task.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { cacheSite, type TestSite } from '../../cache/site.js';

const LEVELS = ["cacheLevel_00 = '1 s | perminute'", "cacheLevel_01 = '1 min | hourly'"];

function run(site: TestSite, begin: string, end: string, level = 'ALL') {
  const none = (): void => {};
  const context: TaskContext = {
    configuration: site.configuration,
    sources: new SourceTree(site.configuration),
    log: none,
    progress: none,
    signal: new AbortController().signal,
  };
  const job = makeJob({ category: 'TASK_CACHE', fields: ['T/S', begin, end, level], requester: 'test' });
  return runTask(job, context);
}

t.test('a source without validRange', async (t) => {
  const site = cacheSite(t, LEVELS, ['CACHE_JOB_BLOCKS = 123']);
  for (const [begin, end] of [
    ['0000-01-01', '9999-12-31'],
    ['2017-03-01T00:00', '2017-03-01T02:02'],
  ] as const) {
    const result = await run(site, begin, end);
    t.equal(result.code, 15);
    t.match(
      result.status,
      /^\d+ cache blocks are too many .* without validRange \(CACHE_JOB_BLOCKS = 123\): write its validRange/,
    );
  }
  t.equal(site.calls().length, 0, 'no reader has run');
  t.match(await run(site, '2017-03-01T00:00', '2017-03-01T02:02', '1'), { code: 0 });
});

t.test('without a bound, and with a validRange', async (t) => {
  const open = cacheSite(t, LEVELS, ['CACHE_JOB_BLOCKS = none']);
  t.match(await run(open, '2017-03-01T00:00', '2017-03-01T00:02'), { code: 0 });
  const valid = cacheSite(
    t,
    [...LEVELS, "validRange = '2017-03-01T00:00 to 2017-03-01T00:02'"],
    ['CACHE_JOB_BLOCKS = 1'],
  );
  t.match(await run(valid, '0000-01-01', '9999-12-31'), { code: 0 }, 'what there is');
});
