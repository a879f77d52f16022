/** What a worker does beside its jobs, without the process around it. */
import t from 'tap';
import { Configuration } from '../../../lib/conf/configuration.js';
import { BrokerUnreachable } from '../../../lib/queue/broker-error.js';
import { spoolBroker } from '../../../lib/queue/spool/broker.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { Pauses } from '../../../lib/worker/arbiter/pauses.js';
import { keepUp } from '../../../lib/worker/arbiter/upkeep.js';
import { WorkerMetrics } from '../../../lib/worker/metrics/metrics.js';
import { LIMITS, spoolFolder } from '../../queue/brokers.js';

const HOUR_MS = 3_600_000;

t.test('slots that wait for a queue out of reach hear that it answers again', async (t) => {
  const top = spoolFolder(t);
  const broker = spoolBroker({ folder: `${top}/queue`, limits: LIMITS });
  let asked = 0;
  broker.count = async () => {
    if (++asked < 3) throw new BrokerUnreachable('test', 'gone');
    return 0;
  };
  const pauses = new Pauses();
  const configuration = new Configuration(`DSDF_ROOT = ${top}\n`, { file: 'das2server.conf', prefix: top });
  const log = (): void => {};
  const stop = new AbortController();
  const facts = { slots: [], broker, pauses, metrics: new WorkerMetrics(), leaseSeconds: 0.1 };
  const kept = keepUp(
    {
      ...facts,
      log: { error: log, info: log, debug: log },
      site: () => ({ configuration, sources: new SourceTree(configuration) }),
    },
    stop.signal,
  );
  // As long as that is no test; it ends when the queue answers.
  await Promise.all([pauses.wait(HOUR_MS, stop.signal), pauses.wait(HOUR_MS, stop.signal)]);
  t.equal(asked, 3);
  t.equal(pauses.any, false);
  stop.abort();
  await kept;
});
