/**
 * A measured point and the table of them, and how times are taken, in milliseconds.
 */

export interface Point {
  readonly what: string;
  /** How large it was: `10,000 items`. */
  readonly size: string;
  readonly values: Readonly<Record<string, string>>;
}

/** The points as a Markdown table, a line each. */
export function tableOf(points: readonly Point[]): string {
  const rows = points.map(({ what, size, values }) => {
    const words = Object.entries(values).map(([name, value]) => `${name} ${value}`);
    return `| ${what} | ${size} | ${words.join('; ')} |`;
  });
  return ['| what | size | measured |', '|---|---|---|', ...rows].join('\n');
}

/** Time of the fastest of some runs of an action: what it costs where nobody else is in the way. */
export async function fastestMs(runs: number, action: (run: number) => unknown): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const begin = performance.now();
    await action(run);
    times.push(performance.now() - begin);
  }
  return Math.min(...times);
}

/** `0.012 ms`, `3.4 ms`, `1,250 ms`. */
export function ms(value: number): string {
  const digits = value >= 100 ? 0 : value >= 1 ? 1 : 3;
  return `${Number(value.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: 3 })} ms`;
}

/** `1.5 MB`. */
export function bytes(value: number): string {
  const [factor, unit] = value >= 1e9 ? [1e9, 'GB'] : value >= 1e6 ? [1e6, 'MB'] : [1e3, 'kB'];
  return `${(value / factor).toFixed(value / factor >= 100 ? 0 : 1)} ${unit}`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
