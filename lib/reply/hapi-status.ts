/**
 * Codes of HAPI answers and the words that stand behind them in the status line (server-internals 6.3).
 *
 * Contract: fixed text, nothing of a request. The message of an error document says more.
 */
import { reasonPhrase } from './status.js';

const WORDS: Readonly<Record<number, string>> = {
  1200: 'OK',
  1201: 'OK - no data for time range',
  1400: 'Bad request',
  1401: 'Unknown request key',
  1402: 'Start is no time',
  1403: 'Stop is no time',
  1404: 'Start is not before stop',
  1405: 'Time outside of the dataset',
  1406: 'Unknown dataset',
  1407: 'Unknown parameter',
  1408: 'Too long a time range',
  1409: 'Unsupported format',
  1410: 'Unsupported value of include',
  1411: 'Parameters twice or out of order',
  1412: 'Unsupported value of resolve_references',
  1413: 'Unsupported depth',
  1500: 'Internal error',
  1501: 'Source of the data failed',
};

/** What a HAPI document says about itself. */
export function hapiStatus(code: number): { readonly code: number; readonly message: string } {
  return { code, message: WORDS[code] ?? '' };
}

/** The reason phrase of the status line: `OK; HAPI 1201 OK - no data for time range`. */
export function hapiReason(status: number, code: number): string {
  return `${reasonPhrase(status)}; HAPI ${code} ${WORDS[code] ?? ''}`.trimEnd();
}
