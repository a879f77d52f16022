/**
 * What a plot shows, in words and as a table, for those who do not see it. Pure.
 */

import { timeFromUs2000 } from '../../stream/time-point.js';
import { formatTime } from '../../stream/time-text.js';
import { numberLabel } from './number-label.js';
import type { Line, PlotData } from './plot-data.js';

/** Rows of the table; a longer one helps nobody. */
const TABLE_ROWS = 200;

export interface PlotTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Number of records of which the rows are an even selection. */
  readonly total: number;
}

/** One sentence for the whole and one for each quantity. */
export function summaryWords(data: PlotData): string[] {
  const { lines, spectrograms, recordCount } = data;
  const words = [`${recordCount === 1 ? '1 record' : `${recordCount.toLocaleString('en')} records`}${timesOf(data)}.`];
  for (const { label, y, low, high } of lines) words.push(`${label}: ${extent(low ?? y, high ?? y)}.`);
  for (const { label, tagLabel, blocks } of spectrograms) {
    const tags = extent(...blocks.map((block) => block.tags));
    words.push(`${label}: ${extent(...blocks.map((block) => block.z))}; ${tagLabel || 'tags'}: ${tags}.`);
  }
  return words;
}

/** The values as a table: lines that share their times, or the strongest value of each spectrum. */
export function plotTable(data: PlotData): PlotTable | undefined {
  const [first] = data.lines;
  if (first !== undefined) {
    const columns = data.lines.filter((line) => line.x.length === first.x.length && line.x[0] === first.x[0]);
    return table(['Time (UTC)', ...columns.map(({ label }) => label)], first.x, (i) =>
      columns.map(({ y }) => numberLabel(y[i] ?? Number.NaN, 6)),
    );
  }
  const [spectrogram] = data.spectrograms;
  const [block] = spectrogram?.blocks ?? [];
  if (spectrogram === undefined || block === undefined) return undefined;
  const { tagLabel, label } = spectrogram;
  return table(['Time (UTC)', `Largest value, ${label}`, `at ${tagLabel || 'tag'}`], block.x, (i) => {
    const row = block.z.subarray(i * block.tags.length, (i + 1) * block.tags.length);
    let best = -1;
    for (const [j, value] of row.entries()) if (value > (row[best] ?? Number.NEGATIVE_INFINITY)) best = j;
    return [numberLabel(row[best] ?? Number.NaN), numberLabel(block.tags[best] ?? Number.NaN, 6)];
  });
}

function table(head: readonly string[], x: Float64Array, cells: (i: number) => string[]): PlotTable {
  const count = Math.min(TABLE_ROWS, x.length);
  const rows = Array.from({ length: count }, (_, row) => {
    const i = count < 2 ? 0 : Math.round((row * (x.length - 1)) / (count - 1));
    return [timeLabel(x[i] ?? 0), ...cells(i)];
  });
  return { head, rows, total: x.length };
}

/** A time for people: milliseconds, where there are any. */
export function timeLabel(us2000: number): string {
  return formatTime(timeFromUs2000(us2000), { decimals: 3 })
    .replace(/\.000$/, '')
    .replace('T', ' ');
}

function timesOf({ lines, spectrograms }: PlotData): string {
  let begin = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  const axes: Float64Array[] = [
    ...lines.map(({ x }: Line) => x),
    ...spectrograms.flatMap(({ blocks }) => blocks.map(({ x }) => x)),
  ];
  for (const x of axes) {
    for (const time of x) {
      if (time < begin) begin = time;
      if (time > end) end = time;
    }
  }
  return end >= begin ? ` from ${timeLabel(begin)} to ${timeLabel(end)} UTC` : '';
}

function extent(...lists: readonly Float64Array[]): string {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const list of lists) {
    for (const value of list) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return max >= min ? `${numberLabel(min)} to ${numberLabel(max)}` : 'no values';
}
