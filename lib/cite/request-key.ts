/**
 * What a data request asks for, independent of how it was asked and in which format it is answered, and the key of that (citation 3).
 *
 *     d2r/1 LF dataset=… LF begin=… LF end=… LF res=… LF interval=… LF params=… LF planes=… LF      rk = SHA-256 of this
 *
 * Contract: equal requests have equal texts; the order of the words of `params` counts. Times are those that were asked for, before they were
 * trimmed to the valid range.
 */
import { formatTime, type TimePoint } from '../stream/time.js';
import { sha256OfText } from './sha256.js';

/** The parts of a canonical request, each as it stands in the text. */
export interface CanonicalRequest {
  readonly dataset: string;
  readonly begin: string;
  readonly end: string;
  readonly res: string;
  readonly interval: string;
  readonly params: string;
  readonly planes: string;
}

const PARTS = ['dataset', 'begin', 'end', 'res', 'interval', 'params', 'planes'] as const;
const NATIVE = 'native';
export const ALL_PLANES = '*';

export interface RequestFacts {
  /** Id of the source, after `rename`. */
  readonly dataset: string;
  readonly begin: TimePoint;
  readonly end: TimePoint;
  /** Seconds; undefined or 0: full resolution. */
  readonly resolution: number | undefined;
  readonly interval: number | undefined;
  readonly params: string;
  /** Names of the planes that are sent, in order; undefined for all. */
  readonly planes?: readonly string[] | undefined;
}

/** The canonical request of a question. */
export function canonicalRequest(facts: RequestFacts): CanonicalRequest {
  const { dataset, begin, end, resolution = 0, interval, params, planes } = facts;
  return {
    dataset,
    begin: formatTime(begin, { decimals: 'shortest' }),
    end: formatTime(end, { decimals: 'shortest' }),
    res: resolution > 0 ? decimalText(resolution) : NATIVE,
    interval: interval === undefined ? '' : decimalText(interval),
    params: params === '' ? '' : params.replace(/\s+/g, ' ').trim(),
    planes: planes?.join(',') ?? ALL_PLANES,
  };
}

/** The key of a request, 64 hexadecimal digits. */
export function requestKey(request: CanonicalRequest): string {
  let text = 'd2r/1\n';
  for (const part of PARTS) text += `${part}=${request[part]}\n`;
  return sha256OfText(text);
}

/** True for a request that is reduced or sampled: its values depend on how they are made. */
export function isReduced({ res }: CanonicalRequest): boolean {
  return res !== NATIVE;
}

/** The canonical request as one percent-encoded query string, for the log. */
export function requestToQuery(request: CanonicalRequest): string {
  return PARTS.map((part) => `${part}=${encodeURIComponent(request[part])}`).join('&');
}

/** The request that a query string of `requestToQuery` holds; undefined for other text. */
export function requestFromQuery(query: string): CanonicalRequest | undefined {
  const values = new Map<string, string>();
  for (const piece of query.split('&')) {
    const equals = piece.indexOf('=');
    try {
      values.set(piece.slice(0, equals), decodeURIComponent(piece.slice(equals + 1)));
    } catch {
      return undefined;
    }
  }
  const parts = PARTS.map((part) => [part, values.get(part)] as const);
  if (parts.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(parts) as unknown as CanonicalRequest;
}

/** The shortest decimal digits that read back to the same number, without an exponent. */
function decimalText(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  const [, sign = '', whole = '', part = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  const digits = whole + part;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
