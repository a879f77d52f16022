/**
 * Coverage of all sources as one job a source: by das2_srv_todo, and by the worker where an older producer has queued one job for all.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Broker } from '../../../lib/queue/broker.js';
import { makeJob, parseItem, waitingText } from '../../../lib/queue/item.js';
import { redisBroker } from '../../../lib/queue/redis/broker.js';
import { spoolBroker } from '../../../lib/queue/spool/broker.js';
import { STREAM } from '../../tools/build-stream.js';
import { NO_REDIS, redisServer } from '../../tools/redis-server.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';
import { toolCommand } from '../../tools/tool-driver.js';

// Before any test: tap ends a file whose tests are all through while it waits for something else.
const redis = await redisServer(t);
const folder = temporaryFolder(t);
const todo = await toolCommand(folder, 'srv_todo', 'das2_srv_todo');
const arbiter = await toolCommand(folder, 'srv_arbiter', 'das2_srv_arbiter');

const stream = folder.write('stream.d2s', STREAM);
const define = (name: string, text: string) =>
  folder.write(`datasets/${name}.dsdf`, `description = 'x'\ndas2Stream = 1\n${text}\n`);
const READER = `reader = 'cat ${stream} #'`;
const SOURCES = ['A/a', 'A/b', 'B/c', 'd'];
for (const id of SOURCES) define(id, `${READER}\nvalidRange = '2017-03-01 to 2017-03-04'`);
define('moved', `rename = 'A/a'\n${READER}`);
define('described', "server = 'http://other.example.org/das/server'");
define('timeless', READER);
define('macro', "reader = 'cat $(nothing)'\nvalidRange = '2017-03-01 to 2017-03-04'");

let number = 0;
interface Site {
  readonly file: string;
  readonly cache: string;
  readonly broker: Broker;
}
type OpenBroker = (top: string, waiting: number) => { readonly broker: Broker; readonly setting: string };

function site(t: { teardown(action: () => unknown): unknown }, open: OpenBroker, most = 1000): Site {
  const top = join(folder.path, `site-${number++}`);
  const { broker, setting } = open(top, most);
  t.teardown(() => broker.close());
  const file = folder.write(
    `${top.slice(folder.path.length + 1)}/etc/das2server.conf`,
    `DSDF_ROOT = ../../datasets\nSTATE_ROOT = ../state\nCACHE_ROOT = ../cache\nQUEUE_MAX = ${most}\n${setting}`,
  );
  return { file, cache: join(top, 'cache'), broker };
}

const limits = { finished: 100, leaseSeconds: 30 };
const onSpool: OpenBroker = (top, waiting) => ({
  broker: spoolBroker({ folder: join(top, 'state/queue'), limits: { ...limits, waiting } }),
  setting: '',
});
let database = 0;
const onRedis: OpenBroker = (_top, waiting) => {
  const mine = ++database;
  const connection = { host: '127.0.0.1', port: redis?.port ?? 0, database: mine, tls: false, place: 'test' };
  return {
    broker: redisBroker({ connection, limits: { ...limits, waiting }, patient: true }),
    setting: `WORK_QUEUE_CONN = 127.0.0.1:${redis?.port}:${mine}\n`,
  };
};

function run([program = '', ...before]: readonly string[], file: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, [...before, '-c', file, ...args], { input: '' });
  return { status, output: stdout.toString(), errors: stderr.toString() };
}

const fieldsOf = (texts: readonly string[]): string[] =>
  texts.map((text) => parseItem(text).job.fields.join(' ').trim()).sort();
const isCounted = ({ cache }: Site, id: string): boolean => existsSync(join(cache, `coverage/${id}.json`));

const ways: readonly (readonly [string, OpenBroker, object])[] = [
  ['spool', onSpool, {}],
  ['redis', onRedis, redis === undefined ? { skip: NO_REDIS } : {}],
];

for (const [name, open, options] of ways) {
  t.test(`${name}: das2_srv_todo queues one job a source`, options, async (t) => {
    const here = site(t, open);
    const first = run(todo, here.file, 'coverage', 'all');
    t.equal(first.status, 0, first.errors);
    t.equal(first.output, '4 TASK_COVERAGE jobs, one a data source; 2 data sources left out\n');
    t.match(first.errors, /^timeless is left out: the source has no validRange/m);
    t.match(first.errors, /^macro is left out: macro:\d+: reader: nothing is known/m);
    t.notMatch(first.errors, /moved|described/);
    t.same(fieldsOf(await here.broker.list('todo')), SOURCES);
    const again = JSON.parse(run(todo, here.file, 'coverage', 'ALL', '--json').output);
    t.match(again, { planned: 4, queued: 0, duplicate: 4, notQueued: 0 });
    t.same(again.leftOut.map(({ dataset }: { readonly dataset: string }) => dataset).sort(), ['macro', 'timeless']);
    t.match(run(todo, here.file, 'coverage', 'ALL').output, /: 0 queued, 4 queued or under way already\n$/);
    t.equal(await here.broker.count('todo'), 4);
    // Other days are other work.
    const part = run(todo, here.file, 'coverage', 'ALL', '2017-03-02', '2017-03-03');
    t.match(part.output, /^5 TASK_COVERAGE jobs/, 'a range tells the times of a source that does not');
    t.match(run(todo, here.file, 'coverage', 'ALL', '2018', '2019').output, /^1 TASK_COVERAGE job,.*; 5 data/);
    t.equal(run(todo, here.file, 'coverage', 'ALL', '2019', '2018').status, 13);
    t.equal(await here.broker.count('todo'), 10);

    const worked = run(arbiter, here.file, '--once', '-n', '3');
    t.equal(worked.status, 0, worked.errors);
    const done = (await here.broker.list('finished')).map(parseItem);
    t.equal(done.length, 10);
    t.ok(done.every((item) => item.stage === 'finished' && (item.code === 0 || item.code === 16)));
    t.ok(SOURCES.every((id) => isCounted(here, id)));
  });

  t.test(`${name}: no more than QUEUE_MAX`, options, async (t) => {
    const here = site(t, open, 3);
    const full = run(todo, here.file, 'coverage');
    t.equal(full.status, 15);
    t.match(full.output, /: 3 queued, 1 not queued, the queue is full \(QUEUE_MAX\)\n$/);
    t.match(full.errors, /the queue is full \(QUEUE_MAX\); not queued: /);
    t.equal(await here.broker.count('todo'), 3);
    const plan = run(todo, here.file, '-n', '--json', 'coverage');
    t.match(plan, { status: 0, errors: /would queue 4 TASK_COVERAGE jobs/ });
    t.equal(JSON.parse(plan.output).jobs.length, 4);
  });

  t.test(`${name}: one job for all, of an older producer`, options, async (t) => {
    const here = site(t, open);
    const old = (dataset: string) =>
      waitingText(makeJob({ category: 'TASK_COVERAGE', fields: [dataset, '', ''], requester: 'old', user: 'apache' }));
    await here.broker.submit(old('A/b'));
    await here.broker.submit(old('ALL'));
    const worked = run(arbiter, here.file, '--once', '-n', '1');
    t.equal(worked.status, 0, worked.errors);
    const done = (await here.broker.list('finished')).map(parseItem);
    t.same(
      done.map(({ job }) => job.fields[0]).sort(),
      ['A/a', 'A/b', 'A/b', 'ALL', 'B/c', 'd'],
      'each of them is a job of its own',
    );
    t.ok(done.every(({ job }) => job.requester === 'old' && job.user === 'apache'));
    const all = done.find(({ job }) => job.fields[0] === 'ALL');
    t.match(all, { stage: 'finished', code: 1, status: /^4 jobs queued, one a data source; .*macro/ });
    t.ok(SOURCES.every((id) => isCounted(here, id)));
  });

  t.test(`${name}: one job for all while the queue is full`, options, async (t) => {
    const here = site(t, open, 1);
    const [first] = run(todo, here.file, '-g', '-n', 'coverage', 'ALL', '', '').output.split('\n');
    t.equal(await here.broker.submit(first ?? ''), 'queued');
    const worked = run(arbiter, here.file, '--once', '-n', '1');
    t.equal(worked.status, 0, worked.errors);
    const done = (await here.broker.list('finished')).map(parseItem);
    t.match(
      done.find(({ job }) => job.fields[0] === 'ALL'),
      { stage: 'finished', code: 1, status: /^1 job queued, one a data source; coverage of 3 of 4 data sources; / },
    );
    t.ok(
      SOURCES.every((id) => isCounted(here, id)),
      'nothing is lost',
    );
    t.equal(await here.broker.count('todo'), 0);
  });
}
