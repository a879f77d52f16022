/**
 * Which requests of which log are shown: whose log, which files, and one page of what the filters leave (server-internals 5.2).
 *
 * Contract: a viewer who may not see a log gets its refusal. Without an address, those who see all logs can look for a request id in all of
 * them, as far as one search goes.
 */
import { clientLineMask, type LineMask } from '../../log/client-lines.js';
import { filesOf, type LogFile, type LogSubject, listLogFiles } from '../../log/log-files.js';
import { type LoggedRequest, type LogScan, readLogLines, scanLogs } from '../../log/log-requests.js';
import type { ShownRequest } from '../../page/log-page.js';
import { refusal } from './access.js';
import type { LogFacts } from './answer.js';

const PAGE_BYTES = 2 << 20;
/** Bytes of logs that one search for a request id looks at. */
const SEARCH_BYTES = 256 << 20;

/** What is about to be shown, the latest request first. */
export interface LogView {
  /** Undefined: requests of several addresses. */
  readonly subject: LogSubject | undefined;
  readonly scan: LogScan;
  /** All files that could hold something were looked at. */
  readonly isWhole: boolean;
  readonly total: number;
  readonly pages: number;
  readonly requests: readonly ShownRequest[];
  readonly days: readonly string[];
}

/** What the query asks for. Throws a refusal. */
export function logView(facts: LogFacts): LogView {
  const { query } = facts;
  const subject = subjectOf(facts);
  const { files, isWhole } = filesToScan(facts, subject);
  const mask = maskOf(facts);
  const scan = scanLogs(files, { ...query.filter, mask });
  const wanted = query.tail === undefined ? scan.requests : scan.requests.slice(0, query.tail);
  const part = onePage(wanted, query.page);
  return {
    subject,
    scan,
    isWhole,
    total: wanted.length,
    pages: part.pages,
    requests: part.requests.map((request) => shown(request, subject === undefined, mask)),
    days: daysOf(wanted),
  };
}

/** Those who do not see all logs see no commands, paths and rules of the server in their own either. */
function maskOf({ server, viewer }: LogFacts): (() => LineMask) | undefined {
  if (viewer.seesAll) return undefined;
  const showsStandardError = server.configuration.text('ERROR_DETAIL') !== 'id';
  return () => clientLineMask(showsStandardError);
}

/** Whose log is shown. A request id alone is looked for in all logs by those who see them all: undefined. */
function subjectOf({ query, viewer }: LogFacts): LogSubject | undefined {
  if (query.subject === undefined) {
    if (viewer.seesAll && query.filter.requestId !== undefined) return undefined;
    if (viewer.own !== undefined) return viewer.own;
    if (viewer.seesAll) return undefined;
    throw refusal(viewer, 'the log');
  }
  if (viewer.seesAll || (query.subject.isAddress && query.subject.key === viewer.own?.key)) return query.subject;
  throw refusal(viewer, 'the log of another address');
}

function filesToScan(
  { server }: LogFacts,
  subject: LogSubject | undefined,
): { files: readonly LogFile[]; isWhole: boolean } {
  const all = listLogFiles(server.configuration.path('LOG_PATH'));
  if (subject !== undefined) return { files: filesOf(all, subject), isWhole: true };
  let left = SEARCH_BYTES;
  const files = all.filter((file) => {
    left -= file.size;
    return left >= 0;
  });
  return { files, isWhole: files.length === all.length };
}

/** The requests of one page: as many as fit into 2 MiB, at least one. */
function onePage(
  requests: readonly LoggedRequest[],
  wanted: number,
): { requests: readonly LoggedRequest[]; pages: number } {
  let pages = 1;
  let bytes = 0;
  const part: LoggedRequest[] = [];
  for (const request of requests) {
    if (bytes > 0 && bytes + request.bytes > PAGE_BYTES) {
      pages++;
      bytes = 0;
    }
    bytes += request.bytes;
    if (pages === wanted) part.push(request);
  }
  return { requests: part, pages };
}

function shown(request: LoggedRequest, withAddress: boolean, mask: (() => LineMask) | undefined): ShownRequest {
  const iso = new Date(request.time).toISOString();
  return {
    day: iso.slice(0, 10),
    clock: iso.slice(11, 19),
    pid: request.pid,
    who: withAddress ? request.file.who : undefined,
    requestId: request.requestId,
    outcome: outcomeOf(request),
    lines: readLogLines(request, PAGE_BYTES, mask?.()),
    isCut: request.bytes > PAGE_BYTES,
  };
}

function outcomeOf({ status, hasEnded, level }: LoggedRequest): string {
  const words = { info: '', warning: 'refused or left by the client', error: 'failed' }[level];
  if (hasEnded && status === undefined) return words || 'ended well';
  if (status === undefined) return words === '' ? 'no end is logged' : `${words}, no end is logged`;
  return words === '' ? `Status ${status}` : `Status ${status}, ${words}`;
}

function daysOf(requests: readonly LoggedRequest[]): string[] {
  return [...new Set(requests.map(({ time }) => new Date(time).toISOString().slice(0, 10)))].sort().reverse();
}
