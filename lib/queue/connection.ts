/**
 * `WORK_QUEUE_CONN`: where Redis is (server-internals 1.4).
 *
 *   host:port:database       any part may be missing; an IPv6 address stands in brackets
 *   redis://[user][:password]@host[:port][/database]      rediss:// the same with TLS
 *   unix:/path/of/socket[?db=N]   unix://[user][:password]@/path
 */
import { configurationError } from '../conf/configuration-error.js';

export interface RedisConnection {
  readonly host?: string;
  readonly port?: number;
  readonly socket?: string;
  readonly database: number;
  readonly user?: string;
  readonly password?: string;
  readonly tls: boolean;
  /** The place without secrets. */
  readonly place: string;
}

const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 6379;

/** Reads the setting; undefined or '' means the defaults. Throws `configuration` without repeating the value: it may hold a password. */
export function parseConnection(text: string | undefined): RedisConnection {
  const value = (text ?? '').trim();
  if (/^unix:/i.test(value)) return socketConnection(value);
  if (/^rediss?:\/\//i.test(value)) return urlConnection(value);
  if (value.includes('://')) throw bad('the address must begin with redis://, rediss:// or unix:');
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(?::(\d*))?(?::(\d*))?$/.exec(value);
  if (match === null) throw bad('must be host:port:database');
  const [, hostText = '', portText = '', databaseText = ''] = match;
  return tcp({ host: hostText.replace(/^\[|\]$/g, ''), port: portText, database: databaseText, tls: false });
}

function urlConnection(value: string): RedisConnection {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw bad('is not a valid redis:// address');
  }
  return tcp({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    database: url.pathname.replace(/^\//, '') || (url.searchParams.get('db') ?? ''),
    tls: url.protocol === 'rediss:',
    ...credentials(url.username, url.password),
  });
}

function socketConnection(value: string): RedisConnection {
  const match = /^unix:(?:\/\/(?:([^@/]*)@)?)?(\/[^?]*)(?:\?(.*))?$/i.exec(value);
  if (match === null) throw bad('must be unix:/path/of/socket');
  const [, account = '', socket = '', query = ''] = match;
  const colon = account.indexOf(':');
  const [user, password] = colon < 0 ? [account, ''] : [account.slice(0, colon), account.slice(colon + 1)];
  return {
    socket: decode(socket),
    database: databaseNumber(new URLSearchParams(query).get('db') ?? ''),
    tls: false,
    ...credentials(user, password),
    place: `unix:${socket}`,
  };
}

function tcp(parts: {
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
}): RedisConnection {
  const { host: hostText, port: portText, database, ...rest } = parts;
  const host = hostText === '' ? DEFAULT_HOST : hostText;
  const port = portText === '' ? DEFAULT_PORT : Number(portText);
  if (port < 1 || port > 65_535) throw bad('the port must be a number from 1 to 65535');
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { host, port, database: databaseNumber(database), place, ...rest };
}

function credentials(user: string, password: string): { readonly user?: string; readonly password?: string } {
  return { ...(user !== '' && { user: decode(user) }), ...(password !== '' && { password: decode(password) }) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('has a percent sign that is no escape');
  }
}

function databaseNumber(text: string): number {
  if (text === '') return 0;
  if (!/^\d{1,5}$/.test(text)) throw bad('the database must be a number');
  return Number(text);
}

function bad(reason: string): Error {
  return configurationError(`WORK_QUEUE_CONN: ${reason}`);
}
