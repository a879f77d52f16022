/**
 * The account of the web server, and what file modes let it do.
 *
 * Contract: answers come from owner, group and mode bits of a file and of every folder above it; access control lists are not
 * seen. Root may do everything, except write where a file system is mounted read-only. An administrator can let the whole check run as that account instead (`takeOn`).
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { statsIfAny } from '../files/files-if-any.js';

export interface Account {
  readonly name: string;
  readonly uid: number;
  /** Own group first. */
  readonly gids: readonly number[];
}

export type Right = 'read' | 'write' | 'enter';

/** What web servers run as on the usual systems. */
const USUAL_NAMES = ['www-data', 'apache', 'wwwrun', 'http', 'nginx', '_www'];
const BIT = { read: 4, write: 2, enter: 1 } as const;

/** The account of that name in the account files of the host; undefined if there is none. */
export function findAccount(name: string): Account | undefined {
  const row = rows('/etc/passwd').find((fields) => fields[0] === name);
  if (row === undefined) return undefined;
  const own = Number(row[3]);
  const others = rows('/etc/group')
    .filter((fields) => (fields[3] ?? '').split(',').includes(name))
    .map((fields) => Number(fields[2]));
  return { name, uid: Number(row[2]), gids: [own, ...others.filter((gid) => gid !== own)] };
}

/** The account that a file belongs to, as far as the account files of the host know it; undefined if there is no such file. */
export function ownerOf(path: string): Account | undefined {
  const stats = statsIfAny(path);
  if (stats === undefined) return undefined;
  const name = rows('/etc/passwd').find((fields) => fields[2] === String(stats.uid))?.[0];
  const known = name === undefined ? undefined : findAccount(name);
  return known ?? { name: name ?? `account ${stats.uid}`, uid: stats.uid, gids: [stats.gid] };
}

/**
 * Whose rights count if nobody says: this process's own, or, for root, those of the account that a web server on this host
 * would usually have.
 */
export function likelyAccount(): Account | undefined {
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  if (uid !== 0) {
    const name = rows('/etc/passwd').find((fields) => fields[2] === String(uid))?.[0] ?? `account ${uid}`;
    return { name, uid, gids: [process.getgid?.() ?? uid, ...(process.getgroups?.() ?? [])] };
  }
  for (const name of USUAL_NAMES) {
    const account = findAccount(name);
    if (account !== undefined) return account;
  }
  return undefined;
}

/** True if the account may do that with the file, and enter all folders on the way. False if there is no such file. */
export function may(account: Account, right: Right, path: string): boolean {
  if (right === 'write' && isMountedReadOnly(path)) return false;
  if (account.uid === 0) return true;
  return barredFolder(account, path) === undefined && hasRight(account, right, path);
}

/** True if nobody can write the file because its file system is mounted read-only; false where that cannot be seen. */
export function isMountedReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}

/** The topmost folder on the way to a file that the account cannot enter; undefined if it can enter all of them. */
export function barredFolder(account: Account, path: string): string | undefined {
  let barred: string | undefined;
  if (account.uid === 0) return undefined;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if (!hasRight(account, 'enter', folder)) barred = folder;
    if (folder === '/') return barred;
  }
}

/** Makes this process run as the account, for good. Throws what the system throws; only root can do that. */
export function takeOn(account: Account): void {
  process.setgroups?.([...account.gids]);
  process.setgid?.(account.gids[0] ?? account.uid);
  process.setuid?.(account.uid);
}

function hasRight(account: Account, right: Right, path: string): boolean {
  const stats = statsIfAny(path);
  if (stats === undefined) return false;
  const shift = stats.uid === account.uid ? 6 : account.gids.includes(stats.gid) ? 3 : 0;
  return ((stats.mode >> shift) & BIT[right]) !== 0;
}

function rows(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}
