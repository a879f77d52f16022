/**
 * May the account of the web server do what it must, and may it, or anybody, do what it must not? (server-internals 1.2, 8.5)
 */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseUmask } from '../cache/safe-files.js';
import type { Configuration } from '../conf/configuration.js';
import { namesIfAny, statsIfAny } from '../files/files-if-any.js';
import { type Account, barredFolder, isMountedReadOnly, may, ownerOf, type Right } from './account.js';
import type { Findings } from './findings.js';

/** Set-group-id and all rights for the group: a folder that the accounts of the server share. */
const SHARED = 0o2070;

/** Names in the cache that are looked at. */
const MOST_NAMES = 50_000;

export interface PermissionCheck {
  readonly configuration: Configuration;
  readonly account: Account;
  /** Nobody named the account: an instance that it cannot reach at all is probably not meant for it. */
  readonly isGuess: boolean;
}

/** Checks files and folders of the configuration for the account. */
export function checkPermissions({ configuration, account, isGuess }: PermissionCheck, all: Findings): void {
  const findings = all.about('permissions');
  openToOthers(configuration, findings);
  const barred = isGuess ? barredFolder(account, configuration.file) : undefined;
  if (barred !== undefined) {
    const folder = dirname(configuration.file);
    const what = barred === folder ? 'it' : folder;
    findings.warning('out-of-reach', `${account.name} cannot enter ${barred}, so no web server can use ${what}`, {
      advice: 'let it enter, or name the account under which the server runs with --user',
    });
    return;
  }
  const { name } = account;
  const exists = (path: string | undefined): path is string => path !== undefined && statsIfAny(path) !== undefined;
  const must = (right: Right, path: string | undefined, what: string, clients: string): void => {
    if (exists(path) && !may(account, right, path)) {
      findings.error('not-allowed', `${what}: ${name} cannot ${right} ${path}`, {
        clients,
        advice:
          right === 'write' && isMountedReadOnly(path)
            ? `its file system is mounted read-only: mount it for writing, or change ${what}`
            : `give ${name} that right (owner, group and mode of the file and of the folders above it)`,
      });
    }
  };
  const mustNot = (path: string | undefined, what: string, why: string): void => {
    if (exists(path) && account.uid !== 0 && may(account, 'write', path)) {
      findings.warning('too-much-allowed', `${what}: ${name} can write ${path}, ${why}`, {
        advice: `take that right from ${name}`,
      });
    }
  };
  must('read', configuration.file, 'configuration', 'every request gets 500');
  mustNot(configuration.file, 'configuration', 'so a fault of the server could change what it runs');
  must('read', configuration.path('DSDF_ROOT'), 'DSDF_ROOT', 'nearly every request gets 500');
  mustNot(configuration.path('DSDF_ROOT'), 'DSDF_ROOT', 'so a fault of the server could add readers to run');
  must('read', configuration.path('USER_PASSWD'), 'USER_PASSWD', 'protected sources get 500');
  must('read', configuration.path('USER_GROUP'), 'USER_GROUP', 'protected sources get 500');
  must('read', configuration.path('PEERS_FILE'), 'PEERS_FILE', 'server=peers gets 500');
  must('write', configuration.path('LOG_PATH'), 'LOG_PATH', 'logs go to standard error');
  must('write', configuration.path('STATE_ROOT'), 'STATE_ROOT', 'lists are slow, and limits are not shared');
  must('read', configuration.path('CACHE_ROOT'), 'CACHE_ROOT', 'nothing comes from the cache');
  mustNot(configuration.path('CACHE_ROOT'), 'CACHE_ROOT', 'but only the worker should');
  mustNot(configuration.path('USER_PASSWD'), 'USER_PASSWD', 'so a fault of the server could add accounts');
  for (const folder of configuration.paths('BIN_PATH'))
    mustNot(folder, 'BIN_PATH', 'so a fault of the server could replace programs');
  cacheModes(configuration, account, findings);
  cacheFolders(configuration, account, findings);
  logFiles(configuration, account, findings);
  citationFiles(configuration, account, findings);
}

/**
 * The definition of a source, where this process sees more than the account: a file that an editor of root has closed, a folder that the account
 * cannot enter. What the account itself meets when it reads definitions is told with them.
 */
export function checkDefinitionRights(account: Account, root: string, id: string, findings: Findings): void {
  if (process.getuid?.() === account.uid || !may(account, 'enter', root)) return;
  const file = join(root, `${id}.dsdf`);
  if (may(account, 'read', file)) return;
  const barred = barredFolder(account, file);
  findings.error('not-allowed', `${account.name} cannot ${barred === undefined ? `read ${file}` : `enter ${barred}`}`, {
    clients: barred === undefined ? 'get 500' : 'get 404',
    advice: `chmod ${barred === undefined ? 'go+r' : 'go+rx'} ${barred ?? file}`,
  });
}

/** New files in the cache belong to the group of the folder: CACHE_UMASK says what its members, and others, may do with them. */
function cacheModes(configuration: Configuration, account: Account, findings: Findings): void {
  const folder = configuration.path('CACHE_ROOT');
  const stats = folder === undefined ? undefined : statsIfAny(folder);
  if (folder === undefined || stats === undefined || account.uid === 0 || stats.uid === account.uid) return;
  const umask = parseUmask(configuration.text('CACHE_UMASK'));
  const groupIsKept = (stats.mode & 0o2000) !== 0;
  const isMember = account.gids.includes(stats.gid);
  if (groupIsKept && may(account, 'read', folder) && ((isMember ? umask >> 3 : umask) & 0o5) !== 0) {
    findings.error('not-allowed', `CACHE_UMASK: ${account.name} cannot read what the worker writes to ${folder}`, {
      clients: 'nothing comes from the cache',
      advice: isMember
        ? `set CACHE_UMASK = 0027, and give the right for what is there: chmod -R g+rX ${folder}`
        : `give ${folder} and all below it to a group of ${account.name} (chgrp -R)`,
    });
  }
  if (isMountedReadOnly(folder)) return;
  if (groupIsKept && isMember && (umask & 0o020) === 0) {
    findings.warning(
      'too-much-allowed',
      `CACHE_UMASK: ${account.name} can change what the worker writes to ${folder}`,
      {
        advice: `set CACHE_UMASK = 0027, and take the right from what is there: chmod -R g-w ${folder}`,
      },
    );
  }
}

/** Folders in the cache that came from somebody else: from a backup of another machine, or made by root. */
function cacheFolders(configuration: Configuration, account: Account, findings: Findings): void {
  const root = configuration.path('CACHE_ROOT');
  const worker = root === undefined ? undefined : ownerOf(root);
  if (root === undefined || worker === undefined || account.uid === 0 || !may(account, 'read', root)) return;
  const foreign = firstFolder(root, (folder) => !may(worker, 'write', folder) || !may(account, 'read', folder));
  if (foreign === undefined || isMountedReadOnly(root)) return;
  const reads = may(account, 'read', foreign);
  findings.warning(
    'foreign-cache',
    `CACHE_ROOT: ${reads ? `${worker.name}, the owner of ${root}, cannot write` : `${account.name} cannot read`} ${foreign}`,
    {
      clients: reads
        ? 'get data there at full cost: nothing new comes into the cache'
        : 'nothing comes from the cache there',
      advice: `chown -R --reference=${root} ${root}${reads ? '' : ` && chmod -R g+rX ${root}`}`,
    },
  );
}

/** The first folder below a path that fits, the upper ones first; a large tree is not searched to its end. */
function firstFolder(path: string, fits: (folder: string) => boolean): string | undefined {
  const folders = [path];
  let seen = 0;
  for (let folder = folders.shift(); folder !== undefined && seen < MOST_NAMES; folder = folders.shift()) {
    if (folder !== path && fits(folder)) return folder;
    try {
      const entries = readdirSync(folder, { withFileTypes: true });
      seen += entries.length;
      for (const entry of entries) if (entry.isDirectory()) folders.push(join(folder, entry.name));
    } catch {
      // Gone meanwhile.
    }
  }
  return undefined;
}

/** Log files that somebody else made, often by running a program as root once. The worker's own are the worker's. */
function logFiles(configuration: Configuration, account: Account, findings: Findings): void {
  const folder = configuration.path('LOG_PATH');
  if (folder === undefined || account.uid === 0) return;
  let names: string[] = [];
  try {
    names = readdirSync(folder).filter((name) => /^das2\.(?!arbiter_).*\.log$/.test(name));
  } catch {
    return;
  }
  const foreign = names.filter((name) => !may(account, 'write', join(folder, name)));
  if (foreign.length > 0) {
    findings.warning(
      'foreign-logs',
      `${account.name} cannot write ${foreign.length === 1 ? 'a log file' : `${foreign.length} log files, such as`} ${foreign[0]}`,
      {
        clients: 'what belongs there goes to standard error',
        advice: `remove the files or give them to ${account.name}`,
      },
    );
  }
}

/** What citations need is open to the accounts of the server alone: made by root, nothing is noted in it any more. */
function citationFiles(configuration: Configuration, account: Account, findings: Findings): void {
  const root = configuration.path('CITE_ROOT');
  if (root === undefined || account.uid === 0 || !configuration.flag('CITE_ENABLE')) return;
  // Where STATE_ROOT is mounted read-only, that has been said of it.
  if (statsIfAny(root) === undefined || isMountedReadOnly(root)) return;
  // Of the log also the files: each month begins new ones.
  const foreign = firstForeign(root, account, 2) ?? firstForeign(join(root, 'log'), account, 2);
  const state = statsIfAny(dirname(root));
  const isShared = state !== undefined && (state.mode & SHARED) === SHARED;
  const open = `chmod -R g+rwX ${root}`;
  if (foreign !== undefined) {
    findings.warning('foreign-citations', `CITE_ROOT: ${account.name} cannot write ${foreign}`, {
      clients: 'get data of which no citation tells what they were',
      advice: isShared && account.gids.includes(statSync(foreign).gid) ? open : `chown -R ${account.name} ${root}`,
    });
  } else if (isShared && (statSync(root).mode & SHARED) !== SHARED) {
    // As older programs made it.
    findings.warning('closed-citations', `CITE_ROOT: the worker cannot look at ${root}`, {
      clients: 'are not told when data that they have cited change',
      advice: open,
    });
  }
}

/** The first file or folder, down to a depth, that the account cannot write; undefined if there is none, as far as one can see. */
function firstForeign(path: string, account: Account, depth: number): string | undefined {
  const stats = statsIfAny(path);
  if (stats === undefined) return undefined;
  if (!may(account, 'write', path)) return path;
  if (depth === 0 || !stats.isDirectory()) return undefined;
  for (const name of namesIfAny(path)) {
    const found = firstForeign(join(path, name), account, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function openToOthers(configuration: Configuration, findings: Findings): void {
  const passwords = configuration.path('USER_PASSWD');
  const mode = passwords === undefined ? 0 : (statsIfAny(passwords)?.mode ?? 0);
  if ((mode & 0o004) !== 0) {
    findings.warning('open-passwords', `USER_PASSWD: everybody on this machine can read ${passwords}`, {
      advice: `chmod o-r ${passwords}, with the group of the web server's account`,
    });
  }
  const writable = [
    configuration.file,
    passwords,
    configuration.path('USER_GROUP'),
    ...configuration.paths('BIN_PATH'),
  ];
  for (const path of writable) {
    if (path === undefined || isMountedReadOnly(path)) continue;
    if (((statsIfAny(path)?.mode ?? 0) & 0o002) !== 0) {
      findings.error('open-to-write', `everybody on this machine can write ${path}`, { advice: `chmod o-w ${path}` });
    }
  }
}
