/**
 * Compares a response with what a conformance case expects, and with what every answer must respect whatever was asked
 * (server-protocol 1.1, 2.1).
 */
import { reportOf } from '../tools/assert-valid-stream.js';
import { header, type ProtocolResponse } from '../tools/protocol-driver.js';
import type { Expected } from './expected.js';

/** What is wrong, one line each; empty if nothing is. */
export function differences(response: ProtocolResponse, expected: Expected): string[] {
  const wrong: string[] = [];
  const text = response.body.toString('utf8');
  const must = (condition: boolean, what: string): void => {
    if (!condition) wrong.push(what);
  };
  const same = (what: string, found: unknown, wanted: unknown): void =>
    must(found === wanted, `${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);

  same('status', response.status, expected.status);
  same('aborted', response.aborted, expected.aborted ?? false);
  if (expected.type !== undefined) same('Content-Type', header(response, 'Content-Type'), expected.type);
  for (const [name, value] of Object.entries(expected.headers ?? {})) same(name, header(response, name), value);
  for (const name of expected.absent ?? []) same(name, header(response, name), undefined);
  if (typeof expected.body === 'string') same('body', text, expected.body);
  else if (expected.body !== undefined) must(response.body.equals(expected.body), 'body differs');
  for (const part of expected.contains ?? []) must(text.includes(part), `body lacks ${JSON.stringify(part)}: ${text}`);
  for (const part of expected.excludes ?? []) must(!text.includes(part), `body has ${JSON.stringify(part)}: ${text}`);
  if (expected.exception !== undefined) {
    wrong.push(...exceptionDifferences(text, expected));
  }
  if (expected.stages !== undefined) {
    same('stages', JSON.stringify(stages(text)), JSON.stringify(expected.stages.map((stage) => stage.join('|'))));
  }
  wrong.push(...generalDifferences(response));
  return wrong;
}

/** What holds for every answer. */
function generalDifferences(response: ProtocolResponse): string[] {
  const wrong: string[] = [];
  if (response.headerBytes >= 2000) wrong.push(`header block of ${response.headerBytes} bytes`);
  if (header(response, 'Content-Type') === undefined && response.status !== 204 && response.status !== 304) {
    wrong.push('no Content-Type');
  }
  if (header(response, 'X-Content-Type-Options') !== 'nosniff') wrong.push('X-Content-Type-Options is not nosniff');
  for (const [name, value] of response.headers) {
    if (/[\0\r\n]/.test(value)) wrong.push(`${name} has a line break`);
  }
  return [...wrong, ...streamViolations(response)];
}

/** What das2_valid says against the body, if the answer claims to be a stream and is whole. */
export function streamViolations(response: ProtocolResponse): string[] {
  const isStream = /\/vnd\.das2\.(?:das2stream|qstream)\b/.test(header(response, 'Content-Type') ?? '');
  if (!isStream || response.aborted || response.body.length === 0) return [];
  return reportOf(response.body, { strict: false })
    .findings.filter(({ severity }) => severity === 'violation')
    .map(({ offset, code, message }) => `not a valid stream at byte ${offset}: ${message} [${code}]`);
}

/** The exception must be the last packet, framed to the byte, behind the stream header of its kind or behind data. */
function exceptionDifferences(text: string, expected: Expected): string[] {
  const start =
    expected.qstream === true ? '[00]000029<stream dataset_id="none" />\n' : '[00]000025<stream version="2.2" />\n';
  if (!text.startsWith(start)) return [`body does not start with the stream header: ${JSON.stringify(text)}`];
  const at = text.lastIndexOf('[xx]');
  const packet = /^\[xx\](\d{6})(<exception type="([^"<>]*)" message="([^"<>]*)" \/>\n)$/.exec(text.slice(at));
  if (packet === null) return [`body does not end with an exception: ${JSON.stringify(text)}`];
  const [, length, content = '', type, message = ''] = packet;
  const wrong: string[] = [];
  if (Number(length) !== Buffer.byteLength(content))
    wrong.push(`length ${length} of ${Buffer.byteLength(content)} bytes`);
  if (type !== expected.exception) wrong.push(`exception ${type} instead of ${expected.exception}`);
  if (message === '') wrong.push('the exception has no message');
  const { contains, excludes = [] } = expected.message ?? {};
  if (contains !== undefined && !message.includes(contains)) wrong.push(`message lacks '${contains}': ${message}`);
  for (const part of excludes) if (message.includes(part)) wrong.push(`message has '${part}': ${message}`);
  return wrong;
}

/** Source and arguments of each comment of a stub program. */
function stages(text: string): string[] {
  return [...text.matchAll(/<comment type="log:info" source="(\w+)" value="([^"]*)" \/>/g)].map(([, source, value]) =>
    value === '' ? `${source}` : `${source}|${value}`,
  );
}
