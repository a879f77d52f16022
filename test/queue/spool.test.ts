/** What the spool folder alone must do: rights, long queues. */
import { spawnSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { sleep } from '../../lib/queue/sleep.js';
import { spoolBroker } from '../../lib/queue/spool/broker.js';
import { A, B, cacheItem, ended, inventoryItem, LIMITS, spoolFolder, until } from './brokers.js';

const NO_MOUNTS = spawnSync('unshare', ['--mount', 'true']).status !== 0 && 'mounts need root';

t.test('the spool folder is for the group, whatever the umask of the web server', async (t) => {
  const folder = spoolFolder(t);
  const umask = process.umask(0o077);
  t.teardown(() => process.umask(umask));
  const top = join(folder, 'state/queue');
  await spoolBroker({ folder: top, limits: LIMITS }).submit(cacheItem(1));
  for (const name of ['', 'todo', 'pending', '..']) t.equal(statSync(join(top, name)).mode & 0o777, 0o770, name);
  const [item = ''] = readdirSync(join(top, 'todo'));
  t.equal(statSync(join(top, 'todo', item)).mode & 0o777, 0o660);
});

t.test('a job that could not be written may be asked for again', async (t) => {
  const top = join(spoolFolder(t), 'queue');
  const open = () => spoolBroker({ folder: top, limits: LIMITS });
  const broker = open();
  await broker.submit(cacheItem(1));
  rmSync(join(top, 'todo'), { recursive: true });
  await t.rejects(broker.submit(cacheItem(2)), { message: /cannot be used/ });
  t.equal(await open().submit(cacheItem(2)), 'queued');
});

t.test('a disk that takes only a part of a file', { skip: NO_MOUNTS }, (t) => {
  const folder = spoolFolder(t);
  const files = new URL('../../lib/queue/spool/files.ts', import.meta.url).href;
  const code = `import { writeWhole } from ${JSON.stringify(files)};
try { writeWhole(process.argv[1] + '/file', 'x'.repeat(7000)); } catch (error) { console.log(error.code); }`;
  const script = 'mount -t tmpfs -o size=4k none "$1" && "$2" $3 --input-type=module -e "$4" "$1"; ls -A "$1"';
  const loader = '--import=./test/tools/typescript-loader.mjs';
  const words = ['--mount', 'sh', '-c', script, 'sh', folder, process.execPath, loader, code];
  const { stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8' });
  t.equal(stdout, 'ENOSPC\n', stderr);
  t.end();
});

t.test('a producer that is killed between its mark and its item', async (t) => {
  const top = join(spoolFolder(t), 'queue');
  const broker = spoolBroker({ folder: top, limits: LIMITS });
  const pending = (): string[] => readdirSync(join(top, 'pending'));
  const age = (name: string, seconds: number): void => {
    const then = new Date(Date.now() - seconds * 1000);
    utimesSync(join(top, 'pending', name), then, then);
  };
  await broker.submit(cacheItem(1));
  const [name = ''] = pending();
  age(name, 3600);
  t.equal(await broker.submit(cacheItem(1)), 'duplicate', 'its job waits');
  age(name, 90_000);
  t.equal(await broker.submit(cacheItem(1)), 'queued', 'no mark holds for longer than a day');
  await broker.clear('todo');
  t.same(pending(), []);
  writeFileSync(join(top, 'pending', name), '');
  t.equal(await broker.submit(cacheItem(1)), 'duplicate', 'its producer may be about to write the item');
  age(name, 11);
  t.equal(await broker.submit(cacheItem(1)), 'queued');
  t.equal(await broker.submit(cacheItem(1)), 'duplicate');
  t.equal(await broker.submit(cacheItem(1), { repeat: true }), 'queued');
  age(name, 11);
  t.equal(await broker.submit(cacheItem(1)), 'duplicate');
  t.same(pending(), [name]);
});

t.test('what a reclaimer has under way is left to it for the time of a lease', async (t) => {
  const top = join(spoolFolder(t), 'queue');
  const open = () => spoolBroker({ folder: top, limits: { ...LIMITS, leaseSeconds: 600 } });
  const worker = open();
  await worker.submit(cacheItem(1));
  await worker.beat(A, false);
  const item = await worker.take(A, 0.1);
  const taken = (since: number) => join(top, `lost_${since}-1~${A}`);
  renameSync(join(top, `working_${A}`), taken(Date.now()));
  t.same(await open().reclaim(), [], 'it has just begun');
  const [name = ''] = readdirSync(top).filter((file) => file.startsWith('lost_'));
  renameSync(join(top, name), taken(Date.now() - 3_600_000));
  t.match(await open().reclaim(), [{ holder: A, item, outcome: 'requeued' }], 'it has died, too');
  t.equal(await open().take(B, 0.1), item);
});

t.test('what a worker had that died before the clock was set back comes back', async (t) => {
  const top = join(spoolFolder(t), 'queue');
  const open = () => spoolBroker({ folder: top, limits: { ...LIMITS, leaseSeconds: 1 } });
  const worker = open();
  await worker.submit(cacheItem(1));
  await worker.beat(A, false);
  const item = await worker.take(A, 0.1);
  const reclaimed = async () => {
    for (;;) {
      const found = await open().reclaim();
      if (found.length > 0) return found;
      await sleep(50);
    }
  };
  for (const later of [86_400, 90_000].map((seconds) => new Date(Date.now() + seconds * 1000))) {
    utimesSync(join(top, `working_${A}`, 'beat'), later, later);
    t.same(await open().reclaim(), [], 'it may live, with a clock of its own');
  }
  t.match(await reclaimed(), [{ holder: A, item, outcome: 'requeued' }]);
  t.equal(await open().take(B, 0.1), item);
  renameSync(join(top, `working_${B}`), join(top, `lost_${Date.now() + 86_400_000}-1~${B}`));
  t.match(await reclaimed(), [{ holder: B, item, outcome: 'requeued' }], 'and what its reclaimer had');
});

t.test('spool: a long queue keeps its order and its bound, seen from two processes', async (t) => {
  const folder = spoolFolder(t);
  const open = () => spoolBroker({ folder, limits: { ...LIMITS, waiting: 1200 } });
  const [producer, worker] = [open(), open()];
  const items = Array.from({ length: 3000 }, (_none, number) => cacheItem(number));
  const item = (number: number) => items[number] ?? '';
  for (let i = 0; i < 1199; i++) t.equal(await producer.submit(item(i)), 'queued');
  t.equal(await worker.take(A, 0.1), item(0));
  t.equal(await worker.take(B, 0.1), item(1));
  await worker.giveBack(A);
  t.equal(await worker.take(A, 0.1), item(0), 'given back: next');
  for (const number of [2, 3]) {
    await worker.finish(A, ended(item(number)));
    t.equal(await worker.take(A, 0.1), item(number));
  }
  await worker.submit(inventoryItem());
  await worker.finish(A, ended(item(3)));
  t.match(await worker.take(A, 0.1), /INVENTORY/, 'our own first');
  t.equal(await producer.raise(item(1000)), true);
  await worker.finish(A, ended(item(3)));
  t.equal(
    await until(async () => {
      const next = await worker.take(A, 0.1);
      await worker.finish(A, ended(next ?? ''));
      return next === item(1000) ? true : undefined;
    }),
    true,
    'what another process does is seen soon',
  );
  while ((await producer.count('todo')) < 1200) await producer.submit(item(1200 + Math.floor(Math.random() * 1500)));
  t.equal(await until(async () => ((await producer.submit(item(2999))) === 'full' ? true : undefined)), true);
});
