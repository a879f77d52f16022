/** Errors with the codes of HAPI (server-internals 6.3); error-reply.ts makes documents of them. */
import { Das2Error } from '../error.js';

/** What a client can do wrong. */
export type HapiErrorCode =
  | 1400
  | 1401
  | 1402
  | 1403
  | 1404
  | 1405
  | 1406
  | 1407
  | 1408
  | 1409
  | 1410
  | 1411
  | 1412
  | 1413;

/** An error of the request. The message must not repeat text of the request. */
export function hapiError(code: HapiErrorCode, message: string): Das2Error {
  const isUnknown = code === 1406 || code === 1407;
  return new Das2Error(isUnknown ? 'notFound' : 'illegalArgument', message, { data: { hapiCode: code } });
}
