/**
 * TASK_INVENTORY: finds out which records of a source there are, and writes it into its inventory (browse-export 5.2, 9.4).
 *
 * A command of the definition (`recordInventory = '| …'`) is asked first; without one the files of a series of files are looked at, and of a stream each record
 * that nobody knows yet is read once, without keeping it. Records that begin in the future are left alone. `ALL` becomes one job a source.
 */

import type { BrowseFacts } from '../../browse/facts/facts.js';
import { recordLinks, requestTime } from '../../browse/forms/links.js';
import { type InventoryLine, linesOf, readInventory } from '../../browse/inventory/inventory.js';
import { noteLines, notePresent } from '../../browse/inventory/note-record.js';
import { recordFiles } from '../../browse/inventory/record-files.js';
import type { Series } from '../../browse/naming/series.js';
import { namingTable } from '../../browse/naming/table.js';
import { type RecordRange, recordAt, recordStart, recordsOfTimes } from '../../browse/record/number.js';
import { instantOfUnix } from '../../browse/time/scales.js';
import { rangeOfBounds } from '../../cache/coverage/sources.js';
import { asDas2Error } from '../../error.js';
import { shellText } from '../../pipeline/stage/command-words.js';
import { isAll } from '../../queue/field.js';
import { fieldOf, RESULT } from '../../queue/item.js';
import { ensureFolder } from '../../queue/spool/files.js';
import { fetchRecord } from '../../routes/browse/export/fetch.js';
import { parseValidRange } from '../../source/valid-range.js';
import { nobodysFacts } from './nobodys-facts.js';
import { runProgram } from './run-program.js';
import { splitJob } from './split-job.js';
import type { Task, TaskContext, TaskResult } from './task.js';

/** Records of one job: those of a stream are read, those of files looked at. */
const MOST_READ = 20_000;
const MOST_LOOKED_AT = 1_000_000;
const COMMAND_SECONDS = 3600;
const LONGEST_LIST = 64 << 20;
/** Records whose lines are written at a time. */
const WRITTEN_AT_ONCE = 1000;
const PLACES = { main: '/das/server', browse: '/das/browse' };

type Bounds = readonly [begin: string, end: string];

export const inventoryTask: Task = async (job, context) => {
  const root = context.configuration.path('BROWSE_INV');
  if (root === undefined)
    return { code: RESULT.refused, status: 'BROWSE_INV is not set: there is no place for inventories' };
  const bounds: Bounds = [fieldOf(job, 'begin') ?? '', fieldOf(job, 'end') ?? ''];
  const dataset = fieldOf(job, 'dataset') ?? '';
  const { series } = await namingTable(context.sources, { now: Date.now() });
  if (dataset !== '' && !isAll(dataset)) return oneSource(root, series, dataset, bounds, context);
  return splitJob({
    context,
    category: 'TASK_INVENTORY',
    ids: series.flatMap((one) => one.dataset ?? []),
    fieldsOf: (id) => [id, ...bounds],
    alone: (id, rest) => oneSource(root, series, id, bounds, rest),
    faults: [],
    thing: 'data source',
    done: 'inventory of',
  });
};

async function oneSource(
  root: string,
  all: readonly Series[],
  dataset: string,
  bounds: Bounds,
  context: TaskContext,
): Promise<TaskResult> {
  const series = all.find((one) => one.dataset === dataset);
  if (series === undefined) return { code: RESULT.refused, status: 'no series of browse has this source' };
  const now = Date.now();
  const facts = nobodysFacts({ places: PLACES, paths: PLACES }, context);
  const range = rangeOf(series, bounds, facts);
  if (range === undefined) return { code: RESULT.refused, status: 'begin and end are needed: there is no validRange' };
  const most = series.kind === 'files' || isCommand(series) ? MOST_LOOKED_AT : MOST_READ;
  const count = range.last - range.first + 1;
  if (count > most)
    return { code: RESULT.refused, status: `${count} records are too many for one job; name begin and end` };
  if (isCommand(series)) return askCommand(root, series, range, facts, context);
  return series.kind === 'files'
    ? lookAtFiles(root, series, range, now, context)
    : readStream(root, series, range, facts, context);
}

/** The records of the bounds, or of the valid range, that have begun. */
function rangeOf(series: Series, bounds: Bounds, { table, now }: BrowseFacts): RecordRange | undefined {
  const times =
    rangeOfBounds(...bounds) ?? (series.validRange === undefined ? undefined : parseValidRange(series.validRange, now));
  const range = times === undefined ? undefined : recordsOfTimes(times, series.grid, table);
  if (range === undefined) return undefined;
  const present = recordAt(instantOfUnix(now, table), series.grid, table);
  return { first: range.first, last: Math.min(range.last, present) };
}

function isCommand({ recordInventory }: Series): boolean {
  return recordInventory?.startsWith('|') === true;
}

/** The command is the definition's, as a reader is; it gets begin and end as its last words. */
async function askCommand(
  root: string,
  series: Series,
  range: RecordRange,
  { table, now }: BrowseFacts,
  { configuration, signal, log }: TaskContext,
): Promise<TaskResult> {
  const parts: Buffer[] = [];
  let bytes = 0;
  const text = shellText(series.recordInventory?.slice(1).trim() ?? '');
  const times = [recordStart(range.first, series.grid, table), recordStart(range.last + 1, series.grid, table)];
  const { status, complaint } = await runProgram(
    ['/bin/sh', '-c', text, 'das2', ...times.map((time) => requestTime(time, table))],
    {
      configuration,
      signal,
      seconds: COMMAND_SECONDS,
      take: (part) => {
        bytes += part.length;
        if (bytes <= LONGEST_LIST) parts.push(part);
      },
    },
  );
  if (status !== 0 || bytes > LONGEST_LIST) {
    log(
      `recordInventory of ${series.dataset}: ${status === 0 ? 'prints too much' : `status ${status ?? 'unknown'}`} ${complaint}`,
    );
    return { code: RESULT.failed, status: 'the command of recordInventory failed; the log of the worker says more' };
  }
  const lines = linesOf(Buffer.concat(parts), range);
  return told(lines.size, noteLines(root, series, lines, now));
}

/** Looks where the files of each record should be. What is off line stays so as long as nothing is there. */
async function lookAtFiles(
  root: string,
  series: Series,
  range: RecordRange,
  now: number,
  { signal, progress }: TaskContext,
): Promise<TaskResult> {
  let news = 0;
  for (let first = range.first; first <= range.last; first += WRITTEN_AT_ONCE) {
    signal.throwIfAborted();
    const last = Math.min(range.last, first + WRITTEN_AT_ONCE - 1);
    const known = readInventory(root, series, { first, last }, undefined).lines;
    const lines = new Map<number, InventoryLine>();
    for (let record = first; record <= last; record++) {
      const files = recordFiles(series, record) ?? [];
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      const { expected } = series;
      if (files.length > 0) {
        const isPart = expected !== undefined && files.length < expected;
        lines.set(record, {
          state: isPart ? 'partial' : 'present',
          bytes,
          have: files.length,
          ...(expected !== undefined && { expected }),
        });
      } else if (known.get(record)?.state !== 'offline') lines.set(record, { state: 'absent' });
    }
    news += noteLines(root, series, lines, now);
    progress(`Looked at ${last - range.first + 1} records`, (last - range.first + 1) / (range.last - range.first + 1));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return told(range.last - range.first + 1, news);
}

/** Reads the records of a stream that nobody has written about. */
async function readStream(
  root: string,
  series: Series,
  range: RecordRange,
  facts: BrowseFacts,
  { configuration, signal, log, progress }: TaskContext,
): Promise<TaskResult> {
  const { table } = facts;
  const folder = configuration.requiredPath('EXPORT_ROOT');
  ensureFolder(folder);
  const known = readInventory(root, series, range, undefined).lines;
  let [looked, news, failed] = [0, 0, 0];
  for (let record = range.first; record <= range.last; record++) {
    signal.throwIfAborted();
    if (known.has(record)) continue;
    const [start, stop] = [recordStart(record, series.grid, table), recordStart(record + 1, series.grid, table)];
    const url = recordLinks({ series, record, start, stop, state: 'assumed' }, PLACES, table).data ?? '';
    looked++;
    try {
      const fetched = await fetchRecord(facts, url, { folder, mostBytes: Number.MAX_SAFE_INTEGER });
      fetched.close();
      if (fetched.extension === 'd2s') notePresent(root, series, record, fetched.bytes, facts.now);
      news++;
    } catch (error) {
      signal.throwIfAborted();
      const fault = asDas2Error(error);
      if (fault.code === 'internal') throw error;
      if (/\bno data\b/i.test(fault.message))
        news += noteLines(root, series, new Map([[record, { state: 'absent' }]]), facts.now);
      else {
        failed++;
        log(`inventory of ${series.dataset}: record ${record}: ${fault.message}`);
      }
    }
    progress(`Read ${looked} records`, (record - range.first + 1) / (range.last - range.first + 1));
  }
  if (failed === 0) return told(looked, news);
  return {
    code: failed === looked ? RESULT.failed : RESULT.partly,
    status: `${failed} of ${looked} records could not be read; the log of the worker says why`,
  };
}

function told(looked: number, news: number): TaskResult {
  return { code: RESULT.done, status: `looked at ${looked} records, ${news} of them new or changed` };
}
