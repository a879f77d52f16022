/**
 * Stages one item of an export (browse-export 9.4, 10): each of its files is fetched, written beside its place and renamed.
 *
 * Contract: writes below the folder of the export and nowhere else, whatever links lie there: the account of the web server may write there, too. A record that is off line is brought back once, as a whole, by the program of the site; how
 * many parts of it are wanted makes no difference. Records that need a sign-in fail: the worker has none.
 */
import { closeSync, constants, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PIECE } from '../../browse/archive/piece-pool.js';
import type { ExportItem, ExportRequest } from '../../browse/export/documents.js';
import { type BrowseFacts, browseAccess } from '../../browse/facts/facts.js';
import type { FoundRecord } from '../../browse/find/found-records.js';
import { lookUpItems } from '../../browse/find/look-up-items.js';
import { notePresent } from '../../browse/inventory/note-record.js';
import { recordPlace } from '../../browse/inventory/record-files.js';
import type { Series } from '../../browse/naming/series.js';
import { triadName } from '../../browse/record/item-name.js';
import { asDas2Error, Das2Error, isDas2Error } from '../../error.js';
import { ensureFolder } from '../../queue/spool/files.js';
import { publicMessage } from '../../reply/public-message.js';
import { fetchUnit, type Unit, unitsOf } from '../../routes/browse/export/units.js';
import { commandOf, runProgram } from './run-program.js';
import type { TaskContext } from './task.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** Bringing a record back may take a robot and a tape. */
const STAGE_SECONDS = 6 * 3600;

export interface StagingOptions {
  readonly request: ExportRequest;
  /** Of the export. */
  readonly folder: string;
  readonly facts: BrowseFacts;
  readonly series: readonly Series[];
  readonly context: TaskContext;
}

/** Stages the items of one export. */
export class Staging {
  readonly #options: StagingOptions;
  /** Records that were brought back, or could not be: once is enough for all parts of a record. */
  readonly #broughtBack = new Map<string, Promise<void>>();

  constructor(options: StagingOptions) {
    this.#options = options;
  }

  /** The files of an item, or why there are none. Rejects with the reason of the signal, and for faults that are not those of the item. */
  async stage(item: string, mostBytes: number): Promise<readonly ExportItem[]> {
    const { request, facts } = this.#options;
    let row: FoundRecord;
    try {
      row = await this.#find(item);
    } catch (error) {
      return [{ item, url: '', error: this.#complaint(item, error) }];
    }
    try {
      if (row.state === 'restricted') throw new Das2Error('forbidden', 'it needs a sign-in, and a worker has none');
      if (row.state === 'absent') throw new Das2Error('notFound', 'there is no such record');
      if (row.state === 'offline') await this.#bringBack(row);
    } catch (error) {
      const [unit] = unitsOf(row, request.data, request.places, facts.table);
      return [{ ...(unit?.words ?? {}), item, url: unit?.url ?? '', error: this.#complaint(item, error) }];
    }
    const staged: ExportItem[] = [];
    let left = mostBytes;
    for (const unit of unitsOf(row, request.data, request.places, facts.table)) {
      const one = await this.#stageUnit(unit, left);
      left -= one.bytes ?? 0;
      staged.push(row.series.kind === 'files' ? { ...one, of: item } : one);
    }
    return staged;
  }

  async #find(item: string): Promise<FoundRecord> {
    const { facts, series } = this.#options;
    const access = browseAccess(facts);
    const { rows, unreadable } = await lookUpItems([item], series, 1, {
      table: facts.table,
      inventory: facts.context.configuration.path('BROWSE_INV'),
      accessOf: (one) => access.of(one),
      now: facts.now,
    });
    const row = rows[0];
    if (row !== undefined) return row;
    throw new Das2Error('notFound', unreadable[0]?.reason ?? 'there is no such record');
  }

  #bringBack({ series, record }: FoundRecord): Promise<void> {
    const key = `${triadName(series)} ${record}`;
    const known = this.#broughtBack.get(key) ?? this.#runStaging(series, record);
    this.#broughtBack.set(key, known);
    return known;
  }

  async #runStaging(series: Series, record: number): Promise<void> {
    const { configuration, signal, log } = this.#options.context;
    const command = configuration.text('STAGE_CMD');
    if (command === undefined) throw new Das2Error('notFound', 'it is off line, and this site brings nothing back');
    const { prog, level, series: name } = series;
    const args = [prog, level, name, String(record), recordPlace(series, record) ?? ''];
    const { status, complaint } = await runProgram([...commandOf('STAGE_CMD', command), ...args], {
      configuration,
      signal,
      seconds: STAGE_SECONDS,
    });
    if (status === 0) return;
    log(
      `STAGE_CMD for ${triadName(series)}[${record}]: ${status === undefined ? 'did not run' : `status ${status}`} ${complaint}`,
    );
    throw new Das2Error('notFound', 'it is off line and could not be brought back');
  }

  async #stageUnit(unit: Unit, mostBytes: number): Promise<ExportItem> {
    const { folder, facts, context } = this.#options;
    const { words, url, row } = unit;
    const files = join(folder, 'files');
    try {
      ensureBelow(folder, 'files');
      const { fetched, path } = await fetchUnit(facts, unit, { folder: files, mostBytes });
      try {
        const target = join(files, path);
        ensureBelow(files, dirname(path));
        const buffer = Buffer.allocUnsafeSlow(PIECE);
        writeAll(
          `${target}.part`,
          fetched.content((size) => buffer.subarray(0, size)),
        );
        renameSync(`${target}.part`, target);
        const { bytes, sha256, extension } = fetched;
        if (extension === 'd2s' && row.part === undefined)
          notePresent(context.configuration.path('BROWSE_INV'), row.series, row.record, bytes, Date.now());
        return { ...words, url, path, bytes, sha256 };
      } finally {
        fetched.close();
      }
    } catch (error) {
      return { ...words, url, error: this.#complaint(words.item, error) };
    }
  }

  /** Why an item failed, for everybody; the log has more. */
  #complaint(item: string, error: unknown): string {
    const { request, context } = this.#options;
    context.signal.throwIfAborted();
    const fault = asDas2Error(error);
    if (fault.code === 'internal') throw error;
    context.log(`export ${request.id}: ${item} failed: ${isDas2Error(error) ? error.message : fault.message}`);
    return publicMessage(fault, { requestId: request.id });
  }
}

/** Makes the folders of a path below a folder; throws where one is a link. */
function ensureBelow(folder: string, path: string): void {
  let inner = folder;
  for (const part of path.split('/')) {
    inner = join(inner, part);
    if (lstatSync(inner, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new Das2Error('configuration', 'a folder of the export is a link to somewhere else');
    ensureFolder(inner);
  }
}

function writeAll(file: string, content: Iterable<Uint8Array>): void {
  // What a worker that died has left, or a link.
  rmSync(file, { force: true });
  const descriptor = openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o660);
  try {
    for (const bytes of content) for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  } finally {
    closeSync(descriptor);
  }
}
