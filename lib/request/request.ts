/**
 * One request, whatever front it came through: CGI environment, embedded HTTP server, or a test.
 *
 * Contract: a `Request` is made once at the edge (`makeRequest`) and never changed. Routes read only this; nothing else in
 * the program looks at CGI variables or sockets. Decoding rules: server-protocol 1.2.
 */
import type { Das2Error } from '../error.js';
import type { ReadBody } from './request-body.js';

export interface Request {
  /** Random token, in the log and in error messages, by which one request can be found again. */
  readonly id: string;
  /** `Date.now()` at arrival. */
  readonly receivedAt: number;
  /** As sent, upper case. */
  readonly method: string;
  readonly httpVersion: '1.0' | '1.1';
  /** Own URL without trailing slash (server-protocol 1.3), e.g. `http://das.example.org/das/server`. */
  readonly baseUrl: string;
  /** Path below which this program is mounted, e.g. `/das/server`. */
  readonly mountPath: string;
  /** Percent-decoded path behind the mount point: '' or `/…`. */
  readonly path: string;
  /** Query string as received, without `?`. */
  readonly query: string;
  /** Decoded key/value pairs in order; repeated keys repeated. Keys with an empty value are left out. */
  readonly pairs: readonly (readonly [string, string])[];
  /** First value of each key. Which repetitions are refused: `refuseRepeatedKeys`. */
  readonly parameters: ReadonlyMap<string, string>;
  /**
   * What is wrong with the request as a whole (query too long, too many pairs). `pairs` is empty then, and the router answers
   * with this error; the edge does not throw it, since the answer still depends on the rest of the request.
   */
  readonly fault: Das2Error | undefined;
  /** Client address after `TRUSTED_PROXIES`; '' if unknown. What it is worth: `addressDoubt`. */
  readonly clientAddress: string;
  readonly userAgent: string;
  /** Browser test of server-protocol 2.2. */
  readonly isBrowser: boolean;
  /** Request headers that routes need, keys in lower case (authorization, origin, if-none-match, accept-encoding …). */
  readonly headers: ReadonlyMap<string, string>;
  /**
   * Aborted when the client goes away, or, with the reason `serverStopped`, when the server is asked to end and waits no longer. Only
   * fronts that can see that give it.
   */
  readonly gone?: AbortSignal | undefined;
  /** Reads the body; only for the questions that take one, and only from fronts that have one. */
  readonly readBody?: ReadBody | undefined;
}
