/**
 * The data of a source that are not expected to change: its `testRange`, with `testInterval` where it needs one (citation 13.2).
 */
import { parseSeconds } from '../../conf/quantity.js';
import type { Source } from '../../source/source.js';
import { readTime, splitRange } from '../../source/time-range.js';
import { compareTimes } from '../../stream/time.js';
import { type CanonicalRequest, canonicalRequest } from '../request-key.js';

/** The request for them at full resolution; undefined if the source names none, or not as `BEGIN to END`. */
export function testRequest({ id, entries }: Pick<Source, 'id' | 'entries'>): CanonicalRequest | undefined {
  const words = splitRange(entries.get('testRange') ?? '');
  const begin = words && readTime(words.begin);
  const end = words && readTime(words.end);
  if (begin === undefined || end === undefined || compareTimes(begin, end) >= 0) return undefined;
  const interval = parseSeconds(entries.get('testInterval') ?? '');
  return canonicalRequest({ dataset: id, begin, end, resolution: undefined, interval, params: '' });
}
