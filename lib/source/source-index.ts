/**
 * The source index: what was found below DSDF_ROOT, with the facts by which a change is noticed, and the finished list.
 * This module owns its form, in memory and on disk; source-scan.ts fills it, source-tree.ts uses it.
 *
 * File, made for loading by each CGI process in well under a millisecond:
 *
 *   128 bytes   `das2-source-index FORMAT ROWS NAMES NOTES BODY SIGNATURE VERSION`, padded with blanks, LF
 *   table       ROWS x 4 doubles of this machine: mtime and ctime in ms, size, inode
 *   names       ROWS lines: kind, state, recheck mark, path below the root
 *   notes       ROWS lines: description, or nothing
 *   body        the answer to server=list
 *   copy        notes and body once more
 *
 * Lengths in bytes. Damage to table and names shows when they are compared with the disk; for the rest there is the copy,
 * since comparing bytes costs nothing where a checksum in a cold process takes longer than all the rest. Whatever does not
 * fit together is no index: the tree is scanned again.
 */

import { shortHash } from '../conf/short-hash.js';

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
  readonly rowCount: number;
  /** Four numbers a row. */
  readonly table: Float64Array;
  /** A line for each row, see above. */
  readonly names: readonly string[];
  readonly notes: () => readonly string[];
  /** The answer to server=list, lines ended by CRLF. */
  readonly body: Buffer;
  /** Changes whenever anything found in the tree does. */
  readonly version: string;
}

export const NUMBERS_PER_ROW = 4;
const FORMAT = 1;
const HEADER_BYTES = 128;
const ROW_BYTES = NUMBERS_PER_ROW * 8;
const HEADER = /^das2-source-index 1 (\d{1,9}) (\d{1,9}) (\d{1,9}) (\d{1,9}) ([0-9a-f]{16}) ([0-9a-f]{16}) *\n$/;

/** The file content for rows and list. `signature`: 16 hexadecimal digits for everything else the content depends on. */
export function encodeIndex(rows: readonly Row[], body: string, signature: string): Buffer {
  const table = new Float64Array(rows.length * NUMBERS_PER_ROW);
  const names: string[] = [];
  const notes: string[] = [];
  for (const [i, row] of rows.entries()) {
    table.set([row.mtime, row.ctime, row.size, row.inode], i * NUMBERS_PER_ROW);
    names.push(`${row.kind}${row.state}${row.recheck ? '!' : '-'}${row.path}`);
    notes.push(row.description);
  }
  const [nameBytes, noteBytes, bodyBytes] = [names.join('\n'), notes.join('\n'), body].map((text) => Buffer.from(text));
  if (nameBytes === undefined || noteBytes === undefined || bodyBytes === undefined) throw new Error('three texts');
  const content = Buffer.concat([Buffer.from(table.buffer), nameBytes, noteBytes, bodyBytes, noteBytes, bodyBytes]);
  const lengths = [rows.length, nameBytes.length, noteBytes.length, bodyBytes.length];
  const header = ['das2-source-index', FORMAT, ...lengths, signature, shortHash(content.toString('latin1'))].join(' ');
  return Buffer.concat([Buffer.from(`${header.padEnd(HEADER_BYTES - 1)}\n`), content]);
}

/** The index in a file content that starts at the beginning of its memory; undefined if it is damaged or of another site. */
export function decodeIndex(memory: ArrayBuffer, signature: string): SourceIndex | undefined {
  const bytes = Buffer.from(memory);
  const header = HEADER.exec(bytes.toString('latin1', 0, HEADER_BYTES));
  if (header === null || header[5] !== signature) return undefined;
  const [rowCount = 0, nameBytes = 0, noteBytes = 0, bodyBytes = 0] = header.slice(1, 5).map(Number);
  const nameStart = HEADER_BYTES + rowCount * ROW_BYTES;
  const noteStart = nameStart + nameBytes;
  const bodyStart = noteStart + noteBytes;
  const end = bodyStart + bodyBytes;
  if (end + noteBytes + bodyBytes !== bytes.length) return undefined;
  if (!bytes.subarray(noteStart, end).equals(bytes.subarray(end))) return undefined;
  const names = rowCount === 0 ? [] : bytes.toString('utf8', nameStart, noteStart).split('\n');
  if (names.length !== rowCount) return undefined;
  return {
    rowCount,
    table: new Float64Array(memory, HEADER_BYTES, rowCount * NUMBERS_PER_ROW),
    names,
    notes: () => bytes.toString('utf8', noteStart, bodyStart).split('\n'),
    body: bytes.subarray(bodyStart, end),
    version: header[6] ?? '',
  };
}

/** The rows of an index as objects, by path, without those of links themselves. */
export function rowsByPath(index: SourceIndex): Map<string, Row> {
  const notes = index.notes();
  const rows = new Map<string, Row>();
  for (const [i, name] of index.names.entries()) {
    const row: Row = {
      kind: name[0] as RowKind,
      state: name[1] as RowState,
      recheck: name[2] === '!',
      path: name.slice(3),
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
