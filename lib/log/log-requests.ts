/**
 * Log files as requests: which lines belong together, how each request ended, and which ones are wanted.
 *
 * Lines of one request share time of arrival and process id and count from 0; where a resident server logs two requests of one
 * second in turn, the lines of the later one name their request at their end. Memory holds a summary of each wanted request; the
 * text is read again for those that are shown. Of a file only the last 64 MiB are looked at.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type LineMask, OLD_BEGIN, OLD_END } from './client-lines.js';
import type { LogFile } from './log-files.js';
import { type LogLine, parseLogLine } from './log-line.js';

/** How bad it was: `error` failures of the server, `warning` refused requests and clients that left, `info` the rest. */
export type LogLevel = 'info' | 'warning' | 'error';
export const LOG_LEVELS: readonly LogLevel[] = ['info', 'warning', 'error'];

/** Which requests are wanted; all conditions that are given must hold. */
export interface LogFilter {
  /** Arrival at or after this time, by the clock of the log (see log-line.ts). */
  readonly from?: number | undefined;
  /** Arrival before this time. */
  readonly to?: number | undefined;
  /** Text that a line contains, whatever the case. */
  readonly grep?: string | undefined;
  /** At least as bad as this. */
  readonly level?: LogLevel | undefined;
  /** HTTP status, or what all statuses wanted begin with: `404`, `5`. */
  readonly status?: string | undefined;
  /** Request id. */
  readonly requestId?: string | undefined;
  /** Makes the mask of a request for viewers who may not see everything; what it hides is not found by `grep` either. */
  readonly mask?: (() => LineMask) | undefined;
}

/** One request in a log. */
export interface LoggedRequest {
  readonly file: LogFile;
  readonly time: number;
  readonly pid: number;
  readonly requestId: string | undefined;
  /** HTTP status; undefined while it runs, for jobs of a worker, and for requests that the older server has logged. */
  readonly status: number | undefined;
  /** Whether its end is logged. */
  readonly hasEnded: boolean;
  readonly level: LogLevel;
  /** Bytes of its lines. */
  readonly bytes: number;
  /** Where its lines are: begin and end of each run of lines. */
  readonly runs: readonly (readonly [number, number])[];
}

export interface LogScan {
  /** The latest first. */
  readonly requests: readonly LoggedRequest[];
  /** Lines of another form, which are not shown. */
  readonly otherLines: number;
  /** Bytes at the begin of large files that were not looked at. */
  readonly skippedBytes: number;
}

const TAIL_BYTES = 64 << 20;
const CHUNK_BYTES = 256 << 10;
/** A line longer than this is taken in pieces. */
const LONGEST_LINE = 1 << 20;
const LINE_FEED = 0x0a;

/** The wanted requests in some files. */
export function scanLogs(files: readonly LogFile[], filter: LogFilter): LogScan {
  const requests: LoggedRequest[] = [];
  let otherLines = 0;
  let skippedBytes = 0;
  for (const file of files) {
    const scan = scanFile(file, filter);
    if (scan === undefined) continue;
    otherLines += scan.otherLines;
    skippedBytes += scan.skippedBytes;
    for (const group of scan.groups) if (isWanted(group, filter)) requests.push(summary(file, group));
  }
  requests.sort((a, b) => b.time - a.time || (b.runs[0]?.[0] ?? 0) - (a.runs[0]?.[0] ?? 0));
  return { requests, otherLines, skippedBytes };
}

/** The lines of a request as they stand in the file, or as a mask leaves them, at most `limit` bytes of them. */
export function readLogLines(request: LoggedRequest, limit: number, mask?: LineMask): string[] {
  const parts: Buffer[] = [];
  let left = limit;
  withFile(request.file.path, (descriptor) => {
    for (const [begin, end] of request.runs) {
      const bytes = Buffer.alloc(Math.min(end - begin, left));
      const count = readSync(descriptor, bytes, 0, bytes.length, begin);
      parts.push(bytes.subarray(0, count));
      left -= count;
      if (left <= 0) break;
    }
  });
  const lines = Buffer.concat(parts)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return mask === undefined ? lines : lines.flatMap((line) => maskedLine(line, mask));
}

function maskedLine(line: string, mask: LineMask): string[] {
  const parsed = parseLogLine(line);
  const text = parsed === undefined ? undefined : mask(parsed);
  return parsed === undefined || text === undefined ? [] : [line.slice(0, line.length - parsed.text.length) + text];
}

/** Lines that belong together, while a file is read. */
interface Group {
  readonly time: number;
  readonly pid: number;
  /** The request that its lines name at their end; undefined if they name none. */
  readonly name: string | undefined;
  next: number;
  requestId: string | undefined;
  status: number | undefined;
  hasEnded: boolean;
  /** Logged by the older server. */
  isOld: boolean;
  level: LogLevel;
  matches: boolean;
  readonly mask: LineMask | undefined;
  bytes: number;
  runs: [number, number][];
}

interface FileScan {
  readonly groups: readonly Group[];
  readonly otherLines: number;
  readonly skippedBytes: number;
}

/** All requests of a file; undefined if it cannot be read any more. */
function scanFile(file: LogFile, filter: LogFilter): FileScan | undefined {
  const grep = filter.grep?.toLowerCase();
  const groups: Group[] = [];
  const open = new Map<string, Group[]>();
  let otherLines = 0;
  let skippedBytes = 0;
  const isRead = withFile(file.path, (descriptor) => {
    const size = fstatSync(descriptor).size;
    skippedBytes = Math.max(0, size - TAIL_BYTES);
    eachLine(descriptor, { from: skippedBytes, to: size }, (text, begin, end) => {
      const line = parseLogLine(text);
      if (line === undefined) {
        otherLines++;
        return;
      }
      const group = groupFor(line, open, groups, filter.mask);
      note(group, line, grep);
      group.bytes += end - begin;
      const run = group.runs.at(-1);
      if (run?.[1] === begin) run[1] = end;
      else group.runs.push([begin, end]);
    });
  });
  // The first line behind a cut is rarely whole.
  return isRead
    ? { groups, otherLines: skippedBytes > 0 ? Math.max(0, otherLines - 1) : otherLines, skippedBytes }
    : undefined;
}

function groupFor(line: LogLine, open: Map<string, Group[]>, groups: Group[], mask: LogFilter['mask']): Group {
  const key = `${line.time} ${line.pid}`;
  const candidates = open.get(key) ?? [];
  const name = / \(request ([0-9a-z]{1,32})\)$/.exec(line.text)?.[1];
  const waiting = line.number === 0 ? [] : candidates.filter(({ next }) => next === line.number);
  // Of those without a name the latest: the ones before it may have ended with just as many lines.
  let group = waiting.findLast((one) => one.name === name) ?? waiting.at(-1);
  if (group === undefined) {
    group = {
      time: line.time,
      pid: line.pid,
      name,
      next: line.number,
      requestId: undefined,
      status: undefined,
      hasEnded: false,
      isOld: false,
      level: 'info',
      matches: false,
      mask: mask?.(),
      bytes: 0,
      runs: [],
    };
    groups.push(group);
    candidates.push(group);
    open.set(key, candidates);
  }
  group.next++;
  return group;
}

/** What a line tells about its request. The texts are those of lib/routes (serve.ts, failure.ts). */
function note(group: Group, line: LogLine, grep: string | undefined): void {
  const { text } = line;
  if (grep !== undefined && !group.matches) {
    const visible = group.mask === undefined ? text : (group.mask(line) ?? '');
    group.matches = visible.toLowerCase().includes(grep);
  }
  if (line.number === 0) {
    group.requestId = /^Request ([0-9a-z]{1,32}): /.exec(text)?.[1];
    group.isOld = text === OLD_BEGIN;
    return;
  }
  if (group.isOld) {
    noteOldEnd(group, text);
    return;
  }
  const answered = /^Answered (\d{3}), /.exec(text);
  if (answered !== null) {
    group.status = Number(answered[1]);
    group.hasEnded = true;
    if ((group.status >= 500 && group.status !== 501) || text.includes(', answer was cut')) raise(group, 'error');
    else if (group.status >= 400 || text.includes(', client has gone')) raise(group, 'warning');
  } else if (text.startsWith('Failed (')) raise(group, 'error');
  else if (text.startsWith('Refused (')) raise(group, 'warning');
}

/** The older server logs no status, only whether it failed. */
function noteOldEnd(group: Group, text: string): void {
  if (!OLD_END.test(text)) return;
  group.hasEnded = true;
  if (text.startsWith('Error')) raise(group, 'error');
}

function raise(group: Group, level: LogLevel): void {
  if (LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(group.level)) group.level = level;
}

function isWanted(group: Group, filter: LogFilter): boolean {
  const { from, to, grep, level, status, requestId } = filter;
  if (from !== undefined && group.time < from) return false;
  if (to !== undefined && group.time >= to) return false;
  if (grep !== undefined && !group.matches) return false;
  if (level !== undefined && LOG_LEVELS.indexOf(group.level) < LOG_LEVELS.indexOf(level)) return false;
  if (status !== undefined && !String(group.status ?? '').startsWith(status)) return false;
  return requestId === undefined || group.requestId === requestId;
}

function summary(file: LogFile, group: Group): LoggedRequest {
  const { time, pid, requestId, status, hasEnded, level, bytes, runs } = group;
  return { file, time, pid, requestId, status, hasEnded, level, bytes, runs };
}

/** Calls back for each whole line of a part of a file, without its end but with its place. */
function eachLine(
  descriptor: number,
  part: { readonly from: number; readonly to: number },
  take: (text: string, begin: number, end: number) => void,
): void {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  let at = part.from;
  while (at < part.to) {
    const count = readSync(descriptor, chunk, 0, Math.min(chunk.length, part.to - at), at);
    if (count === 0) break;
    const bytes = Buffer.concat([rest, chunk.subarray(0, count)]);
    const base = at - rest.length;
    at += count;
    let begin = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, begin)) {
      take(bytes.toString('utf8', begin, end), base + begin, base + end + 1);
      begin = end + 1;
    }
    rest = bytes.subarray(begin);
    if (rest.length > LONGEST_LINE) {
      take(rest.toString('utf8'), base + begin, at);
      rest = Buffer.alloc(0);
    }
  }
}

/** Opens a file for reading, never through a link; false if that cannot be done. */
function withFile(path: string, read: (descriptor: number) => void): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    if (!fstatSync(descriptor).isFile()) return false;
    read(descriptor);
    return true;
  } catch (error) {
    // Cut or removed meanwhile: what has been read counts.
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return true;
  } finally {
    closeSync(descriptor);
  }
}
