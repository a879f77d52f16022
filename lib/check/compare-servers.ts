/**
 * Asks two servers the same questions and reports where their answers differ: for those who move a site from one server program to
 * another. What is asked for is what the other, older server lists and gives as examples; nothing of the file system is looked at.
 *
 * Contract: an answer that clients would miss is an error, data or facts that differ a warning, what is merely said in other words
 * (server-protocol 10 lists where servers do) a note. Sources that need a password are compared as far as without one.
 */
import { encodeQueryValue } from '../request/query-string.js';
import { type ExampleRange, exampleRanges } from '../source/example-range.js';
import { compareData, exceptionTypes } from './compare-data.js';
import type { Findings } from './findings.js';
import { exactHeader, type PlainResponse, plainRequest } from './plain-http.js';

export interface ServerComparison {
  /** Address of the new server's main program, without query. */
  readonly url: string;
  /** The same of the server that clients use today. */
  readonly other: string;
  /** Which sources are compared. */
  readonly isWanted: (id: string) => boolean;
  /** Longest time for an answer, in seconds. */
  readonly timeout: number;
  readonly progress: (done: number, total: number, what: string) => void;
}

/** An answer, and the path of the server that it comes from. */
interface Answer extends PlainResponse {
  readonly path: string;
}

/** One question and both answers. */
interface Pair {
  readonly ours: Answer;
  readonly theirs: Answer;
}

type AskBoth = (query: string) => Promise<Pair>;

/** Compares the servers; findings are about `comparison` or the id of a source. */
export async function compareServers(facts: ServerComparison, all: Findings): Promise<void> {
  const findings = all.about('comparison');
  const ask = async (address: string, query: string): Promise<Answer> => {
    const url = address.replace(/\/+$/, '');
    const response = await plainRequest({ url, query: `?${query}`, timeoutMs: facts.timeout * 1000 });
    return { ...response, path: new URL(url).pathname };
  };
  const askBoth: AskBoth = async (query) => {
    const [ours, theirs] = await Promise.all([ask(facts.url, query), ask(facts.other, query)]);
    return { ours, theirs };
  };
  try {
    await compareDocuments(askBoth, findings);
    const { ours, theirs } = await askBoth('server=list');
    if (theirs.status !== 200) {
      findings.error('compare-list', `server=list of ${facts.other} gets status ${theirs.status}`);
      return;
    }
    const [own, other] = [listOf(ours), listOf(theirs)];
    compareLists(own, other, findings);
    const ids = [...other.keys()].filter((id) => !id.endsWith('/') && own.has(id) && facts.isWanted(id));
    for (const [i, id] of ids.entries()) {
      facts.progress(i, ids.length, id);
      await compareSource(id, askBoth, all.about(id));
    }
    findings.note('compared', `${ids.length} sources compared with ${facts.other}`);
  } catch (error) {
    findings.error('no-server', `no answer: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function compareDocuments(ask: AskBoth, findings: Findings): Promise<void> {
  for (const name of ['id', 'logo', 'peers']) {
    const { ours, theirs } = await ask(`server=${name}`);
    if (ours.status !== theirs.status) {
      const what = `server=${name} gets status ${ours.status} instead of ${theirs.status}`;
      if (theirs.status === 200) findings.error('compare-status', what);
      else findings.note('compare-status', what);
    } else if (ours.status === 200 && words(ours) !== words(theirs)) {
      findings.warning('compare-document', `server=${name} differs`);
    }
  }
}

/** A document without what is written in other ways: line ends, blanks, `&` with or without its entity. */
function words({ body }: Answer): string {
  return body.toString('latin1').replaceAll('&amp;', '&').replace(/\s+/g, ' ').trim();
}

/** Path to description, of a list. */
function listOf({ body }: Answer): Map<string, string> {
  const lines = body
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const bar = line.indexOf('|');
      return bar < 0 ? [line, ''] : [line.slice(0, bar), line.slice(bar + 1)];
    }),
  );
}

function compareLists(own: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>, findings: Findings): void {
  for (const [id, description] of other) {
    const ours = own.get(id);
    if (ours === undefined) {
      findings.error('compare-list', `${id} is not in the list`, { clients: 'do not see it any more' });
    } else if (ours !== description) {
      findings.note('compare-list', `${id}: '${ours}' instead of '${description}'`);
    }
  }
  for (const id of own.keys()) if (!other.has(id)) findings.note('compare-list', `${id} is listed by this server only`);
}

async function compareSource(id: string, ask: AskBoth, findings: Findings): Promise<void> {
  const { ours, theirs } = await ask(`server=dsdf&dataset=${encodeQueryValue(id)}`);
  if (!sameOutcome({ ours, theirs }, 'its description', findings)) return;
  const [own, other] = [attributesOf(ours), attributesOf(theirs)];
  compareAttributes(own, other, findings);
  for (const example of exampleRanges(own)) await compareExample(id, example, ask, findings);
}

async function compareExample(id: string, example: ExampleRange, ask: AskBoth, findings: Findings): Promise<void> {
  const common = {
    dataset: id,
    start_time: example.beginText,
    end_time: example.endText,
    params: example.params ?? '',
    interval: example.interval ?? '',
  };
  const ways: [string, Record<string, string>][] = [
    ['at full resolution', {}],
    ['as text', { ascii: 'true' }],
  ];
  if (example.interval === undefined) ways.push(['reduced', { resolution: String(example.resolution) }]);
  for (const [way, more] of ways) {
    const query = Object.entries({ ...common, ...more })
      .filter(([, value]) => value !== '')
      .map(([key, value]) => `&${key}=${encodeQueryValue(value)}`);
    const pair = await ask(`server=dataset${query.join('')}`);
    const what = `example${example.suffix} ${way}`;
    if (!sameOutcome(pair, what, findings)) return;
    for (const name of ['Content-Type', 'Content-Disposition']) {
      const [ours, theirs] = [exactHeader(pair.ours, name), exactHeader(pair.theirs, name)];
      if (ours !== theirs) findings.warning('compare-header', `${what}: ${name}: ${ours} instead of ${theirs}`);
    }
    compareBodies(pair, what, way === 'reduced', findings);
  }
}

function compareBodies({ ours, theirs }: Pair, what: string, isReduced: boolean, findings: Findings): void {
  // Of very long answers only the begin is kept.
  if (ours.isCut || theirs.isCut || Math.max(ours.body.length, theirs.body.length) > 15 << 20) {
    findings.note('compare-data', `${what}: not compared: too long, or cut`);
    return;
  }
  try {
    const difference = compareData(ours.body, theirs.body, isReduced);
    if (difference === undefined) return;
    const message = `${what}: ${difference.message}`;
    if (difference.kind === 'values') findings.warning('compare-data', message);
    else findings.note('compare-data', message);
  } catch (error) {
    findings.warning(
      'compare-data',
      `${what}: cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Whether both answers are good ones and their content can be compared; says what is to be said if they are not. */
function sameOutcome({ ours, theirs }: Pair, what: string, findings: Findings): boolean {
  const [own, other] = [outcomeOf(ours), outcomeOf(theirs)];
  if (own === 'data' && other === 'data') return true;
  const message = `${what}: ${own} instead of ${other}`;
  if (own === other) return false;
  if (other === 'data') {
    findings.error('compare-status', message, {
      clients: 'got it from the other server',
      advice: own.startsWith('redirect')
        ? 'while both servers run: IGNORE_REDIRECT, where the definition names the address of the other server'
        : 'see the log of this server',
    });
  } else if (own === 'data' && other.startsWith('password')) {
    findings.error('compare-access', message, {
      clients: 'get protected data without a password',
      advice: 'compare readAccess, and TEST_FROM with the address that this check comes from',
    });
  } else if (own === 'data' || (own.startsWith('failure') && other.startsWith('failure')))
    findings.note('compare-status', message);
  else findings.warning('compare-status', message);
  return false;
}

/** What a client makes of an answer: data, no data, another address, a password, or a failure. */
function outcomeOf(response: Answer): string {
  const { status, body, path } = response;
  if (status >= 300 && status < 400)
    return `redirect to ${redirectWords(exactHeader(response, 'Location') ?? '', path)}`;
  if (status === 401) {
    // A realm that nobody has named begins with the path of the server.
    return `password for ${(exactHeader(response, 'WWW-Authenticate') ?? '').replace(`"${path}/`, '"')}`;
  }
  const [type] = status < 300 && body.length > 65_536 ? [] : exceptionTypes(body);
  if (type === 'NoDataInInterval') return 'no data';
  return status !== 200 || type !== undefined ? `failure ${status} ${type ?? ''}`.trim() : 'data';
}

/** An address without differences of writing (older servers do not encode the query), and without that of the server itself. */
function redirectWords(location: string, path: string): string {
  try {
    const target = decodeURIComponent(location.replaceAll('+', ' '));
    const query = target.indexOf('?');
    return query > 0 && target.slice(0, query).endsWith(path) ? target.slice(query) : target;
  } catch {
    return location;
  }
}

/** Attributes of the element `properties` of a description. */
function attributesOf({ body }: Answer): Map<string, string> {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  const pairs = body.toString('utf8').matchAll(/\s([^\s="<>]+)="([^"]*)"/g);
  return new Map(
    [...pairs].map(([, key = '', value = '']) => [
      key,
      value.replace(/&(amp|lt|gt|quot|apos);/g, (all, name: string) => entities[name] ?? all),
    ]),
  );
}

/** Keys that older servers send although they are of no use outside: commands, or what is about the list. */
const PRIVATE = /^(?:hidden|dropParams|substitutions|cacheReader|coverageReducer)$/;

function compareAttributes(
  own: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
  findings: Findings,
): void {
  for (const [key, theirs] of other) {
    const ours = own.get(key.replace(/^label\(0\)$/, 'label').replace(/^label\((\d+)\)$/, 'plane_$1.label'));
    if (ours === theirs || PRIVATE.test(key)) continue;
    const message = `description: ${key} is ${ours === undefined ? 'missing' : `'${ours}'`} instead of '${theirs}'`;
    // Older servers drop parentheses, cut at a semicolon inside quotes, and send flags as they stand in the file.
    const bare = ours?.replace(/[()]/g, '');
    const isKnown =
      bare === theirs || bare?.startsWith(`${theirs};`) || /^(?:das2Stream|qstream|requiresInterval)$/.test(key);
    if (ours !== undefined && isKnown) findings.note('compare-description', message);
    else findings.warning('compare-description', message);
  }
}
