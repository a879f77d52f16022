/** HAPI_INFO_CACHE: headers made in the background (server-internals 6.6). */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfiguration } from '../../../lib/conf/configuration.js';
import { makeJob } from '../../../lib/queue/item.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import type { SubmitJob } from '../../../lib/worker/task/submit-job.js';
import { runTask } from '../../../lib/worker/task/tasks.js';
import { planJobs } from '../../../lib/worker/todo/add.js';
import { layOutHapiSite } from '../../tools/hapi-site.js';
import { inProcess } from '../../tools/in-process.js';

t.test('headers by the worker are used by the server', async (t) => {
  const site = inProcess(t, layOutHapiSite({ CACHE_ROOT: '../cache' }));
  const { fixture } = site;
  const configuration = loadConfiguration({ file: fixture.configurationFile, environment: {} });
  const lines: string[] = [];
  const submitted: string[] = [];
  const work = (id: string, signal = new AbortController().signal, submit?: SubmitJob) =>
    runTask(makeJob({ category: 'HAPI_INFO_CACHE', fields: [id, ''], requester: 'test' }), {
      configuration,
      sources: new SourceTree(configuration),
      log: (line) => lines.push(line),
      progress: () => {},
      signal,
      ...(submit && { submit }),
    });
  t.strictSame(await work('H/Closed'), { code: 0, status: 'the header was made' });
  t.strictSame(await work('H/Closed'), { code: 16, status: 'the header was valid already' });
  const file = join(fixture.root, 'cache/hapi/H/Closed.json');
  t.ok(existsSync(file));
  t.equal(JSON.parse(readFileSync(file, 'utf8')).tables.length, 1);
  const info = await site.ask({ path: '/hapi/info', query: 'id=H/Closed' });
  t.equal(info.status, 200, 'descriptions of guarded data come from the worker');
  t.equal((await site.ask({ path: '/hapi/data', query: 'id=H/Closed&start=2017-01-01&stop=2017-01-02' })).status, 401);
  t.strictSame(await work('H/Nope'), { code: 15, status: 'there is no such HAPI dataset' });
  t.strictSame((await work('H/Off')).code, 15, 'not offered');
  t.match(await work('H/Fails'), {
    code: 13,
    status: /^the header was not made: .*no calibration/,
  });
  const plan = await planJobs('HAPI_INFO_CACHE', ['ALL'], configuration);
  const split = await work('ALL', undefined, async (category, [id = '']) => {
    submitted.push(`${category} ${id}`);
    return id === 'H/Fails' ? 'duplicate' : id === 'H/Plain' ? 'full' : 'queued';
  });
  t.match(split, {
    code: 0,
    status: /^\d+ jobs queued, one a HAPI dataset; 1 of them were queued or under way already/,
  });
  t.notOk(submitted.includes('HAPI_INFO_CACHE H/Closed'), 'its header holds');
  t.ok(submitted.length > 10);
  t.strictSame(
    plan.items.map((item) => item.split('|').slice(6, 8).join(' ')),
    submitted,
    'das2_srv_todo queues the same',
  );
  t.match(
    plan.summary,
    `${submitted.length} HAPI_INFO_CACHE jobs, one a dataset; 1 header valid already; 1 data source left out`,
  );
  t.match(plan.leftOut, [{ dataset: 'H/Bad', reason: /./ }]);
  const all = await work('ALL');
  t.equal(all.code, 1);
  t.match(
    all.status,
    /^headers of \d+ of \d+ HAPI datasets; the last that failed: /,
    'without a queue it does all of them',
  );
  t.ok(lines.some((line) => line.includes('H/Bad is left out')));
  t.equal((await work('')).code, 1, 'no id means all');
  // The catalog needs no reader any more.
  const catalog = await site.ask({ path: '/hapi/catalog' });
  t.notOk(catalog.log.some((line) => line.includes('looking at')));
  t.ok(JSON.parse(catalog.text).catalog.length > 15);
  rmSync(file);
  const stop = AbortSignal.abort(new Error('the worker ends'));
  await t.rejects(work('H/Closed', stop), /the worker ends/);
  t.notOk(existsSync(file));
});

t.test('what a catalog cannot look at in time is left to the worker', async (t) => {
  const site = inProcess(
    t,
    layOutHapiSite({ MAX_PIPELINES_PER_IP: '1', WORK_QUEUE_BROKER: 'spool', PIPELINE_WAIT: '0.1' }),
  );
  // A reader that takes longer than a catalog waits.
  site.fixture.writeProgram('slow', 'sleep 5.5\nshow=plain\ncat "$0".d2s\n');
  site.fixture.writeSource(
    'A/Slow',
    "description = x\ndas2Stream = 1\nreader = slow\nhapi = 1\nvalidRange = '2017-01-01 to 2018-01-01'\n" +
      "exampleRange_00 = '2017-01-01 to 2017-01-02'\n",
  );
  const first = await site.ask({ path: '/hapi/catalog' });
  t.equal(first.status, 200);
  t.ok(first.log.some((line) => /HAPI: \d+ jobs queued for headers$/.test(line)));
  const second = await site.ask({ path: '/hapi/catalog' });
  t.ok(JSON.parse(second.text).catalog.length > JSON.parse(first.text).catalog.length, 'more each time');
});
