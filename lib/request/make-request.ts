/**
 * Facts of the transport -> `Request`: the one place where a request is put together, for CGI and the embedded server alike.
 * Never throws: what is wrong with the query is kept in `fault`, so that the router can answer it in the right form.
 */
import { asDas2Error, type Das2Error } from '../error.js';
import { isBrowserAgent } from './browser.js';
import { clientOrigin, type TrustTest } from './client-address.js';
import { ownUrl } from './own-url.js';
import { firstValues, parseQuery } from './query-string.js';
import type { Request } from './request.js';

/** What a front knows about one request. */
export interface RequestFacts {
  readonly method: string;
  readonly httpVersion: '1.0' | '1.1';
  /** Scheme, name and port of the listening side. */
  readonly scheme: 'http' | 'https';
  readonly serverName: string;
  readonly serverPort: number | undefined;
  /** Address of the peer of the connection, '' if unknown. */
  readonly peerAddress: string;
  /** Where the program is mounted: '' or `/…` without trailing slash. */
  readonly mountPath: string;
  /** Path behind the mount point, percent-decoded exactly once (`decodePercent`): '' or `/…`. */
  readonly path: string;
  /** Query string as received, without `?`. */
  readonly query: string;
  /** Request headers, keys in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Settings that shape a request. */
export interface RequestSettings {
  /** `SERVER_URL`. */
  readonly serverUrl?: string | undefined;
  /** Membership in `TRUSTED_PROXIES`; without it no peer is trusted. */
  readonly isTrustedProxy?: TrustTest | undefined;
}

/** Puts a request together (server-protocol 1.2, 1.3, 2.2). */
export function makeRequest(facts: RequestFacts, settings: RequestSettings = {}): Request {
  const { headers } = facts;
  const receivedAt = Date.now();
  let pairs: (readonly [string, string])[] = [];
  let fault: Das2Error | undefined;
  try {
    pairs = parseQuery(facts.query);
  } catch (error) {
    fault = asDas2Error(error);
  }
  const origin = clientOrigin(facts.peerAddress, headers, settings.isTrustedProxy ?? (() => false));
  const userAgent = headers.get('user-agent') ?? '';
  return {
    id: requestId(receivedAt),
    receivedAt,
    method: facts.method.toUpperCase(),
    httpVersion: facts.httpVersion,
    baseUrl: ownUrl(
      {
        scheme: facts.scheme,
        host: headers.get('host') ?? '',
        serverName: facts.serverName,
        serverPort: facts.serverPort,
        mountPath: facts.mountPath,
        forwardedScheme: origin.forwardedByTrusted ? headers.get('x-forwarded-proto') : undefined,
        forwardedHost: origin.forwardedByTrusted ? headers.get('x-forwarded-host') : undefined,
      },
      settings.serverUrl,
    ),
    mountPath: facts.mountPath,
    path: facts.path,
    query: facts.query,
    pairs,
    parameters: firstValues(pairs),
    fault,
    clientAddress: origin.address,
    userAgent,
    isBrowser: isBrowserAgent(userAgent),
    headers,
  };
}

let requestsOfProcess = 0;

/**
 * Twelve characters: the time in milliseconds, then what tells processes and requests of the same moment apart. In order of
 * arrival, and no secret: randomness would cost each start some of its time.
 */
function requestId(receivedAt: number): string {
  const within = (process.pid * 31 + requestsOfProcess++) % 36 ** 4;
  return receivedAt.toString(36).padStart(8, '0') + within.toString(36).padStart(4, '0');
}
