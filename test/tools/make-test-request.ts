/** Requests for tests: only what matters is given. */
import { makeRequest, type RequestSettings } from '../../lib/request/make-request.js';
import { decodePercent } from '../../lib/request/query-string.js';
import type { Request } from '../../lib/request/request.js';
import { CLIENT_ADDRESS } from './protocol-driver.js';

export interface TestRequest {
  readonly method?: string;
  /** As sent, percent-encoded. */
  readonly path?: string;
  readonly query?: string;
  /** Any capitalisation. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly peerAddress?: string;
  readonly settings?: RequestSettings;
}

/** A request to `http://das.example.org/das/server`. */
export function testRequest(request: TestRequest = {}): Request {
  const headers = new Map<string, string>([['host', 'das.example.org']]);
  for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name.toLowerCase(), value);
  return makeRequest(
    {
      method: request.method ?? 'GET',
      httpVersion: '1.1',
      scheme: 'http',
      serverName: 'das.example.org',
      serverPort: 80,
      peerAddress: request.peerAddress ?? CLIENT_ADDRESS,
      mountPath: '/das/server',
      path: decodePercent(request.path ?? ''),
      query: request.query ?? '',
      headers,
    },
    request.settings ?? {},
  );
}
