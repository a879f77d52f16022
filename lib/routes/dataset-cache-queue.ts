/**
 * Asks the worker for the blocks that a request has missed, after its last byte (server-internals 2.6 rule 4, 3.2).
 *
 * Contract: never fails and never keeps a request for long. What became of it is one line in the log.
 */
import { type CacheJobFields, MOST_JOBS } from '../cache/wanted-jobs.js';
import { isDas2Error } from '../error.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from './context.js';

/** The answer has been sent; whoever waits for its end shall not wait for a queue. */
const LONGEST_MS = 2000;

/** Queues the jobs, at most `MOST_JOBS`. */
export async function queueBlocks(
  { configuration, log }: ServerContext,
  request: Request,
  jobs: readonly CacheJobFields[],
): Promise<void> {
  if (jobs.length === 0) return;
  try {
    const [{ openBroker }, { makeJob, waitingText }] = await Promise.all([
      import('../queue/open-broker.js'),
      import('../queue/item.js'),
    ]);
    const broker = await openBroker(configuration);
    if (broker === undefined) {
      log.line('Cache: nothing queued: WORK_QUEUE_BROKER is none');
      return;
    }
    const user = await accountName();
    const count = { queued: 0, duplicate: 0, full: 0 };
    const submitAll = async (): Promise<void> => {
      const end = Date.now() + LONGEST_MS;
      for (const fields of jobs.slice(0, MOST_JOBS)) {
        const requester = request.baseUrl.replace(/^[a-z]+:\/\//, '');
        const job = makeJob({ category: 'TASK_CACHE', fields, requester, remote: request.clientAddress, user });
        count[await broker.submit(waitingText(job))]++;
        if (count.full > 0 || Date.now() > end) return;
      }
    };
    try {
      await within(submitAll());
    } finally {
      await within(broker.close());
    }
    const full = count.full > 0 ? '; the queue is full' : '';
    log.line(`Cache: ${count.queued} jobs queued for missing blocks, ${count.duplicate} were queued already${full}`);
  } catch (error) {
    const reason = isDas2Error(error) ? String(error.data.detail ?? error.message) : String(error);
    log.line(`Cache: missing blocks are not queued: ${reason}`);
  }
}

/** Waits for a promise, but not for ever. */
async function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the job queue does not answer')), LONGEST_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Login name of the account that the server runs under; '' if it has none. */
async function accountName(): Promise<string> {
  try {
    return (await import('node:os')).userInfo().username;
  } catch {
    // An account without an entry, as in containers.
    return '';
  }
}
