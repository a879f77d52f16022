/**
 * TASK_CACHE: makes the blocks of one level, or of all, that a range touches (server-internals 2.7, 3.3).
 *
 * Blocks that fail are tried once more at the end. The same words twice are the reader's last word; a reader that was killed or
 * took too long may do better later.
 */
import { type BuildSummary, buildBlocks, countBlocks } from '../cache/build-blocks.js';
import { isAll } from '../queue/field.js';
import { fieldOf, type Job, RESULT } from '../queue/item.js';
import type { CacheLevel } from '../source/cache-level.js';
import { cacheLevelsOf, type Source } from '../source/source.js';
import type { TimeRange } from '../source/time-range.js';
import { parseTime } from '../stream/time.js';
import { RetryLater, type Task, type TaskContext, type TaskResult } from './tasks.js';

/** How the builder words what may pass. */
const MAY_PASS = /ended by the server|ended with signal/;

interface Work {
  readonly source: Source;
  readonly levels: readonly CacheLevel[];
  readonly range: TimeRange;
  readonly total: number;
}

export const cacheTask: Task = async (job, context) => {
  const work = workOf(job, context);
  if ('code' in work) return work;
  const first = await buildAll(work, context);
  if (first.failed === 0) return resultOf(work, first);
  context.log(`${first.failed} of ${work.total} blocks failed; trying them again`);
  const second = await buildAll(work, context);
  const done = { ...second, built: first.built + second.built, skipped: first.skipped };
  const passing = second.reasons.find((reason) => MAY_PASS.test(reason));
  const changed = second.reasons.some((reason) => !first.reasons.includes(reason));
  if (second.failed > 0 && (passing !== undefined || changed)) {
    throw new RetryLater(passing ?? second.reasons[0] ?? 'blocks failed');
  }
  return resultOf(work, done);
};

function workOf(job: Job, { configuration, sources }: TaskContext): Work | TaskResult {
  const refuse = (status: string): TaskResult => ({ code: RESULT.refused, status });
  if (configuration.path('CACHE_ROOT') === undefined) return refuse('CACHE_ROOT is not set: there is no cache');
  const source = sources.source(fieldOf(job, 'dataset') ?? '');
  const wanted = fieldOf(job, 'level') ?? '';
  const { levels: all, errors } = cacheLevelsOf(source);
  if (all.length === 0) return refuse(`the source has no usable cacheLevel${errors[0] ? `: ${errors[0].reason}` : ''}`);
  const levels = isAll(wanted) ? all : all.filter(({ number }) => number === Number(wanted));
  if (levels.length === 0) return refuse(`the source has no cache level ${wanted}`);
  const range = { begin: parseTime(fieldOf(job, 'begin') ?? ''), end: parseTime(fieldOf(job, 'end') ?? '') };
  const total = levels.reduce((sum, level) => sum + countBlocks(range, level.period), 0);
  return { source, levels, range, total };
}

interface Built extends BuildSummary {
  /** Why blocks failed, each reason once. */
  readonly reasons: readonly string[];
}

async function buildAll({ source, levels, range, total }: Work, context: TaskContext): Promise<Built> {
  const reasons = new Set<string>();
  const sum = { built: 0, skipped: 0, empty: 0, failed: 0, bytes: 0 };
  let behind = 0;
  for (const level of levels) {
    const part = await buildBlocks({
      source,
      level,
      range,
      configuration: context.configuration,
      signal: context.signal,
      log: (line) => {
        context.log(line);
        if (reasons.size < 100) reasons.add(line);
      },
      progress: ({ done, file }) => context.progress(`Writing: ${file}`, total === 0 ? 0 : (behind + done) / total),
    });
    behind += countBlocks(range, level.period);
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += part[key];
  }
  return { ...sum, reasons: [...reasons] };
}

function resultOf({ total }: Work, sum: Built): TaskResult {
  const good = total - sum.failed;
  if (sum.failed > 0) {
    const code = good === 0 ? RESULT.failed : RESULT.partly;
    return {
      code,
      status: `processed ${good} of ${total} cache blocks; ${sum.failed} failed, the first: ${sum.reasons[0] ?? ''}`,
    };
  }
  if (sum.built === 0) return { code: RESULT.superseded, status: `all ${total} cache blocks were valid already` };
  const skipped = total - sum.built;
  const rest = skipped > 0 ? `, ${skipped} valid already` : '';
  return { code: RESULT.done, status: `Successfully processed ${total} of ${total} cache blocks${rest}` };
}
