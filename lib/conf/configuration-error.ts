/**
 * Faults of the server's own files. The message can reach a client and therefore names the kind of file only; what an
 * administrator needs (file, line, reason) is in `data.detail`, for the log and for programs run in a terminal.
 */
import { Das2Error } from '../error.js';

/** A `configuration` error: neutral message outside, `detail` (file:line: reason) in `data.detail`. */
export function configurationError(detail: string, cause?: unknown): Das2Error {
  return new Das2Error('configuration', 'the server is not configured correctly; its log says what to change', {
    data: { detail },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What the log or a terminal should say about an error: its detail if it has one, else its message. */
export function errorDetail(error: unknown): string {
  if (error instanceof Das2Error) {
    const detail = error.data.detail;
    return typeof detail === 'string' ? detail : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
