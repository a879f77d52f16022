/**
 * Blocks that could not be made: a mark beside the place of each, `.<block file>.failed`, for how long requests leave it alone.
 *
 * Contract: written by builders, read by whoever would ask for the block. An hour after the first failure the block may be asked for again, then
 * after four, sixteen, and at most 24 hours; so a source whose reader fails costs one attempt in that time, however many requests come. A
 * failure while a mark holds (an administrator tried, or the queue tried the same job again) renews it and counts for no further one. The
 * mark goes with the block that is made after all, and says nothing once the definition has changed, or `cacheInvalidBefore` is behind it.
 * Marks that cannot be written are done without: a cache that takes no file fails before a reader is run.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatTime, type TimePoint } from '../../stream/time.js';
import { FAILED } from '../block/leftovers.js';
import type { LevelPlace } from '../level/place.js';
import { ensureFolders, removeIfThere, replaceFile } from '../safe-files.js';
import type { BlockFailure, FailureKind } from './block-failure.js';

const FORMAT = 1;
const HOUR_MS = 3_600_000;
const FACTOR = 4;
const LONGEST_MS = 24 * HOUR_MS;
const LONGEST_REASON = 300;

/** What is known of a block that could not be made. Times are ISO text in UTC. */
export interface FailedBlock extends BlockFailure {
  readonly format: number;
  /** Of the definition that it failed with. */
  readonly hash: string;
  readonly begin: string;
  readonly failedAt: string;
  /** Until then requests do not ask for it. */
  readonly tryAfter: string;
  /** Failures, each behind the end of the mark before it. */
  readonly attempts: number;
  /** The job in which it failed; '' if it was none. */
  readonly job: string;
}

/** Name of the mark of a block file's name. */
function failureName(name: string): string {
  return `.${name}${FAILED}`;
}

/** A block by its place: `file` is its path below the folder of the level. */
export interface BlockPlace {
  readonly place: LevelPlace;
  readonly begin: TimePoint;
  readonly file: string;
}

/** The mark of a block, if it holds at `now` (milliseconds since 1970). */
export function failureOf(block: BlockPlace, now: number): FailedBlock | undefined {
  const mark = readMark(pathOf(block));
  if (mark === undefined || mark.hash !== block.place.rules.hash || mark.begin !== beginText(block)) return undefined;
  if (Date.parse(mark.failedAt) < (block.place.rules.invalidBefore ?? Number.NEGATIVE_INFINITY)) return undefined;
  const left = Date.parse(mark.tryAfter) - now;
  // A clock that was wrong must not hold a block back for years.
  return left > 0 && left <= LONGEST_MS ? mark : undefined;
}

/** Marks a block that has just failed. Never throws. */
export function noteFailure(
  block: BlockPlace,
  failure: BlockFailure,
  options: { readonly job: string; readonly umask: number; readonly now: number },
): void {
  const { job, umask, now } = options;
  const { root, parts, rules } = block.place;
  const before = readMark(pathOf(block));
  const known = before?.hash === rules.hash ? before.attempts : 0;
  const attempts = failureOf(block, now) === undefined ? known + 1 : known;
  const wait = Math.min(LONGEST_MS, HOUR_MS * FACTOR ** (Math.min(attempts, 10) - 1));
  const mark: FailedBlock = {
    format: FORMAT,
    hash: rules.hash,
    begin: beginText(block),
    failedAt: new Date(now).toISOString(),
    tryAfter: new Date(now + wait).toISOString(),
    attempts,
    kind: failure.kind,
    reason: failure.reason.slice(0, LONGEST_REASON),
    job,
  };
  try {
    const below = dirname(block.file);
    const folder = ensureFolders(root, [...parts, ...(below === '.' ? [] : below.split('/'))], umask);
    replaceFile(folder, failureName(nameOf(block.file)), Buffer.from(`${JSON.stringify(mark)}\n`), umask);
  } catch {
    // A full disk: the next one who is asked for the block finds it as full.
  }
}

/** Forgets that a block has failed. Never throws. */
export function forgetFailure(block: BlockPlace): void {
  try {
    removeIfThere(pathOf(block));
  } catch {
    // What it says ends by itself.
  }
}

function pathOf({ place, file }: BlockPlace): string {
  const path = join(place.folder, file);
  return join(dirname(path), failureName(nameOf(path)));
}

function beginText({ begin }: BlockPlace): string {
  return formatTime(begin, { decimals: 0 });
}

/** The mark in a file; undefined if there is none. */
export function readMark(path: string): FailedBlock | undefined {
  try {
    return parseFailure(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

const KINDS: ReadonlySet<unknown> = new Set<FailureKind>(['reader', 'reducer', 'killed', 'timeout', 'stream', 'held']);

/** The mark as text read from disk; undefined if it is damaged or of another form. */
export function parseFailure(text: string): FailedBlock | undefined {
  try {
    const mark = JSON.parse(text) as Partial<Readonly<Record<keyof FailedBlock, unknown>>> | null;
    const right =
      mark?.format === FORMAT &&
      [mark.hash, mark.begin, mark.reason, mark.job].every((one) => typeof one === 'string') &&
      [mark.failedAt, mark.tryAfter].every((time) => Number.isFinite(Date.parse(String(time)))) &&
      Number.isSafeInteger(mark.attempts) &&
      Number(mark.attempts) > 0 &&
      KINDS.has(mark.kind);
    return right ? (mark as FailedBlock) : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
