/**
 * The index of all machines of a site as the rest of the server uses it (citation 6.3): deliveries go there behind the local log, look-ups ask there first.
 *
 * Contract: nobody waits long for the index, and nothing fails without it. What it did not get is kept for the worker (TASK_CITE_SYNC).
 */
import type { Configuration } from '../../conf/configuration.js';
import type { IssuedId } from '../citation/kept.js';
import { writtenForm } from '../citation/states.js';
import { datasetMark, type LogEntry, parseRow, REQUEST_ELSEWHERE } from '../log/row.js';
import { LogStore } from '../log/store.js';
import { CiteIndex, type StreamedDeliveries } from './index.js';
import { keepUnsent, logName } from './own-log.js';

const LOOK_UP_MS = 200;
const NOTE_MS = 500;
/** For workers, whom nobody waits for. */
const PATIENT_MS = 10_000;

/** Whether the site has such an index. */
export function hasCentral(configuration: Configuration): boolean {
  return configuration.text('CITE_STORE') === 'redis' && configuration.path('CITE_ROOT') !== undefined;
}

/** The index for a worker, who waits longer. The caller closes it. Throws `configuration`. */
export function openIndex(configuration: Configuration, root: string, limitMs = PATIENT_MS): CiteIndex {
  return new CiteIndex(configuration.text('WORK_QUEUE_CONN'), logName(root), limitMs);
}

/** An entry of a row of our own files, with its request wherever that is kept; undefined if it is none. */
export function entryOfRow(root: string, row: string): LogEntry | undefined {
  const entry = parseRow(row.trimEnd());
  if (entry === undefined || entry.request !== REQUEST_ELSEWHERE) return entry;
  const request = new LogStore(root).requestOf(entry.rk);
  return request === undefined ? undefined : { ...entry, request };
}

/** Sends a row that the local log has. Never rejects; true if the index has it now. */
export async function sendRow(configuration: Configuration, root: string, row: string): Promise<boolean> {
  const entry = entryOfRow(root, row);
  if (entry === undefined) return false;
  const isNoted = await asked(configuration, root, NOTE_MS, async (index) => {
    await index.note(entry);
    return true;
  });
  if (isNoted) return true;
  try {
    keepUnsent(root, entry, row);
  } catch {
    // The disk is full: the log itself says so.
  }
  return false;
}

/** Deliveries of a request on other machines, and the request; undefined if the index knows nothing or cannot be asked. Never rejects. */
export function entriesElsewhere(configuration: Configuration, rk: string): Promise<readonly LogEntry[] | undefined> {
  const root = configuration.path('CITE_ROOT') ?? '';
  return asked(configuration, root, LOOK_UP_MS, async (index) => (await index.find(rk))?.entries);
}

/** Deliveries of a dataset on other machines that the index was told of behind a place of its stream; undefined if it cannot be asked. Never rejects. */
export function deliveriesElsewhere(
  configuration: Configuration,
  dataset: string,
  since: string,
): Promise<StreamedDeliveries | undefined> {
  const root = configuration.path('CITE_ROOT') ?? '';
  return asked(configuration, root, LOOK_UP_MS, (index) =>
    index.deliveriesOfOthers(since, (row) => row.includes(datasetMark(dataset))),
  );
}

/** Keeps a request that has had no delivery yet. Never rejects. */
export async function keepRequestElsewhere(configuration: Configuration, rk: string, request: string): Promise<void> {
  const root = configuration.path('CITE_ROOT') ?? '';
  await asked(configuration, root, LOOK_UP_MS, (index) => index.keepRequest(rk, request));
}

/** The request of a key; undefined if the index does not know it or cannot be asked. Never rejects. */
export function requestElsewhere(configuration: Configuration, rk: string): Promise<string | undefined> {
  const root = configuration.path('CITE_ROOT') ?? '';
  return asked(configuration, root, LOOK_UP_MS, async (index) => (await index.find(rk))?.request);
}

/** What an id stands for that another machine has data of. Never rejects. */
export async function issuedElsewhere(configuration: Configuration, id: string): Promise<IssuedId | undefined> {
  const root = configuration.path('CITE_ROOT') ?? '';
  const found = await asked(configuration, root, LOOK_UP_MS, (index) => index.issued(id));
  return found && { rk: found.rk, digest: writtenForm(found.d2c1), request: found.request };
}

/** Whether the index outlasts a restart of its server; undefined if it cannot be asked. Never rejects. */
export function indexHealth(configuration: Configuration): Promise<boolean | undefined> {
  return asked(configuration, configuration.path('CITE_ROOT') ?? '', LOOK_UP_MS, (index) => index.isPersistent());
}

async function asked<Answer>(
  configuration: Configuration,
  root: string,
  limitMs: number,
  question: (index: CiteIndex) => Promise<Answer>,
): Promise<Answer | undefined> {
  let index: CiteIndex | undefined;
  try {
    index = openIndex(configuration, root, limitMs);
    return await question(index);
  } catch {
    return undefined;
  } finally {
    index?.close();
  }
}
