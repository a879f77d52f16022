/**
 * Tables of plain text for terminals: a row of heads, a row of dashes, columns a blank apart.
 */

const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** A last row behind another line of dashes. */
  readonly sum?: readonly string[];
  /** Columns from this one on are numbers, and right-justified; default none. */
  readonly numbersFrom?: number;
}

/** The lines of a table, each ended. What would move the cursor, or end a line, becomes a blank: cells may come from anywhere. */
export function textTable({ head, rows: given, sum, numbersFrom = Number.POSITIVE_INFINITY }: TextTable): string {
  const rows = given.map((row) => row.map((cell) => cell.replace(CONTROLS, ' ')));
  const widths = head.map((cell) => cell.length);
  for (const row of sum === undefined ? rows : [...rows, sum]) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const print = (row: readonly string[]): string => {
    const cells = row.map((cell, i) => (i < numbersFrom ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    return `${cells.join(' ').trimEnd()}\n`;
  };
  const line = print(widths.map((width) => '-'.repeat(width)));
  return [print(head), line, ...rows.map(print), ...(sum === undefined ? [] : [line, print(sum)])].join('');
}
