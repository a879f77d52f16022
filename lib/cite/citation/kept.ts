/**
 * Citations that were handed out, and those that are kept for good (citation 6.4).
 *
 *     ids/<first two characters>/<id>          request key, digest and request of a citation that somebody has seen
 *     kept/<first two characters>/<id>.json    a kept citation: written once, never changed
 *     kept/<first two characters>/<id>.sig     the signature of its bytes, where the site has them signed
 *     kept/<first two characters>/<id>.events  what has happened since, a line of JSON each
 *
 * Contract: ids are checked before they come here. Files belong to the account of the server alone.
 */
import { existsSync, linkSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { namesIfAny, textIfAny } from '../../files/files-if-any.js';
import { makePrivateFolders, writePrivate } from '../private-files.js';
import { readCitationId } from './id.js';

const HOUR_MS = 3_600_000;

/** What stands behind an id. */
export interface IssuedId {
  readonly rk: string;
  readonly digest: string;
  /** Canonical request as a query string. */
  readonly request: string;
}

export interface KeptEvent {
  readonly time: string;
  readonly event: string;
  readonly [fact: string]: unknown;
}

export class KeptCitations {
  constructor(private readonly root: string) {}

  /** Remembers what an id stands for. Throws what the system throws. */
  issue(id: string, { rk, digest, request }: IssuedId): void {
    writeOnce(join(this.root, 'ids', id.slice(0, 2), id), `${rk}\t${digest}\t${request}\n`);
  }

  /** What an id stands for; undefined if it was never handed out here. */
  issued(id: string): IssuedId | undefined {
    const [rk, digest, request] =
      textIfAny(join(this.root, 'ids', id.slice(0, 2), id))
        ?.trimEnd()
        .split('\t') ?? [];
    return rk === undefined || digest === undefined || request === undefined ? undefined : { rk, digest, request };
  }

  /** Keeps a citation for good; false if it is kept already. Throws what the system throws. */
  keep(id: string, record: object): boolean {
    return writeOnce(this.fileOf(id, 'json'), `${JSON.stringify(record, undefined, 1)}\n`);
  }

  /** All kept citations, in no order that means anything. */
  list(): string[] {
    const folder = join(this.root, 'kept');
    return namesIfAny(folder)
      .flatMap((name) => namesIfAny(join(folder, name)))
      .flatMap((name) => readCitationId(/^(.+)\.json$/.exec(name)?.[1] ?? '') ?? []);
  }

  isKept(id: string): boolean {
    return existsSync(this.fileOf(id, 'json'));
  }

  /** The text of a kept record as it was written; undefined if there is none. */
  recordText(id: string): string | undefined {
    return textIfAny(this.fileOf(id, 'json'));
  }

  /** Puts a signature beside a kept record; false if there is one. Throws what the system throws. */
  sign(id: string, signature: string): boolean {
    return writeOnce(this.fileOf(id, 'sig'), signature);
  }

  /** The signature of a kept record; undefined if there is none. */
  signature(id: string): string | undefined {
    return textIfAny(this.fileOf(id, 'sig'));
  }

  /** The record of a kept citation; undefined if there is none, or its file is damaged. */
  record(id: string): unknown {
    try {
      return JSON.parse(this.recordText(id) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** Notes what has happened to a kept citation; nothing for others, and nothing that was noted within the last hour. */
  note(id: string, event: KeptEvent): void {
    if (!this.isKept(id)) return;
    const last = this.events(id).at(-1);
    if (last !== undefined && isSame(last, event) && Date.parse(event.time) - Date.parse(last.time) < HOUR_MS) return;
    writePrivate(this.fileOf(id, 'events'), `${JSON.stringify(event)}\n`, 'a');
  }

  /** What has happened to a kept citation, oldest first. */
  events(id: string): KeptEvent[] {
    return (textIfAny(this.fileOf(id, 'events')) ?? '').split('\n').flatMap((line) => {
      try {
        return [JSON.parse(line) as KeptEvent];
      } catch {
        // The last line of a full disk.
        return [];
      }
    });
  }

  private fileOf(id: string, extension: string): string {
    return join(this.root, 'kept', id.slice(0, 2), `${id}.${extension}`);
  }
}

/** Whether two events say the same, of whatever time. */
function isSame({ time: _one, ...first }: KeptEvent, { time: _other, ...second }: KeptEvent): boolean {
  return JSON.stringify(first) === JSON.stringify(second);
}

/** Writes a new file, whole or not at all, in a folder that may not be there yet; false if it is there. */
function writeOnce(file: string, text: string): boolean {
  if (existsSync(file)) return false;
  const folder = dirname(file);
  if (!existsSync(folder)) makePrivateFolders(folder);
  const aside = `${file}.${process.pid}.new`;
  try {
    writePrivate(aside, text);
    linkSync(aside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
