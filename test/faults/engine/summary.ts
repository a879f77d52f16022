/**
 * What came out of a campaign, as a table for people: a line for each kind of fault, and one for all.
 */
import type { RoundReport } from './round.js';

const COLUMNS = ['rounds', 'jobs', 'blocks', 'answers', 'kills', 'violations'] as const;

/** The table, and behind it every violation with its round. */
export function summaryOf(reports: readonly RoundReport[]): string {
  const rows = new Map<string, number[]>();
  const add = (name: string, report: RoundReport): void => {
    const row = rows.get(name) ?? COLUMNS.map(() => 0);
    const { jobs, published, answers, killed, violations } = report;
    for (const [i, value] of [1, jobs, published, answers, killed, violations.length].entries())
      row[i] = (row[i] ?? 0) + value;
    rows.set(name, row);
  };
  for (const report of [...reports].sort((a, b) => (a.fault < b.fault ? -1 : 1))) add(report.fault, report);
  for (const report of reports) add('all', report);
  const width = Math.max(...[...rows.keys()].map((name) => name.length));
  const line = (name: string, cells: readonly (string | number)[]): string =>
    `${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(11)).join('')}`;
  const lines = [line('fault', COLUMNS), ...[...rows].map(([name, cells]) => line(name, cells))];
  for (const [i, { fault, violations }] of reports.entries()) {
    for (const text of violations) lines.push(`round ${i + 1}, ${fault}: ${text}`);
  }
  return lines.join('\n');
}
