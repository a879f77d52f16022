/**
 * TASK_EXPORT: stages the items of an export, one after the other (browse-export 9.4).
 *
 * Items that an earlier worker has finished are not fetched again. A `cancel` file ends the job before the next item and takes its files away. Whoever asked to be told of
 * the end is told, and forgotten.
 */
import { askedItem, type ExportItem, type ExportRequest, type ExportStatus } from '../../browse/export/documents.js';
import { hasExportSpace, jobLimits, keepDays } from '../../browse/export/limits.js';
import { ExportStore } from '../../browse/export/store.js';
import { namingTable } from '../../browse/naming/table.js';
import type { Configuration } from '../../conf/configuration.js';
import { isFirstToday } from '../../log/rare-lines.js';
import { fieldOf, type Job, RESULT, tryParseItem } from '../../queue/item.js';
import { openBroker } from '../../queue/open-broker.js';
import { nobodysFacts } from './nobodys-facts.js';
import { Staging } from './stage-item.js';
import { PutOff, type Task, type TaskContext, type TaskResult } from './task.js';
import { tellEnd } from './tell-end.js';

const MOST_TRIES = 3;

export const exportTask: Task = async (job, context) => {
  const { configuration } = context;
  const store = new ExportStore(configuration.requiredPath('EXPORT_ROOT'), keepDays(configuration));
  sweep(store, context);
  const id = fieldOf(job, 'export') ?? '';
  const request = store.request(id);
  const before = store.status(id, Date.now());
  if (request === undefined || before === undefined) return { code: RESULT.refused, status: 'there is no such export' };
  if (before.state !== 'queued' && before.state !== 'running')
    return { code: RESULT.done, status: `was ${before.state} already` };
  await requireTurn(job, id, configuration);
  const result = await stageAll(request, before, store, context);
  await tellEnd(store, nobodysFacts(request, context), id, context);
  return result;
};

/** Exports that one address may have under way at a time. */
const MOST_RUNNING = 2;
const TURN_SECONDS = 15;

/** Rejects with `PutOff` while others of the same address that were asked for before are under way. */
async function requireTurn({ remote, requestTime }: Job, id: string, configuration: Configuration): Promise<void> {
  if (remote === '') return;
  const broker = await openBroker(configuration);
  if (broker === undefined) return;
  try {
    const before = (await broker.working()).filter(({ text }) => {
      const item = tryParseItem(text);
      if (typeof item === 'string') return false;
      const { job } = item;
      const other = fieldOf(job, 'export') ?? '';
      return (
        job.category === 'TASK_EXPORT' &&
        job.remote === remote &&
        (job.requestTime < requestTime || (job.requestTime === requestTime && other < id))
      );
    });
    if (before.length >= MOST_RUNNING)
      throw new PutOff(`${before.length} exports of the same address are under way`, TURN_SECONDS);
  } finally {
    await broker.close();
  }
}

async function stageAll(
  request: ExportRequest,
  before: ExportStatus,
  store: ExportStore,
  context: TaskContext,
): Promise<TaskResult> {
  const { configuration, signal, progress } = context;
  const { id } = request;
  const tries = (before.tries ?? 0) + 1;
  const begin = before.begin ?? Date.now();
  if (tries > MOST_TRIES) {
    store.writeStatus(id, {
      ...before,
      state: 'failed',
      end: Date.now(),
      message: `given up after ${MOST_TRIES} tries`,
    });
    return { code: RESULT.failed, status: 'given up' };
  }
  const items = [...store.items(id)];
  const mostBytes = jobLimits(configuration).bytes;
  const tell = (state: 'running' | 'cancelled' | 'done' | 'done-with-errors', isEnd: boolean): void => {
    const errors = items.filter(({ error }) => error !== undefined).length;
    const bytes = bytesOf(items);
    const done = new Set(items.map(askedItem)).size;
    store.writeStatus(id, {
      state,
      done,
      errors,
      bytes,
      begin,
      tries,
      ...(isEnd && { end: Date.now() }),
    });
    progress(`${done} of ${request.items.length} items`, done / request.items.length);
  };
  tell('running', false);
  const { series } = await namingTable(context.sources, { now: Date.now() });
  const staging = new Staging({
    request,
    folder: store.folder(id) ?? '',
    facts: nobodysFacts(request, context),
    series,
    context,
  });
  const done = new Set(items.map(askedItem));
  for (const name of request.items.filter((one) => !done.has(one))) {
    if (store.isCancelled(id)) {
      store.removeData(id);
      store.writeItems(id, []);
      items.length = 0;
      tell('cancelled', true);
      return { code: RESULT.done, status: 'cancelled' };
    }
    signal.throwIfAborted();
    if (!hasExportSpace(configuration, store.folder(id) ?? '', 0)) {
      const message = 'the server has no space for more files';
      store.writeStatus(id, {
        ...(store.status(id, Date.now()) ?? before),
        state: 'refused',
        end: Date.now(),
        message,
      });
      return { code: RESULT.failed, status: `${message} (EXPORT_MIN_FREE)` };
    }
    for (const one of await staging.stage(name, mostBytes - bytesOf(items))) items.push(one);
    store.writeItems(id, items);
    tell('running', false);
  }
  const failed = items.filter(({ error }) => error !== undefined).length;
  tell(failed === 0 ? 'done' : 'done-with-errors', true);
  return {
    code: failed === 0 ? RESULT.done : RESULT.partly,
    status: `${items.length - failed} of ${items.length} ${items.length === request.items.length ? 'items' : 'files'} staged`,
  };
}

function bytesOf(items: readonly ExportItem[]): number {
  return items.reduce((sum, item) => sum + (item.bytes ?? 0), 0);
}

/** Once a day, by whichever job comes first. */
function sweep(store: ExportStore, { configuration }: TaskContext): void {
  const state = configuration.path('STATE_ROOT');
  if (state !== undefined && isFirstToday(state, 'sweep of exports')) store.sweep(Date.now());
}
