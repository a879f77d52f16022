/**
 * TASK_COVERAGE: counts on which days a source has data (server-internals 7.2).
 *
 * With a time range its days are counted anew; without one all days that are not known for good. Some days unknown is code 1, none
 * counted at all code 13, nothing left to count code 16. A job that has used its time queues another one for what is left.
 *
 * `ALL` becomes one job a source, so that all workers share them; where the queue takes no more, its source is counted at once. It goes on
 * behind a source that fails. Once a day one of the jobs sweeps out what is kept of sources that are no more.
 */
import { rangeOfBounds, sourcesToCount } from '../cache/coverage-sources.js';
import { sweepCoverage } from '../cache/coverage-store.js';
import { updateCoverage } from '../cache/coverage-update.js';
import { dailySource } from '../cache/daily-source.js';
import { errorDetail } from '../conf/configuration-error.js';
import { isDas2Error } from '../error.js';
import { isAll } from '../queue/field.js';
import { fieldOf, RESULT } from '../queue/item.js';
import type { TimeRange } from '../source/time-range.js';
import type { Task, TaskContext, TaskResult } from './tasks.js';

/** What a job asks for. */
interface Question {
  readonly dataset: string;
  /** As the job writes the bounds; '' for none. */
  readonly bounds: readonly [begin: string, end: string];
  /** Undefined if neither bound is given: then only what is not known yet is counted. */
  readonly range: TimeRange | undefined;
}

export const coverageTask: Task = async (job, context) => {
  if (context.configuration.path('CACHE_ROOT') === undefined) {
    return { code: RESULT.refused, status: 'CACHE_ROOT is not set: there is no place for coverage' };
  }
  const dataset = fieldOf(job, 'dataset') ?? '';
  const bounds = [fieldOf(job, 'begin') ?? '', fieldOf(job, 'end') ?? ''] as const;
  const question = { dataset, bounds, range: rangeOfBounds(...bounds) };
  const result = await (dataset === '' || isAll(dataset) ? askAll(question, context) : countOne(question, context));
  sweep(context);
  return result;
};

async function countOne({ dataset, bounds, range }: Question, context: TaskContext): Promise<TaskResult> {
  const { configuration, sources, signal, log, progress } = context;
  const source = dailySource(sources, dataset);
  if (source.redirect.rename !== undefined) return { code: RESULT.refused, status: 'the source has another name now' };
  const { cached, live, failed, reason, goesOn } = await updateCoverage({
    source,
    sourceFor: (days) => dailySource(sources, dataset, days),
    configuration,
    range,
    signal,
    log,
    progress,
  });
  const counted = cached + live;
  if (failed > 0) {
    const part = `counted ${counted} of ${counted + failed} days`;
    // A range names days that are to be counted again, so another job for it would begin anew.
    const next = goesOn && range === undefined ? [dataset, ...bounds] : undefined;
    if (next !== undefined && (await context.submit?.('TASK_COVERAGE', next, { repeat: true })) === 'queued') {
      return { code: RESULT.done, status: `${part}; another job was queued for the rest` };
    }
    return {
      code: counted === 0 ? RESULT.failed : RESULT.partly,
      status: `${part}; ${reason ?? 'the rest is unknown'}`,
    };
  }
  if (counted === 0) return { code: RESULT.superseded, status: 'all days were counted already' };
  return { code: RESULT.done, status: `counted ${counted} days, ${cached} of them from the cache` };
}

/** What became of the sources. */
interface Tally {
  queued: number;
  /** The same was queued, or under way. */
  duplicate: number;
  good: number;
  bad: number;
  /** Why, of the last one. */
  reason: string;
}

async function askAll({ bounds, range }: Question, context: TaskContext): Promise<TaskResult> {
  const { sources, configuration, log, signal, progress } = context;
  const { ids, leftOut } = await sourcesToCount(sources, configuration, range);
  const tally: Tally = { queued: 0, duplicate: 0, good: 0, bad: 0, reason: '' };
  const failed = (id: string, why: string): void => {
    tally.bad++;
    tally.reason = `${id}: ${why}`;
    log(`coverage: ${tally.reason}`);
  };
  for (const { id, reason, isFault } of leftOut) if (isFault) failed(id, reason);
  for (const [i, dataset] of ids.entries()) {
    signal.throwIfAborted();
    progress(`Queuing: ${dataset}`, i / ids.length);
    const outcome = await context.submit?.('TASK_COVERAGE', [dataset, ...bounds]);
    if (outcome === 'queued' || outcome === 'duplicate') {
      tally[outcome]++;
      continue;
    }
    // There is no place for a job: the work is not lost for that.
    try {
      const { submit: _none, ...alone } = context;
      const result = await countOne(
        { dataset, bounds, range },
        { ...alone, progress: (status, fraction) => progress(status, (i + fraction) / ids.length) },
      );
      if (result.code === RESULT.done || result.code === RESULT.superseded) tally.good++;
      else failed(dataset, result.status);
    } catch (error) {
      if (signal.aborted) throw error;
      // Nothing is known of its times any more.
      if (!isDas2Error(error, 'illegalArgument')) failed(dataset, errorDetail(error));
    }
  }
  return resultOf(tally);
}

function resultOf({ queued, duplicate, good, bad, reason }: Tally): TaskResult {
  const jobs = queued + duplicate;
  const parts: string[] = [];
  if (jobs > 0) parts.push(`${jobs} job${jobs === 1 ? '' : 's'} queued, one a data source`);
  if (duplicate > 0) parts.push(`${duplicate} of them were queued or under way already`);
  if (good + bad > 0 || jobs === 0)
    parts.push(`coverage of ${good}${bad === 0 ? '' : ` of ${good + bad}`} data sources`);
  if (bad > 0) parts.push(`the last that failed: ${reason}`);
  const code = bad === 0 ? RESULT.done : good + jobs === 0 ? RESULT.failed : RESULT.partly;
  return { code, status: parts.join('; ') };
}

function sweep({ configuration, sources, log }: TaskContext): void {
  for (const id of sweepCoverage(configuration, (dataset) => sources.find(dataset) !== undefined, Date.now())) {
    log(`coverage of ${id} removed: there is no such source any more`);
  }
}
