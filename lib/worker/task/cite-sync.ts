/**
 * TASK_CITE_SYNC: gives the index of all machines what it did not get of a log (citation 6.3).
 *
 *     <log>/<shard>.<YYYYMM>      the rows of a segment that could not be sent
 *     <log>/ALL                   the whole log, where the index knows nothing of its past
 *     ALL                         the same, of the log of whichever machine does the job
 *
 * Contract: the log of another machine is left to its own workers, for a day; a machine that is off does not keep the queue from ever being empty.
 */
import { entryOfRow, hasCentral, openIndex } from '../../cite/central/central.js';
import type { CiteIndex } from '../../cite/central/index.js';
import { logName, sendUnsent } from '../../cite/central/own-log.js';
import { visitLog } from '../../cite/log/census.js';
import { LogStore } from '../../cite/log/store.js';
import { BrokerUnreachable } from '../../queue/broker-error.js';
import { fieldOf, RESULT } from '../../queue/item.js';
import { NotDoneHere, PutOff, RetryLater, type Task } from './task.js';

/** Another machine looks for jobs about as often. */
const OF_OTHERS_SECONDS = 30;
/** A machine that did not take its job for so long is off, or gone. When it is back it queues the job again (worker/cite/clock.ts). */
const LONGEST_WAIT_MS = 86_400_000;

export const citeSyncTask: Task = async (job, { configuration, progress, signal }) => {
  const [, name, part = ''] = /^(?:([0-9a-z]+)\/)?(ALL|[0-9a-f]{2}\.\d{6})$/.exec(fieldOf(job, 'segment') ?? '') ?? [];
  if (part === '') return { code: RESULT.refused, status: 'this is no part of a log' };
  const root = configuration.path('CITE_ROOT');
  if (root === undefined || !hasCentral(configuration))
    throw new NotDoneHere('citations of this machine are in files alone (CITE_STORE)');
  if (name !== undefined && name !== logName(root)) {
    if (Date.now() - Date.parse(`${job.requestTime}Z`) > LONGEST_WAIT_MS)
      return { code: RESULT.gaveUp, status: `no worker of the machine with the log ${name} has taken this for a day` };
    throw new PutOff('this is the log of another machine', OF_OTHERS_SECONDS);
  }
  const index = openIndex(configuration, root);
  try {
    if (part === 'ALL') {
      const count = await fillAll(index, root, { progress, signal });
      return { code: RESULT.done, status: `the index has ${count} requests of this log` };
    }
    const count = await sendUnsent(root, part, (rows) => sendRows(index, root, { rows, signal }));
    return { code: RESULT.done, status: `${count} entries were sent` };
  } catch (error) {
    if (error instanceof BrokerUnreachable || isSlow(error)) throw new RetryLater('the index cannot be reached');
    throw error;
  } finally {
    index.close();
  }
};

function isSlow(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('no answer within');
}

/** Gives the index rows that it may have all the same, where only its answer was lost: their requests are counted anew. */
async function sendRows(
  index: CiteIndex,
  root: string,
  { rows, signal }: { readonly rows: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  const entries = rows.map((row) => entryOfRow(root, row)).filter((entry) => entry !== undefined);
  const store = new LogStore(root);
  for (const rk of new Set(entries.map(({ rk }) => rk))) {
    signal.throwIfAborted();
    await index.fill(store.find(rk).entries);
  }
  signal.throwIfAborted();
  await index.tell(entries);
}

/** Puts the whole log into the index: the number of requests. */
async function fillAll(
  index: CiteIndex,
  root: string,
  { progress, signal }: { progress: (status: string, fraction: number) => void; signal: AbortSignal },
): Promise<number> {
  const keys = new Set<string>();
  visitLog(root, (_file, entries) => {
    for (const { rk, state, d2c1 } of entries) if (state === 'ok' && d2c1 !== undefined) keys.add(rk);
  });
  const store = new LogStore(root);
  let done = 0;
  for (const rk of keys) {
    signal.throwIfAborted();
    if (done % 100 === 0) progress('Filling the index of citations', done / keys.size);
    await index.fill(store.find(rk).entries);
    done++;
  }
  await index.setFilled();
  return keys.size;
}
