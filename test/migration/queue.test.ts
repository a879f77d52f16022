/**
 * One Redis for the older server and for us: its items are taken, ours can be taken by it, its lists stay as its tools expect them.
 * Items and lists are as the older programs write them (server-internals 3.1 to 3.3).
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { sendCgi } from '../tools/cgi-driver.js';
import { NO_REDIS, redisServer } from '../tools/redis-server.js';
import { BIN, fillOldCache, layOutOldSite, type OldSite, SURVEY } from './old-site.js';

// Before any test: tap ends a file whose tests are all through while it waits for something else.
const redis = await redisServer(t);
const CLI = '/usr/bin/redis-cli';
const skip =
  redis === undefined || !existsSync(CLI)
    ? NO_REDIS
    : existsSync(join(BIN, 'das2_srv_arbiter'))
      ? undefined
      : 'the programs are not built (scripts/build)';

/** A Redis command, as an administrator types it; the lines of its answer. */
function ask(...words: string[]): string[] {
  const output = execFileSync(CLI, ['-p', String(redis?.port), ...words], { encoding: 'utf8' });
  return output.split('\n').filter((line) => line !== '');
}

function siteWithRedis(t: Test): OldSite {
  ask('FLUSHALL');
  return layOutOldSite(t, { redisPort: redis?.port ?? 1 });
}

const item = (begin: string, end: string, level: string, dataset = SURVEY): string =>
  `2019-08-24T02:09:27.690|das.example.org/das/server||192.0.2.9||apache|TASK_CACHE|${dataset}|${begin}|${end}|${level}`;

t.test('items of the older server', skip === undefined ? {} : { skip }, async (t) => {
  const site = siteWithRedis(t);
  for (const text of [
    item('1979-03-01T00:00', '1979-03-01T01:00', '0'),
    item('1979-03-01T01:00', '1979-03-01T02:00', '00'),
    item('1979-03-01', '1979-03-02', '1'),
    // Typed by an operator, with the full name of the account.
    `2019-08-24T02:09:29.001|das2_srv_todo|host.example.org|||A. Person|TASK_CACHE|${SURVEY}|1979-03-01|1979-03-02|11`,
    // The example of an old manual has one field more.
    `2019-08-24T02:09:29.100|localhost/das/server||127.0.0.1||apache|TASK_CACHE|${SURVEY}||1979-03-02|1979-03-03|1`,
    // What makes an old worker lose the item.
    item('1979-03-01', '1979-03-02', '0', 'No/Such'),
    item('1979-03-01', '1979-03-02', '42'),
    item('1979-03-01', '1979-03-02', '0', 'Voyager/1/PWS/Quirks'),
    'nonsense',
  ]) {
    ask('LPUSH', 'das2_todo', text);
  }
  const waiting = site.run('das2_srv_todo', '-t');
  t.equal(waiting.status, 0, waiting.output);
  t.match(
    waiting.output,
    /2019-08-24T02:09:27\.690 \S+ +cache +Voyager\/1\/PWS\/Survey 1979-03-01T00:00 +1979-03-01T01:00 +0\b/,
  );
  const worker = site.run('das2_srv_arbiter', '--once', '-n', '1', '--log-level', 'error');
  t.equal(worker.status, 0, worker.output);
  t.same(ask('LLEN', 'das2_todo'), ['0']);
  const finished = ask('LRANGE', 'das2_finished', '0', '-1').reverse();
  t.same(
    finished.map((line) => `${line.split('|')[7] ?? ''} ${line.split('|').at(-1)}`),
    [...Array(5).fill(`${SURVEY} 0`), 'No/Such 15', `${SURVEY} 15`, 'Voyager/1/PWS/Quirks 15', ' 15'],
    'all end in the list of finished jobs, none is lost',
  );
  t.match(
    finished[0],
    /^2019-08-24T02:09:27\.690\|das\.example\.org\/das\/server\|\|192\.0\.2\.9\|\|apache\|TASK_CACHE\|Voyager\/1\/PWS\/Survey\|1979-03-01T00:00\|1979-03-01T01:00\|0\|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\|Successfully processed 1 of 1 cache blocks\|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\|0$/,
    '15 fields, as the older worker writes them',
  );
  for (const file of [
    '_noparam/intrinsic/1979/03/01/1979-03-01T01_intrinsic.d2s',
    '_noparam/bin-60s/1979/03/1979-03-02_bin-60s.d2s',
    'KEEP_SPIKES_high/bin-600s/1979/03/1979-03-01_bin-600s.d2s',
  ]) {
    t.ok(existsSync(join(site.cacheRoot, 'data', SURVEY, file)), file);
  }
  const done = site.run('das2_srv_todo', '-d');
  t.equal(done.status, 0, done.output);
  t.match(done.output, /OKAY .*2019-08-24T02:09:29\.001/);
});

t.test('items of ours', skip === undefined ? {} : { skip }, async (t) => {
  const site = siteWithRedis(t);
  fillOldCache(site);
  const program = { command: [join(BIN, 'das2_srvcgi_main')], remove: () => {} };
  const answer = await sendCgi(program, site, {
    query: `server=dataset&dataset=${SURVEY}&start_time=1979-03-01T22:00&end_time=1979-03-02T03:00`,
  });
  t.equal(answer.status, 200);
  const [web, ...others] = ask('LRANGE', 'das2_todo', '0', '-1');
  t.same(others, [], 'one job for the missing blocks');
  // Eleven fields; the older worker refuses any other number.
  t.match(
    web,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\|das\.example\.org\/das\/server\|\|198\.51\.100\.7\|\|[^|]*\|TASK_CACHE\|Voyager\/1\/PWS\/Survey\|1979-03-02T00:00\|1979-03-02T03:00\|0$/,
  );
  const added = site.run('das2_srv_todo', 'cache', SURVEY, '1979-03-05', '1979-03-06', '01');
  t.equal(added.status, 0, added.output);
  t.match(
    ask('LINDEX', 'das2_todo', '0')[0],
    /^[^|]+\|das2_srv_todo\|[^|]+\|\|\|[^|]*\|TASK_CACHE\|Voyager\/1\/PWS\/Survey\|1979-03-05\|1979-03-06\|0?1$/,
  );
});

t.test('lists of the older worker', skip === undefined ? {} : { skip }, async (t) => {
  const site = siteWithRedis(t);
  const running = `${item('1979-03-01T00:00', '1979-03-01T01:00', '0')}|2019-08-24T02:09:27.912|Writing: x.d2s|0/100`;
  ask('LPUSH', 'das2_working_4711', running);
  ask('LPUSH', 'das2_todo', item('1979-03-01', '1979-03-02', '1'));
  t.equal(site.run('das2_srv_arbiter', '--once', '--log-level', 'error').status, 0);
  t.same(ask('LRANGE', 'das2_working_4711', '0', '-1'), [running], 'its job is left alone');
  const working = site.run('das2_srv_todo', '-w');
  t.match(working.output, /Writing: x\.d2s 4711/);
  // What the older listing does: list commands on all keys of this pattern.
  for (const key of ask('KEYS', 'das2_working_*')) t.same(ask('TYPE', key), ['list'], key);
  for (const key of ['das2_todo', 'das2_finished']) t.match(ask('TYPE', key)[0], /^(list|none)$/);
  const reclaimed = site.run('das2_srv_todo', '--reclaim', 'das2_working_4711');
  t.equal(reclaimed.status, 0, reclaimed.output);
  t.same(ask('LRANGE', 'das2_todo', '0', '-1'), [item('1979-03-01T00:00', '1979-03-01T01:00', '0')], 'unchanged');
  t.same(ask('KEYS', 'das2_working_*'), []);
});

t.test('a broker that is gone', skip === undefined ? {} : { skip }, async (t) => {
  const site = layOutOldSite(t);
  const program = { command: [join(BIN, 'das2_srvcgi_main')], remove: () => {} };
  const answer = await sendCgi(program, site, {
    query: `server=dataset&dataset=${SURVEY}&start_time=1979-03-01&end_time=1979-03-01T01:00`,
  });
  t.equal(answer.status, 200, 'data come all the same');
  t.equal(site.calls().length, 1);
  t.equal(site.run('das2_srv_todo', '-t').status, 21);
});
