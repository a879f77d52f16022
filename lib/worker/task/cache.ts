/**
 * TASK_CACHE: makes the blocks of one level, or of all, that a range touches (server-internals 2.7, 3.3).
 *
 * Blocks that fail are tried once more at the end. The same words twice are the reader's last word; a reader that was killed or
 * took too long may do better later.
 *
 * A job that a request has queued leaves alone what failed a short time ago in another one (failure/marks.ts); what an administrator asks
 * for is tried at once.
 */

import { staleFolders } from '../../cache/administration/stale-folders.js';
import { countBlocks } from '../../cache/block/block.js';
import { buildableRange } from '../../cache/builder/buildable-range.js';
import { buildLevels } from '../../cache/builder/levels.js';
import { type FailureCount, failureWords, joinFailures, mayPass } from '../../cache/failure/block-failure.js';
import { isAll } from '../../queue/field.js';
import { itemId } from '../../queue/identity.js';
import { fieldOf, type Job, RESULT, waitingText } from '../../queue/item.js';
import type { CacheLevel } from '../../source/cache-level.js';
import { cacheLevelsOf, type Source, validRangeOf } from '../../source/source.js';
import { sourceOf } from '../../source/source-definitions.js';
import type { TimeRange } from '../../source/time-range.js';
import { parseTime } from '../../stream/time.js';
import { RetryLater, type Task, type TaskContext, type TaskResult } from './task.js';

/** Reasons told in the status of a job. */
const LONGEST_REASON = 200;

interface Work {
  readonly source: Source;
  readonly levels: readonly CacheLevel[];
  readonly range: TimeRange;
  readonly total: number;
  readonly job: string;
  /** A request asked for it: only those know the address of a client (3.2). */
  readonly isOfRequest: boolean;
}

export const cacheTask: Task = async (job, context) => {
  const work = workOf(job, context);
  if ('code' in work) return work;
  for (const line of staleFolders(context.configuration, work.source)) context.log(line);
  const first = await buildAll(work, context);
  if (first.failures.every(({ kind }) => kind === 'held')) return resultOf(work, first);
  context.log(`${first.failed} of ${work.total} blocks failed (${failureWords(first.failures)}); trying them again`);
  const second = await buildAll(work, context);
  const passing = second.failures.find(({ kind }) => mayPass(kind));
  const changed = second.failures.some(({ first: line }) => !first.failures.some((one) => one.first === line));
  if (second.failed > 0 && (passing !== undefined || changed)) {
    throw new RetryLater((passing ?? second.failures[0])?.first ?? 'blocks failed');
  }
  return resultOf(work, { ...second, built: first.built + second.built });
};

function workOf(job: Job, { configuration, sources }: TaskContext): Work | TaskResult {
  const refuse = (status: string): TaskResult => ({ code: RESULT.refused, status });
  if (configuration.path('CACHE_ROOT') === undefined) return refuse('CACHE_ROOT is not set: there is no cache');
  const source = sourceOf(sources, fieldOf(job, 'dataset') ?? '');
  const wanted = fieldOf(job, 'level') ?? '';
  const { levels: all, errors } = cacheLevelsOf(source);
  if (all.length === 0) return refuse(`the source has no usable cacheLevel${errors[0] ? `: ${errors[0].reason}` : ''}`);
  const levels = isAll(wanted) ? all : all.filter(({ number }) => number === Number(wanted));
  if (levels.length === 0) return refuse(`the source has no cache level ${wanted}`);
  const asked = { begin: parseTime(fieldOf(job, 'begin') ?? ''), end: parseTime(fieldOf(job, 'end') ?? '') };
  const now = Date.now();
  const range = buildableRange(source, asked, now);
  const total = levels.reduce((sum, level) => sum + countBlocks(range, level.period), 0);
  // Where nothing tells which times there are, a job could make empty blocks from the year 0 to 9999.
  const most = validRangeOf(source, now) === undefined ? configuration.integer('CACHE_JOB_BLOCKS') : undefined;
  if (most !== undefined && total > most) {
    return refuse(
      `${total} cache blocks are too many for one job of a source without validRange (CACHE_JOB_BLOCKS = ${most}): ` +
        'write its validRange, or name a shorter time range',
    );
  }
  return { source, levels, range, total, job: itemId(waitingText(job)), isOfRequest: job.remote !== '' };
}

/** Sums of all levels. */
interface Built {
  readonly built: number;
  readonly failed: number;
  readonly failures: readonly FailureCount[];
}

async function buildAll({ source, levels, range, job, isOfRequest }: Work, context: TaskContext): Promise<Built> {
  const { configuration, signal, log, queueLocks } = context;
  const sums = await buildLevels({
    source,
    levels,
    range,
    configuration,
    signal,
    log,
    queueLocks,
    // Requests ask for damaged blocks, too.
    careful: true,
    job,
    sparing: isOfRequest,
    progress: ({ done, total, file }) => context.progress(`Writing: ${file}`, total === 0 ? 0 : done / total),
  });
  for (const { built, failed, bytes } of sums) {
    context.worked?.('blocksBuilt', built);
    context.worked?.('blocksFailed', failed);
    context.worked?.('blockBytes', bytes);
  }
  return {
    built: sums.reduce((sum, { built }) => sum + built, 0),
    failed: sums.reduce((sum, { failed }) => sum + failed, 0),
    failures: joinFailures(sums.map(({ failures }) => failures)),
  };
}

function resultOf({ total }: Work, { built, failed, failures }: Built): TaskResult {
  const good = total - failed;
  if (failed > 0) {
    const code = good === 0 ? RESULT.failed : RESULT.partly;
    const first = failures[0]?.first.slice(0, LONGEST_REASON) ?? '';
    const status = `processed ${good} of ${total} cache blocks; ${failed} failed (${failureWords(failures)}), the first: ${first}`;
    return { code, status };
  }
  if (built === 0) return { code: RESULT.superseded, status: `all ${total} cache blocks were valid already` };
  const skipped = total - built;
  const rest = skipped > 0 ? `, ${skipped} valid already` : '';
  return { code: RESULT.done, status: `Successfully processed ${total} of ${total} cache blocks${rest}` };
}
