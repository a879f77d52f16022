/**
 * What the conformance cases know of a front: a function from a request to a response. Each front has a driver of its own;
 * the cases (test/conformance/cases.ts) are the same for all.
 */
import type { ProtocolFixture } from './protocol-fixture.js';

/** One request on the own URL of the fixture. */
export interface RequestSpec {
  /** Default GET. */
  readonly method?: string;
  /** Behind the own URL, percent-encoded as a client sends it: '' or `/…`. */
  readonly path?: string;
  /** Behind the `?`, as sent; undefined: no `?`. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 1.1. */
  readonly httpVersion?: '1.0' | '1.1';
}

export interface ProtocolResponse {
  readonly status: number;
  /** The words behind the status. */
  readonly reason?: string;
  /** As sent, in order. The front's own headers (Date, Server, Connection …) may be among them. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** The answer was cut: connection reset, or for CGI an exit status other than 0. */
  readonly aborted: boolean;
  /** Bytes of status line and header lines, as far as the driver sees them. */
  readonly headerBytes: number;
}

/** Runs requests against one site until closed. */
export interface ProtocolDriver {
  /** Name for the test output. */
  readonly name: string;
  send(site: ProtocolFixture, request: RequestSpec): Promise<ProtocolResponse>;
  close(): Promise<void>;
}

/** The address that requests of the drivers come from; not one of `VIEW_LOG_ALLOW` of the fixture. */
export const CLIENT_ADDRESS = '198.51.100.7';

/** The value of a header by its exact name. */
export function header(response: ProtocolResponse, name: string): string | undefined {
  return response.headers.find(([key]) => key === name)?.[1];
}
