/**
 * What a checked data question runs, the same for streams and tables: what the cache has, made whole by reader and reducer, or reader
 * and reducer alone; then the converter of the route. Places among the running pipelines are taken here, too.
 */
import type { PipelineLimits } from '../pipeline/limits.js';
import type { PipelineResult, Stage } from '../pipeline/stage/stage.js';
import type { PipelineTap } from '../pipeline/tap.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import type { Source } from '../source/source.js';
import type { CachePlan } from './cache-plan.js';
import { pipelineLimits } from './limits.js';
import type { DataQuestion } from './question.js';
import { dataStages } from './stages.js';
import { type StageOptions, type StartedStages, startStages } from './start-stages.js';

/** Hears what a run brings, and how it ends. */
export interface RunListener extends PipelineTap {
  ended(result: PipelineResult): void;
}

export interface DataRun {
  readonly stages: readonly Stage[];
  /** Undefined if there is no cache, or none for this question. */
  readonly plan: CachePlan | undefined;
  /** Hears what comes in front of the converter. */
  readonly listener?: RunListener | undefined;
}

/** The stages for a question; `converters` are the last ones. */
export async function planRun(
  context: ServerContext,
  request: Request,
  question: DataQuestion,
  ...converters: readonly (Stage | undefined)[]
): Promise<DataRun> {
  const { configuration } = context;
  const { source, range, steps, words } = question;
  const plan =
    configuration.has('CACHE_ROOT') && hasLevels(source)
      ? await (await import('./cache-plan.js')).cachePlan(context, request, question)
      : undefined;
  const made =
    plan === undefined || plan.isLive ? dataStages({ source, range, steps, words }) : [plan.cacheReader, plan.reducer];
  return { stages: [...made, ...converters].filter((stage) => stage !== undefined), plan };
}

/** Starts the stages, under other limits than those of the site if there are any, and notes what the cache gave. Throws `overload` when there is no place for them in time. */
export function startRun(
  context: ServerContext,
  request: Request,
  run: DataRun,
  limits?: PipelineLimits,
): Promise<StartedStages> {
  const { configuration, log, notes } = context;
  notes.cache = run.plan?.note ?? 'off';
  if (!configuration.has('CACHE_ROOT')) log.line('Cache: not used');
  const { listener } = run;
  const options = {
    ...startOptions(run.plan, context),
    tap: listener,
    ended: (result: PipelineResult) => listener?.ended(result),
  };
  return startStages(context, request, run.stages, limits === undefined ? options : { ...options, limits });
}

/** A hit runs no reader and needs no place in the row. The runs of a producer have their own clocks for pauses. */
function startOptions(plan: CachePlan | undefined, { configuration }: ServerContext): StageOptions {
  if (plan?.producer === undefined) return {};
  const { firstByteSeconds, idleSeconds, ...limits } = pipelineLimits(configuration);
  return { producer: plan.producer, limits, uncounted: !plan.runsReader };
}

function hasLevels({ entries }: Source): boolean {
  for (const key of entries.keys()) if (key.startsWith('cacheLevel')) return true;
  return false;
}
