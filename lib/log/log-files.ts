/**
 * Which log files there are, and whose they are (server-internals 5.1, 5.2): `das2.<who>_<n>.log` in `LOG_PATH`.
 *
 * Contract: no path is ever made from text of a request. What is asked for is parsed (an address, `None`, or the name of a
 * worker) and compared with the names that are there, so every spelling of an address finds its files. Symbolic links and
 * everything else that is no plain file are left out.
 */
import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '../conf/address-list.js';

/** One file of the request log. */
export interface LogFile {
  readonly path: string;
  /** Address or word as it stands in the name. */
  readonly who: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Whose log: parsed text of a request. */
export interface LogSubject {
  /** In its usual spelling, for pages and links. */
  readonly text: string;
  /** The same for all spellings. */
  readonly key: string;
  readonly isAddress: boolean;
}

const NAME = /^das2\.(.{1,64})_\d{1,6}\.log$/;
/** What logs are called that belong to no address: workers, calls by hand, clients without one. */
const WORD = /^(?:None|direct_invoke|arbiter_[0-9A-Za-z._-]{1,48})$/;

/** The subject that a text names; undefined if it names none. */
export function parseSubject(text: string): LogSubject | undefined {
  if (text.length > 64) return undefined;
  if (WORD.test(text)) return { text, key: text, isAddress: false };
  const bytes = parseAddress(text);
  if (bytes === undefined) return undefined;
  return { text: formatAddress(bytes), key: bytes.join('.'), isAddress: true };
}

/** All files of the request log, the latest change first. An unreadable folder has none. */
export function listLogFiles(folder: string | undefined): LogFile[] {
  if (folder === undefined) return [];
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const files: LogFile[] = [];
  for (const name of names) {
    const who = NAME.exec(name)?.[1];
    if (who === undefined || parseSubject(who) === undefined) continue;
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isFile()) files.push({ path, who, size: stats.size, mtimeMs: stats.mtimeMs });
  }
  return files.sort((a, b) => b.mtimeMs - a.mtimeMs);
}

/** The files of one subject among `files`. */
export function filesOf(files: readonly LogFile[], subject: LogSubject): LogFile[] {
  return files.filter((file) => parseSubject(file.who)?.key === subject.key);
}

/** Removes files; the number that went. */
export function removeLogFiles(files: readonly LogFile[]): number {
  let count = 0;
  for (const { path } of files) {
    try {
      unlinkSync(path);
      count++;
    } catch {
      // Gone already, or not ours: the page that follows shows what is left.
    }
  }
  return count;
}

/** An address in its usual spelling: dotted, or RFC 5952. */
function formatAddress(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)).toString(16));
  let best = { from: 0, length: 1 };
  let run = { from: 0, length: 0 };
  for (const [i, group] of groups.entries()) {
    run = group === '0' ? { from: run.length === 0 ? i : run.from, length: run.length + 1 } : { from: 0, length: 0 };
    if (run.length > best.length) best = run;
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.from).join(':')}::${groups.slice(best.from + best.length).join(':')}`;
}
