/**
 * Asks the worker for the blocks that a request has missed, after its last byte (server-internals 2.6 rule 4).
 *
 * Contract: never fails and never keeps a request for long. What became of it is one line in the log.
 */
import { type CacheJobFields, MOST_JOBS } from '../cache/answer/wanted-jobs.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { queueJobs, restWords } from '../server/queue-jobs.js';

/** Queues the jobs, at most `MOST_JOBS`. */
export async function queueBlocks(
  context: ServerContext,
  request: Request,
  jobs: readonly CacheJobFields[],
): Promise<void> {
  if (jobs.length === 0) return;
  const fields = jobs.slice(0, MOST_JOBS);
  const result = await queueJobs(context, request, { category: 'TASK_CACHE', fields });
  const { queued, duplicate, news } = result;
  if (queued + duplicate === 0 && news === undefined) return;
  const rest = restWords(result, jobs.length);
  context.log.line(`Cache: ${queued} jobs queued for missing blocks, ${duplicate} were queued already${rest}`);
}
