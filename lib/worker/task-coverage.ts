/**
 * TASK_COVERAGE: counts on which days a source has data, or all sources (server-internals 7.2).
 *
 * With a time range its days are counted anew; without one all days that are not known for good. Some days unknown is code 1, none
 * counted at all code 13, nothing left to count code 16. `ALL` goes on behind a source that fails, and sweeps out what is kept of
 * sources that are no more.
 */

import { dropForeignCoverage } from '../cache/coverage-store.js';
import { updateCoverage } from '../cache/coverage-update.js';
import { errorDetail } from '../conf/configuration-error.js';
import { isDas2Error } from '../error.js';
import { isAll } from '../queue/field.js';
import { fieldOf, RESULT } from '../queue/item.js';
import { sameServer } from '../request/own-url.js';
import type { Source } from '../source/source.js';
import { sourceOf } from '../source/source-definitions.js';
import type { TimeRange } from '../source/time-range.js';
import { parseTime } from '../stream/time.js';
import type { Task, TaskContext, TaskResult } from './tasks.js';

const FIRST_DAY = parseTime('0001-01-01');
const LAST_DAY = parseTime('9999-01-01');

export const coverageTask: Task = async (job, context) => {
  if (context.configuration.path('CACHE_ROOT') === undefined) {
    return { code: RESULT.refused, status: 'CACHE_ROOT is not set: there is no place for coverage' };
  }
  const dataset = fieldOf(job, 'dataset') ?? '';
  const range = rangeOf(fieldOf(job, 'begin') ?? '', fieldOf(job, 'end') ?? '');
  if (dataset === '' || isAll(dataset)) return countAll(range, context);
  const source = sourceOf(context.sources, dataset);
  if (source.redirect.rename !== undefined) return { code: RESULT.refused, status: 'the source has another name now' };
  return countOne(source, range, context);
};

/** Undefined if neither bound is given: then only what is not known yet is counted. */
function rangeOf(begin: string, end: string): TimeRange | undefined {
  if (begin === '' && end === '') return undefined;
  return { begin: begin === '' ? FIRST_DAY : parseTime(begin), end: end === '' ? LAST_DAY : parseTime(end) };
}

/** True for sources that `ALL` leaves to others: renamed ones, those of another server, those that only describe. */
function isElsewhere({ redirect, reader }: Source, { configuration }: TaskContext): boolean {
  const { rename, server } = redirect;
  const own = configuration.text('SERVER_URL');
  if (rename !== undefined || reader === undefined) return true;
  if (server === undefined || own === undefined || configuration.flag('IGNORE_REDIRECT')) return false;
  return !sameServer(server, own);
}

async function countOne(source: Source, range: TimeRange | undefined, context: TaskContext): Promise<TaskResult> {
  const { configuration, signal, log, progress } = context;
  const { cached, live, failed, reason } = await updateCoverage({
    source,
    configuration,
    range,
    signal,
    log,
    progress,
  });
  const counted = cached + live;
  if (failed > 0) {
    const code = counted === 0 ? RESULT.failed : RESULT.partly;
    return { code, status: `counted ${counted} of ${counted + failed} days; ${reason ?? 'the rest is unknown'}` };
  }
  if (counted === 0) return { code: RESULT.superseded, status: 'all days were counted already' };
  return { code: RESULT.done, status: `counted ${counted} days, ${cached} of them from the cache` };
}

async function countAll(range: TimeRange | undefined, context: TaskContext): Promise<TaskResult> {
  const { sources, configuration, log, signal, progress } = context;
  const { records } = await sources.list();
  const ids = records.filter(({ isFolder }) => !isFolder).map(({ path }) => path);
  let good = 0;
  let bad = 0;
  let reason = '';
  for (const [i, id] of ids.entries()) {
    signal.throwIfAborted();
    try {
      const source = sourceOf(sources, id);
      if (isElsewhere(source, context)) continue;
      const result = await countOne(source, range, {
        ...context,
        progress: (status, fraction) => progress(status, (i + fraction) / ids.length),
      });
      if (result.code === RESULT.done || result.code === RESULT.superseded) {
        good++;
        continue;
      }
      reason = `${id}: ${result.status}`;
    } catch (error) {
      if (signal.aborted) throw error;
      // Nothing is known of its times, or it has none in the range.
      if (isDas2Error(error, 'illegalArgument')) continue;
      reason = `${id}: ${errorDetail(error)}`;
    }
    bad++;
    log(`coverage: ${reason}`);
  }
  for (const id of dropForeignCoverage(configuration, (dataset) => sources.find(dataset) !== undefined)) {
    log(`coverage of ${id} removed: there is no such source any more`);
  }
  if (bad === 0) return { code: RESULT.done, status: `coverage of ${good} data sources` };
  const code = good === 0 ? RESULT.failed : RESULT.partly;
  return { code, status: `coverage of ${good} of ${good + bad} data sources; the last that failed: ${reason}` };
}
