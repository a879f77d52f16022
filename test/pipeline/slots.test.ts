import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type SlotOptions, takeSlot } from '../../lib/pipeline/slots.js';
import { temporaryFolder } from './tools.js';

for (const kind of ['files', 'memory'] as const) {
  t.test(`slots in ${kind}`, async (t) => {
    const stateRoot = kind === 'files' ? temporaryFolder(t) : '/nonexistent';
    const take = (options: Partial<SlotOptions> = {}) =>
      takeSlot({ stateRoot, most: 3, mostPerAddress: 2, address: '192.0.2.1', waitSeconds: 0.1, ...options });
    const busy = { code: 'overload', status: 503, data: { retryAfter: 5 } };

    const a = await take();
    const b = await take();
    await t.rejects(take(), busy, 'the share of one address');
    const c = await take({ address: '2001:db8::1' });
    await t.rejects(take({ address: '192.0.2.3' }), busy, 'all of them');
    await t.rejects(take({ address: '192.0.2.1', mostPerAddress: undefined }), busy);
    a.release();
    a.release();
    const d = await take({ address: '192.0.2.3' });
    d.release();

    const waiting = take({ waitSeconds: 10, address: '192.0.2.4' });
    const blocked = take({ waitSeconds: 10, address: '192.0.2.4', most: 3 });
    const e = await waiting;
    setTimeout(() => b.release(), 50);
    const f = await blocked;
    for (const slot of [c, e, f]) slot.release();
    if (kind === 'files') t.same(readdirSync(join(stateRoot, 'pipelines')), [], 'nothing is left');

    const own = await take();
    const own2 = await take();
    const greedy = Array.from({ length: 5 }, () => take({ waitSeconds: 1 }));
    const settled = Promise.allSettled(greedy);
    const other = await take({ address: '192.0.2.9' });
    t.pass('those who wait for their share do not keep others');
    for (const slot of [own, own2, other]) slot.release();
    for (const result of await settled) if (result.status === 'fulfilled') result.value.release();
  });
}

t.test('a client that leaves need not wait', async (t) => {
  const stateRoot = temporaryFolder(t);
  const options = { stateRoot, most: 1, mostPerAddress: 1, address: 'x', waitSeconds: 100 };
  const slot = await takeSlot(options);
  await t.rejects(takeSlot({ ...options, gone: AbortSignal.timeout(50) }), { code: 'overload' });
  slot.release();
});

t.test('slots of processes that are gone do not count, other files are left alone', async (t) => {
  const stateRoot = temporaryFolder(t);
  const folder = join(stateRoot, 'pipelines');
  mkdirSync(folder);
  writeFileSync(join(folder, 'run-1700000000000-99999999-1-x'), '');
  writeFileSync(join(folder, 'README'), '');
  const slot = await takeSlot({ stateRoot, most: 1, mostPerAddress: 1, address: 'x', waitSeconds: 0 });
  t.equal(readdirSync(folder).length, 2);
  slot.release();
  t.same(readdirSync(folder), ['README']);
});
