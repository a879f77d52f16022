/**
 * What a client may read about a fault (server-protocol 2.4, server-internals 8.4).
 *
 * Contract: faults of the request are told as they are. Faults of the server name the request id, by which the log can be
 * searched; those of configuration, source definition and program say nothing more. A failing reader's own words are what a
 * scientist needs: the last 40 lines go out with absolute paths masked, unless `ERROR_DETAIL = id`.
 */
import { asDas2Error, type ErrorCode } from '../error.js';
import { maskPaths } from './mask-paths.js';

/** `ERROR_DETAIL`. */
export type ErrorDetail = 'tail' | 'id';

export interface PublicMessageOptions {
  readonly requestId: string;
  readonly detail?: ErrorDetail | undefined;
}

/** Lines of a reader's standard error that a client gets. */
const TAIL_LINES = 40;

const NEUTRAL: Partial<Record<ErrorCode, string>> = {
  internal: 'internal error of the server',
  configuration: 'the server is not configured correctly',
  sourceDefinition: 'the definition of this data source has an error',
};

/** The message of an error as a client may see it. */
export function publicMessage(error: unknown, options: PublicMessageOptions): string {
  const fault = asDas2Error(error);
  if (fault.status < 500 || fault.status === 501) return maskPaths(fault.message);
  const reference = `request ${options.requestId}`;
  const neutral = NEUTRAL[fault.code];
  if (neutral !== undefined) return `${neutral} (${reference})`;
  if (options.detail === 'id') return `the request failed; the log of the server has the details (${reference})`;
  return `${maskPaths(lastLines(fault.message))} (${reference})`;
}

function lastLines(text: string): string {
  const lines = text.trimEnd().split('\n');
  return lines.length <= TAIL_LINES ? lines.join('\n') : lines.slice(-TAIL_LINES).join('\n');
}
