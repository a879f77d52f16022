/**
 * A job for all sources as one job each, so that all workers share them and none keeps a worker for long (server-internals 3.2).
 *
 * Contract: where the queue takes no more, or there is none, the work of a source is done at once. It goes on behind a source that fails; the
 * result counts them all. Rejects with the reason of the signal.
 */
import { errorDetail } from '../../conf/configuration-error.js';
import { isDas2Error } from '../../error.js';
import type { Category } from '../../queue/category.js';
import { RESULT } from '../../queue/item.js';
import type { TaskContext, TaskResult } from './task.js';

export interface SplitOptions {
  readonly context: TaskContext;
  readonly category: Category;
  /** What there is to be done, by its name. */
  readonly ids: readonly string[];
  /** The fields of the job for one of them. */
  readonly fieldsOf: (id: string) => readonly string[];
  /** Does one of them here and now. */
  readonly alone: (id: string, context: TaskContext) => Promise<TaskResult>;
  /** Those that could not even be looked at. */
  readonly faults: readonly { readonly id: string; readonly reason: string }[];
  /** How many need nothing any more; they count as good. */
  readonly valid?: number;
  /** `data source`, `HAPI dataset`. */
  readonly thing: string;
  /** `coverage of`, `headers of`: what is counted where it was done at once. */
  readonly done: string;
}

/** What became of the parts. */
interface Tally {
  queued: number;
  /** The same was queued, or under way. */
  duplicate: number;
  good: number;
  bad: number;
  /** Why, of the last one. */
  reason: string;
}

/** Queues the parts; the result of the whole job. */
export async function splitJob(options: SplitOptions): Promise<TaskResult> {
  const { context, category, ids, fieldsOf, alone, faults, valid = 0, done } = options;
  const { log, signal, progress } = context;
  const tally: Tally = { queued: 0, duplicate: 0, good: valid, bad: 0, reason: '' };
  const failed = (id: string, why: string): void => {
    tally.bad++;
    tally.reason = `${id}: ${why}`;
    log(`${done} ${tally.reason}`);
  };
  for (const { id, reason } of faults) failed(id, reason);
  for (const [i, id] of ids.entries()) {
    signal.throwIfAborted();
    progress(`Queuing: ${id}`, i / ids.length);
    const outcome = await context.submit?.(category, fieldsOf(id));
    if (outcome === 'queued' || outcome === 'duplicate') {
      tally[outcome]++;
      continue;
    }
    // There is no place for a job: the work is not lost for that.
    try {
      const { submit: _none, ...rest } = context;
      const part = (status: string, fraction: number): void => progress(status, (i + fraction) / ids.length);
      const result = await alone(id, { ...rest, progress: part });
      if (result.code === RESULT.done || result.code === RESULT.superseded) tally.good++;
      else failed(id, result.status);
    } catch (error) {
      if (signal.aborted) throw error;
      // Nothing is known of its times any more.
      if (!isDas2Error(error, 'illegalArgument')) failed(id, errorDetail(error));
    }
  }
  return resultOf(tally, options);
}

function resultOf({ queued, duplicate, good, bad, reason }: Tally, { thing, done }: SplitOptions): TaskResult {
  const jobs = queued + duplicate;
  const parts: string[] = [];
  if (jobs > 0) parts.push(`${jobs} job${jobs === 1 ? '' : 's'} queued, one a ${thing}`);
  if (duplicate > 0) parts.push(`${duplicate} of them were queued or under way already`);
  if (good + bad > 0 || jobs === 0) parts.push(`${done} ${good}${bad === 0 ? '' : ` of ${good + bad}`} ${thing}s`);
  if (bad > 0) parts.push(`the last that failed: ${reason}`);
  const code = bad === 0 ? RESULT.done : good + jobs === 0 ? RESULT.failed : RESULT.partly;
  return { code, status: parts.join('; ') };
}
