/**
 * Asks the worker to count the days of a source, on behalf of a client that wanted to know of them (server-internals 7.2).
 *
 * Contract: whoever calls has checked that the client may have the coverage. A queue that cannot be reached spoils no answer.
 */

import { isOutdated } from '../cache/coverage/age.js';
import type { Coverage } from '../cache/coverage/coverage.js';
import { dailySource } from '../cache/coverage/daily-source.js';
import { isDas2Error } from '../error.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { queueJobs } from '../server/queue-jobs.js';
import type { Source } from '../source/source.js';

/** Queues the job for a source that nobody has counted yet, if it can be counted; the words for the client. */
export async function notCounted(context: ServerContext, request: Request, source: Source): Promise<string> {
  const { rangeToCount } = await import('../cache/coverage/range.js');
  try {
    rangeToCount(source, context.configuration, { now: request.receivedAt });
  } catch (error) {
    if (!isDas2Error(error, 'illegalArgument')) throw error;
    return `the coverage of this data source has not been counted: ${error.message}`;
  }
  const { problem, news } = await ask(context, request, source);
  if (news !== undefined) context.log.line(`Coverage: not queued: ${news}`);
  const outlook = problem === undefined ? 'it is being made, ask again later' : 'it cannot be made now';
  return `the coverage of this data source has not been counted yet; ${outlook}`;
}

/** What is to be done behind the last byte of an answer made from `kept`; undefined if that still holds. */
export function recount(
  context: ServerContext,
  request: Request,
  source: Source,
  kept: Coverage,
): (() => Promise<void>) | undefined {
  // As the worker sees it: what a request fills into its commands does not make it another source.
  if (!isOutdated(kept, dailySource(context.sources, source.id), request.receivedAt)) return undefined;
  return async () => {
    const { problem, news } = await ask(context, request, source);
    if (problem === undefined) context.log.line('Coverage is out of date; asked for anew');
    else if (news !== undefined) context.log.line(`Coverage is out of date; not queued: ${news}`);
  };
}

function ask(context: ServerContext, request: Request, source: Source) {
  return queueJobs(context, request, { category: 'TASK_COVERAGE', fields: [[source.id, '', '']] });
}
