/**
 * `WORK_QUEUE_CONN`: where Redis is (server-internals 1.4).
 *
 *   host:port:database       any part may be missing; an IPv6 address stands in brackets
 *   redis://[user][:password]@host[:port][/database]      rediss:// the same with TLS
 *   unix:/path/of/socket[?db=N]   unix://[user][:password]@/path
 *   redis+sentinel://[user][:password]@host[:port][,host[:port]…]/master[/database]      rediss+sentinel:// the same with TLS
 *
 * Behind `?`: `db=N`; with TLS `ca=FILE`, `cert=FILE` and `key=FILE` (PEM, absolute paths), `servername=NAME`; with Sentinel
 * `sentinelpassword=TEXT`. A cluster is refused: the lists that older programs know lie on different nodes of it, and no job could move
 * between them in one step.
 */
import { configurationError } from '../conf/configuration-error.js';

/** A host and its port. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** What TLS needs besides the system's own authorities. */
export interface TlsFiles {
  /** Files in PEM form. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Name in the server's certificate, where it is not the host. */
  readonly servername?: string;
}

export interface RedisConnection {
  readonly host?: string;
  readonly port?: number;
  readonly socket?: string;
  readonly database: number;
  readonly user?: string;
  readonly password?: string;
  readonly tls: boolean;
  readonly tlsFiles?: TlsFiles;
  /** Who knows which server is the master of this name. */
  readonly sentinels?: readonly RedisAddress[];
  readonly masterName?: string;
  readonly sentinelPassword?: string;
  /** The place without secrets. */
  readonly place: string;
}

const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26_379;

/** Reads the setting; undefined or '' means the defaults. Throws `configuration` without repeating the value: it may hold a password. */
export function parseConnection(text: string | undefined): RedisConnection {
  const value = (text ?? '').trim();
  const scheme = /^([a-z+]+):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (/^unix:/i.test(value)) return socketConnection(value);
  if (scheme === 'redis' || scheme === 'rediss') return urlConnection(value);
  if (scheme === 'redis+sentinel' || scheme === 'rediss+sentinel') return sentinelConnection(value);
  if (scheme?.includes('cluster')) throw bad('a cluster cannot hold the queue; Sentinel can: redis+sentinel://');
  if (value.includes('://')) throw bad('the address must begin with redis://, rediss://, redis+sentinel:// or unix:');
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(?::(\d*))?(?::(\d*))?$/.exec(value);
  if (match === null) throw bad('must be host:port:database');
  const [, hostText = '', portText = '', databaseText = ''] = match;
  return tcp({ host: hostText, port: portText, database: databaseText, tls: false });
}

function urlConnection(value: string): RedisConnection {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw bad('is not a valid redis:// address');
  }
  const tls = url.protocol === 'rediss:';
  return tcp({
    host: url.hostname,
    port: url.port,
    database: url.pathname.replace(/^\//, '') || (url.searchParams.get('db') ?? ''),
    tls,
    ...tlsOptions(url.searchParams, tls),
    ...credentials(url.username, url.password),
  });
}

function socketConnection(value: string): RedisConnection {
  const match = /^unix:(?:\/\/(?:([^@/]*)@)?)?(\/[^?]*)(?:\?(.*))?$/i.exec(value);
  if (match === null) throw bad('must be unix:/path/of/socket');
  const [, account = '', socket = '', query = ''] = match;
  return {
    socket: decode(socket),
    database: databaseNumber(new URLSearchParams(query).get('db') ?? ''),
    tls: false,
    ...accountOf(account),
    place: `unix:${socket}`,
  };
}

/** Several hosts make no URL that the language knows. */
function sentinelConnection(value: string): RedisConnection {
  const match = /^(rediss?)\+sentinel:\/\/(?:([^@/]*)@)?([^/?]+)\/([A-Za-z0-9._-]+)(?:\/(\d*))?(?:\?(.*))?$/i.exec(
    value,
  );
  if (match === null) throw bad('must be redis+sentinel://host:port,host:port/master');
  const [, scheme = '', account = '', hosts = '', masterName = '', database = '', query = ''] = match;
  const parameters = new URLSearchParams(query);
  const tls = scheme.toLowerCase() === 'rediss';
  const sentinels = hosts.split(',').map((one) => {
    const parts = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d+))?$/.exec(one);
    if (parts === null) throw bad('has a Sentinel that is not host:port');
    return address(parts[1] ?? '', parts[2] ?? '', DEFAULT_SENTINEL_PORT);
  });
  const sentinelPassword = parameters.get('sentinelpassword');
  return {
    sentinels,
    masterName,
    database: databaseNumber(database || (parameters.get('db') ?? '')),
    tls,
    ...tlsOptions(parameters, tls),
    ...accountOf(account),
    ...(sentinelPassword !== null && { sentinelPassword }),
    place: `master ${masterName} of ${sentinels.map(placeOf).join(', ')}`,
  };
}

function tcp(parts: {
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly tls: boolean;
  readonly tlsFiles?: TlsFiles;
  readonly user?: string;
  readonly password?: string;
}): RedisConnection {
  const { host, port, database, ...rest } = parts;
  const server = address(host, port, DEFAULT_PORT);
  return { ...server, database: databaseNumber(database), place: placeOf(server), ...rest };
}

function address(hostText: string, portText: string, usual: number): RedisAddress {
  const host = hostText.replace(/^\[|\]$/g, '') || DEFAULT_HOST;
  const port = portText === '' ? usual : Number(portText);
  if (port < 1 || port > 65_535) throw bad('the port must be a number from 1 to 65535');
  return { host, port };
}

function placeOf({ host, port }: RedisAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function tlsOptions(parameters: URLSearchParams, tls: boolean): { readonly tlsFiles?: TlsFiles } {
  const found: { ca?: string; cert?: string; key?: string; servername?: string } = {};
  for (const name of ['ca', 'cert', 'key', 'servername'] as const) {
    const value = parameters.get(name);
    if (value === null) continue;
    if (!tls) throw bad(`${name} needs TLS: the address must begin with rediss`);
    if (name !== 'servername' && !value.startsWith('/')) throw bad(`${name} must be an absolute path`);
    found[name] = value;
  }
  if ((found.cert === undefined) !== (found.key === undefined)) throw bad('cert and key belong together');
  return Object.keys(found).length === 0 ? {} : { tlsFiles: found };
}

/** `user:password`, `:password` or `user`, percent-encoded. */
function accountOf(text: string): { readonly user?: string; readonly password?: string } {
  const colon = text.indexOf(':');
  return colon < 0 ? credentials(text, '') : credentials(text.slice(0, colon), text.slice(colon + 1));
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
