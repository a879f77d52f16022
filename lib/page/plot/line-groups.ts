/**
 * Lines that share a panel of the plot: same units and same times. Gaps are put between records that lie further apart than values that
 * belong together. Pure.
 */
import type { Line, PlotData } from './plot-data.js';

/** Lines of one panel that are drawn at first; more would hide each other. */
export const SHOWN_LINES = 8;

export interface LineGroup {
  readonly label: string;
  readonly units: string;
  readonly lines: readonly Line[];
}

/** The columns of a panel: times, then for each line its values (and range); null is a gap. */
export interface Columns {
  readonly x: number[];
  readonly y: (number | null)[][];
}

/** Lines by panel, in the order of the stream. */
export function lineGroups({ lines }: PlotData): LineGroup[] {
  const groups = new Map<string, Line[]>();
  const axes: Float64Array[] = [];
  for (const line of lines) {
    let axis = axes.findIndex((x) => sameTimes(x, line.x));
    if (axis < 0) axis = axes.push(line.x) - 1;
    const key = `${axis}\n${line.units}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  return [...groups.values()].map((members) => ({
    label: members.length === 1 ? (members[0]?.label ?? '') : (members[0]?.units ?? ''),
    units: members[0]?.units ?? '',
    lines: members,
  }));
}

/** The columns of lines with common times; `columns` are their values in any order. Times out of order are sorted. */
export function toColumns(x: Float64Array, columns: readonly Float64Array[], tagWidth: number): Columns {
  const order = orderOf(x);
  const widest = gapLimit(x, order, tagWidth);
  const times: number[] = [];
  const values: (number | null)[][] = columns.map(() => []);
  let last = Number.NaN;
  for (let i = 0; i < x.length; i++) {
    const at = order === undefined ? i : (order[i] ?? 0);
    const time = x[at] ?? 0;
    if (time - last > widest) {
      times.push((time + last) / 2);
      for (const column of values) column.push(null);
    }
    last = time;
    times.push(time);
    for (const [j, column] of columns.entries()) {
      const value = column[at] ?? Number.NaN;
      values[j]?.push(Number.isNaN(value) ? null : value);
    }
  }
  return { x: times, y: values };
}

/** Positions in order of time; undefined if they are in order. */
export function orderOf(x: Float64Array): Uint32Array | undefined {
  let isOrdered = true;
  for (let i = 1; i < x.length; i++) if ((x[i] ?? 0) < (x[i - 1] ?? 0)) isOrdered = false;
  if (isOrdered) return undefined;
  return Uint32Array.from(x.keys()).sort((a, b) => (x[a] ?? 0) - (x[b] ?? 0));
}

/** Longest step that a line may bridge: that of the stream, but always more than the usual step between records. */
function gapLimit(x: Float64Array, order: Uint32Array | undefined, tagWidth: number): number {
  if (tagWidth === 0 || x.length < 3) return Number.POSITIVE_INFINITY;
  return Math.max(tagWidth * 1.5, usualStep(x, order) * 2.5);
}

/** The median step between neighbouring records; 0 if there are fewer than two. */
export function usualStep(x: Float64Array, order: Uint32Array | undefined): number {
  const steps: number[] = [];
  const stride = Math.max(1, Math.floor(x.length / 2000));
  const at = (i: number): number => x[order === undefined ? i : (order[i] ?? 0)] ?? 0;
  for (let i = 1; i < x.length; i += stride) steps.push(at(i) - at(i - 1));
  steps.sort((a, b) => a - b);
  return steps[(steps.length - 1) >> 1] ?? 0;
}

function sameTimes(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
