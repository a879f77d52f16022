/**
 * With `USAGE_JOBS` a `TASK_USAGE` item for each answered data request, for programs that read the lists of the queue
 * (server-internals 7.3). Our own reports are made from the access log and need none.
 *
 * Contract: after the last byte; never fails.
 */
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { queueJobs } from '../server/queue-jobs.js';

/** Queues the item if the request was one for data. */
export async function queueUsage(context: ServerContext, request: Request): Promise<void> {
  const { dataset, begin, end, params, resolution, interval } = context.notes;
  if (dataset === undefined || begin === undefined || end === undefined) return;
  const text = (value: unknown): string => (value === undefined ? '' : String(value));
  const fields = [[dataset, begin, end, text(params), text(resolution), text(interval)]];
  // Each request counts, also the same one again.
  const { news } = await queueJobs(context, request, { category: 'TASK_USAGE', fields, repeat: true });
  if (news !== undefined) context.log.line(`Usage: not queued: ${news}`);
}
