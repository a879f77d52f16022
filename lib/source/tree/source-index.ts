/**
 * The source index: what was found below DSDF_ROOT, with the facts by which a change is noticed, and the finished list.
 * This module owns its form, in memory and on disk; source-scan.ts fills it, source-tree.ts uses it.
 *
 * File, made for loading by each CGI process in well under a millisecond:
 *
 *   128 bytes   `das2-source-index FORMAT ROWS NAMES NOTES BODY SIGNATURE VERSION`, padded with blanks, LF
 *   table       ROWS x 4 doubles of this machine: mtime and ctime in ms, size, inode
 *   marks       ROWS x 3 letters: kind, state, `!` for rows that must be looked at again
 *   names       ROWS lines: path below the root, `.` for the root
 *   notes       ROWS lines: description, or nothing
 *   body        the answer to server=list
 *   copy        notes and body once more
 *
 * Lengths in bytes. Damage to table and names shows when they are compared with the disk; for the rest there is the copy,
 * since comparing texts costs nothing where a checksum in a cold process takes longer than all the rest. Whatever does not
 * fit together is no index: the tree is scanned again.
 */

import { joinBytes, latin1Text, utf8Bytes, utf8Text } from '../../bytes.js';
import { shortHash } from '../../short-hash.js';

/** `d` folder, `f` definition, `l` symbolic link itself, `x` name that is refused or leads nowhere. */
export type RowKind = 'd' | 'f' | 'l' | 'x';

/**
 * Definitions: `L` listed, `H` hidden, `R` renamed, `B` listed but not readable or not parsable; directory information:
 * `I`, or `J` if it hides the folder. Everything else: `-`.
 */
export type RowState = 'L' | 'H' | 'R' | 'B' | 'I' | 'J' | '-';

export interface Row {
  readonly kind: RowKind;
  readonly state: RowState;
  /** Looked at so soon after a change that a further change might have gone unnoticed: read again next time. */
  readonly recheck: boolean;
  /** Below the root, '' for the root; for definitions with suffix. */
  readonly path: string;
  readonly description: string;
  readonly mtime: number;
  readonly ctime: number;
  readonly size: number;
  readonly inode: number;
}

export interface SourceIndex {
  /** Four numbers a row. */
  readonly table: Float64Array;
  /** Three letters a row, see above. */
  readonly marks: string;
  /** Path of each row, `.` for the root. */
  readonly names: readonly string[];
  /** Undefined if they are damaged: only a scan has use for them. */
  readonly notes: () => readonly string[] | undefined;
  /** The answer to server=list, lines ended by CRLF. UTF-8. */
  readonly body: Uint8Array;
  /** Changes whenever anything found in the tree does. */
  readonly version: string;
}

export const NUMBERS_PER_ROW = 4;
export const MARKS_PER_ROW = 3;
/** Name and format, as the header says them. */
const FORMAT = 'das2-source-index 2';
const HEADER_BYTES = 128;
const ROW_BYTES = NUMBERS_PER_ROW * 8;
const LOOK_AGAIN = '!';

/** The file content for rows and list. `signature`: 16 hexadecimal digits for everything else the content depends on. */
export function encodeIndex(rows: readonly Row[], body: string, signature: string): Uint8Array<ArrayBuffer> {
  const table = new Float64Array(rows.length * NUMBERS_PER_ROW);
  const names: string[] = [];
  const notes: string[] = [];
  let marks = '';
  for (const [i, row] of rows.entries()) {
    table.set([row.mtime, row.ctime, row.size, row.inode], i * NUMBERS_PER_ROW);
    marks += `${row.kind}${row.state}${row.recheck ? LOOK_AGAIN : '-'}`;
    names.push(row.path === '' ? '.' : row.path);
    notes.push(row.description);
  }
  const nameBytes = utf8Bytes(names.join('\n'));
  const noteBytes = utf8Bytes(notes.join('\n'));
  const bodyBytes = utf8Bytes(body);
  const tableBytes = new Uint8Array(table.buffer);
  const content = joinBytes(tableBytes, utf8Bytes(marks), nameBytes, noteBytes, bodyBytes, noteBytes, bodyBytes);
  const lengths = [rows.length, nameBytes.length, noteBytes.length, bodyBytes.length];
  const header = [FORMAT, ...lengths, signature, shortHash(latin1Text(content))].join(' ');
  return joinBytes(utf8Bytes(`${header.padEnd(HEADER_BYTES - 1)}\n`), content);
}

/**
 * The index in a file content that starts at the beginning of its memory; undefined if it is damaged or of another site. Runs in each
 * process that is asked for the list, so it does without what is slow to be used for the first time: `Buffer`, regular expressions.
 */
export function decodeIndex(memory: ArrayBuffer, signature: string): SourceIndex | undefined {
  const bytes = new Uint8Array(memory);
  const header = utf8Text(bytes.subarray(0, HEADER_BYTES)).trimEnd().split(' ');
  if (header.length !== 8 || `${header[0]} ${header[1]}` !== FORMAT || header[6] !== signature) return undefined;
  const rowCount = Number(header[2]);
  const markStart = HEADER_BYTES + rowCount * ROW_BYTES;
  const nameStart = markStart + rowCount * MARKS_PER_ROW;
  const noteStart = nameStart + Number(header[3]);
  const bodyStart = noteStart + Number(header[4]);
  const end = bodyStart + Number(header[5]);
  // Also false where any of the lengths is no number.
  if (!(end + (end - noteStart) === bytes.length)) return undefined;
  const isOrdered = markStart <= nameStart && nameStart <= noteStart && noteStart <= bodyStart && bodyStart <= end;
  if (!isOrdered || !Number.isInteger(rowCount)) return undefined;
  const body = bytes.subarray(bodyStart, end);
  const notes = bytes.subarray(noteStart, bodyStart);
  if (!isSame(body, bytes.subarray(end + notes.length))) return undefined;
  const names = rowCount === 0 ? [] : utf8Text(bytes.subarray(nameStart, noteStart)).split('\n');
  if (names.length !== rowCount) return undefined;
  return {
    table: new Float64Array(memory, HEADER_BYTES, rowCount * NUMBERS_PER_ROW),
    marks: utf8Text(bytes.subarray(markStart, nameStart)),
    names,
    notes: () => (isSame(notes, bytes.subarray(end, end + notes.length)) ? utf8Text(notes).split('\n') : undefined),
    body,
    version: header[7] ?? '',
  };
}

function isSame(bytes: Uint8Array, copy: Uint8Array): boolean {
  return utf8Text(bytes) === utf8Text(copy);
}

/** True if a row was looked at so soon after a change that the tree has to be looked at again. */
export function mustLookAgain({ marks }: SourceIndex): boolean {
  return marks.includes(LOOK_AGAIN);
}

/** The rows of an index as objects, by path, without those of links themselves; none where the notes are damaged. */
export function rowsByPath(index: SourceIndex): Map<string, Row> {
  const notes = index.notes();
  const rows = new Map<string, Row>();
  if (notes === undefined) return rows;
  for (const [i, name] of index.names.entries()) {
    const mark = index.marks.slice(i * MARKS_PER_ROW, (i + 1) * MARKS_PER_ROW);
    const row: Row = {
      kind: mark[0] as RowKind,
      state: mark[1] as RowState,
      recheck: mark[2] === LOOK_AGAIN,
      path: name === '.' ? '' : name,
      description: notes[i] ?? '',
      mtime: index.table[i * NUMBERS_PER_ROW] ?? 0,
      ctime: index.table[i * NUMBERS_PER_ROW + 1] ?? 0,
      size: index.table[i * NUMBERS_PER_ROW + 2] ?? 0,
      inode: index.table[i * NUMBERS_PER_ROW + 3] ?? 0,
    };
    if (row.kind !== 'l') rows.set(row.path, row);
  }
  return rows;
}
