/**
 * The server's own URL, and when two server URLs mean the same server (server-protocol 1.3).
 *
 * Contract: `SERVER_URL` wins. Otherwise scheme, host and port come from the `Host` header and the listening socket, or from
 * `X-Forwarded-Proto` and `X-Forwarded-Host` when a trusted proxy sent them. Default ports are left out. A `Host` that is
 * no host name (it is text of the client) is ignored in favour of the configured server name.
 */

export interface OwnUrlFacts {
  /** Scheme of the listening side. */
  readonly scheme: 'http' | 'https';
  /** `Host` header, '' if there was none. */
  readonly host: string;
  /** Name of the server where `Host` is missing or unusable. */
  readonly serverName: string;
  /** Listening port; undefined if unknown. */
  readonly serverPort: number | undefined;
  readonly mountPath: string;
  /** `X-Forwarded-Proto` and `X-Forwarded-Host` of a trusted proxy. */
  readonly forwardedScheme?: string | undefined;
  readonly forwardedHost?: string | undefined;
}

const HOST = /^([A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::(\d+))?$/;
const PATH_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~/-';
/** Longest name with port: a domain name has 253 bytes. */
const LONGEST_HOST = 259;

/** Own URL without trailing slash; `serverUrl` is the setting `SERVER_URL`. */
export function ownUrl(facts: OwnUrlFacts, serverUrl?: string): string {
  if (serverUrl !== undefined && serverUrl !== '') return withoutSlashes(serverUrl);
  const proto = lastListItem(facts.forwardedScheme).toLowerCase();
  const scheme = proto === 'http' || proto === 'https' ? proto : facts.scheme;
  const forwarded = hostParts(lastListItem(facts.forwardedHost));
  const sent = forwarded ?? hostParts(facts.host);
  const host = sent?.[1] ?? hostText(facts.serverName);
  // Behind a proxy the listening port is the proxy's business: without a port the scheme's own one is meant.
  const behindProxy = forwarded !== null || scheme !== facts.scheme;
  const port = sent?.[2] === undefined ? (behindProxy ? undefined : facts.serverPort) : Number(sent[2]);
  return `${scheme}://${host}${port === undefined || port === defaultPort(scheme) ? '' : `:${port}`}${pathText(facts.mountPath)}`;
}

/** True if two server URLs address the same server: host, effective port and path agree; the scheme does not count. */
export function sameServer(a: string, b: string): boolean {
  const left = serverKey(a);
  return left !== undefined && left === serverKey(b);
}

function serverKey(text: string): string | undefined {
  const match = /^(https?):\/\/([^/?#]*)([^?#]*)/i.exec(text.trim());
  const host = match === null ? null : hostParts(match[2] ?? '');
  if (match === null || host === null) return undefined;
  const isDefault = host[2] === undefined || Number(host[2]) === defaultPort((match[1] ?? '').toLowerCase());
  const path = withoutSlashes(match[3] ?? '');
  return `${(host[1] ?? '').toLowerCase()}:${isDefault ? 'default' : Number(host[2])}${path}`;
}

/** The name in a `Host` header, in lower case, without port, brackets and final dot; undefined if there is none. */
export function hostName(authority: string): string | undefined {
  const name = hostParts(authority)?.[1];
  if (name === undefined) return undefined;
  return (name.startsWith('[') ? name.slice(1, -1) : name.replace(/\.$/, '')).toLowerCase();
}

/** The same for a URL. */
export function urlHostName(url: string): string | undefined {
  return hostName(/^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '');
}

/** Host and port of an authority; null if it is none. */
function hostParts(text: string): RegExpExecArray | null {
  if (text === '' || text.length > LONGEST_HOST) return null;
  const parts = HOST.exec(text);
  return parts !== null && (parts[2] ?? '').length <= 5 ? parts : null;
}

function defaultPort(scheme: string): number {
  return scheme === 'https' ? 443 : 80;
}

/** A mount path with anything that cannot stand in a URL encoded. */
function pathText(path: string): string {
  for (const character of path) {
    if (!PATH_CHARACTERS.includes(character)) return encodedPath(path);
  }
  return path;
}

function encodedPath(path: string): string {
  return encodeURI(path.replace(/[\ud800-\udfff]/gu, '\ufffd'));
}

/** The text without slashes at its end. */
export function withoutSlashes(text: string): string {
  return text.replace(/\/+$/, '');
}

function hostText(serverName: string): string {
  if (hostParts(serverName) !== null) return serverName;
  return /^[0-9A-Fa-f:.]+$/.test(serverName) ? `[${serverName}]` : 'localhost';
}

/** Proxies append to a list: the last item is what the nearest (trusted) one wrote. */
function lastListItem(text: string | undefined): string {
  return text === undefined ? '' : (text.split(',').at(-1) ?? '').trim();
}
