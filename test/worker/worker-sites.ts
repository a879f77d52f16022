/**
 * Sites for das2_srv_arbiter as a process: sources with good and bad readers, a queue in a spool folder or in a real Redis, workers.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import type { Broker } from '../../lib/queue/broker.js';
import { makeJob, parseItem, waitingText } from '../../lib/queue/item.js';
import { redisBroker } from '../../lib/queue/redis/broker.js';
import { spoolBroker } from '../../lib/queue/spool/broker.js';
import { STREAM } from '../tools/build-stream.js';
import { NO_REDIS, redisServer } from '../tools/redis-server.js';
import { temporaryFolder } from '../tools/temporary-folder.js';
import { toolCommand } from '../tools/tool-driver.js';

// Before any test: tap ends a file whose tests are all through while it waits for something else.
export const redis = await redisServer(t);
export const folder = temporaryFolder(t);
export const [program = '', ...before] = await toolCommand(folder, 'srv_arbiter', 'das2_srv_arbiter');
/** Seconds. */
export const LEASE = 4;
export const limits = { waiting: 1000, finished: 100, leaseSeconds: LEASE };
const PATIENCE_MS = 60_000;

folder.write('stream.d2s', STREAM);

/** A reader of this name. */
function script(name: string, body: string): string {
  const file = folder.write(`readers/${name}`, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const stream = join(folder.path, 'stream.d2s');
/** A line for each run of `good` and `slow`: the begin that it was asked for. */
export const runs = join(folder.path, 'runs');
const READERS = {
  good: `echo "$1" >> ${runs}; cat ${stream}`,
  slow: `echo "$1" >> ${runs}; sleep 1; cat ${stream}`,
  failing: `echo 'no calibration' >&2; exit 3`,
  // Leaves its process id, and a child of its own, for the test to look for; the first run only.
  stuck: `if [ -e ${folder.path}/go-on ]; then cat ${stream}; exit 0; fi
sleep 1000 & echo "$$ $!" > ${folder.path}/stuck.tmp; mv ${folder.path}/stuck.tmp ${folder.path}/stuck; wait`,
};
for (const [name, body] of Object.entries(READERS)) {
  folder.write(
    `datasets/${name}.dsdf`,
    `description = 'x'\ndas2Stream = 1\nreader = '${script(name, body)}'\nreducer = 'not_reducible'\n` +
      "cacheLevel_00 = 'intrinsic | daily'\ncacheLevel_01 = 'intrinsic | monthly'\n",
  );
}
folder.write('datasets/bare.dsdf', "description = 'x'\ndas2Stream = 1\nreader = 'true'\n");

let number = 0;

export interface Site {
  readonly file: string;
  readonly top: string;
  readonly broker: Broker;
}

export type MakeSite = (t: Test) => Site;

/** A site of its own, with more lines of configuration. `open` opens its queue. */
export function site(t: Test, lines: string, open: (top: string) => Broker): Site {
  const name = `site-${number++}`;
  const top = join(folder.path, name);
  folder.write(`${name}/log/.keep`, '');
  const file = folder.write(
    `${name}/etc/das2server.conf`,
    `DSDF_ROOT = ../../datasets\nSTATE_ROOT = ../state\nCACHE_ROOT = ../cache\nLOG_PATH = ../log\n${lines}`,
  );
  const broker = open(top);
  t.teardown(() => broker.close());
  return { file, top, broker };
}

/** With a spool folder. */
export const spoolSite: MakeSite = (t) =>
  site(t, '', (top) => spoolBroker({ folder: join(top, 'state/queue'), limits }));
let database = 1;
/** With a database of its own in Redis. */
export const redisSite: MakeSite = (t) => {
  const connection = redisPlace();
  return site(t, `WORK_QUEUE_CONN = 127.0.0.1:${connection.port}:${connection.database}\n`, () =>
    redisBroker({ connection, limits, patient: true }),
  );
};

function redisPlace() {
  return { host: '127.0.0.1', port: redis?.port ?? 0, database: database++, tls: false, place: 'test' };
}

/** The bare Redis behind the site that was made last. */
export function bareRedis(t: Test): Redis {
  const bare = new Redis({ host: '127.0.0.1', port: redis?.port ?? 0, db: database - 1, maxRetriesPerRequest: 0 });
  bare.on('error', () => {});
  t.teardown(() => bare.disconnect());
  return bare;
}

/** A job of the cache. */
export function cacheItem(dataset: string, begin = '1979-03-01', end = '1979-03-02', level = '0'): string {
  return waitingText(makeJob({ category: 'TASK_CACHE', fields: [dataset, begin, end, level], requester: 'test' }));
}

/** A worker that ends when there is nothing more to do. */
export function runOnce(file: string, ...more: string[]) {
  const run = spawnSync(program, [...before, '-c', file, '--once', '--lease', String(LEASE), ...more]);
  return { status: run.status, errors: run.stderr.toString() };
}

export interface Worker {
  readonly child: ChildProcess;
  errors(): string;
  /** Exit status or signal. */
  ended(): Promise<number | string | null>;
}

/** A worker with one slot, killed with the test. */
export function start(t: Test, file: string, ...more: string[]): Worker {
  const child = spawn(program, [...before, '-c', file, '--lease', String(LEASE), '-n', '1', ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const exit = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  return {
    child,
    errors: () => text,
    ended: async () => child.exitCode ?? child.signalCode ?? (await exit)[0] ?? child.signalCode,
  };
}

/** Asks until there is an answer. */
export async function until<Value>(
  what: string,
  ask: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const value = await ask();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it did not happen: ${what}`);
}

/** True while there is such a process. */
export const lives = (pid: number): boolean => {
  try {
    // A zombie of a container without an init process counts as gone.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** What has ended, newest first, as soon as it is so much. */
export async function finished(broker: Broker, count: number) {
  return until(`${count} finished`, async () => {
    const texts = await broker.list('finished').catch(() => []);
    return texts.length >= count ? texts.map(parseItem) : undefined;
  });
}

/** Runs a test on each kind of queue. */
export function onEach(what: string, test: (t: Test, make: MakeSite) => Promise<void>): void {
  t.test(`spool: ${what}`, (t) => test(t, spoolSite));
  t.test(`redis: ${what}`, redis === undefined ? { skip: NO_REDIS } : {}, (t) => test(t, redisSite));
}
