/**
 * Condenses old segments of the log: `<YYYYMM>.seg` become part of `<YYYY>.sum` (citation 6.2), and, where that is wanted, their hashes a link of a chain
 * (14.2).
 *
 *     <YYYY>.sum     # segments 202601 202602 …          what is condensed already
 *                    one row for each request, digest and way (summary.ts)
 *
 * Contract: a summary is written aside and renamed before its segments are removed. A segment that is named in a summary is not read any more, so a
 * death between the two harms nothing. Run by one process at a time (a lock).
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Das2Error } from '../../error.js';
import { takeLock } from '../../files/lock-file.js';
import { replaceFile } from '../../files/replace-file.js';
import { makePrivateFolders, privateMode, writePrivate } from '../private-files.js';
import { readSegment, readSummary, segmentMonths } from './files.js';
import { summaryRows } from './summary.js';

export interface CompactOptions {
  /** Segments of months before this one are condensed: `YYYYMM`. */
  readonly before: string;
  /** Write a link of the chain. */
  readonly chain: boolean;
}

export interface CompactResult {
  readonly segments: number;
  readonly damaged: number;
  /** The link of the chain, if one was written. */
  readonly link?: string;
}

const LOCK = { waitMs: 1000, staleMs: 3_600_000 };

/** The first month that stays as it is, at a time (milliseconds), when so many months are kept. */
export function firstKeptMonth(now: number, months: number): string {
  const date = new Date(now);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() - Math.max(1, months) + 1;
  return `${Math.floor(month / 12)}${String((month % 12) + 1).padStart(2, '0')}`;
}

/** Condenses what is old enough. Throws `configuration` if another process is at it. */
export function compact(root: string, { before, chain }: CompactOptions): CompactResult {
  const shards = shardsOf(root);
  if (shards.length === 0) return { segments: 0, damaged: 0 };
  const unlock = takeLock(join(root, 'compact.lock'), LOCK);
  if (unlock === undefined) throw new Das2Error('configuration', 'the log is being condensed by another process');
  try {
    const hashes: string[] = [];
    let damaged = 0;
    for (const shard of shards) damaged += compactShard(join(root, 'log', shard), before, hashes);
    const link = chain && hashes.length > 0 ? writeLink(root, hashes) : undefined;
    return { segments: hashes.length, damaged, ...(link !== undefined && { link }) };
  } finally {
    unlock();
  }
}

/** The shards of the log, in order; none where nothing was logged yet. */
function shardsOf(root: string): string[] {
  try {
    return readdirSync(join(root, 'log')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function compactShard(folder: string, before: string, hashes: string[]): number {
  const old = segmentMonths(folder).filter((month) => month < before);
  let damaged = 0;
  for (const year of new Set(old.map((month) => month.slice(0, 4)))) {
    const months = old.filter((month) => month.startsWith(year));
    const summary = readSummary(join(folder, `${year}.sum`));
    const fresh = months.filter((month) => !summary.segments.has(month));
    const entries = [...summary.entries];
    for (const month of fresh) {
      const file = join(folder, `${month}.seg`);
      const read = readSegment(file);
      entries.push(...read.entries);
      damaged += read.damaged;
      hashes.push(`${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${folder.slice(-2)}/${month}.seg`);
    }
    if (fresh.length > 0) {
      const lines = [`# segments ${[...summary.segments, ...fresh].join(' ')}`, ...summaryRows(entries)];
      const content = Buffer.from(`${lines.join('\n')}\n`);
      replaceFile(join(folder, `${year}.sum`), { change: () => content, newMode: privateMode(folder) });
    }
    for (const month of months) unlinkSync(join(folder, `${month}.seg`));
  }
  return damaged;
}

/** Writes the hashes of what has gone, and that of the link before. */
function writeLink(root: string, hashes: readonly string[]): string {
  const folder = join(root, 'chain');
  makePrivateFolders(folder);
  const links = readdirSync(folder).sort();
  const last = links.at(-1);
  const previous =
    last === undefined
      ? '-'
      : createHash('sha256')
          .update(readFileSync(join(folder, last)))
          .digest('hex');
  const name = `${String(links.length + 1).padStart(6, '0')}.txt`;
  writePrivate(join(folder, name), `previous ${previous}\n${hashes.join('\n')}\n`, 'wx');
  return name;
}

/** What the links of the chain say of each other: the first one that does not fit; undefined if all do. */
export function brokenLink(root: string): string | undefined {
  const folder = join(root, 'chain');
  let previous = '-';
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    const bytes = readFileSync(join(folder, name));
    if (!bytes.toString().startsWith(`previous ${previous}\n`)) return name;
    previous = createHash('sha256').update(bytes).digest('hex');
  }
  return undefined;
}
