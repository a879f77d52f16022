/**
 * Entries of the log condensed: one row for all deliveries of a year with the same request, digest and way they were made (citation 6.2).
 *
 *     1s rk d2c1[:orderFree] via first last count m packets firstX lastX dsver open request raws
 *                                                                 raws = format:raw[,format:raw …], the last of each format
 *
 * Contract: only entries with a digest are condensed, others are dropped; what was delivered and what was only computed stay apart. Read back, a row
 * gives entries: the first delivery, and the last one of each format; `count` says for how many deliveries each stands.
 */
import { isDelivery, type LogEntry, parseRow } from './row.js';

const FIELDS = 15;
const MARK = '1s';

/** The rows of entries, in the order of their first deliveries. */
export function summaryRows(entries: readonly LogEntry[]): string[] {
  const groups = new Map<string, LogEntry[]>();
  for (const entry of [...entries].sort((a, b) => (a.time < b.time ? -1 : 1))) {
    if (entry.state !== 'ok' || entry.d2c1 === undefined) continue;
    const key = `${entry.rk} ${entry.d2c1} ${entry.via} ${isDelivery(entry)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()].map(summaryRow);
}

function summaryRow(group: readonly LogEntry[]): string {
  const first = group[0] as LogEntry;
  const last = group.at(-1) as LogEntry;
  const raws = new Map<string, string>();
  for (const { format, raw } of group) raws.set(format, raw ?? '-');
  const fields = [
    MARK,
    last.rk,
    last.orderFree === undefined ? last.d2c1 : `${last.d2c1}:${last.orderFree}`,
    last.via,
    first.time,
    last.time,
    group.reduce((sum, { count = 1 }) => sum + count, 0),
    last.m,
    last.packets,
    last.firstX,
    last.lastX,
    last.dsver,
    group.some(({ open }) => open) ? 1 : 0,
    last.request,
    [...raws].map(([format, raw]) => `${format}:${raw}`).join(','),
  ];
  return fields.map((value) => String(value ?? '-').replace(/[\0-\x1f\x7f]+/g, ' ')).join('\t');
}

/** The entries that a line stands for; none if it is no summary. */
export function entriesOfSummary(line: string): LogEntry[] {
  const fields = line.split('\t');
  if (fields.length !== FIELDS || fields[0] !== MARK) return [];
  const [
    ,
    rk,
    digests = '',
    via,
    first = '',
    last = '',
    count,
    m,
    packets,
    firstX,
    lastX,
    dsver,
    open,
    request,
    raws = '',
  ] = fields;
  // That of a QStream has a colon of its own.
  const [, d2c1, orderFree] = /^((?:q1:)?[^:]*)(:[0-9a-f]{64})?$/.exec(digests) ?? [];
  const state = `ok${orderFree ?? ''}`;
  const entry = (time: string, format: string, raw: string, stands: number): LogEntry[] => {
    const row = ['1', time, rk, state, d2c1, m, raw, format, 0, packets, firstX, lastX, via, dsver, open, request];
    const parsed = stands < 1 ? undefined : parseRow(row.join('\t'));
    return parsed === undefined ? [] : [{ ...parsed, count: stands }];
  };
  const forms = raws
    .split(',')
    .map((text) => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)] as const);
  const [form, raw] = forms[0] ?? ['none', '-'];
  return [
    ...forms.reverse().flatMap(([format, digits]) => entry(last, format, digits, 1)),
    ...entry(first, form, raw, Number(count) - forms.length),
  ];
}
