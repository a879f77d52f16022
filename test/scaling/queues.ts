/**
 * Long queues: what it costs to add, take and end a job, to look at the newest ones, and what memory or disk they take, with more and more
 * jobs waiting. The queue is filled in the quickest way its store has; then the broker itself is used.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { Broker } from '../../lib/queue/broker.js';
import { itemKey } from '../../lib/queue/identity.js';
import { finishedText, itemTime, makeJob, waitingText } from '../../lib/queue/item.js';
import { redisBroker } from '../../lib/queue/redis/broker.js';
import { spoolBroker } from '../../lib/queue/spool/broker.js';
import { spoolName } from '../../lib/queue/spool/names.js';
import { dateFromDay } from '../../lib/stream/calendar.js';
import { redisServer } from '../tools/redis-server.js';
import { bytes, count, fastestMs, ms, type Point } from './points.js';

const RUNS = 51;
const HOLDER = 'host-1-0';
const DAYS = 7305;

/** A job as the front makes it; each number is another one. */
function item(number: number): string {
  const { year, month, dayOfMonth } = dateFromDay(number % DAYS);
  const date = `${year}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;
  const dataset = `Mission/Instrument_${Math.floor(number / DAYS)}`;
  const fields = [dataset, date, `${year + 1}-01-01`, '1'];
  return waitingText(
    makeJob({ category: 'TASK_CACHE', fields, requester: 'das.example.org/das/server', remote: '192.0.2.1', time: 0 }),
  );
}

async function useBroker(broker: Broker, from: number): Promise<Record<string, string>> {
  const submit = await fastestMs(RUNS, (run) => broker.submit(item(from + run)));
  const takes: number[] = [];
  const finish = await fastestMs(RUNS, async () => {
    let taken = '';
    takes.push(
      await fastestMs(1, async () => {
        taken = (await broker.take(HOLDER, 0.01)) ?? '';
      }),
    );
    const now = itemTime(Date.now());
    await broker.finish(HOLDER, finishedText(taken, { begin: now, status: 'done', end: now, code: 0 }));
  });
  return {
    add: ms(submit),
    take: ms(Math.min(...takes)),
    'take and end': ms(finish),
    count: ms(await fastestMs(RUNS, () => broker.count('todo'))),
    'newest 50': ms(await fastestMs(5, () => broker.list('todo', 50))),
    'first look at all workers': ms(await fastestMs(1, () => broker.working())),
    'what is being done': ms(await fastestMs(5, () => broker.working())),
    'jobs of lost workers': ms(await fastestMs(5, () => broker.reclaim())),
  };
}

/** A short lease: nobody looks for lost workers on a server that is younger than one. */
const limits = { waiting: 1e9, finished: 1000, leaseSeconds: 1 };

/** The spool folder. */
export async function measureSpool(folder: string, sizes: readonly number[]): Promise<Point[]> {
  const points: Point[] = [];
  for (const size of sizes) {
    const queue = join(folder, `spool-${size}`);
    for (const name of ['todo', 'pending']) mkdirSync(join(queue, name), { recursive: true });
    for (let i = 0; i < size; i++) {
      writeFileSync(join(queue, 'todo', spoolName('normal')), item(i));
      writeFileSync(join(queue, 'pending', itemKey(item(i))), '');
    }
    const broker = spoolBroker({ folder: queue, limits });
    points.push({ what: 'spool queue', size: `${count(size)} jobs`, values: await useBroker(broker, size) });
    await broker.close();
  }
  return points;
}

/** A Redis of our own, as it comes, without persistence so that only it is measured. */
export async function measureRedis(sizes: readonly number[]): Promise<Point[]> {
  const ends: (() => unknown)[] = [];
  try {
    const server = await redisServer({ teardown: (end) => ends.push(end) }, ['--appendonly', 'no']);
    if (server === undefined) return [];
    const points: Point[] = [];
    let filled = 0;
    const empty = await usedMemory(server.port);
    for (const size of sizes) {
      const begin = performance.now();
      await fill(server.port, filled, size);
      const each = (performance.now() - begin) / (size - filled);
      filled = size + RUNS;
      const connection = { host: '127.0.0.1', port: server.port, database: 0, tls: false, place: 'test' };
      const broker = redisBroker({ connection, limits, patient: false });
      const used = (await usedMemory(server.port)) - empty;
      points.push({
        what: 'queue in Redis',
        size: `${count(size)} jobs`,
        values: { memory: bytes(used), 'in bulk, each': ms(each), ...(await useBroker(broker, size)) },
      });
      await broker.close();
    }
    return points;
  } finally {
    for (const end of ends) await end();
  }
}

/** Sends commands in bulk: the same keys that `submit` makes. */
function fill(port: number, from: number, to: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('error', reject);
    socket.on('data', (data: Buffer) => {
      if (data.includes('+PONG')) socket.end(resolve);
    });
    const command = (...words: string[]): string =>
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
    let next = from;
    const more = (): void => {
      while (next < to) {
        const text = item(next++);
        const bulk =
          command('LPUSH', 'das2_todo', text) + command('SET', `das2_pend_${itemKey(text)}`, '1', 'EX', '86400');
        if (!socket.write(bulk)) {
          socket.once('drain', more);
          return;
        }
      }
      socket.write(command('PING'));
    };
    more();
  });
}

function usedMemory(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = createConnection(port, '127.0.0.1', () => socket.write('INFO memory\r\n'));
    socket.on('error', reject);
    socket.on('data', (data: Buffer) => {
      text += data.toString();
      const used = /used_memory:(\d+)\r\n/.exec(text)?.[1];
      if (used === undefined) return;
      socket.destroy();
      resolve(Number(used));
    });
  });
}
