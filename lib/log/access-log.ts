/**
 * The machine-readable log: one JSON object a line and request in `LOG_PATH/das2.access_<YYYYMM>.log` (server-internals 5.1).
 *
 * Contract: written after the last byte of the answer, in one append. Months beyond `ACCESS_KEEP_MONTHS` are removed by whoever
 * starts a new month. A record that cannot be written is lost, which the caller is told: the answer has gone out. The query as a whole is
 * not kept, since old clients put passwords there.
 */
import { closeSync, readdirSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openForAppendNoting } from './log-folder.js';

/** Settings of the access log. */
export interface AccessLogSettings {
  /** `LOG_PATH`; undefined: no access log. */
  readonly folder: string | undefined;
  /** `ACCESS_LOG`. */
  readonly enabled: boolean;
  /** `ACCESS_KEEP_MONTHS`. */
  readonly keepMonths: number;
}

/** What routes find out about a request while they serve it. */
export interface AccessNotes {
  /** What was asked for: `list`, `dsdf`, `dataset`, `hapi/data`, … */
  kind?: string;
  /** Id of the data source. */
  dataset?: string;
  /** User whose credentials were verified. */
  user?: string;
  /** Range as it was served. */
  begin?: string;
  end?: string;
  resolution?: number;
  interval?: number;
  params?: string;
  /** `hit`, `miss`, `partial` or `off`. */
  cache?: string;
  /** Exit status of the reader. */
  readerExit?: number;
}

/** One record of the access log. */
export interface AccessRecord extends AccessNotes {
  /** ISO time of arrival. */
  readonly time: string;
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Bytes of the body. */
  readonly bytes: number;
  /** Seconds from arrival to the first byte of the answer. */
  readonly firstByte: number;
  /** Seconds from arrival to the last byte. */
  readonly duration: number;
  /** The client went away before the end. */
  readonly gone?: boolean;
  /** The answer was cut because something failed behind the first byte. */
  readonly aborted?: boolean;
  readonly requestId: string;
  readonly agent: string;
}

const AGENT_LIMIT = 300;
const FILE = /^das2\.access_(\d{4})(\d{2})\.log$/;

/** Appends one record; the result says why it could not be done (such as `ENOSPC`), for the log of the request. */
export function writeAccessRecord(settings: AccessLogSettings, record: AccessRecord): string | undefined {
  if (!settings.enabled || settings.folder === undefined) return undefined;
  const month = record.time.slice(0, 7).replace('-', '');
  const line = JSON.stringify({ ...record, agent: record.agent.slice(0, AGENT_LIMIT) });
  try {
    const { descriptor, created } = openForAppendNoting(join(settings.folder, `das2.access_${month}.log`));
    try {
      writeSync(descriptor, `${line}\n`);
    } finally {
      closeSync(descriptor);
    }
    if (created) removeOldMonths(settings.folder, month, settings.keepMonths);
    return undefined;
  } catch (error) {
    // The request has been answered; a full disk is no reason to fail it now.
    return (error as NodeJS.ErrnoException).code ?? 'error';
  }
}

function removeOldMonths(folder: string, month: string, keepMonths: number): void {
  const now = monthNumber(month.slice(0, 4), month.slice(4));
  for (const name of readdirSync(folder)) {
    const match = FILE.exec(name);
    if (match === null) continue;
    if (now - monthNumber(match[1] ?? '', match[2] ?? '') >= Math.max(1, keepMonths)) unlinkSync(join(folder, name));
  }
}

function monthNumber(year: string, month: string): number {
  return Number(year) * 12 + Number(month);
}
