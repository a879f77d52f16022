/**
 * The log of one request (server-internals 5.1): `LOG_PATH/das2.<address>_<n>.log`, n = days since 1970 modulo `LOG_KEEP_DAYS`.
 *
 *   [Tue Aug 27 12:34:56 2019 12345    7] text
 *
 * Contract: time stamp of the arrival of the request, process id, line number from 0. Where that would not tell two requests of a resident
 * server apart, the lines of the later one end in ` (request <id>)`. The file is opened with the first line, and started afresh if its last
 * change is `LOG_KEEP_DAYS` - 1 days old. Every line is written at once. Whatever goes wrong with the file, the request goes on: lines then
 * go to standard error. Credentials are never logged; callers do not hand them in.
 */
import { closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { utf8Bytes } from '../bytes.js';
import { openRotated } from './log-folder.js';
import { addressForFile, escapeLine, lastPart, logDay, logTime } from './log-text.js';

/** Settings of the log. */
export interface LogSettings {
  /** `LOG_PATH`; undefined means standard error. */
  readonly folder: string | undefined;
  /** `LOG_KEEP_DAYS`. */
  readonly keepDays: number;
  /** `LOG_LOCALTIME`. */
  readonly localTime: boolean;
}

/** Where the routes of one request write what an administrator wants to know. */
export interface RequestLog {
  /** One line for each text. Line breaks are escaped and very long texts are cut, so text of a request is safe here. */
  line(...texts: string[]): void;
  /** A text of several lines (standard error of a reader), each prefixed; blank lines are dropped, and all but the last 65,536 characters. */
  text(text: string): void;
  /** Ends the log of this request; later lines open it again. */
  close(): void;
}

export interface RequestLogOptions {
  readonly settings: LogSettings;
  /** Client address, or a word like `arbiter_<host>`. */
  readonly address: string;
  /** Milliseconds; arrival of the request. */
  readonly time: number;
  /** First part of the file name. */
  readonly type?: string;
  /** Id of the request. */
  readonly id?: string;
}

const MS_PER_DAY = 86_400_000;

/** Characters of one line: more than any request has that is not refused for its length. */
const LONGEST_LINE = 16_384;

/** How many logs are open with the same beginning of their lines. */
const openLogs = new Map<string, number>();

/** The log of a request. Opens nothing until the first line. */
export function requestLog(options: RequestLogOptions): RequestLog {
  const { settings, time } = options;
  const prefix = `[${logTime(time, settings.localTime)} ${process.pid} `;
  const beginning = `${settings.folder ?? ''} ${options.address} ${prefix}`;
  let number = 0;
  let descriptor: number | undefined;
  let ending: string | undefined;

  const open = (): number => {
    const others = openLogs.get(beginning) ?? 0;
    openLogs.set(beginning, others + 1);
    ending ??= others > 0 && options.id !== undefined ? ` (request ${options.id})` : '';
    if (settings.folder === undefined) return 2;
    const file = logFile(settings, options.type ?? 'das2', options.address, time);
    try {
      return openRotated(file, rotationEdge(settings, time));
    } catch {
      return 2;
    }
  };
  const put = (lines: readonly string[]): void => {
    descriptor ??= open();
    let text = '';
    for (const line of lines) text += `${prefix}${String(number++).padStart(4)}] ${escapeLine(line)}${ending}\n`;
    const bytes = utf8Bytes(text);
    let written = 0;
    try {
      written = writeSync(descriptor, bytes);
    } catch {
      // What is missing is written below.
    }
    if (written < bytes.length) {
      // A disk that is full takes a part, and the next time nothing.
      if (descriptor > 2) release(descriptor);
      descriptor = 2;
      quietly(() => writeSync(2, bytes, written));
    }
  };
  return {
    line: (...texts) => {
      for (const [i, text] of texts.entries()) texts[i] = shortened(text);
      put(texts);
    },
    text: (text) => {
      const lines = lastPart(text)
        .split(/\r\n|\n|\r/)
        .filter((line) => line.trim() !== '');
      if (lines.length > 0) put(lines);
    },
    close: () => {
      if (descriptor === undefined) return;
      if (descriptor > 2) release(descriptor);
      descriptor = undefined;
      const left = (openLogs.get(beginning) ?? 1) - 1;
      if (left > 0) openLogs.set(beginning, left);
      else openLogs.delete(beginning);
    },
  };
}

/** Whoever sends a query of megabytes shall not fill the disk with it. */
function shortened(text: string): string {
  return text.length <= LONGEST_LINE ? text : `${text.slice(0, LONGEST_LINE)}... (${text.length} characters)`;
}

/**
 * A file changed before this moment is one of an earlier round. With one day to keep, every day uses the same file, and what
 * counts is that its last line is of another day.
 */
function rotationEdge(settings: LogSettings, time: number): number {
  if (settings.keepDays > 1) return time - (settings.keepDays - 1) * MS_PER_DAY;
  const midnight = logDay(time, settings.localTime) * MS_PER_DAY;
  return midnight + (settings.localTime ? new Date(time).getTimezoneOffset() * 60_000 : 0);
}

/** The file that the log of an address goes to at a time. */
export function logFile(settings: LogSettings, type: string, address: string, time: number): string {
  const slot = logDay(time, settings.localTime) % Math.max(1, settings.keepDays);
  return join(settings.folder ?? '', `${type}.${addressForFile(address)}_${slot}.log`);
}

/** A log that goes nowhere: static files are not logged, and tests need none. */
export const SILENT_LOG: RequestLog = { line: () => {}, text: () => {}, close: () => {} };

function release(descriptor: number): void {
  quietly(() => closeSync(descriptor));
}

function quietly(action: () => unknown): void {
  try {
    action();
  } catch {
    // Nowhere left to complain.
  }
}
