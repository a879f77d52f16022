/**
 * `/coverage/<id>`: on which days a source has data (server-internals 7.2, server-protocol 1.4).
 *
 *   /coverage/<id>        das2 stream (text)        .json        counts, stretches with data, gaps        .svg        a strip
 *
 * `start_time` and `end_time` ask for a part, in whole days. The same rights are needed as for the data of that range; who gives neither
 * range nor password sees what the age of the data has opened. What was never counted is asked of the worker, and the answer is 404
 * until it has been made; what is out of date is sent and asked for anew. A site without a cache answers 501.
 */

import { ageEdge } from '../../auth/age-edge.js';
import { coveredRange } from '../../cache/coverage/age.js';
import {
  type Coverage,
  clippedCoverage,
  coverageJson,
  type DayRange,
  daysOf,
  timesOf,
} from '../../cache/coverage/coverage.js';
import { dailySource } from '../../cache/coverage/daily-source.js';
import { readCoverage } from '../../cache/coverage/store.js';
import { coverageStream } from '../../cache/coverage/stream.js';
import { notCounted, recount } from '../../data/coverage-job.js';
import { accessHeaders, requireAccess } from '../../data/question.js';
import { Das2Error, isDas2Error } from '../../error.js';
import {
  bytesReply,
  DAS2_TEXT_TYPE,
  emptyReply,
  jsonReply,
  TEXT_TYPE,
  textReply,
  withAfterwards,
} from '../../reply/build-reply.js';
import { finishDocument, matchesTag } from '../../reply/document.js';
import type { Header } from '../../reply/headers.js';
import { disposition } from '../../reply/media-type.js';
import type { Reply } from '../../reply/reply.js';
import { macroParameters, readDataParameters } from '../../request/data-parameters.js';
import type { Request } from '../../request/request.js';
import { parseTimeRange, textRange } from '../../request/time-text.js';
import type { ServerContext } from '../../server/context.js';
import { redirectFor } from '../../server/redirect.js';
import { normalizeId } from '../../source/definition/source-id.js';
import { readerOf, type Source } from '../../source/source.js';

type Form = 'das2' | 'json' | 'svg';

/** Days of the years 1 to 9999: every range that can be asked for. */
const ALL_DAYS: DayRange = { begin: -730_119, end: 2_921_939 };

/** Answers with the coverage of the source in the path. */
export async function coverage(context: ServerContext, request: Request): Promise<Reply> {
  const { configuration, notes } = context;
  if (!configuration.has('CACHE_ROOT')) {
    throw new Das2Error('notImplemented', 'this server keeps no coverage: it has no cache (CACHE_ROOT)');
  }
  const { asked, form } = nameAndForm(context, request.path.slice('/coverage/'.length));
  const source = dailySource(context.sources, asked);
  notes.dataset = source.id;
  const moved = redirectFor(context, request, { source, asked, question: 'data' });
  if (moved !== undefined) return moved;
  readerOf(source);
  const wanted = wantedDays(request, source.id);
  const kept = readCoverage(configuration, source.id);
  const days = await openDays(context, request, {
    source,
    wanted,
    whole: kept?.range ?? coveredRange(source, request.receivedAt),
  });
  if (kept === undefined) throw new Das2Error('notFound', await notCounted(context, request, source));
  const reply = await formed(request, source, clippedCoverage(kept, days), form);
  const afterwards = recount(context, request, source, kept);
  // Its validator is a sum over its bytes, which later are a stream.
  return afterwards === undefined ? reply : withAfterwards(await finishDocument(request, reply), afterwards);
}

/** The id as it stands in the path, and what its extension asks for, unless a source has that very name. */
function nameAndForm({ sources }: ServerContext, name: string): { readonly asked: string; readonly form: Form } {
  const match = /^(.+)\.(json|svg)$/.exec(name);
  if (match === null || sources.find(name) !== undefined) {
    if (normalizeId(name) === '') throw new Das2Error('notFound', 'there is nothing at this address');
    return { asked: name, form: 'das2' };
  }
  return { asked: match[1] ?? '', form: match[2] as Form };
}

/** The days that the query names; undefined if it names none. */
function wantedDays(request: Request, id: string): DayRange | undefined {
  const named = macroParameters(request);
  if (!named.has('start_time') && !named.has('end_time')) return undefined;
  const { begin, end } = parseTimeRange(readDataParameters(request, id));
  return daysOf({ begin: begin.time, end: end.time });
}

/** The days that this client may know about. Throws as a data request for them would. */
async function openDays(
  context: ServerContext,
  request: Request,
  facts: { readonly source: Source; readonly wanted: DayRange | undefined; readonly whole: DayRange | undefined },
): Promise<DayRange> {
  const { source, wanted, whole } = facts;
  const days = wanted ?? whole ?? ALL_DAYS;
  const check = async (range: DayRange): Promise<void> => {
    await requireAccess(context, request, source, textRange(timesOf(range)));
  };
  try {
    await check(days);
    return days;
  } catch (error) {
    const edge = ageEdge(source.readAccess, request.receivedAt);
    const hasAsked = wanted !== undefined || request.headers.has('authorization');
    if (!isDas2Error(error, 'authenticationRequired') || hasAsked || edge === undefined) throw error;
    // A range must end before the edge, not on it.
    const open = { begin: days.begin, end: edge.nanosecond > 0 ? edge.day : edge.day - 1 };
    if (open.end <= open.begin) throw error;
    await check(open);
    return open;
  }
}

/** The answer in the form that was asked for. */
async function formed(request: Request, source: Source, part: Coverage, form: Form): Promise<Reply> {
  const headers = accessHeaders(source);
  if (form === 'json') return jsonReply(request, coverageJson(part), { headers });
  if (form === 'svg') {
    const { coverageStrip } = await import('./strip.js');
    // Opened as a page of its own it must not run anything.
    const policy = ['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"] as const;
    return textReply(request, coverageStrip(part), { contentType: 'image/svg+xml', headers: [...headers, policy] });
  }
  // Streams are never coded, so they are no documents; a validator does them no harm.
  const { madeAt, range, definition } = part;
  const tag = `W/"${[madeAt, range.begin, range.end].map((value) => value.toString(36)).join('.')}.${definition.slice(0, 8)}"`;
  const contentType = request.isBrowser ? TEXT_TYPE : DAS2_TEXT_TYPE;
  const name = `${source.id.slice(source.id.lastIndexOf('/') + 1)}_coverage.d2t`;
  const all: Header[] = [...headers, ['ETag', tag], ['Content-Disposition', disposition('inline', name)]];
  if (matchesTag(request, tag)) return emptyReply(request, 304, { contentType, headers: all });
  return bytesReply(request, coverageStream(part), { contentType, headers: all });
}
