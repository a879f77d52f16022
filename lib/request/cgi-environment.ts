/**
 * CGI/1.1 variables (RFC 3875) -> `Request` (server-protocol 8.4).
 *
 * Contract: reads an environment object, not the process; every variable may be missing (upstream failed on that). Nothing
 * is taken from argv: the web server passes a query without `=` as arguments.
 */
import { makeRequest, type RequestFacts, type RequestSettings } from './make-request.js';
import { withoutSlashes } from './own-url.js';
import type { Request } from './request.js';

export type CgiEnvironment = Readonly<Record<string, string | undefined>>;

/** The request that a CGI environment describes. */
export function requestFromCgi(environment: CgiEnvironment, settings: RequestSettings = {}): Request {
  return makeRequest(cgiFacts(environment), settings);
}

/** True if the environment is that of a program started by a web server. */
export function isCgi(environment: CgiEnvironment): boolean {
  return (environment.GATEWAY_INTERFACE ?? '') !== '';
}

/** The facts of a request in a CGI environment. */
export function cgiFacts(environment: CgiEnvironment): RequestFacts {
  const scriptName = environment.SCRIPT_NAME ?? '';
  const https = (environment.HTTPS ?? '').toLowerCase();
  const secure = https === 'on' || https === '1' || environment.REQUEST_SCHEME === 'https';
  const port = Number(environment.SERVER_PORT ?? '');
  return {
    method: environment.REQUEST_METHOD || 'GET',
    httpVersion: environment.SERVER_PROTOCOL === 'HTTP/1.0' ? '1.0' : '1.1',
    scheme: secure ? 'https' : 'http',
    serverName: environment.SERVER_NAME ?? '',
    serverPort: Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined,
    peerAddress: environment.REMOTE_ADDR ?? '',
    mountPath: scriptName.endsWith('/') ? withoutSlashes(scriptName) : scriptName,
    path: environment.PATH_INFO ?? '',
    query: environment.QUERY_STRING ?? '',
    headers: headersOf(environment),
  };
}

/** `HTTP_USER_AGENT` -> `user-agent`, and the two headers that CGI keeps without prefix. */
function headersOf(environment: CgiEnvironment): Map<string, string> {
  const headers = new Map<string, string>();
  for (const name in environment) {
    if (!name.startsWith('HTTP_')) continue;
    const value = environment[name];
    if (value !== undefined) headers.set(name.slice(5).toLowerCase().replaceAll('_', '-'), value);
  }
  // Apache hands over the credentials under this name behind an internal redirect. The usual rewrite rule sets the variable
  // for each request, so without credentials it is empty: no header then.
  const credentials = environment.HTTP_AUTHORIZATION || environment.REDIRECT_HTTP_AUTHORIZATION;
  if (credentials) headers.set('authorization', credentials);
  else headers.delete('authorization');
  const contentType = environment.CONTENT_TYPE;
  if (contentType !== undefined && contentType !== '') headers.set('content-type', contentType);
  const contentLength = environment.CONTENT_LENGTH;
  if (contentLength !== undefined && contentLength !== '') headers.set('content-length', contentLength);
  return headers;
}
