/**
 * What the log viewer is asked for: parameters of a request into one typed question (server-internals 5.2).
 *
 *   ip       address, `None`, `arbiter_<host>`; default: the client's own address
 *   day      2026-11-20                                    from, to   2026-11-20[T10:30[:15]], `to` as a bare day includes it
 *   request  request id                                    grep       plain text, whatever the case
 *   level    info, warning, error                          status     error, ok, or the first digits of a status
 *   tail     so many requests only                         page       of 2 MiB, 1 is the latest
 *   format   html, json, text                              refresh    seconds until the page is asked for again
 *   list     addresses: whose logs there are               login      1: ask for name and password
 *
 * Times are by the clock of the log. Throws `illegalArgument` that names the parameter and never repeats its value.
 */
import { Das2Error } from '../../error.js';
import { type LogSubject, parseSubject } from '../../log/log-files.js';
import { LOG_LEVELS, type LogFilter, type LogLevel } from '../../log/log-requests.js';
import { refuseRepeatedKeys } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';

export type LogFormat = 'html' | 'json' | 'text';

/** A question to the log viewer. */
export interface LogQuery {
  /** Undefined: the client's own. */
  readonly subject: LogSubject | undefined;
  readonly filter: LogFilter;
  readonly tail: number | undefined;
  readonly page: number;
  readonly format: LogFormat;
  readonly refresh: number | undefined;
  readonly listAddresses: boolean;
  readonly logIn: boolean;
  /** Texts for the form of the page, by parameter; checked like everything else. */
  readonly shown: Readonly<Partial<Record<ShownKey, string>>>;
}

const SHOWN_KEYS = ['day', 'from', 'to', 'request', 'grep', 'level', 'status', 'tail'] as const;
export type ShownKey = (typeof SHOWN_KEYS)[number];

const KEYS: ReadonlySet<string> = new Set([...SHOWN_KEYS, 'ip', 'type', 'page', 'format', 'refresh', 'list', 'login']);
const MS_PER_DAY = 86_400_000;
const LONGEST_GREP = 200;

/** The question of a request. */
export function readLogQuery(request: Request): LogQuery {
  const { parameters } = request;
  refuseRepeatedKeys(request.pairs, (key) => KEYS.has(key));
  const type = parameters.get('type');
  if (type !== undefined && type !== 'das2') throw bad('type', "must be 'das2'");
  const level = choice(parameters.get('level'), 'level', LOG_LEVELS);
  const status = readStatus(parameters.get('status'));
  const grep = parameters.get('grep');
  if (grep !== undefined && grep.length > LONGEST_GREP) throw bad('grep', `is longer than ${LONGEST_GREP} characters`);
  const requestId = parameters.get('request');
  if (requestId !== undefined && !/^[0-9a-z]{1,32}$/.test(requestId)) throw bad('request', 'is not a request id');
  const times = readTimes(parameters);
  return {
    subject: readSubject(parameters.get('ip')),
    filter: { ...times, grep, requestId, level: stricter(level, status.level), status: status.digits },
    tail: readNumber(parameters.get('tail'), 'tail', { low: 1, high: 10_000 }),
    page: readNumber(parameters.get('page'), 'page', { low: 1, high: 1_000_000 }) ?? 1,
    format: choice(parameters.get('format'), 'format', ['html', 'json', 'text'] as const) ?? 'html',
    refresh: readNumber(parameters.get('refresh'), 'refresh', { low: 2, high: 3600 }),
    listAddresses: choice(parameters.get('list'), 'list', ['addresses'] as const) !== undefined,
    logIn: choice(parameters.get('login'), 'login', ['1'] as const) !== undefined,
    shown: Object.fromEntries(
      SHOWN_KEYS.flatMap((key) => {
        const value = parameters.get(key);
        return value === undefined ? [] : [[key, value]];
      }),
    ),
  };
}

/** The subject that the parameter `ip` names. */
export function readSubject(text: string | undefined): LogSubject | undefined {
  if (text === undefined) return undefined;
  const subject = parseSubject(text);
  if (subject === undefined) throw bad('ip', 'is not an IP address');
  return subject;
}

function readTimes(parameters: ReadonlyMap<string, string>): { from?: number; to?: number } {
  const day = parameters.get('day');
  const begin = parameters.get('from');
  const end = parameters.get('to');
  if (day !== undefined) {
    if (begin !== undefined || end !== undefined) throw bad('day', 'cannot stand beside from and to');
    const { time, isDay } = readTime(day, 'day');
    if (!isDay) throw bad('day', 'must be a date such as 2026-11-20');
    return { from: time, to: time + MS_PER_DAY };
  }
  const from = begin === undefined ? undefined : readTime(begin, 'from').time;
  const last = end === undefined ? undefined : readTime(end, 'to');
  const to = last === undefined ? undefined : last.time + (last.isDay ? MS_PER_DAY : 0);
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** A time of the log's clock in milliseconds. */
function readTime(text: string, key: string): { time: number; isDay: boolean } {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?Z?$/.exec(text);
  const iso = `${match?.[1]}T${match?.[2] ?? '00:00'}${match?.[3] ?? ':00'}Z`;
  const time = Date.parse(iso);
  // 31 February would become a day of March.
  if (match === null || Number.isNaN(time) || new Date(time).toISOString() !== iso.replace('Z', '.000Z')) {
    throw bad(key, 'must be a time such as 2026-11-20 or 2026-11-20T10:30');
  }
  return { time, isDay: match[2] === undefined };
}

function readStatus(text: string | undefined): { digits?: string; level?: LogLevel } {
  if (text === undefined) return {};
  if (text === 'error') return { level: 'warning' };
  if (text === 'ok') return { digits: '2' };
  if (!/^[1-5]\d{0,2}(?:xx)?$/.test(text))
    throw bad('status', "must be 'error', 'ok', or the first digits of a status");
  return { digits: text.replace('xx', '') };
}

function stricter(a: LogLevel | undefined, b: LogLevel | undefined): LogLevel | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return LOG_LEVELS.indexOf(a) > LOG_LEVELS.indexOf(b) ? a : b;
}

function readNumber(
  text: string | undefined,
  key: string,
  range: { readonly low: number; readonly high: number },
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= range.low && value <= range.high))
    throw bad(key, `must be a number from ${range.low} to ${range.high}`);
  return value;
}

function choice<Value extends string>(
  text: string | undefined,
  key: string,
  values: readonly Value[],
): Value | undefined {
  if (text === undefined) return undefined;
  const found = values.find((value) => value === text);
  if (found === undefined) throw bad(key, `must be one of ${values.join(', ')}`);
  return found;
}

function bad(key: string, reason: string): Das2Error {
  return new Das2Error('illegalArgument', `the parameter ${key} ${reason}`);
}
