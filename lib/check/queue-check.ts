/**
 * Can jobs be queued, and does anybody do them? Clients get their data without either, so nobody complains; only the cache stays empty.
 */
import type { Configuration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import type { Broker } from '../queue/broker.js';
import { BrokerUnreachable } from '../queue/broker-error.js';
import { tryParseItem } from '../queue/item.js';
import { openBroker } from '../queue/open-broker.js';
import type { Findings } from './findings.js';

/** Between two attempts of one job there is less than half of this. */
const PATIENCE_MS = 3600e3;
const CLIENTS = 'get their data, but nothing new comes into the cache, and exports by a worker wait';

/** Opens the queue as a request would, looks, and changes nothing. */
export async function checkQueue(configuration: Configuration, all: Findings): Promise<void> {
  const findings = all.about('queue');
  try {
    const broker = await openBroker(configuration);
    if (broker === undefined) return;
    try {
      await checkProgress(broker, findings);
    } finally {
      await broker.close();
    }
  } catch (error) {
    const message = errorDetail(error);
    if (error instanceof BrokerUnreachable) findings.warning('queue-unreachable', message, { clients: CLIENTS });
    else {
      findings.error('queue-setting', message, {
        clients: CLIENTS,
        advice: 'correct WORK_QUEUE_CONN, or set WORK_QUEUE_BROKER = spool; the worker does not start either',
      });
    }
  }
}

/** A job that has waited for long while nobody works on any. */
async function checkProgress(broker: Broker, findings: Findings): Promise<void> {
  const oldest = await broker.oldest();
  const parsed = oldest === undefined ? undefined : tryParseItem(oldest);
  if (parsed === undefined || typeof parsed === 'string') return;
  const { requestTime } = parsed.job;
  const age = Date.now() - Date.parse(`${requestTime}Z`);
  if (!(age >= PATIENCE_MS) || (await broker.working()).length > 0) return;
  const count = await broker.count('todo');
  const jobs = count === 1 ? 'a job waits' : `${count} jobs wait, one`;
  findings.warning('queue-idle', `${jobs} since ${requestTime}, and no worker does any`, {
    clients: CLIENTS,
    advice: 'start das2_srv_arbiter; its log says why if it runs',
  });
}
