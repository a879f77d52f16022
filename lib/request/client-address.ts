/**
 * Who asks? The address of the peer or, if that is a proxy listed in `TRUSTED_PROXIES`, what the proxy says.
 *
 * Contract (server-internals 1.4, 4.3): forwarding headers count only when the peer is trusted; then hops are read from the
 * right, trusted ones are skipped, and the first that is not trusted is the client. A hop that is no address ends the search
 * at the last good one: whoever can write rubbish there can write anything.
 */

/** Says whether an address belongs to a trusted proxy. */
export type TrustTest = (address: string) => boolean;

export interface ClientOrigin {
  readonly address: string;
  /** Forwarding headers came from a peer that is trusted: its scheme and host may be believed, too. */
  readonly forwardedByTrusted: boolean;
}

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)$/;
const FORWARDING_HEADERS = [
  'x-forwarded-for',
  'forwarded',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
];

/** The client behind a connection from `peer`. */
export function clientOrigin(peer: string, headers: ReadonlyMap<string, string>, isTrusted: TrustTest): ClientOrigin {
  const own = bareAddress(peer);
  if (!isForwarded(headers) || !isTrusted(own)) return { address: own, forwardedByTrusted: false };
  let address = own;
  for (const hop of forwardedHops(headers).reverse()) {
    const candidate = bareAddress(hop);
    if (!ADDRESS.test(candidate)) break;
    address = candidate;
    if (!isTrusted(candidate)) break;
  }
  return { address, forwardedByTrusted: true };
}

/** True if a proxy says that it has handed the request on. */
export function isForwarded(headers: ReadonlyMap<string, string>): boolean {
  for (const name of FORWARDING_HEADERS) if (headers.has(name)) return true;
  return false;
}

function forwardedHops(headers: ReadonlyMap<string, string>): string[] {
  const list = headers.get('x-forwarded-for');
  if (list !== undefined) return list.split(',').map((hop) => hop.trim());
  const forwarded = headers.get('forwarded');
  if (forwarded === undefined) return [];
  return forwarded.split(',').map((element) => /(?:^|;)\s*for\s*=\s*"?([^";]*)"?/i.exec(element)?.[1]?.trim() ?? '');
}

/** The address without brackets, port and zone. */
function bareAddress(text: string): string {
  return text.includes(':') ? withoutPort(text) : text;
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text);
  const address = bracketed?.[1] ?? (/^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text);
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}
