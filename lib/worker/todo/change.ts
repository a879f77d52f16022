/**
 * What an operator may do to jobs that are in the queue: remove, clear, retry, move to the front, take from a dead worker
 * (server-internals 3.5).
 */
import { Das2Error } from '../../error.js';
import type { Broker, Submitted } from '../../queue/broker.js';
import { makeJob, tryParseItem, waitingText } from '../../queue/item.js';
import { operator } from './add.js';
import { type JobRow, readRows } from './rows.js';

const EVERYTHING = { limit: undefined, oldest: true, category: undefined, dataset: undefined };
/** Ends that another run may better: some blocks failed, all failed, given up. */
const WORTH_ANOTHER_RUN = new Set([1, 13, 14]);

/** Waiting jobs with this id, or whose dataset fits a pattern with `*`. */
export async function waitingJobs(broker: Broker, which: { readonly id?: string; readonly pattern?: string }) {
  const rows = await readRows(broker, 'todo', EVERYTHING);
  if (which.id !== undefined) return rows.filter((row) => row.id === which.id?.toLowerCase());
  const fits = patternOf(which.pattern ?? '');
  return rows.filter((row) => fits.test(row.fields.dataset ?? row.fields.id ?? ''));
}

/** True if a worker is at the job with this id. */
export async function isBeingDone(broker: Broker, id: string): Promise<boolean> {
  return (await readRows(broker, 'working', EVERYTHING)).some((row) => row.id === id.toLowerCase());
}

/** Removes jobs; the number of those that were still there. */
export async function removeJobs(broker: Broker, rows: readonly JobRow[]): Promise<number> {
  let removed = 0;
  for (const row of rows) if (await broker.remove('todo', row.item)) removed++;
  return removed;
}

/** Ended jobs to be run again: one by its id, or all that failed, each piece of work once. Newest first. */
export async function endedJobs(broker: Broker, which: string): Promise<JobRow[]> {
  const rows = [...(await readRows(broker, 'done', EVERYTHING)), ...(await readRows(broker, 'dead', EVERYTHING))];
  const wanted = which === 'all-failed' ? (row: JobRow) => WORTH_ANOTHER_RUN.has(row.code ?? 0) : byId(which);
  const once = new Map<string, JobRow>();
  for (const row of rows.filter(wanted)) once.set(row.id, row);
  return [...once.values()];
}

/** Queues an ended job anew, as of now, and takes it off the dead list. One of the cache is the operator's now, so that no failure holds it back. */
export async function retryJob(
  broker: Broker,
  row: JobRow,
  urgent: boolean,
): Promise<{ item: string; outcome: Submitted }> {
  const parsed = tryParseItem(row.item);
  if (typeof parsed === 'string')
    throw new Das2Error('illegalArgument', `job ${row.id}: ${parsed}`, { exitStatus: 15 });
  const { job } = parsed;
  // In other kinds the address of a client may tell what is meant: a record of use is no order for a report.
  const who = job.category === 'TASK_CACHE' ? { ...operator(), remote: '' } : undefined;
  const item = waitingText(makeJob({ ...job, ...who, time: Date.now() }));
  const outcome = await broker.submit(item, { urgent });
  if (outcome === 'queued') await broker.remove('dead', row.item);
  return { item, outcome };
}

/** The name in `das2_working_<holder>`, as `--reclaim` takes it: the list or the holder alone. */
export function holderOf(list: string): string {
  return list.replace(/^das2_working_/, '');
}

function byId(id: string): (row: JobRow) => boolean {
  const wanted = id.toLowerCase();
  return (row) => row.id === wanted;
}

function patternOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
