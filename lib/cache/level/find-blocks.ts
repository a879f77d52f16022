/**
 * Which blocks of a level the cache has, and the pieces that an answer is made of (server-internals 2.4, 2.6, 2.9).
 *
 * Looks at names and side files only. A block that changes afterwards is noticed when it is opened, one whose bytes are not those that were
 * written when it is read.
 */
import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TimeRange } from '../../source/time-range.js';
import { formatTime, type TimePoint } from '../../stream/time.js';
import { blocksOf, countBlocks, nextBlockBegin } from '../block/block.js';
import { type BlockFacts, lookAtBlock, readSide } from '../block/look.js';
import { type BlockContent, type BlockState, blockState } from '../block/record.js';
import { clipped, type LevelPart } from './grid.js';
import { blockFile, isYoung, type LevelPlace } from './place.js';

/** A part of the answer, in order of time: from a file, or missing. */
export interface Piece extends LevelPart {
  /** Absolute path of a block; undefined where there is none. */
  readonly file: string | undefined;
  /** As the file was when it was looked at. */
  readonly seen?: SeenBlock | undefined;
}

interface SeenBlock {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
  /** Nothing more was expected for its time when it was built. */
  readonly final: boolean;
  readonly content: BlockContent | undefined;
}

export interface FoundBlocks {
  readonly pieces: readonly Piece[];
  readonly present: number;
  /** Whole blocks to be made, in order: missing ones and stale ones, but none that may not be looked at. */
  readonly wanted: readonly TimePoint[];
  /** Why blocks could not be looked at, as a code of the system; undefined if all could. */
  readonly refused: string | undefined;
}

/** From so many blocks on their folders are listed, instead of trying every name. */
const LIST_FROM = 8;

/** The blocks of these parts. */
export function findParts(place: LevelPlace, parts: readonly LevelPart[], now: number): FoundBlocks {
  const names = parts.length < LIST_FROM ? undefined : new FolderNames();
  const pieces: Piece[] = [];
  const wanted: TimePoint[] = [];
  let present = 0;
  let refused: string | undefined;
  let isRefused = false;
  const refuse = (code = 'unknown error'): void => {
    refused = code;
    isRefused = true;
  };
  for (const part of parts) {
    if (part.isCut) {
      pieces.push({ ...part, file: undefined });
      continue;
    }
    const path = join(place.folder, blockFile(place, part.block));
    isRefused = false;
    const file = names?.has(path) === false ? undefined : lookAtBlock(dirname(path), nameOf(path), refuse);
    const state = file === undefined ? undefined : stateOf(place, part.block, file, now);
    if (state?.kind !== 'valid' && !isRefused) wanted.push(part.block);
    if (file === undefined || state === undefined || state.kind === 'missing') {
      pieces.push({ ...part, file: undefined });
      continue;
    }
    present++;
    const seen = { size: file.size, changedAt: file.changedAt, final: state.final, content: state.content };
    pieces.push({ ...part, file: path, seen });
  }
  return { pieces, present, wanted, refused };
}

/** The blocks that a range touches; undefined if there are more than `most`. */
export function findBlocks(place: LevelPlace, range: TimeRange, most: number, now: number): FoundBlocks | undefined {
  const { period } = place.level;
  if (countBlocks(range, period) > most) return undefined;
  const parts = [...blocksOf(range, period)].map((block) => {
    const part = clipped({ begin: block, end: nextBlockBegin(block, period) }, range);
    return { ...part, block, origin: undefined, bounds: part };
  });
  return findParts(place, parts, now);
}

/** The names in folders, each of which is listed once. */
class FolderNames {
  private readonly known = new Map<string, ReadonlySet<string> | undefined>();

  /** False if there is no such name; true also where nobody can say. */
  has(path: string): boolean {
    const folder = dirname(path);
    if (!this.known.has(folder)) this.known.set(folder, namesIn(folder));
    return this.known.get(folder)?.has(nameOf(path)) !== false;
  }
}

/** The names in a folder; undefined if it may not be listed. */
function namesIn(folder: string): ReadonlySet<string> | undefined {
  try {
    return new Set(readdirSync(folder));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Set() : undefined;
  }
}

/** Pieces with the missing ones that follow each other made one, where one run has the bins of both. */
export function joinMissing(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined[joined.length - 1];
    const joins = last !== undefined && last.file === undefined && piece.file === undefined;
    if (joins && piece.origin === undefined) {
      const bounds = { begin: last.bounds.begin, end: piece.bounds.end };
      joined[joined.length - 1] = { ...last, end: piece.end, bounds, ...(piece.isCut && { isCut: true }) };
    } else joined.push(piece);
  }
  return joined;
}

/** An open block, and what is known of its bytes. The caller closes it. */
export interface OpenBlock {
  readonly descriptor: number;
  readonly size: number;
  readonly content: BlockContent | undefined;
}

/** Opens the block of a piece; undefined if it can be used no more. */
export function openPiece(place: LevelPlace, { file, block, seen }: Piece, now: number): OpenBlock | undefined {
  const opened = file === undefined ? undefined : openFile(file);
  if (file === undefined || opened === undefined) return undefined;
  const { descriptor, size, changedAt } = opened;
  if (seen?.size === size && seen.changedAt === changedAt) return { descriptor, size, content: seen.content };
  const facts = { size, changedAt, sideText: readSide(dirname(file), nameOf(file)) };
  const state = stateOf(place, block, facts, now);
  if (state.kind !== 'missing') return { descriptor, size, content: state.content };
  closeSync(descriptor);
  return undefined;
}

/** Opens a block that was usable a moment ago; undefined if it is so no more. The caller closes it. */
export function openBlock(place: LevelPlace, path: string, now: number): number | undefined {
  const opened = openFile(path);
  if (opened === undefined) return undefined;
  const facts = { ...opened, sideText: readSide(dirname(path), nameOf(path)) };
  if (blockState(facts, place.rules, now).kind !== 'missing') return opened.descriptor;
  closeSync(opened.descriptor);
  return undefined;
}

function openFile(path: string): { descriptor: number; size: number; changedAt: number } | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const { size, mtimeMs } = fstatSync(descriptor);
    return { descriptor, size, changedAt: mtimeMs };
  } catch {
    // Opened and gone: a file server that has lost it.
    if (descriptor !== undefined) closeSync(descriptor);
    return undefined;
  }
}

function stateOf(place: LevelPlace, begin: TimePoint, file: BlockFacts, now: number): BlockState {
  const state = blockState(file, place.rules, now, formatTime(begin, { decimals: 0 }));
  // What is due may be served while it is made anew; but requests never ask for blocks that data still come in for.
  return state.kind === 'stale' && isYoung(place, begin, now) ? { ...state, kind: 'missing' } : state;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
