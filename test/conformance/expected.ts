/** The form of a conformance case: what is sent to which site, and what must come back. */
import type { RequestSpec } from '../tools/protocol-driver.js';
import type { SiteName } from './sites.js';

/** What must come back. What is left out is not looked at. */
export interface Expected {
  readonly status: number;
  /** Exact value of `Content-Type`. */
  readonly type?: string;
  /** Exact values, names compared with case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly absent?: readonly string[];
  /** Exact body. */
  readonly body?: string | Buffer;
  readonly contains?: readonly string[];
  readonly excludes?: readonly string[];
  /** The body is the two packets of 2.3 with this exception type. */
  readonly exception?: string;
  /** The first packet of those is that of a Q stream. */
  readonly qstream?: boolean;
  /** The message of the exception. */
  readonly message?: { readonly contains?: string; readonly excludes?: readonly string[] };
  /** The comments of the stub programs, in order: source and arguments. */
  readonly stages?: readonly (readonly ['rdr' | 'red' | 'txt', ...string[]])[];
  /** The answer must be cut. */
  readonly aborted?: boolean;
}

export interface ConformanceCase {
  readonly number: number;
  readonly request: RequestSpec;
  readonly expected: Expected;
  readonly site?: SiteName;
}
