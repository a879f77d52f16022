/**
 * Exports that a worker prepares, as files (browse-export 9.4): `EXPORT_ROOT/<YYYY>/<id>/` with
 *
 *   request.json   what was asked for; never changed          items.json   what became of each item so far
 *   status.json    how far it is                              files/…      what is staged, each file whole
 *   cancel         somebody wants it to end                    mail          who is told of the end; gone with that
 *
 * Contract: files are replaced in one step, so that readers see the old or the new one. Names of exports are checked before they become
 * part of a path. Expired data go; request, list of items and digests stay for a year.
 */
import { closeSync, constants, lstatSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { namesIfAny } from '../../files/files-if-any.js';
import { ensureFolder, writeNew, writeWhole } from '../../queue/spool/files.js';
import {
  asExportItems,
  asExportRequest,
  asExportStatus,
  type ExportItem,
  type ExportRequest,
  type ExportStatus,
} from './documents.js';
import { exportYear } from './id.js';
import { isMailAddress } from './mail-address.js';

const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;

/** One folder with exports. */
export class ExportStore {
  readonly #root: string;
  readonly #keepMs: number;

  /** `keepDays`: how long data stay behind the end. */
  constructor(root: string, keepDays: number) {
    this.#root = root;
    this.#keepMs = keepDays * DAY_MS;
  }

  /** The folder of an export; undefined if the text is no name of one. */
  folder(id: string): string | undefined {
    const year = exportYear(id);
    return year === undefined ? undefined : join(this.#root, year, id);
  }

  /**
   * Keeps a new request. `key`: of the form that was sent; the id is then that of whatever was first kept under this key. `mail`: whom to tell of the end.
   */
  create(
    request: ExportRequest,
    key: string | undefined,
    mail?: string,
  ): { readonly id: string; readonly isNew: boolean } {
    const folder = this.folder(request.id) ?? '';
    ensureFolder(folder);
    if (mail !== undefined) writeWhole(join(folder, 'mail'), mail);
    writeWhole(join(folder, 'request.json'), `${JSON.stringify(request)}\n`);
    this.writeStatus(request.id, { state: 'queued', done: 0, errors: 0, bytes: 0 });
    if (key !== undefined) {
      const keys = join(this.#root, 'keys');
      ensureFolder(keys);
      if (!writeNew(join(keys, key), request.id)) {
        rmSync(folder, { recursive: true, force: true });
        return { id: readFileSync(join(keys, key), 'latin1').trim(), isNew: false };
      }
    }
    return { id: request.id, isNew: true };
  }

  request(id: string): ExportRequest | undefined {
    return asExportRequest(this.#read(id, 'request.json'));
  }

  /** The status; `expired` once its data are to go. */
  status(id: string, now: number): ExportStatus | undefined {
    const status = asExportStatus(this.#read(id, 'status.json'));
    const expires = status === undefined ? undefined : this.expires(status);
    return status !== undefined && expires !== undefined && expires <= now ? { ...status, state: 'expired' } : status;
  }

  /** When the data of an export go, in milliseconds; undefined while it is not done. */
  expires({ end, extended }: ExportStatus): number | undefined {
    return end === undefined ? undefined : end + this.#keepMs * (extended ? 2 : 1);
  }

  writeStatus(id: string, status: ExportStatus): void {
    writeWhole(join(this.folder(id) ?? '', 'status.json'), `${JSON.stringify(status)}\n`);
  }

  items(id: string): readonly ExportItem[] {
    return asExportItems(this.#read(id, 'items.json'));
  }

  writeItems(id: string, items: readonly ExportItem[]): void {
    writeWhole(join(this.folder(id) ?? '', 'items.json'), `${JSON.stringify(items)}\n`);
  }

  isCancelled(id: string): boolean {
    return statSync(join(this.folder(id) ?? '', 'cancel'), { throwIfNoEntry: false }) !== undefined;
  }

  cancel(id: string): void {
    closeSync(openSync(join(this.folder(id) ?? '', 'cancel'), constants.O_CREAT | constants.O_WRONLY, 0o660));
  }

  /** Whom to tell of the end; forgotten by this. The web account wrote it, so what is no address tells nobody. */
  takeMail(id: string): string | undefined {
    const file = join(this.folder(id) ?? '', 'mail');
    try {
      const address = readFileSync(file, 'utf8');
      return isMailAddress(address) ? address : undefined;
    } catch {
      return undefined;
    } finally {
      rmSync(file, { force: true });
    }
  }

  /** Takes the data of an export away, and nothing else. */
  removeData(id: string): void {
    const folder = this.folder(id);
    if (folder !== undefined) rmSync(join(folder, 'files'), { recursive: true, force: true });
  }

  /** Removes what has expired; never goes where a link leads. */
  sweep(now: number): void {
    for (const year of namesIfAny(this.#root)) {
      if (!/^\d{4}$/.test(year) || !isFolder(join(this.#root, year))) continue;
      for (const id of namesIfAny(join(this.#root, year))) {
        const folder = this.folder(id);
        if (folder === undefined || !isFolder(folder)) continue;
        const age = now - (this.request(id)?.made ?? now);
        if (age > YEAR_MS) rmSync(folder, { recursive: true, force: true });
        else if (this.status(id, now)?.state === 'expired') this.removeData(id);
      }
    }
    for (const key of namesIfAny(join(this.#root, 'keys'))) {
      const file = join(this.#root, 'keys', key);
      if (now - (lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now) > 8 * DAY_MS)
        rmSync(file, { force: true });
    }
  }

  #read(id: string, name: string): unknown {
    const folder = this.folder(id);
    if (folder === undefined) return undefined;
    try {
      return JSON.parse(readFileSync(join(folder, name), 'utf8'));
    } catch {
      return undefined;
    }
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
