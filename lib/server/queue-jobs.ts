/**
 * Puts jobs into the queue on behalf of a request (server-internals 3.2).
 *
 * Contract: never rejects and never keeps a request for long: what cannot be queued in time is not queued, and `problem` says why. That the
 * queue is full is told once a minute, by whichever request comes first (3.6). The queue's modules are loaded here and nowhere else on the
 * way of a request.
 */
import type { Configuration } from '../conf/configuration.js';
import { isDas2Error } from '../error.js';
import type { Category } from '../queue/category.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from './context.js';

const LONGEST_MS = 2000;

export interface QueuedJobs {
  readonly queued: number;
  /** The same work was queued or under way already. */
  readonly duplicate: number;
  /** Refused since the queue is full. */
  readonly full: number;
  /** Why nothing, or not everything, was queued. For the log: it may name settings. */
  readonly problem: string | undefined;
  /** The problem for the log; undefined if the log has it already. */
  readonly news: string | undefined;
}

/** Queues jobs of one kind, given by the fields behind the common ones. With `repeat` also if the same work is queued already. */
export async function queueJobs(
  { configuration }: Pick<ServerContext, 'configuration'>,
  request: Request,
  jobs: { readonly category: Category; readonly fields: readonly (readonly string[])[]; readonly repeat?: boolean },
): Promise<QueuedJobs> {
  const count = { queued: 0, duplicate: 0, full: 0 };
  try {
    const [{ openBroker }, { makeJob, waitingText }, { ownAccount }] = await Promise.all([
      import('../queue/open-broker.js'),
      import('../queue/item.js'),
      import('../queue/own-account.js'),
    ]);
    const broker = await openBroker(configuration);
    if (broker === undefined) return troubled(count, 'WORK_QUEUE_BROKER is none');
    const user = ownAccount().name;
    const requester = request.baseUrl.replace(/^[a-z]+:\/\//, '');
    const submitAll = async (): Promise<void> => {
      const end = Date.now() + LONGEST_MS;
      for (const fields of jobs.fields) {
        const job = makeJob({ category: jobs.category, fields, requester, remote: request.clientAddress, user });
        count[await broker.submit(waitingText(job), { repeat: jobs.repeat ?? false })]++;
        if (count.full > 0 || Date.now() > end) return;
      }
    };
    try {
      await within(submitAll());
    } finally {
      await within(broker.close());
    }
    if (count.queued + count.duplicate === jobs.fields.length) return { ...count, problem: undefined, news: undefined };
    if (count.full === 0) return troubled(count, 'the job queue is slow');
    const most = configuration.integer('QUEUE_MAX');
    const full = `the queue is full (QUEUE_MAX = ${most}); jobs are dropped`;
    return { ...troubled(count, full), ...(!(await isFullNews(configuration)) && { news: undefined }) };
  } catch (error) {
    return troubled(count, isDas2Error(error) ? String(error.data.detail ?? error.message) : String(error));
  }
}

/** For the log, behind how many of the jobs that were wanted are queued: nothing, or that there are others, and why if that is news. */
export function restWords({ queued, duplicate, news }: QueuedJobs, wanted: number): string {
  if (queued + duplicate === wanted) return '';
  return news === undefined ? '; not all' : `; not all: ${news}`;
}

function troubled(count: Omit<QueuedJobs, 'problem' | 'news'>, problem: string): QueuedJobs {
  return { ...count, problem, news: problem };
}

/** True for one request a minute, as far as STATE_ROOT can be written. */
async function isFullNews(configuration: Configuration): Promise<boolean> {
  const state = configuration.path('STATE_ROOT');
  if (state === undefined) return true;
  const { isFirstThisMinute } = await import('../log/rare-lines.js');
  return isFirstThisMinute(state, 'queue full');
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
