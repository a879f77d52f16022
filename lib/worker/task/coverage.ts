/**
 * TASK_COVERAGE: counts on which days a source has data (server-internals 7.2).
 *
 * With a time range its days are counted anew; without one all days that are not known for good. Some days unknown is code 1, none
 * counted at all code 13, nothing left to count code 16. A job that has used its time queues another one for what is left.
 *
 * `ALL` becomes one job a source, so that all workers share them; where the queue takes no more, its source is counted at once. It goes on
 * behind a source that fails. Once a day one of the jobs sweeps out what is kept of sources that are no more.
 */

import { dailySource } from '../../cache/coverage/daily-source.js';
import { rangeOfBounds, sourcesToCount } from '../../cache/coverage/sources.js';
import { sweepCoverage } from '../../cache/coverage/store.js';
import { updateCoverage } from '../../cache/coverage/update.js';
import { isAll } from '../../queue/field.js';
import { fieldOf, RESULT } from '../../queue/item.js';
import type { TimeRange } from '../../source/time-range.js';
import { splitJob } from './split-job.js';
import type { Task, TaskContext, TaskResult } from './task.js';

/** A count of many years gives its worker away after so many seconds: what is left of it waits behind the jobs of others. */
const TURN_SECONDS = 120;

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
    // A range names days that are to be counted again, so another job for it would begin anew.
    seconds: range === undefined ? TURN_SECONDS : undefined,
    signal,
    log,
    progress,
  });
  const counted = cached + live;
  if (failed > 0) {
    const part = `counted ${counted} of ${counted + failed} days`;
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

async function askAll({ bounds, range }: Question, context: TaskContext): Promise<TaskResult> {
  const { sources, configuration } = context;
  const { ids, leftOut } = await sourcesToCount(sources, configuration, range);
  return splitJob({
    context,
    category: 'TASK_COVERAGE',
    ids,
    fieldsOf: (id) => [id, ...bounds],
    alone: (dataset, rest) => countOne({ dataset, bounds, range }, rest),
    faults: leftOut.filter(({ isFault }) => isFault),
    thing: 'data source',
    done: 'coverage of',
  });
}

function sweep({ configuration, sources, log }: TaskContext): void {
  for (const id of sweepCoverage(configuration, (dataset) => sources.find(dataset) !== undefined, Date.now())) {
    log(`coverage of ${id} removed: there is no such source any more`);
  }
}
