/** What the tools of the worker answer to a wrong call. */
import { Das2Error } from '../error.js';

/** Status of a call that is wrong (server-internals 3.4, 3.5). */
export const USAGE = 13;

/** A wrong call. */
export function usage(message: string): Das2Error {
  return new Das2Error('usage', message, { exitStatus: USAGE });
}
