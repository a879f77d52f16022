/**
 * The report of the validator for people and for programs, and the list of rules for help and documentation.
 *
 *     FILE:OFFSET: violation: packet 01: MESSAGE [CODE, section 3.3]
 *
 * Contract: one line a finding, no control characters whatever the stream held; JSON has the same facts under stable names.
 */
import type { Finding, Report } from './findings.js';
import { RULE_CODES, type RuleCode, VALIDATOR_RULES } from './rules.js';

/** The report in lines that an editor understands; the last one sums up. */
export function formatReport(file: string, report: Report): string {
  const name = printable(file);
  const lines = report.findings.map((finding) => formatFinding(name, finding));
  for (const [code, count] of Object.entries(report.more)) {
    const { severity, section } = VALIDATOR_RULES[code as RuleCode];
    lines.push(`${name}: ${severity}: and ${count} more [${code}, section ${section}]`);
  }
  lines.push(`${name}: ${summaryLine(report)}`);
  return `${lines.join('\n')}\n`;
}

function formatFinding(file: string, { offset, packet, severity, message, code, section }: Finding): string {
  const where = packet === '' ? '' : `packet ${packet}: `;
  return `${file}:${offset}: ${severity}: ${where}${printable(message)} [${code}, section ${section}]`;
}

function summaryLine({ summary, violations, remarks }: Report): string {
  const family = { das2: 'das2 stream', qstream: 'QStream', unknown: 'no known stream' }[summary.family];
  const records = Object.entries(summary.records).map(([id, count]) => `${id}: ${count}`);
  const parts = [
    family,
    plural(summary.packets, 'packet'),
    records.length === 0 ? 'no packet types' : `records ${records.join(', ')}`,
    ...(summary.timeRange === undefined ? [] : [`${summary.timeRange.begin} to ${summary.timeRange.end}`]),
    `${plural(violations, 'violation')}, ${plural(remarks, 'remark')}`,
    ...(summary.complete ? [] : ['stopped before the end']),
  ];
  return parts.join('; ');
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What became of one file. */
export type FileResult =
  | { readonly file: string; readonly report: Report }
  /** The file could not be read. */
  | { readonly file: string; readonly error: string };

/** All results as one JSON document. */
export function formatJson(results: readonly FileResult[]): string {
  const files = results.map((result) => {
    if ('error' in result) return result;
    const { findings, more, violations, remarks, summary } = result.report;
    return { file: result.file, valid: violations === 0, violations, remarks, ...summary, findings, more };
  });
  return `${JSON.stringify({ files }, null, 2)}\n`;
}

/** All rules with code, severity, section and words, in lines of at most `columns`. */
export function listRules(columns: number): string {
  const width = Math.max(...RULE_CODES.map((code) => code.length));
  return RULE_CODES.map((code) => {
    const { severity, section, text, strict } = VALIDATOR_RULES[code];
    const word = strict ? 'strict' : severity;
    const front = `  ${code.padEnd(width)}  ${word.padEnd(9)}  ${section.padEnd(4)}  `;
    const [first = '', ...more] = wrapped(text, columns - front.length);
    return `${front}${first}\n${more.map((line) => `${' '.repeat(front.length)}${line}\n`).join('')}`;
  }).join('');
}

/** The text in lines of at most `columns`, parted at blanks. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
