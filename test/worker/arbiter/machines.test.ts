/**
 * Several machines: two workers and a front, each in a network of its own, with one Redis and one shared folder. Both workers build; one
 * dies in the middle of a job, and the other one finishes; the front serves what they have built.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { sha1 } from '../../../lib/queue/identity.js';
import { readAnswer } from '../../faults/engine/answers.js';
import { Programs, pause, type RunningWorker } from '../../faults/engine/programs.js';
import { DAYS, dayText, recordLines } from '../../faults/engine/reader.js';
import { makeSite, SOURCE } from '../../faults/engine/site.js';
import { BIN } from '../../tools/apache.js';
import { makeNetwork, namespacesMissing } from '../../tools/network-namespaces.js';
import { NO_REDIS } from '../../tools/redis-server.js';

const PATIENCE_MS = 120_000;
const LEASE_SECONDS = 4;
const PORT = 6379;
const ALL_DAYS = Array.from({ length: DAYS }, (_none, day) => day);

async function until(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await ask())) {
    if (Date.now() > end) throw new Error(`it did not happen: ${what}`);
    await pause(100);
  }
}

const missing = namespacesMissing() ?? new Programs(BIN, '').missing;

t.test('two workers and a front', missing === undefined ? {} : { skip: missing }, async (t) => {
  const network = makeNetwork(['worker1', 'worker2', 'front']);
  t.teardown(() => network.remove());
  const site = makeSite([`WORK_QUEUE_CONN = ${network.hub.address}:${PORT}:0`]);
  t.teardown(() => site.remove());

  const listening = [
    '--bind',
    network.hub.address,
    '--port',
    String(PORT),
    '--protected-mode',
    'no',
    '--dir',
    site.folder,
  ];
  const [command = '', ...words] = [...network.hub.prefix, 'redis-server', ...listening, '--appendonly', 'yes'];
  const redis = spawn(command, words, { stdio: 'ignore' });
  t.teardown(async () => {
    redis.kill('SIGKILL');
    if (redis.exitCode === null && redis.signalCode === null) await once(redis, 'exit');
  });

  const [first, second, front] = network.machines.map(({ prefix }) => {
    const programs = new Programs(BIN, site.configuration, prefix);
    t.teardown(() => programs.endAll());
    return programs;
  }) as [Programs, Programs, Programs];
  const todo = async (list: string): Promise<readonly Record<string, unknown>[]> => {
    const { bytes } = await front.tool('das2_srv_todo', [`--list-${list}`, '--json']);
    return (JSON.parse(bytes.toString() || '{}') as Record<string, Record<string, unknown>[]>)[list] ?? [];
  };
  await until(
    'Redis answers',
    async () => (await front.tool('das2_srv_todo', ['-t'])).status === 0 || redis.exitCode !== null,
  );
  if (redis.exitCode !== null) {
    t.pass(NO_REDIS, { skip: NO_REDIS });
    return;
  }

  const ask = async (day: number, resolution = ''): Promise<readonly string[]> => {
    const range = `start_time=${dayText(day)}&end_time=${dayText(day + 1)}`;
    const output = await front.front(`server=dataset&dataset=${SOURCE}&${range}${resolution}`);
    const answer = readAnswer(output);
    if ('failure' in answer) throw new Error(`day ${day}: ${answer.failure}`);
    return answer.records;
  };
  /** Does something with the locks of the blocks of all days. */
  const lock = (command: string, words: (name: string) => readonly string[]): void => {
    for (const day of ALL_DAYS) {
      const [year, month] = dayText(day).split('-');
      const name = `das2_lock_${sha1(`data/${SOURCE}/_noparam/intrinsic/${year}/${month}/${dayText(day)}_intrinsic.d2s`)}`;
      const [program = '', ...before] = [...network.hub.prefix, 'redis-cli', '-h', network.hub.address];
      const { status, stdout } = spawnSync(program, [...before, '-p', String(PORT), command, ...words(name)]);
      t.match({ status, said: stdout.toString() }, { status: 0, said: /^(?:OK|1)\n$/ });
    }
  };
  const recordsOf = (day: number): string[] =>
    recordLines().flatMap((line) => (line.startsWith(`:01:${dayText(day)}`) ? [`${line.slice(4)}\n`] : []));
  const ended = (worker: RunningWorker): number => worker.errors().match(/ended with 0/g)?.length ?? 0;

  t.comment('requests from the front, before there is any worker');
  for (const day of ALL_DAYS) t.same(await ask(day), recordsOf(day), `day ${day}, live`);
  t.equal((await todo('todo')).length, DAYS, 'a job for each day that is missing');

  t.comment('both workers build, once each of them has begun: until then the blocks are locked');
  lock('SET', (name) => [name, 'elsewhere-1-0', 'PX', '600000']);
  const workers = [first.worker(LEASE_SECONDS), second.worker(LEASE_SECONDS)] as const;
  const holders = async (): Promise<string> => (await todo('working')).map(({ holder }) => holder).join(' ');
  const bothAreAtIt = async (): Promise<boolean> => /worker1-.*worker2-|worker2-.*worker1-/.test(await holders());
  await until('both have begun', bothAreAtIt);
  lock('DEL', (name) => [name]);
  await until('all jobs are done', async () => (await todo('done')).length === DAYS);
  const allAreGood = async (): Promise<void> => {
    for (const { code, status } of await todo('done')) t.ok(code === 0 || code === 16, `code ${code}: ${status}`);
  };
  await allAreGood();
  for (const [i, worker] of workers.entries())
    t.ok(ended(worker) > 0, `worker ${i + 1} has built ${ended(worker)} days`);
  t.equal(ended(workers[0]) + ended(workers[1]), DAYS, 'each day once');

  t.comment('one dies in the middle of a job');
  site.setReader('hang', [0, 1, 2, 3]);
  for (const day of [0, 1, 2, 3])
    await first.tool('das2_srv_todo', ['cache', SOURCE, dayText(day), dayText(day + 1), '1']);
  await until('both are at it', bothAreAtIt);
  workers[0].signal('SIGKILL');
  await workers[0].ended();
  site.setReader();
  await until('the other one finishes', async () => {
    for (const { id } of await todo('todo')) await second.tool('das2_srv_todo', ['--front', '--id', String(id)]);
    return (await todo('done')).length === DAYS + 4;
  });
  t.match(workers[1].errors(), /requeued, from lost worker worker1-/);
  await allAreGood();
  t.same(await todo('working'), []);

  t.comment('the front serves from the cache: the reader can do nothing any more');
  site.setReader('exit', ALL_DAYS);
  for (const day of ALL_DAYS) t.same(await ask(day), recordsOf(day), `day ${day}, cached`);
  for (const day of [0, 1, 2, 3]) t.equal((await ask(day, '&resolution=900')).length, 96, `day ${day}, 15 minutes`);

  workers[1].signal('SIGKILL');
  await workers[1].ended();
});
