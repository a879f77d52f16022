/**
 * TASK_EXPORT: stages the records of an export, one after the other (browse-export 9.4).
 *
 * Each file is fetched, written beside its place and renamed. Items that an earlier worker has finished are not fetched again. A `cancel` file ends
 * the job before the next item and takes its files away. Records that need a sign-in fail: the worker has none.
 */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PIECE } from '../browse/archive/piece-pool.js';
import { bagPath, itemWords } from '../browse/export/bag.js';
import type { ExportItem, ExportRequest } from '../browse/export/documents.js';
import { hasExportSpace, jobLimits, keepDays } from '../browse/export/limits.js';
import { ExportStore } from '../browse/export/store.js';
import { recordLinks } from '../browse/forms/links.js';
import { notePresent } from '../browse/inventory/note-record.js';
import type { Series } from '../browse/naming/series.js';
import { namingTable } from '../browse/naming/table.js';
import { type ItemName, parseItemName, triadName } from '../browse/record/item-name.js';
import { recordStart } from '../browse/record/number.js';
import { readLeapTable } from '../browse/time/read-leap-table.js';
import { asDas2Error, isDas2Error } from '../error.js';
import { isFirstToday } from '../log/rare-lines.js';
import type { RequestLog } from '../log/request-log.js';
import { fieldOf, RESULT } from '../queue/item.js';
import { ensureFolder } from '../queue/spool/files.js';
import { publicMessage } from '../reply/public-message.js';
import { makeRequest } from '../request/make-request.js';
import type { BrowseFacts } from '../routes/browse/context.js';
import { fetchRecord } from '../routes/browse/export/fetch.js';
import { makeContext, makeServer } from '../routes/context.js';
import type { Task, TaskContext } from './tasks.js';

const MOST_TRIES = 3;

export const exportTask: Task = async (job, context) => {
  const { configuration, signal, progress } = context;
  const store = new ExportStore(configuration.requiredPath('EXPORT_ROOT'), keepDays(configuration));
  sweep(store, context);
  const id = fieldOf(job, 'export') ?? '';
  const request = store.request(id);
  const before = store.status(id, Date.now());
  if (request === undefined || before === undefined) return { code: RESULT.refused, status: 'there is no such export' };
  if (before.state !== 'queued' && before.state !== 'running')
    return { code: RESULT.done, status: `was ${before.state} already` };
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
    const bytes = items.reduce((sum, item) => sum + (item.bytes ?? 0), 0);
    store.writeStatus(id, {
      state,
      done: items.length,
      errors,
      bytes,
      begin,
      tries,
      ...(isEnd && { end: Date.now() }),
    });
    progress(`${items.length} of ${request.items.length} items`, items.length / request.items.length);
  };
  tell('running', false);
  const series = await seriesOf(context);
  const done = new Set(items.map(({ item }) => item));
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
    items.push(
      await stage(name, request, {
        store,
        series,
        context,
        mostBytes: mostBytes - items.reduce((sum, item) => sum + (item.bytes ?? 0), 0),
      }),
    );
    store.writeItems(id, items);
    tell('running', false);
  }
  const failed = items.filter(({ error }) => error !== undefined).length;
  tell(failed === 0 ? 'done' : 'done-with-errors', true);
  return {
    code: failed === 0 ? RESULT.done : RESULT.partly,
    status: `${items.length - failed} of ${items.length} items staged`,
  };
};

interface Staging {
  readonly store: ExportStore;
  readonly series: ReadonlyMap<string, Series>;
  readonly context: TaskContext;
  readonly mostBytes: number;
}

/** Fetches one item into its place. */
async function stage(
  item: string,
  request: ExportRequest,
  { store, series, context, mostBytes }: Staging,
): Promise<ExportItem> {
  const name = itemNameOf(item);
  if (name === undefined) return { item, url: '', error: 'this is not the name of a record' };
  const { first } = name;
  const one = series.get(triadName(name));
  if (one === undefined) return { item, url: '', error: 'the series is not on this server any more' };
  const facts = factsOf(request, context);
  const { table } = facts;
  const start = recordStart(first, one.grid, table);
  const stop = recordStart(first + 1, one.grid, table);
  const row = { series: one, record: first, start, stop, state: 'assumed' as const };
  const words = itemWords(row, table);
  const url = `${recordLinks(row, request.places, table).data ?? ''}${request.data === 'd2t' ? '&ascii=1' : ''}`;
  const folder = join(store.folder(request.id) ?? '', 'files');
  try {
    ensureFolder(folder);
    const record = await fetchRecord(facts, url, { folder, mostBytes });
    try {
      const path = `${bagPath(row)}.${record.extension}`;
      const target = join(folder, path);
      ensureFolder(dirname(target));
      const buffer = Buffer.allocUnsafeSlow(PIECE);
      writeAll(
        `${target}.part`,
        record.content((size) => buffer.subarray(0, size)),
      );
      renameSync(`${target}.part`, target);
      const { bytes, sha256 } = record;
      if (record.extension === 'd2s')
        notePresent(context.configuration.path('BROWSE_INV'), one, first, bytes, Date.now());
      return { ...words, url, path, bytes, sha256 };
    } finally {
      record.close();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    const fault = asDas2Error(error);
    if (fault.code === 'internal') throw error;
    context.log(`export ${request.id}: ${item} failed: ${fault.message}`);
    return { ...words, url, error: publicMessage(fault, { requestId: request.id }) };
  }
}

function itemNameOf(text: string): ItemName | undefined {
  try {
    return parseItemName(text);
  } catch (error) {
    if (isDas2Error(error)) return undefined;
    throw error;
  }
}

function writeAll(file: string, content: Iterable<Uint8Array>): void {
  const descriptor = openSync(file, 'w', 0o660);
  try {
    for (const bytes of content) for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  } finally {
    closeSync(descriptor);
  }
}

async function seriesOf({ sources }: TaskContext): Promise<ReadonlyMap<string, Series>> {
  const { series } = await namingTable(sources, { now: Date.now() });
  return new Map(series.map((one) => [triadName(one), one]));
}

/** A request of nobody in particular: what needs a sign-in is not for it. */
function factsOf({ places, paths }: ExportRequest, { configuration, log }: TaskContext): BrowseFacts {
  const request = makeRequest({
    method: 'GET',
    httpVersion: '1.1',
    scheme: 'http',
    serverName: 'localhost',
    serverPort: 80,
    peerAddress: '',
    mountPath: paths.browse,
    path: '',
    query: '',
    headers: new Map(),
  });
  const requestLog: RequestLog = {
    line: (...lines) => {
      for (const line of lines) log(line);
    },
    text: log,
    close: () => {},
  };
  return {
    context: makeContext(makeServer(configuration), requestLog),
    request,
    places,
    paths,
    table: readLeapTable(configuration, request.receivedAt, () => {}),
    now: request.receivedAt,
  };
}

/** Once a day, by whichever job comes first. */
function sweep(store: ExportStore, { configuration }: TaskContext): void {
  const state = configuration.path('STATE_ROOT');
  if (state !== undefined && isFirstToday(state, 'sweep of exports')) store.sweep(Date.now());
}
