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
  const { configuration, signal } = context;
  const { id } = request;
  const tries = (before.tries ?? 0) + 1;
  if (tries > MOST_TRIES) {
    const message = `given up after ${MOST_TRIES} tries`;
    store.writeStatus(id, { ...before, state: 'failed', end: Date.now(), message });
    return { code: RESULT.failed, status: 'given up' };
  }
  const staged = new Staged(request, store, { begin: before.begin ?? Date.now(), tries }, context.progress);
  staged.tell('running');
  const { series } = await namingTable(context.sources, { now: Date.now() });
  const staging = new Staging({
    request,
    folder: store.folder(id) ?? '',
    facts: nobodysFacts(request, context),
    series,
    context,
  });
  const mostBytes = jobLimits(configuration).bytes;
  for (const name of staged.missing()) {
    if (store.isCancelled(id)) {
      staged.cancel();
      return { code: RESULT.done, status: 'cancelled' };
    }
    signal.throwIfAborted();
    if (!hasExportSpace(configuration, store.folder(id) ?? '', 0)) {
      const message = 'the server has no space for more files';
      const status = store.status(id, Date.now()) ?? before;
      store.writeStatus(id, { ...status, state: 'refused', end: Date.now(), message });
      return { code: RESULT.failed, status: `${message} (EXPORT_MIN_FREE)` };
    }
    staged.add(await staging.stage(name, mostBytes - staged.bytes));
  }
  return staged.finish();
}

/** What of an export has been staged, as its folder and the people who wait for it are told. */
class Staged {
  #items: readonly ExportItem[];

  constructor(
    private readonly request: ExportRequest,
    private readonly store: ExportStore,
    private readonly run: { readonly begin: number; readonly tries: number },
    private readonly progress: TaskContext['progress'],
  ) {
    this.#items = store.items(request.id);
  }

  get bytes(): number {
    return this.#items.reduce((sum, item) => sum + (item.bytes ?? 0), 0);
  }

  get #errors(): number {
    return this.#items.filter(({ error }) => error !== undefined).length;
  }

  /** The items of the request that no worker has staged yet. */
  missing(): readonly string[] {
    const done = new Set(this.#items.map(askedItem));
    return this.request.items.filter((name) => !done.has(name));
  }

  /** One item of the request has been staged; it may have become several. */
  add(items: readonly ExportItem[]): void {
    this.#items = [...this.#items, ...items];
    this.store.writeItems(this.request.id, this.#items);
    this.tell('running');
  }

  /** Takes all files away. */
  cancel(): void {
    this.store.removeData(this.request.id);
    this.#items = [];
    this.store.writeItems(this.request.id, this.#items);
    this.tell('cancelled');
  }

  finish(): TaskResult {
    const [failed, count] = [this.#errors, this.#items.length];
    this.tell(failed === 0 ? 'done' : 'done-with-errors');
    return {
      code: failed === 0 ? RESULT.done : RESULT.partly,
      status: `${count - failed} of ${count} ${count === this.request.items.length ? 'items' : 'files'} staged`,
    };
  }

  tell(state: 'running' | 'cancelled' | 'done' | 'done-with-errors'): void {
    const done = new Set(this.#items.map(askedItem)).size;
    const all = this.request.items.length;
    this.store.writeStatus(this.request.id, {
      state,
      done,
      errors: this.#errors,
      bytes: this.bytes,
      ...this.run,
      ...(state !== 'running' && { end: Date.now() }),
    });
    this.progress(`${done} of ${all} items`, done / all);
  }
}

/** Once a day, by whichever job comes first. */
function sweep(store: ExportStore, { configuration }: TaskContext): void {
  const state = configuration.path('STATE_ROOT');
  if (state !== undefined && isFirstToday(state, 'sweep of exports')) store.sweep(Date.now());
}
