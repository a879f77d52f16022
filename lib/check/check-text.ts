/**
 * The report of the checker for people and for programs.
 *
 *   Examples/Random
 *     error: example 2017-01-01 to 2017-03-01 …: the reader ended with status 7: no such file
 *       clients: get 500
 *       to do: …
 *     2017-01-01 to 2017-03-01   reduced   0.21 s   first byte 0.18 s   12 kB   60 records
 */
import { type CheckReport, checkStatus } from './check.js';
import type { Finding, Severity } from './findings.js';
import type { Run } from './reader-check.js';

/** The report in lines; notes and sources without findings only if `verbose`. */
export function formatCheck(report: CheckReport, verbose: boolean): string {
  const lines = [`Configuration: ${report.configuration}`];
  const subjects = [...new Set([...report.findings.map(({ subject }) => subject), ...report.sources])];
  for (const subject of subjects) {
    const findings = report.findings.filter(
      (finding) => finding.subject === subject && (verbose || finding.severity !== 'note'),
    );
    const runs = report.runs.filter((run) => run.source === subject);
    if (findings.length === 0 && (!verbose || runs.length === 0)) continue;
    lines.push('', subject, ...findings.flatMap(findingLines), ...(verbose ? runs.map(runLine) : []));
  }
  lines.push('', ...summary(report));
  return `${lines.map(printable).join('\n')}\n`;
}

/** The report as one JSON document. */
export function checkJson(report: CheckReport): string {
  const { configuration, findings, sources, runs } = report;
  const status = checkStatus(findings);
  return `${JSON.stringify({ configuration, status, findings, sources, runs }, null, 2)}\n`;
}

function findingLines({ severity, message, clients, advice }: Finding): string[] {
  return [
    `  ${severity}: ${message}`,
    ...(clients === undefined ? [] : [`    clients: ${clients}`]),
    ...(advice === undefined ? [] : [`    to do: ${advice}`]),
  ];
}

function runLine(run: Run): string {
  const first = run.firstByteSeconds === undefined ? 'no byte' : `first byte ${run.firstByteSeconds.toFixed(2)} s`;
  return `  ${run.ok ? 'ok' : 'failed'}: ${run.example}, ${run.way}: ${run.seconds.toFixed(2)} s, ${first}, ${run.bytes} bytes, ${run.records} records`;
}

function summary({ findings, sources, runs }: CheckReport): string[] {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const faulty = new Set(findings.filter(({ severity }) => severity !== 'note').map(({ subject }) => subject));
  const fine = sources.filter((id) => !faulty.has(id)).length;
  const bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
  return [
    `${several(sources.length, 'source')}, ${fine} without complaint; ${several(runs.length, 'run')}, ${several(bytes, 'byte')}`,
    (['error', 'warning', 'note'] as const).map((severity) => several(count(severity), severity)).join(', '),
  ];
}

function several(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Texts of definitions, readers and servers go to a terminal. */
function printable(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
