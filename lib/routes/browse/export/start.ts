/**
 * Queues exports for the worker (browse-export 9.2, 9.4): what is asked for is kept first, so that an id is known before anybody is told of it.
 */
import type { ExportRequest } from '../../../browse/export/documents.js';
import { newExportId } from '../../../browse/export/id.js';
import { jobLimits, keepDays, requireWithin } from '../../../browse/export/limits.js';
import { ExportStore } from '../../../browse/export/store.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { itemOf } from '../../../browse/find/found-records.js';
import { Das2Error } from '../../../error.js';
import type { Broker } from '../../../queue/broker.js';
import { queueJobs } from '../../../server/queue-jobs.js';
import { noteMail } from './mail.js';
import { type BrowseSelection, deliverable } from './selection.js';

const MOST_WAITING = 10;

/** The store of the site. */
export function exportStore({ context }: BrowseFacts): ExportStore {
  const { configuration } = context;
  return new ExportStore(configuration.requiredPath('EXPORT_ROOT'), keepDays(configuration));
}

/** True if there is a queue, and it answers: then a worker may be behind it. */
export async function hasQueue({ context }: BrowseFacts): Promise<boolean> {
  return (await withBroker(context.configuration, async () => true)) ?? false;
}

/** Takes a request; the id of the export. Throws `tooWide` beyond the limits, `overload` without a worker, and `tooMany` while others of the same client wait. */
export async function startJob(
  facts: BrowseFacts,
  selection: BrowseSelection,
  choice: {
    readonly method: ExportRequest['method'];
    readonly data: ExportRequest['data'];
    readonly key: string | undefined;
    /** Whom to tell of the end. */
    readonly mail: string | undefined;
  },
): Promise<string> {
  const rows = deliverable(selection);
  const bytes = requireWithin(rows, jobLimits(facts.context.configuration), 'an export');
  const items = rows.map(itemOf);
  return queueExport(facts, { items, method: choice.method, data: choice.data }, bytes, choice);
}

/** Keeps what is wanted, and queues it: as `startJob`, for items that were looked up already. */
export async function queueExport(
  facts: BrowseFacts,
  wanted: Pick<ExportRequest, 'items' | 'method' | 'data' | 'repeats'>,
  bytes: number,
  { key, mail }: { readonly key?: string | undefined; readonly mail?: string | undefined },
): Promise<string> {
  const { request, context, now, places, paths } = facts;
  const store = exportStore(facts);
  const waiting = await waitingJobs(facts);
  if (waiting === undefined)
    throw new Das2Error('overload', 'this site has no background worker just now; take an archive or the addresses');
  const own = waiting.filter((job) => job.includes(`|${request.clientAddress}|`)).length;
  if (own >= MOST_WAITING)
    throw new Das2Error('tooMany', `${own} exports of yours are waiting already; try again later`, {
      data: { retryAfter: 60 },
    });
  const made = store.create({ id: newExportId(now), made: now, places, paths, ...wanted }, key, mail);
  if (made.isNew && mail !== undefined) noteMail(facts, mail);
  // The queue takes a job once: where the first sending of the form was lost on the way to it, the second one makes up for it.
  if (made.isNew || store.status(made.id, now)?.state === 'queued') {
    const fields = [[made.id, String(wanted.items.length), String(bytes), wanted.method, wanted.data]];
    const jobs = await queueJobs(context, request, { category: 'TASK_EXPORT', fields });
    if (jobs.queued + jobs.duplicate === 0) {
      store.writeStatus(made.id, {
        state: 'refused',
        done: 0,
        errors: 0,
        bytes: 0,
        end: now,
        message: 'the queue takes no jobs just now',
      });
      context.log.line(`Export ${made.id}: not queued: ${jobs.problem ?? 'unknown reason'}`);
    }
  }
  return made.id;
}

/** The place of an export in the queue, from 1; undefined if it does not wait there. */
export async function positionOf(facts: BrowseFacts, id: string): Promise<number | undefined> {
  const at = (await waitingJobs(facts))?.findIndex((job) => job.includes(`|TASK_EXPORT|${id}|`)) ?? -1;
  return at < 0 ? undefined : at + 1;
}

/** Exports that wait, oldest first; undefined where no queue answers. */
async function waitingJobs({ context }: BrowseFacts): Promise<string[] | undefined> {
  const jobs = await withBroker(context.configuration, (broker) => broker.list('todo', 1000));
  return jobs === undefined ? undefined : jobs.filter((job) => job.includes('|TASK_EXPORT|')).reverse();
}

/** Does something with the queue; undefined if there is none, or it does not answer. */
async function withBroker<Value>(
  configuration: BrowseFacts['context']['configuration'],
  work: (broker: Broker) => Promise<Value>,
): Promise<Value | undefined> {
  try {
    const { openBroker } = await import('../../../queue/open-broker.js');
    const broker = await openBroker(configuration);
    if (broker === undefined) return undefined;
    try {
      await broker.count('todo');
      return await work(broker);
    } finally {
      await broker.close();
    }
  } catch {
    return undefined;
  }
}
