/**
 * Headers that answers about citations share.
 */
import { accessHeaders } from '../../data/question.js';
import type { Header } from '../../reply/headers.js';
import type { Source } from '../../source/source.js';

/** The worker needs some time: seconds until it is worth asking again. */
export const RETRY_LATER: Header = ['Retry-After', '60'];

/** For answers that are true at this moment alone, about a source, or about one that has gone. */
export function neverStored(source: Source | undefined): Header[] {
  const access = source === undefined ? [] : accessHeaders(source).filter(([name]) => name !== 'Cache-Control');
  return [['Cache-Control', 'no-store'], ...access];
}
