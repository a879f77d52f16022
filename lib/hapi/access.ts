/**
 * How much of a dataset is open to everybody, and whether this client may have more (server-internals 6.4 "Protected datasets").
 *
 * Contract: with an AGE condition the open part ends at the edge of the embargo, rounded down to a day, so that it is the same all day; that end
 * is told to everybody as stopDate. Who has valid credentials may go further. Without AGE nothing is open.
 */
import { parseConditions } from '../auth/conditions.js';
import { subtractDuration } from '../auth/duration.js';
import { requireAccess } from '../data/question.js';
import { isDas2Error } from '../error.js';
import type { Request } from '../request/request.js';
import type { TextRange } from '../request/time-text.js';
import type { ServerContext } from '../server/context.js';
import { type TimeRange, timeFromUnix } from '../source/time-range.js';
import { compareTimes, type TimePoint } from '../stream/time.js';
import { hapiError } from './error.js';
import type { HapiDataset } from './model.js';
import { hapiTimeText } from './time-text.js';

/** The times that documents tell: all data, or those that are older than an embargo. */
export interface OpenPart {
  readonly range: TimeRange;
  /** Nobody gets anything without a password: the catalog does not list them, and the range is that of all data. */
  readonly isClosed: boolean;
}

/** The open part of a dataset at `now` (milliseconds since 1970). */
export function openPart(dataset: Pick<HapiDataset, 'source' | 'validRange'>, now: number): OpenPart {
  const { validRange: range, source } = dataset;
  if (source.readAccess === undefined) return { range, isClosed: false };
  const edges = parseConditions(source.readAccess).flatMap((condition) =>
    condition.method === 'AGE' ? [subtractDuration(now, condition.duration)] : [],
  );
  // Data are open before the edge, not at it.
  const edge = Math.max(...edges) - 1;
  if (!Number.isFinite(edge)) return { range, isClosed: true };
  const day: TimePoint = { day: timeFromUnix(edge).day, nanosecond: 0 };
  const end = compareTimes(day, range.end) < 0 ? day : range.end;
  const isClosed = compareTimes(range.begin, end) >= 0;
  return { range: isClosed ? range : { begin: range.begin, end }, isClosed };
}

/** From where on data are closed to this client. Throws unless he may have this range: 1405 beyond an embargo for who gives no password, 401 for others. */
export async function requireOpen(
  context: ServerContext,
  request: Request,
  dataset: HapiDataset,
  range: TextRange,
): Promise<TimePoint | 'all'> {
  try {
    return await requireAccess(context, request, dataset.source, range);
  } catch (error) {
    const isAnonymous = !request.headers.has('authorization');
    if (!isDas2Error(error, 'authenticationRequired') || !isAnonymous) throw error;
    const open = openPart(dataset, request.receivedAt);
    throw open.isClosed ? error : outside(open.range);
  }
}

/** The error for a range that reaches out of the dataset. */
export function outside({ begin, end }: TimeRange): Error {
  return hapiError(
    1405,
    `the range must lie inside of startDate ${hapiTimeText(begin)} and stopDate ${hapiTimeText(end)}`,
  );
}
