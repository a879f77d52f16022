/** Slots in one process: limits, order, those who leave, those who were killed; in files and in memory. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isRunning, machineMark, ownIdentity } from '../../../lib/pipeline/process/process-identity.js';
import { admit } from '../../../lib/pipeline/slots/admit.js';
import type { Slot } from '../../../lib/pipeline/slots/slot-queue.js';
import { type SlotOptions, takeSlot } from '../../../lib/pipeline/slots/take-slot.js';
import { readTickets, type Ticket, ticketName } from '../../../lib/pipeline/slots/ticket-store.js';
import { temporaryFolder } from '../tools.js';

/** Names of the tickets of all machines. */
function ticketsBelow(stateRoot: string): string[] {
  const folder = join(stateRoot, 'pipelines');
  return readdirSync(folder).flatMap((machine) => readdirSync(join(folder, machine)));
}

for (const kind of ['files', 'memory'] as const) {
  t.test(`slots in ${kind}`, async (t) => {
    const stateRoot = kind === 'files' ? temporaryFolder(t) : undefined;
    const take = (options: Partial<SlotOptions> = {}): Promise<Slot> =>
      takeSlot({ stateRoot, most: 3, mostPerAddress: 2, address: '192.0.2.1', waitSeconds: 0.1, ...options });
    const busy = { code: 'overload', status: 503, data: { retryAfter: 5 } };

    const a = await take();
    const b = await take();
    await t.rejects(take(), { ...busy, message: /your address/ }, 'the share of one address');
    const c = await take({ address: '2001:db8::1' });
    await t.rejects(take({ address: '192.0.2.3' }), { ...busy, message: /all clients/ }, 'all of them');
    a.release();
    a.release();
    const d = await take({ address: '192.0.2.3' });
    d.release();

    const waiting = take({ waitSeconds: 10, address: '192.0.2.4' });
    const blocked = take({ waitSeconds: 10, address: '192.0.2.4' });
    const e = await waiting;
    setTimeout(() => b.release(), 50);
    const f = await blocked;
    t.ok(f.waitedMs >= 40, 'says how long it took');
    for (const slot of [c, e, f]) slot.release();
    if (stateRoot !== undefined) t.same(ticketsBelow(stateRoot), [], 'nothing is left');

    const own = await take();
    const own2 = await take();
    const greedy = Promise.allSettled(Array.from({ length: 5 }, () => take({ waitSeconds: 1 })));
    const other = await take({ address: '192.0.2.9' });
    t.pass('those who wait for their share do not keep others');
    for (const slot of [own, own2, other]) slot.release();
    for (const result of await greedy) if (result.status === 'fulfilled') result.value.release();

    const uncounted = await Promise.all([1, 2, 3].map(() => take({ mostPerAddress: undefined })));
    for (const slot of uncounted) slot.release();
    const many = Array.from({ length: 20 }, () => take({ most: undefined, mostPerAddress: undefined }));
    t.equal((await Promise.all(many)).length, 20, 'no limit');
  });
}

t.test('first come, first served', async (t) => {
  const stateRoot = temporaryFolder(t);
  const first = await takeSlot({ stateRoot, most: 1, waitSeconds: 10 });
  const order: number[] = [];
  const rest = Array.from({ length: 12 }, async (_, i) => {
    const slot = await takeSlot({ stateRoot, most: 1, waitSeconds: undefined });
    order.push(i);
    slot.release();
  });
  first.release();
  await Promise.all(rest);
  t.same(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

t.test('a client that leaves need not wait, and is out of the row', async (t) => {
  const stateRoot = temporaryFolder(t);
  const options = { stateRoot, most: 1, mostPerAddress: 1, address: 'x', waitSeconds: 100 };
  const slot = await takeSlot(options);
  await t.rejects(takeSlot({ ...options, gone: AbortSignal.timeout(50) }), { code: 'overload' });
  await t.rejects(takeSlot({ ...options, gone: AbortSignal.abort() }), { code: 'overload' });
  t.equal(ticketsBelow(stateRoot).length, 1);
  slot.release();
});

t.test('slots of processes that are gone do not count, other files are left alone', async (t) => {
  const stateRoot = temporaryFolder(t);
  const folder = join(stateRoot, 'pipelines', machineMark());
  mkdirSync(folder, { recursive: true });
  const child = spawn('sleep', ['100']);
  t.teardown(() => child.kill());
  const gone = '000000000001-99999999-1-1-x';
  const usedAgain = `000000000002-${child.pid}-1-1-x`;
  const running = `000000000003-${child.pid}-0-1-x`;
  for (const name of [gone, usedAgain, running, 'README']) writeFileSync(join(folder, name), '');
  const options = { stateRoot, address: 'x', waitSeconds: 0.05, most: 2 };
  const slot = await takeSlot(options);
  t.notOk(readdirSync(folder).some((name) => name === gone || name === usedAgain));
  await t.rejects(takeSlot(options), { code: 'overload' }, 'those who run do count');
  slot.release();
  t.same(readdirSync(folder).sort(), [running, 'README']);
});

t.test('after a reboot, and on another machine, counting starts afresh', async (t) => {
  const stateRoot = temporaryFolder(t);
  const { processId, startedAt } = ownIdentity();
  const folder = join(stateRoot, 'pipelines');
  for (const machine of ['0123456789abcdef', 'fedcba9876543210']) {
    mkdirSync(join(folder, machine), { recursive: true });
    writeFileSync(join(folder, machine, `000000000001-${processId}-${startedAt}-1-x`), '');
  }
  const long = Date.now() / 1000 - 5 * 86_400;
  utimesSync(join(folder, '0123456789abcdef'), long, long);
  const slot = await takeSlot({ stateRoot, most: 1, waitSeconds: 0 });
  t.same(readdirSync(folder).sort(), ['fedcba9876543210', machineMark()].sort(), 'what nobody uses is removed');
  slot.release();
});

t.test('a folder that is cleared away or cannot be used', async (t) => {
  const stateRoot = temporaryFolder(t);
  const options = { stateRoot, most: 1, waitSeconds: 5 };
  const slot = await takeSlot(options);
  const waiting = takeSlot(options);
  await new Promise((resolve) => setTimeout(resolve, 30));
  rmSync(join(stateRoot, 'pipelines'), { recursive: true });
  (await waiting).release();
  slot.release();

  const reasons: string[] = [];
  const file = join(stateRoot, 'file');
  writeFileSync(file, '');
  const own = { most: 1, waitSeconds: 0, kind: 'plots', unshared: (reason: string) => void reasons.push(reason) };
  const inMemory = await takeSlot({ ...own, stateRoot: file });
  await t.rejects(
    takeSlot({ ...own, stateRoot: join(stateRoot, 'no/such') }),
    { code: 'overload' },
    'this process still counts',
  );
  inMemory.release();
  t.same(reasons, ['ENOTDIR', 'ENOENT']);
  (await takeSlot({ ...own, stateRoot: join(stateRoot, 'a/b'), mayCreate: true })).release();
  t.equal(reasons.length, 2, 'a folder that may be made is made');
});

t.test('who may pass', (t) => {
  const rowOf = (text: string): Ticket[] =>
    readTickets(text.split(' ').map((address, i) => ticketName(i + 1, address)));
  const passing = (text: string, total: number, perAddress: number): string => {
    const tickets = rowOf(text);
    const { admitted } = admit(tickets, { total, perAddress });
    return tickets.map((ticket) => (admitted.has(ticket.name) ? 'x' : '-')).join('');
  };
  t.equal(passing('a a a b b c', 4, 2), 'xx-xx-');
  t.equal(passing('a a a b b c', 5, 2), 'xx-xxx');
  t.equal(passing('~ ~ ~ a', 3, 1), 'xxx-');
  t.equal(passing('a a a', 9, 1), 'x--');
  t.same(readTickets(['../x', '000000000001-1-1-1-', 'a', '000000000001-1-1-1-a/b']), []);
  t.match(readTickets([ticketName(7, '../../etc\n')])[0], { place: 7, address: '.._.._etc_' });
  t.end();
});

t.test('processes', (t) => {
  const own = ownIdentity();
  t.ok(isRunning(own));
  t.notOk(isRunning({ ...own, startedAt: own.startedAt + 1 }));
  t.notOk(isRunning({ processId: 99_999_999, startedAt: 5 }));
  t.match(machineMark(), /^[0-9a-f]{16}$/);
  t.end();
});
