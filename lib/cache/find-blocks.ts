/**
 * Which blocks of a range the cache has, and the pieces that an answer is made of (server-internals 2.4, 2.6, 2.9).
 *
 * Looks at names and side files only; a block that changes afterwards is noticed when it is opened.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TimeRange } from '../source/time-range.js';
import { compareTimes, type TimePoint } from '../stream/time.js';
import { blocksOf, countBlocks, nextBlockBegin } from './block.js';
import { type BlockState, blockState } from './block-record.js';
import { lookAtBlock, readSide } from './block-writer.js';
import { blockFile, type LevelPlace } from './level-place.js';

/** A part of the range, in order of time: from a file, or missing. Bounds lie inside the range that was asked for. */
export interface Piece {
  readonly begin: TimePoint;
  readonly end: TimePoint;
  /** Absolute path of a block; undefined where there is none. */
  readonly file: string | undefined;
}

export interface FoundBlocks {
  readonly pieces: readonly Piece[];
  readonly present: number;
  /** Whole blocks to be made, in order: missing ones and stale ones. */
  readonly wanted: readonly TimePoint[];
}

/** The blocks that a range touches; undefined if there are more than `most`. */
export function findBlocks(place: LevelPlace, range: TimeRange, most: number, now: number): FoundBlocks | undefined {
  const { period } = place.level;
  if (countBlocks(range, period) > most) return undefined;
  const pieces: Piece[] = [];
  const wanted: TimePoint[] = [];
  let present = 0;
  for (const begin of blocksOf(range, period)) {
    const path = join(place.folder, blockFile(place, begin));
    const state = stateOfBlock(place, path, now);
    if (state?.kind !== 'valid') wanted.push(begin);
    const usable = state !== undefined && state.kind !== 'missing';
    if (usable) present++;
    const end = nextBlockBegin(begin, period);
    pieces.push({
      begin: compareTimes(begin, range.begin) < 0 ? range.begin : begin,
      end: compareTimes(end, range.end) > 0 ? range.end : end,
      file: usable ? path : undefined,
    });
  }
  return { pieces, present, wanted };
}

/** Pieces with the missing ones that follow each other made one. */
export function joinMissing(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && last.file === undefined && piece.file === undefined) {
      joined[joined.length - 1] = { ...last, end: piece.end };
    } else joined.push(piece);
  }
  return joined;
}

/** Opens a block that was usable a moment ago; undefined if it is so no more. The caller closes it. */
export function openBlock(place: LevelPlace, path: string, now: number): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return undefined;
  }
  const { size, mtimeMs } = fstatSync(descriptor);
  const sideText = readSide(dirname(path), nameOf(path));
  if (blockState({ size, changedAt: mtimeMs, sideText }, place.rules, now).kind !== 'missing') return descriptor;
  closeSync(descriptor);
  return undefined;
}

function stateOfBlock(place: LevelPlace, path: string, now: number): BlockState | undefined {
  const file = lookAtBlock(dirname(path), nameOf(path));
  return file === undefined ? undefined : blockState(file, place.rules, now);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
