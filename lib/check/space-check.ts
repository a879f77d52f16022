/**
 * Is there room for what the server writes? A disk that is full loses logs, citations and jobs while clients still get their data, so
 * nobody complains until somebody looks for them.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Configuration } from '../conf/configuration.js';
import { isMountedReadOnly } from './account.js';
import type { Findings } from './findings.js';

/** Room on the file system of a folder. */
export interface Room {
  /** For accounts other than root. */
  readonly bytes: number;
  /** Files that can still be made; undefined where the file system does not count them. */
  readonly files: number | undefined;
}

/** What is written there, and what is missing without it. */
const FOLDERS = [
  ['LOG_PATH', 'logs go to standard error, and access records are lost'],
  ['STATE_ROOT', 'nothing is noted for citations, jobs are not queued, and limits are not shared'],
  ['CACHE_ROOT', 'nothing new comes into the cache'],
  ['EXPORT_ROOT', 'exports are refused'],
] as const;

const MEBIBYTE = 1024 ** 2;
const FULL = MEBIBYTE;
const SMALL = 200 * MEBIBYTE;
const FEW_FILES = 1000;

/** Looks at each folder that the server writes to; `roomIn` is what the system says. */
export function checkSpace(
  configuration: Configuration,
  all: Findings,
  roomIn: (folder: string) => Room | undefined = room,
): void {
  const findings = all.about('space');
  for (const [key, clients] of FOLDERS) {
    const folder = configuration.path(key);
    const left = folder === undefined ? undefined : roomIn(folder);
    if (left === undefined) continue;
    const advice = `make room on the file system of ${folder}, or move ${key} to another one`;
    if (left.bytes < FULL || left.files === 0) {
      findings.error(
        'disk-full',
        `${key}: the disk of ${folder} is full${left.bytes < FULL ? '' : ': no file can be made'}`,
        {
          clients,
          advice,
        },
      );
    } else if (left.bytes < SMALL || (left.files ?? FEW_FILES) < FEW_FILES) {
      const rest = left.bytes < SMALL ? `${mebibytes(left.bytes)} are` : `room for ${left.files} files is`;
      findings.warning('disk-small', `${key}: ${rest} left on the disk of ${folder}`, { advice });
    }
  }
  checkExports(configuration, findings, roomIn);
}

/** Archives and exports are refused long before the disk is full. Their folder is made by the first of them. */
function checkExports(
  configuration: Configuration,
  findings: Findings,
  roomIn: (folder: string) => Room | undefined,
): void {
  const root = configuration.path('EXPORT_ROOT');
  const least = configuration.bytes('EXPORT_MIN_FREE') ?? 0;
  if (root === undefined) return;
  const left = (roomIn(root) ?? roomIn(dirname(root)))?.bytes ?? Number.POSITIVE_INFINITY;
  if (left >= least || left < FULL) return;
  findings.warning(
    'export-space',
    `EXPORT_ROOT: ${mebibytes(left)} are left on the disk of ${root}, and exports leave ${mebibytes(least)} free (EXPORT_MIN_FREE)`,
    {
      clients: 'archives and exports are refused',
      advice: `make room on the file system of ${root}, move EXPORT_ROOT to another one, or lower EXPORT_MIN_FREE`,
    },
  );
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / MEBIBYTE)} MiB`;
}

/** Undefined for a folder that is not there, that nobody can write to anyway, or where nobody knows. */
function room(folder: string): Room | undefined {
  try {
    if (isMountedReadOnly(folder)) return undefined;
    const { bavail, bsize, files, ffree } = statfsSync(folder);
    return { bytes: bavail * bsize, files: files > 0 ? ffree : undefined };
  } catch {
    return undefined;
  }
}
