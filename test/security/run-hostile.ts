/**
 * Sends hostile requests through one front and judges every answer and what became of the site.
 *
 * In the short form a front that starts a process for each request gets a part of them, each time the same one; with
 * `DAS2SRV_HOSTILE=full` all get all.
 */
import type { Test } from 'tap';
import type { ProtocolResponse } from '../tools/protocol-driver.js';
import { type CanarySite, layOutCanarySite, SENTINEL } from './canary-site.js';
import type { HostileRequest } from './hostile-parts.js';
import { hostileRequests } from './hostile-requests.js';

export interface HostileFront {
  readonly name: string;
  /** Of this many requests one is sent in the short form. */
  readonly everyNth: number;
  /** Which one. */
  readonly offset?: number;
  /** Requests at one time. */
  readonly parallel: number;
  /** False for requests that this front cannot be sent. */
  takes?(request: HostileRequest): boolean;
  send(site: CanarySite, request: HostileRequest): Promise<ProtocolResponse>;
}

const FULL = process.env.DAS2SRV_HOSTILE === 'full';
const LIMITS: Readonly<Record<string, number>> = { 'Content-Type': 127, 'Content-Disposition': 195, Location: 1022 };
const STATUSES = new Set([200, 204, 301, 302, 304, 400, 401, 403, 404, 405, 408, 413, 414, 429, 431, 501, 503, 505]);
const OWN_TYPES =
  /^(?:text\/(?:plain|html|css|xml|vnd\.das2\.(?:das2stream|qstream))|application\/(?:json|vnd\.das2\.(?:das2stream|qstream))|image\/png)(?:; ?charset=.*)?$/;

/** Runs them all; `more` has further tests of this front while the site is there. */
export async function runHostile(
  t: Test,
  front: HostileFront,
  more?: (site: CanarySite) => Promise<void>,
): Promise<void> {
  const site = layOutCanarySite();
  t.teardown(() => site.remove());
  const all = hostileRequests(site.pwned, site.root);
  t.ok(all.length >= 2000, `${all.length} hostile requests`);
  const nth = FULL ? 1 : front.everyNth;
  const requests = all.filter(
    (request, i) => i % nth === (front.offset ?? 0) % nth && (front.takes?.(request) ?? true),
  );
  const tally = new Map<string, Map<number, number>>();
  const wrong: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      let found: string[];
      try {
        const response = await front.send(site, request);
        const row = tally.get(request.kind) ?? new Map<number, number>();
        row.set(response.status, (row.get(response.status) ?? 0) + 1);
        tally.set(request.kind, row);
        found = faults(site, request, response);
      } catch (error) {
        found = [`no answer: ${String(error)}`];
      }
      const { kind: _kind, ...sent } = request;
      for (const what of found) wrong.push(`${what} -- ${JSON.stringify(sent).slice(0, 300)}`);
    }
  };
  const began = performance.now();
  await Promise.all([...Array.from({ length: front.parallel }, work), more?.(site)]);
  t.same(wrong.slice(0, 20), [], `${requests.length} requests: every answer is harmless`);
  t.same(site.findings().slice(0, 20), [], `${site.runs()} runs of a reader: nothing but arguments came through`);
  t.ok(site.runs() > 0, 'some got as far as a reader');
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  t.comment(
    `${front.name}: ${requests.length} requests in ${seconds} s, ${site.runs()} reader runs, ${wrong.length} faults`,
  );
  for (const [kind, row] of tally) {
    const counts = [...row].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    t.comment(`  ${kind.padEnd(12)} ${counts.join('  ')}`);
  }
}

/** What is wrong with an answer. */
function faults(site: CanarySite, request: HostileRequest, response: ProtocolResponse): string[] {
  const wrong: string[] = [];
  const { status, headers, body } = response;
  const type = headers.find(([name]) => name === 'Content-Type')?.[1];
  const text = body.toString('latin1');
  if (!STATUSES.has(status)) wrong.push(`status ${status}: ${text.slice(0, 200)}`);
  if (response.aborted) wrong.push('the answer was cut');
  if (response.headerBytes >= 2000) wrong.push(`header block of ${response.headerBytes} bytes`);
  if (status >= 500 && request.method !== 'HEAD' && (body.length === 0 || type === undefined)) {
    wrong.push(`status ${status} without a body`);
  }
  if (type !== undefined && !OWN_TYPES.test(type) && status !== 304 && !(status >= 400 && /^text\/html/.test(type))) {
    wrong.push(`Content-Type ${type}`);
  }
  for (const [name, value] of headers) {
    if (!/^[A-Za-z0-9-]+$/.test(name)) wrong.push(`header name ${JSON.stringify(name)}`);
    if (/[\0\r\n]/.test(value)) wrong.push(`line break in ${name}`);
    if (value.length > (LIMITS[name] ?? 1800)) wrong.push(`${name} of ${value.length} bytes`);
    if (/^x-evil$/i.test(name)) wrong.push('injected header');
  }
  const everything = `${headers.map(([name, value]) => `${name}: ${value}`).join('\n')}\n${text}`;
  for (const [secret, what] of [
    [site.root, 'a path of the site'],
    [SENTINEL, 'a file that is not served'],
    ['root:x:', 'the accounts of the host'],
    ['$6$rounds', 'a password hash'],
    ['DAS2_SERVER_CONF', 'a variable of the server'],
    ['SITE_NAME =', 'the configuration'],
  ] as const) {
    if (everything.includes(secret)) wrong.push(`shows ${what}`);
  }
  if (/\bat .*\.[cm]?[jt]s:\d+|\$bunfs/.test(text)) wrong.push('a stack trace');
  if (/<script>alert/.test(text) && /html/.test(type ?? '')) wrong.push('request text as markup');
  return wrong;
}
