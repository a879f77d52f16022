/**
 * Reads one packet tag of either style, tolerantly where stream-format 2.1 says so.
 *
 *     [00] [NN] [xx]  + six bytes: a positive length, blanks on either side allowed; xx in any case
 *     :NN:
 *     |Sx||N|  |Hx|ID|N|  |Pd|ID|N|  |Cx||N|  |Ex||N|     ID and N decimal, up to ten digits (10.2)
 *
 * Contract: no allocation; the caller owns the result object. Which ids are defined is the caller's business.
 */
import { RECORD_LIMIT } from './tag.js';

/** `das3` marks tags that only das 3 has: JSON content and extension packets. */
export type TagKind = 'stream' | 'packet' | 'data' | 'message' | 'das3';

export interface PacketTag {
  kind: TagKind;
  /** 1..99 for packet headers and data, otherwise 0. */
  id: number;
  contentOffset: number;
  /** Bytes of content; -1 for `:NN:`, whose length only the packet header knows. */
  contentLength: number;
}

const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const COLON = 0x3a;
const PIPE = 0x7c;
const BLANK = 0x20;

/** `|Pd|`, ten digits, `|`, ten digits, `|`. */
const LONGEST_PIPE_TAG = 26;

/**
 * Reads the tag at `at`. Returns 0 when `tag` is filled in, the number of bytes needed from `at` on when there are too few before
 * `end`, and -1 when this is no tag (`tag.kind` is then `das3` for tags of das 3).
 */
export function readTag(bytes: Uint8Array, at: number, end: number, tag: PacketTag): number {
  const first = bytes[at];
  if (first !== BRACKET && first !== COLON && first !== PIPE) return fault(tag);
  if (end - at < 4) return 4;
  if (first === PIPE) return readPipeTag(bytes, at, end, tag);
  const id = twoDigits(bytes, at + 1);
  if (first === COLON) {
    if (id < 1 || bytes[at + 3] !== COLON) return fault(tag);
    return fill(tag, 'data', id, at + 4, -1);
  }
  if (bytes[at + 3] !== BRACKET_END) return fault(tag);
  const message = id < 0 && isLetterX(bytes[at + 1]) && isLetterX(bytes[at + 2]);
  if (id < 0 && !message) return fault(tag);
  if (end - at < 10) return 10;
  const length = paddedLength(bytes, at + 4);
  if (length < 1) return fault(tag);
  if (message) return fill(tag, 'message', 0, at + 10, length);
  return fill(tag, id === 0 ? 'stream' : 'packet', id, at + 10, length);
}

function readPipeTag(bytes: Uint8Array, at: number, end: number, tag: PacketTag): number {
  if (bytes[at + 3] !== PIPE) return fault(tag);
  const name = String.fromCharCode(bytes[at + 1] as number, bytes[at + 2] as number);
  const kind = PIPE_KINDS.get(name);
  if (kind === undefined || kind === 'das3') {
    tag.kind = kind ?? 'data';
    return -1;
  }
  const idEnd = fieldEnd(bytes, at + 4, end);
  const lengthEnd = idEnd < 0 ? -1 : fieldEnd(bytes, idEnd + 1, end);
  if (lengthEnd < 0) {
    const available = end - at;
    return available < LONGEST_PIPE_TAG && allDigitsOrPipes(bytes, at + 4, end) ? available + 1 : fault(tag);
  }
  const id = decimal(bytes, at + 4, idEnd);
  const length = decimal(bytes, idEnd + 1, lengthEnd);
  const withId = kind === 'packet' || kind === 'data';
  if (withId ? id < 1 || id > 99 : idEnd !== at + 4 && id !== 0) return fault(tag);
  if (length < 1 || length > RECORD_LIMIT) return fault(tag);
  return fill(tag, kind, withId ? id : 0, lengthEnd + 1, length);
}

const PIPE_KINDS: ReadonlyMap<string, TagKind> = new Map([
  ['Sx', 'stream'],
  ['Hx', 'packet'],
  ['Pd', 'data'],
  ['Cx', 'message'],
  ['Ex', 'message'],
  ['Sj', 'das3'],
  ['Hj', 'das3'],
  ['Cj', 'das3'],
  ['Ej', 'das3'],
  ['Xx', 'das3'],
]);

function fill(tag: PacketTag, kind: TagKind, id: number, contentOffset: number, contentLength: number): 0 {
  tag.kind = kind;
  tag.id = id;
  tag.contentOffset = contentOffset;
  tag.contentLength = contentLength;
  return 0;
}

function fault(tag: PacketTag): -1 {
  tag.kind = 'data';
  return -1;
}

function digit(byte: number | undefined): number {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : -1;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = digit(bytes[at]);
  const ones = digit(bytes[at + 1]);
  return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
}

function isLetterX(byte: number | undefined): boolean {
  return byte === 0x78 || byte === 0x58;
}

/** Six bytes: blanks, digits, blanks. -1 when they are anything else. */
function paddedLength(bytes: Uint8Array, at: number): number {
  let start = at;
  let end = at + 6;
  while (start < end && bytes[start] === BLANK) start++;
  while (end > start && bytes[end - 1] === BLANK) end--;
  return decimal(bytes, start, end);
}

/** The decimal number in this range, 0 for an empty one, -1 for anything else. */
function decimal(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const next = digit(bytes[i]);
    if (next < 0) return -1;
    value = value * 10 + next;
  }
  return value;
}

/** Where the next pipe is, at most ten bytes on and before `end`; -1 if it is not there. */
function fieldEnd(bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end - 1, start + 10);
  for (let i = start; i <= last; i++) {
    if (bytes[i] === PIPE) return i;
  }
  return -1;
}

function allDigitsOrPipes(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (bytes[i] !== PIPE && digit(bytes[i]) < 0) return false;
  }
  return true;
}
