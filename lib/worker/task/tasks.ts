/**
 * What the worker can do: one entry a category. What is of no known category at all is refused with code 15 and ends in the history, where an operator sees it (server-internals 3.3).
 */
import { errorDetail } from '../../conf/configuration-error.js';
import { isDas2Error } from '../../error.js';
import type { Category } from '../../queue/category.js';
import { type Job, RESULT } from '../../queue/item.js';
import { NotDoneHere, PutOff, RetryLater, type Task, type TaskContext, type TaskResult } from './task.js';

/** Category -> its task, loaded when the first such job comes. */
const TASKS: Readonly<Record<Category, () => Promise<Task>>> = {
  TASK_CACHE: async () => (await import('./cache.js')).cacheTask,
  TASK_CITE_DOI: async () => (await import('./cite-doi.js')).citeDoiTask,
  TASK_CITE_PROBE: async () => (await import('./cite-probe.js')).citeProbeTask,
  TASK_CITE_HASH: async () => (await import('./cite-hash.js')).citeHashTask,
  TASK_CITE_SYNC: async () => (await import('./cite-sync.js')).citeSyncTask,
  TASK_COVERAGE: async () => (await import('./coverage.js')).coverageTask,
  TASK_EXPORT: async () => (await import('./export.js')).exportTask,
  TASK_INVENTORY: async () => (await import('./inventory.js')).inventoryTask,
  TASK_LIST: async () => (await import('./list.js')).listTask,
  TASK_USAGE: async () => (await import('./usage.js')).usageTask,
  HAPI_INFO_CACHE: async () => (await import('./hapi.js')).hapiTask,
};

/** The categories, as people are told of them. */
export const DONE_CATEGORIES = Object.keys(TASKS) as readonly Category[];

/** Errors of the system that an operator may end without touching the job. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'EIO', 'EROFS', 'ESTALE']);

/** The code of such an error, or of what was behind it. */
function passingCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && PASSING.has(code) ? code : passingCode(error.cause);
}

/** Does a job. Rejects with `RetryLater`, `PutOff` or `NotDoneHere`, or with the reason of the signal; every other fault is a result. */
export async function runTask(job: Job, context: TaskContext): Promise<TaskResult> {
  try {
    const task = await TASKS[job.category]();
    return await task(job, context);
  } catch (error) {
    const isLater = [RetryLater, PutOff, NotDoneHere].some((kind) => error instanceof kind);
    if (context.signal.aborted || isLater) throw error;
    const passing = passingCode(error);
    if (passing !== undefined) throw new RetryLater(`the system says ${passing}`);
    if (isDas2Error(error, 'timeLimit') || isDas2Error(error, 'overload')) throw new RetryLater(error.message);
    context.log(`failed: ${errorDetail(error)}`);
    const refused = isDas2Error(error, 'noSuchSource') || isDas2Error(error, 'sourceDefinition');
    // The status may be shown to anybody who sees the queue: without details of the host.
    const status = isDas2Error(error) ? error.message : 'internal error; the log of the worker says more';
    return { code: refused ? RESULT.refused : RESULT.failed, status };
  }
}
