/**
 * das2_srv_todo as a process, on a spool queue and on Redis: adding, lists, changes, statuses.
 */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import type { Broker } from '../../../lib/queue/broker.js';
import { finishedText, parseItem } from '../../../lib/queue/item.js';
import { redisBroker } from '../../../lib/queue/redis/broker.js';
import { spoolBroker } from '../../../lib/queue/spool/broker.js';
import { NO_REDIS, redisServer } from '../../tools/redis-server.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { toolCommand } from '../../tools/tool-driver.js';

// Before any test: tap ends a file whose tests are all through while it waits for something else.
const redis = await redisServer(t);
const folder = temporaryFolder(t);
const [program = '', ...before] = await toolCommand(folder, 'srv_todo', 'das2_srv_todo');
const limits = { waiting: 10_000, finished: 100, leaseSeconds: 30 };

folder.write(
  'datasets/A/b.dsdf',
  `description = 'x'
das2Stream = 1
reader = 'true'
cacheLevel_00 = '1 s | hourly'
cacheLevel_10 = '60 s | daily'
`,
);
folder.write('datasets/plain.dsdf', "description = 'x'\ndas2Stream = 1\nreader = 'true'\n");

folder.write(
  'datasets/A/short.dsdf',
  `description = 'x'
das2Stream = 1
reader = 'true'
validRange = '1979-03-01T06:30 to 1979-03-02T02:00'
cacheLevel_00 = '1 s | hourly'
cacheLevel_10 = '60 s | daily'
`,
);

function site(name: string, lines: string, cache = 'CACHE_ROOT = ../cache\n'): string {
  const text = `DSDF_ROOT = ../../datasets\nSTATE_ROOT = ../state\n${cache}${lines}`;
  return folder.write(`${name}/etc/das2server.conf`, text);
}

function run(file: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, [...before, '-c', file, ...args], { input: '' });
  return { status, output: stdout.toString(), errors: stderr.toString() };
}

const ended = (item: string, code: number) =>
  finishedText(item, {
    begin: '2020-01-01T00:00:00.000',
    status: 'the reader said: no',
    end: '2020-01-01T00:00:01.000',
    code,
  });

function wholeStory(name: string, file: string, broker: () => Broker): void {
  t.test(`${name}: from adding to the history`, async (t) => {
    const queue = broker();
    t.teardown(() => queue.close());

    const added = run(file, 'CACHE', 'A/b', '1979-03-01', '1979-03-03T12:00', 'all');
    t.equal(added.status, 0, added.errors);
    t.match(added.output, /^63 blocks of A\/b, level 0, 10, in 3 jobs\n$/);
    const items = (await queue.list('todo')).map((text) => parseItem(text).job);
    t.same(items.map((job) => job.fields.join(' ')).reverse(), [
      'A/b 1979-03-01T00:00 1979-03-02T00:00 ALL',
      'A/b 1979-03-02T00:00 1979-03-03T00:00 ALL',
      'A/b 1979-03-03T00:00 1979-03-03T12:00 ALL',
    ]);
    t.equal(items[0]?.requester, 'das2_srv_todo');
    t.equal(items[0]?.remote, '');
    t.match(run(file, 'cache', 'A/b', '1979-03-02', '1979-03-03', 'ALL').errors, /queued or under way already/);

    const table = run(file, '-t');
    t.equal(table.status, 0);
    const lines = table.output.split('\n');
    t.match(lines[0], /^id +submitted on +entered by +job type param 1 param 2 +param 3 +param 4$/);
    t.match(lines[1], /^-+ -+ /);
    t.match(lines[2], / cache +A\/b +1979-03-03T00:00 +1979-03-03T12:00 +ALL$/);
    t.match(run(file, '-w').errors, 'das2_working list contains no tasks');
    const rows = JSON.parse(run(file, '-t', '--json', '--oldest', '--limit', '1', '--category', 'cache').output).todo;
    t.equal(rows.length, 1);
    t.match(rows[0], { list: 'todo', category: 'TASK_CACHE', fields: { dataset: 'A/b', level: 'ALL' } });
    t.same(JSON.parse(run(file, '-t', '--json', '--dataset', 'B').output).todo, []);

    const newest = JSON.parse(run(file, '-t', '--json', '--limit', '1').output).todo[0].id;
    t.equal(run(file, '--front', '--id', newest).status, 0);
    const taken = (await queue.take('host-1-0', 0.1)) ?? '';
    t.match(taken, /T12:00\|ALL$/, 'the newest has come first');
    t.match(run(file, '-w').output, /host-1-0/);
    t.match(run(file, '--remove', '--id', newest), { status: 15, errors: /is being done: stop the worker/ });
    t.match(
      run(file, '-t', '-w').output,
      /^das2_todo\nid .*[\s\S]*\n\ndas2_working\nid .*/,
      'several tables have names',
    );
    t.match(run(file, '-w').output, /^id /, 'one needs none');
    await queue.finish('host-1-0', ended(taken, 13));
    const done = run(file, '-d');
    t.match(done.output, /ERROR 13 .*cache +A\/b +1979-03-03T00:00 1979-03-03T12:00 ALL .*the reader said: no/);

    t.equal(run(file, '--retry', 'nothing').status, 15);
    t.match(run(file, '--retry', newest).output, '1 queued');
    t.equal(await queue.count('todo'), 3);
    t.match(run(file, '--retry', 'all-failed').output, '0 queued', 'it is in the queue already');

    t.notMatch(run(file, '-t').output, 'not before');
    const late = (await queue.take('host-1-0', 0.1)) ?? '';
    await queue.postpone('host-1-0', 3600);
    t.match(run(file, '-t').output, /param 4 +not before\n[\s\S]* 20\d\d-[\d-]+T[\d:.]+\n[\s\S]* -\n/);
    t.ok(JSON.parse(run(file, '-t', '--json').output).todo[0].notBefore > new Date().toISOString());
    await queue.raise(late);

    t.match(run(file, '--remove', 'A/*', '-n').output, /param 1/);
    const id = JSON.parse(run(file, '-t', '--json', '--limit', '1').output).todo[0].id;
    t.match(run(file, '--remove', '--id', id), { status: 0, output: '1 removed\n' });
    t.match(run(file, '--remove', 'A/*'), { status: 0, output: '2 removed\n' });
    t.equal(run(file, '--remove', 'A/*').status, 15);

    t.match(run(file, '--clear', 'done'), { status: 13, errors: /add --yes/ }, 'nobody can be asked');
    t.match(run(file, '--clear', 'done', '--yes'), { status: 0, output: '1 removed\n' });
    t.equal(run(file, '--reclaim', 'das2_working_123').status, 15);
    t.equal(run(file, 'usage', 'A/b').status, 0);
    t.equal(run(file, '-g', 'other', 'a', 'b|c').status, 0);
    t.match((await queue.list('todo'))[0], /\|TASK_OTHER\|a\|b c$/);
    t.match(run(file, '-t').output, / other \(unreadable\) +a +b c +-/, 'and shows what it says');
    t.equal(run(file, '-g', 'other', '2026-01-01T00:00:00.000', 'good', '2026-01-02T00:00:00.000', '1').status, 0);
    const [foreign] = JSON.parse(run(file, '-t', '--json', '--limit', '1').output).todo;
    t.match(foreign.fields, { 'field 2': 'good', 'field 4': '1' });
    t.notOk('end' in foreign || 'code' in foreign, 'what waits has not ended, whatever its fields look like');
  });
}

const spool = site('spool', '');
wholeStory('spool', spool, () => spoolBroker({ folder: `${folder.path}/spool/state/queue`, limits }));

t.test('what is wrong is refused with a status and a reason', async (t) => {
  const cache = (...words: string[]) => run(spool, 'cache', ...words);
  t.match(cache('A/b', '1979', 'never', '0'), { status: 13, errors: /: END is not a time; use/ });
  t.match(cache('A/b', 'never', '1979', '0'), { status: 13, errors: /: BEGIN is not a time; use/ });
  t.match(cache('A/b', '1980-01', '1979-01', '0'), { status: 13, errors: /: END must be later than BEGIN/ });
  t.match(run(spool, 'coverage', 'A/b', 'never'), { status: 13, errors: /: BEGIN is not a time; use/ });
  t.match(run(spool, 'coverage', 'A/b', '1980', '1979'), { status: 13, errors: /: END must be later than BEGIN/ });
  t.match(run(spool, 'usage', 'ALL', '', '', '', 'x'), { status: 13, errors: /: RESOLUTION is not a positive number/ });
  t.match(cache('A/b', '1979-01', '1980-01'), { status: 13, errors: /four values/ });
  t.match(cache('A/short', '1979-04', '1980-01', '0'), {
    status: 15,
    errors: /A\/short has no data from 1979-04-01T00:00:00 to 1980-01-01T00:00:00, by its validRange/,
  });
  t.match(run(spool, '-n', 'cache', 'A/short', '1979-01', '1980-01', 'ALL'), {
    status: 0,
    errors: /would queue 22 blocks of A\/short, level 0, 10, in 1 job/,
  });
  t.match(cache('none', '1979-01', '1980-01', '0'), { status: 15, errors: /no data source/ });
  t.match(cache('../A/b', '1979-01', '1980-01', '0'), { status: 15, errors: /no data source/ });
  t.match(cache('plain', '1979-01', '1980-01', '0'), { status: 15, errors: /no usable cacheLevel/ });
  t.match(cache('A/b', '1979-01', '1980-01', '3'), { status: 15, errors: /it has 0, 10, or ALL/ });
  t.match(cache('A/b', '0001-01', '9999-01', '0'), { status: 15, errors: /shorter range/ });
  t.match(run(spool, 'dance'), { status: 13, errors: /no task 'dance'/ });
  t.match(run(spool, '--clear', 'all'), { status: 13 });
  t.match(run(spool, '--nonsense'), { status: 13 });
  t.match(run(spool, '-t', '--limit', '0'), { status: 13 });
  t.match(run(`${folder.path}/none.conf`, '-t'), { status: 17 });
  t.match(run(site('off', 'WORK_QUEUE_BROKER = none\n'), '-t'), { status: 17, errors: /no queue/ });
  t.match(run(site('lost', 'WORK_QUEUE_CONN = 127.0.0.1:1\n'), '-t'), { status: 21, errors: /ECONNREFUSED/ });
  const bare = run(site('bare', '', ''), 'cache', 'A/b', '1979-03-01', '1979-03-02', '10');
  t.match(bare, { status: 15, output: '', errors: /CACHE_ROOT is not set/ });
  const dry = run(spool, '-n', 'cache', 'A/b', '1979-03-01', '1979-03-02', '10');
  t.match(dry, { status: 0, output: /\|A\/b\|1979-03-01\|1979-03-02\|10\n$/, errors: /would queue 1 block/ });
});

t.test(
  'pieces of a long range: along the longest period, all levels in one job; 32 blocks of a single one',
  async (t) => {
    folder.write(
      'datasets/A/long.dsdf',
      "description = 'x'\ndas2Stream = 1\nreader = 'true'\ncacheLevel_00 = '1 s | daily'\ncacheLevel_01 = '1 h | monthly'\n",
    );
    const jobs = (...words: string[]) =>
      run(spool, '-n', 'cache', 'A/long', ...words)
        .output.trimEnd()
        .split('\n')
        .map((item) => item.split('|').slice(8).join(' '));
    t.same(jobs('1979-01-31T05:00', '1979-03-20T01:00', 'ALL'), [
      '1979-01-31 1979-02-01 ALL',
      '1979-02-01 1979-03-01 ALL',
      '1979-03-01 1979-03-21 ALL',
    ]);
    t.same(jobs('1979-01-31T05:00', '1979-03-04', '0'), ['1979-01-31 1979-03-04 0']);
    t.same(jobs('1979-01-31T05:00', '1979-03-05T01:00', '0'), ['1979-01-31 1979-03-04 0', '1979-03-04 1979-03-06 0']);
    t.same(jobs('1979-01-31T05:00', '1979-03-02', '1'), ['1979-01-01 1979-04-01 1']);
    t.equal(jobs('1000-01', '2000-01', '1').length, 375);
  },
);

t.test('help', async (t) => {
  const bare = spawnSync(program, before);
  t.equal(bare.status, 0);
  t.match(bare.stderr.toString(), /--help/);
  t.match(run(spool, 'help').output, /cache DATASET BEGIN END LEVEL/);
  t.match(run(spool, 'help', 'cache').output, /cache DATASET BEGIN END LEVEL/);
  t.match(run(spool, 'help', 'dance'), {
    status: 13,
    errors: /^das2_srv_todo: there is no task 'dance'; there are cache,/,
  });
  t.match(run(spool, '--version').output, /^das2_srv_todo \S+ \(/);
});

t.test('all that workers do is offered', async (t) => {
  for (const text of [run(spool, 'help').output, run(spool, '--help').output]) {
    t.match(text, /hapi-info/);
    t.match(text, /^ {2}cite-sync SEGMENT$/m);
  }
  t.match(run(spool, 'dance').errors, /there are cache, cite-doi, cite-probe, cite-hash, cite-sync, coverage, export,/);
  t.match(run(spool, '-t', '--category', 'export'), { status: 0 });
});

if (redis === undefined) t.test('redis', { skip: NO_REDIS }, async () => {});
else {
  const connection = { host: '127.0.0.1', port: redis.port, database: 1, tls: false, place: 'test' };
  const file = site('redis', `WORK_QUEUE_CONN = 127.0.0.1:${redis.port}:1\n`);
  wholeStory('redis', file, () => redisBroker({ connection, limits, patient: false }));
}
