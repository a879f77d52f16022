/** A slot of a worker on each kind of queue, without the process around it. */
import t from 'tap';
import { Configuration } from '../../../lib/conf/configuration.js';
import type { Broker } from '../../../lib/queue/broker.js';
import { makeJob, parseItem, waitingText } from '../../../lib/queue/item.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { Pauses } from '../../../lib/worker/arbiter/pauses.js';
import { Slot } from '../../../lib/worker/arbiter/slot.js';
import { WorkerMetrics } from '../../../lib/worker/metrics/metrics.js';
import { A, queues } from '../../queue/brokers.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

const { check } = await queues();
const folder = temporaryFolder(t);
folder.write('datasets/x.dsdf', "description = 'x'\ndas2Stream = 1\nreader = 'true'\n");

check('what a dead process of the same name had is a lost job, and done', async (t, open) => {
  const broker = open();
  const item = waitingText(makeJob({ category: 'TASK_LIST', fields: [], requester: 'test' }));
  await broker.submit(item);
  const dead = open();
  await dead.beat(A, false);
  t.equal(await dead.take(A, 0.1), item);
  const lines: string[] = [];
  const asked: string[] = [];
  const slot = slotOn(noting(open(), asked), lines);
  await slot.beat();
  t.same(
    (await broker.working()).map(({ holder }) => holder),
    [A],
    'a sign of life would not tell the two apart',
  );
  await slot.run();
  t.ok(lines.includes(`requeued, from a worker of the same name: ${item}`), lines.join('\n'));
  t.match((await broker.list('finished')).map(parseItem), [{ stage: 'finished', code: 0 }]);
  t.same(await broker.working(), []);
  asked.length = 0;
  await slot.beat();
  t.same(asked, [], 'a slot that has ended gives no sign of life while others of the worker go on');
});

check('a late answer about one job does not end the next one', async (t, open) => {
  const broker = open();
  const item = waitingText(makeJob({ category: 'TASK_LIST', fields: [], requester: 'test' }));
  for (let count = 0; count < 2; count++) await broker.submit(item, { repeat: true });
  const worker = open();
  let answer: (kept: boolean) => void = () => {};
  let beaten: Promise<void> | undefined;
  let notes = 0;
  const slow: Partial<Broker> = {
    beat: (holder, isBusy) => (isBusy ? new Promise((resolve) => (answer = resolve)) : worker.beat(holder, isBusy)),
    // Each job begins with a note.
    note: async (holder, text) => {
      if (++notes === 1) beaten = slot.beat();
      else {
        answer(false);
        await beaten;
      }
      return worker.note(holder, text);
    },
  };
  const slot = slotOn(new Proxy(worker, { get: (target, name) => bound(target, name, slow) }), []);
  await slot.run();
  t.equal(notes, 2);
  t.match((await broker.list('finished')).map(parseItem), [{ code: 0 }, { code: 0 }]);
});

/** A slot that ends when there is nothing to take; what it says goes to `lines`. */
function slotOn(broker: Broker, lines: string[]): Slot {
  const text = `DSDF_ROOT = ${folder.path}/datasets\nSTATE_ROOT = ${folder.path}/state\n`;
  const configuration = new Configuration(text, { file: 'das2server.conf', prefix: folder.path });
  const log = (line: string): void => void lines.push(line);
  return new Slot({
    broker,
    holder: A,
    log: { error: log, info: log, debug: log },
    metrics: new WorkerMetrics(),
    pauses: new Pauses(),
    site: () => ({ configuration, sources: new SourceTree(configuration) }),
    stop: new AbortController().signal,
    once: true,
    leaseSeconds: 1,
  });
}

/** A member of the broker, or what stands in for it. */
function bound(broker: Broker, name: string | symbol, instead: object = {}): unknown {
  if (Object.hasOwn(instead, name)) return Reflect.get(instead, name);
  const value: unknown = Reflect.get(broker, name, broker);
  return typeof value === 'function' ? value.bind(broker) : value;
}

/** The broker, with the names of what it is asked for. */
function noting(broker: Broker, asked: string[]): Broker {
  return new Proxy(broker, {
    get: (target, name) => {
      asked.push(String(name));
      return bound(target, name);
    },
  });
}
