/** Jobs whose blocks cannot be made: what of them later jobs try again, on each kind of queue, by a slot without a process around it. */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { failedRows } from '../../../lib/cache/administration/failed-list.js';
import { levelPlace } from '../../../lib/cache/level/place.js';
import type { Broker } from '../../../lib/queue/broker.js';
import { makeJob, parseItem, waitingText } from '../../../lib/queue/item.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { Pauses } from '../../../lib/worker/arbiter/pauses.js';
import { Slot } from '../../../lib/worker/arbiter/slot.js';
import { WorkerMetrics } from '../../../lib/worker/metrics/metrics.js';
import { planJobs } from '../../../lib/worker/todo/add.js';
import { endedJobs, retryJob } from '../../../lib/worker/todo/change.js';
import { cacheSite, type TestSite } from '../../cache/site.js';
import { A, queues } from '../../queue/brokers.js';

const { check } = await queues();
const LEVEL = ["cacheLevel_00 = 'intrinsic | hourly'", "reader = 'broken'"];
const BROKEN = '#!/bin/sh\necho "$1" >> "$(dirname "$0")/tries"\necho "tape broke" >&2\nexit 3\n';

/** A job as a request queues it. */
function wanted(begin: string, end: string): string {
  const fields = ['T/S', `2017-03-01T${begin}:00`, `2017-03-01T${end}:00`, '0'];
  return waitingText(makeJob({ category: 'TASK_CACHE', fields, requester: 'host/das/server', remote: '192.0.2.9' }));
}

function brokenSite(t: Test): TestSite {
  const site = cacheSite(t, LEVEL);
  site.program('broken', BROKEN);
  appendFileSync(join(site.folder, 'bin/tries'), '');
  return site;
}

const tries = (site: TestSite): number => readFileSync(join(site.folder, 'bin/tries'), 'utf8').split('\n').length - 1;

/** Does what waits; how the jobs ended, the latest first. */
async function work(site: TestSite, broker: Broker) {
  const none = (): void => {};
  const slot = new Slot({
    broker,
    holder: A,
    log: { error: none, info: none, debug: none },
    metrics: new WorkerMetrics(),
    pauses: new Pauses(),
    site: () => ({ configuration: site.configuration, sources: new SourceTree(site.configuration) }),
    stop: new AbortController().signal,
    once: true,
    leaseSeconds: 1,
  });
  await slot.run();
  return (await broker.list('finished')).map(parseItem);
}

check('a block that has failed costs requests one attempt, and administrators none', async (t, open) => {
  const [site, broker] = [brokenSite(t), open()];
  await broker.submit(wanted('02', '03'));
  t.match(await work(site, broker), [{ code: 13, status: /1 failed \(1 reader\).*tape broke/ }]);
  const first = tries(site);
  t.ok(first > 0);
  // Asked for before anybody knew, or by an older web program that does not.
  await broker.submit(wanted('02', '04'));
  await broker.submit(wanted('01', '03'));
  const [later, other] = await work(site, broker);
  t.match([other, later], [{ code: 13, status: /1 reader, 1 held|1 held, 1 reader/ }, { code: 13 }]);
  const begins = readFileSync(join(site.folder, 'bin/tries'), 'utf8').split('\n').slice(first, -1);
  t.same([...new Set(begins)].sort(), ['2017-03-01T01:00', '2017-03-01T03:00'], 'only the others were tried');

  const before = tries(site);
  const [row] = await endedJobs(broker, 'all-failed');
  if (row === undefined) throw new Error('no job has failed');
  t.equal((await retryJob(broker, row, false)).outcome, 'queued');
  await work(site, broker);
  t.ok(tries(site) > before, 'todo --retry tries at once');
  const again = tries(site);
  const words = ['T/S', '2017-03-01T02:00', '2017-03-01T03:00', '0'];
  for (const item of (await planJobs('TASK_CACHE', words, site.configuration)).items) await broker.submit(item);
  await work(site, broker);
  t.ok(tries(site) > again, 'todo cache tries at once');
});

check('a job that takes its workers along is not asked for again at once', async (t, open) => {
  const [site, broker] = [brokenSite(t), open()];
  const item = wanted('02', '03');
  await broker.submit(item);
  for (let i = 0; i < 4; i++) {
    const dead = open();
    t.equal(await dead.take(A, 0.1), item);
    if (i < 3) t.match(await broker.reclaim(A, { ended: true }), [{ outcome: 'requeued' }]);
  }
  t.match(await work(site, open()), [{ code: 14 }]);
  const place = levelPlace(site.configuration, site.source(), site.level(0));
  if (place === undefined) throw new Error('there is no cache');
  t.match(failedRows(place, Date.now()), [
    { begin: '2017-03-01T02:00', end: '2017-03-01T03:00', attempts: 1, reason: 'its worker was lost each time' },
  ]);
  t.equal(tries(site), 0);
});
