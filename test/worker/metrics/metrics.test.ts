/** The numbers of das2_srv_arbiter, over HTTP and as a file. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { awayFromMidnight } from '../../tools/away-from-midnight.js';
import { NO_REDIS } from '../../tools/redis-server.js';
import { cacheItem, finished, folder, redis, redisSite, spoolSite, start, until } from '../worker-sites.js';

t.test('numbers, health, reload and report', async (t) => {
  const { file, top, broker } = spoolSite(t);
  await awayFromMidnight();
  const month = new Date().toISOString().slice(0, 7);
  const logged = (cache: string) => JSON.stringify({ time: `${month}-01T00:00:00.000Z`, dataset: 'good', cache });
  const log = `${top.slice(folder.path.length + 1)}/log/das2.access_${month.replace('-', '')}.log`;
  folder.write(log, `${['hit', 'hit', 'miss', 'off'].map(logged).join('\n')}\n{"time"`);
  await broker.submit(cacheItem('good', '1979-03-01', '1979-03-03'));
  await broker.submit(cacheItem('failing'));
  const metricsFile = join(top, 'numbers.prom');
  const worker = start(t, file, '--metrics', '127.0.0.1:0', '--metrics-file', metricsFile);
  await finished(broker, 2);
  const url = await until('the address', () => /metrics at (\S+)/.exec(worker.errors())?.[1]);
  const answer = await fetch(url);
  t.match(answer.headers.get('content-type'), /version=0\.0\.4/);
  const text = await answer.text();
  const number = (name: string) =>
    Number(new RegExp(`^das2_arbiter_${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1]);
  t.equal(number('jobs_total{category="TASK_CACHE",code="0"}'), 1);
  t.equal(number('jobs_total{category="TASK_CACHE",code="13"}'), 1);
  t.equal(number('blocks_built_total'), 2);
  t.ok(number('blocks_failed_total') >= 1);
  t.ok(number('block_bytes_total') > 0);
  t.equal(number('jobs_waiting'), 0);
  t.equal(number('jobs_working'), 0);
  t.equal(number('jobs_dead'), 0);
  t.equal(number('oldest_job_seconds'), 0);
  t.equal(number('cache_requests_total{outcome="hit"}'), 2);
  t.equal(number('cache_hit_ratio'), 2 / 3);
  for (const line of text.trimEnd().split('\n')) {
    t.match(
      line,
      /^(?:# (?:HELP|TYPE) das2_arbiter_\w+ .+|das2_arbiter_\w+(?:\{[a-z]+="\w+"(?:,[a-z]+="\w+")*\})? [\d.e+-]+)$/,
    );
  }
  folder.write(log, `${['hit', 'hit', 'miss', 'off', 'hit'].map(logged).join('\n')}\n`);
  t.match(await (await fetch(url)).text(), /cache_hit_ratio 0\.75\n/, 'the log is read on');
  const health = await fetch(url.replace('/metrics', '/health'));
  t.equal(health.status, 200);
  t.match(await health.json(), { ok: true, queue: 'reached', slots: 1, busy: 0, waiting: 0 });
  t.equal((await fetch(url.replace('/metrics', '/other'))).status, 404);
  t.equal((await fetch(url, { method: 'POST' })).status, 404);
  worker.child.kill('SIGUSR1');
  await until('report', () => (/-0: idle/.test(worker.errors()) ? true : undefined));
  worker.child.kill('SIGHUP');
  await until('reload', () => (/read anew/.test(worker.errors()) ? true : undefined));
  worker.child.kill('SIGINT');
  t.equal(await worker.ended(), 0);
  const last = readFileSync(metricsFile, 'utf8');
  t.match(last, /das2_arbiter_slots 1\n/);
  t.match(last, /das2_arbiter_cache_free_bytes \d+\n/);
});

t.test('what waits, and the size of the cache, are in the numbers', async (t) => {
  const { file, top, broker } = spoolSite(t);
  const data = `${top.slice(folder.path.length + 1)}/cache/data/x/_noparam/intrinsic/2020`;
  folder.write(`${data}/2020-01_intrinsic.d2s`, 'twelve bytes');
  folder.write(`${data}/.2020-01_intrinsic.d2s.json`, '{}');
  const old = cacheItem('stuck').replace(/^[^|]*/, new Date(Date.now() - 100_000).toISOString().slice(0, -1));
  await broker.submit(cacheItem('stuck', '1990-01-01', '1990-01-02'));
  const worker = start(t, file, '--metrics', '0');
  const url = await until('the address', () => /metrics at (\S+)/.exec(worker.errors())?.[1]);
  await until('it runs', async () => ((await broker.working()).length > 0 ? true : undefined));
  await broker.submit(old);
  const text = await until('the cache was looked at', async () => {
    const now = await (await fetch(url)).text();
    return /cache_blocks/.test(now) ? now : undefined;
  });
  t.match(text, /jobs_waiting 1\n/);
  t.match(text, /jobs_working 1\n/);
  t.match(text, /slots_busy 1\n/);
  t.ok(Number(/^das2_arbiter_oldest_job_seconds (\S+)/m.exec(text)?.[1]) >= 100);
  t.match(text, /cache_blocks 1\n/);
  t.match(text, /cache_bytes [1-9]\d+\n/);
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0);
  spawnSync('rm', ['-f', join(folder.path, 'stuck')]);
});

t.test('health while the queue is out of reach', redis === undefined ? { skip: NO_REDIS } : {}, async (t) => {
  const { file } = redisSite(t);
  await redis?.kill();
  const worker = start(t, file, '--metrics', '0');
  const url = await until('the address', () => /metrics at (\S+)/.exec(worker.errors())?.[1]);
  const health = await fetch(url.replace('/metrics', '/health'));
  t.equal(health.status, 503);
  t.match(await health.json(), { ok: false, queue: 'out of reach' });
  await redis?.start();
  worker.child.kill('SIGTERM');
  t.equal(await worker.ended(), 0);
});
