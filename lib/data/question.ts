/**
 * What a data request asks for, understood, checked and allowed: steps 1 to 10 of server-protocol 4.2, the same for every
 * route that runs a reader (`server=dataset`, `/data/<id>`, `server=image`).
 *
 *   parameters – id – definition – redirect – reader – times – valid range – interval – access
 *
 * Contract: throws `Das2Error` for whatever ends a request here; writes what it learns into the notes of the request.
 */

import { authorise } from '../auth/read-access.js';
import { Das2Error } from '../error.js';
import type { Header } from '../reply/headers.js';
import type { Reply } from '../reply/reply.js';
import {
  type DataParameters,
  macroParameters,
  normaliseSteps,
  type RequestSteps,
  readDataParameters,
} from '../request/data-parameters.js';
import { splitReaderWords } from '../request/reader-words.js';
import type { Request } from '../request/request.js';
import { parseTimeRange, readerTimeText, type TextRange } from '../request/time-text.js';
import type { ServerContext } from '../server/context.js';
import { redirectFor } from '../server/redirect.js';
import { normalizeId } from '../source/definition/source-id.js';
import { readerOf, realmOf, type Source, validRangeOf } from '../source/source.js';
import { sourceOf } from '../source/source-definitions.js';
import { intersection } from '../source/time-range.js';
import { compareTimes, type TimePoint } from '../stream/time.js';
import { pathDataset } from './path-dataset.js';

/** A data request that may be answered. */
export interface DataQuestion {
  readonly source: Source;
  readonly parameters: DataParameters;
  /** As it is served: after trimming. */
  readonly range: TextRange;
  /** As the client asked, before trimming. */
  readonly asked: TextRange;
  readonly steps: RequestSteps;
  /** Words of `params`. */
  readonly words: readonly string[];
  /** A cache level may serve at its own resolution only, never in place of a finer one. */
  readonly exactLevel?: true;
  /** The source has nothing of this range, which is outside of its `validRange`: no reader need run. */
  readonly isEmpty?: true;
  /** From here on the data are closed to this client; `all`: none are. A bin must not tell of data behind it. */
  readonly openUntil: TimePoint | 'all';
}

/**
 * The question of a request, or the redirect that answers it. `isTrusted`: rights have been looked at before, for work that is done later. A range of
 * which the source has nothing is `noDataInInterval`, or a question of its own kind if `takesEmpty`.
 */
export async function readDataQuestion(
  context: ServerContext,
  request: Request,
  { isTrusted = false, takesEmpty = false }: { readonly isTrusted?: boolean; readonly takesEmpty?: boolean } = {},
): Promise<{ readonly redirect: Reply } | { readonly redirect?: undefined; readonly question: DataQuestion }> {
  const { log, notes } = context;
  const parameters = readDataParameters(request, sourceOfPath(request));
  const source = sourceOf(context.sources, parameters.dataset, macroParameters(request));
  notes.dataset = source.id;
  notes.qstream = source.kind === 'qstream';
  log.line(`Source definition: ${source.file}`);

  const redirect = redirectFor(context, request, { source, asked: parameters.dataset, question: 'data' });
  if (redirect !== undefined) return { redirect };

  readerOf(source);
  requireDas2(source, parameters);
  const words = splitReaderWords(parameters.params, { utf8: source.paramCharsetUtf8 });
  const asked = parseTimeRange(parameters);
  const part = trimmed(asked, source, context, request.receivedAt);
  if (part === undefined && !takesEmpty) throw noData(asked);
  const range = part ?? asked;
  const steps = normaliseSteps(parameters, source.requiresInterval);
  if (source.requiresInterval && steps.interval === undefined) {
    throw new Das2Error('illegalArgument', 'this data source needs the parameter interval (seconds between points)');
  }
  noteQuestion(context, { range, steps, params: parameters.params });
  const openUntil = isTrusted ? 'all' : await requireAccess(context, request, source, range);
  const question = { source, parameters, range, asked, steps, words, openUntil };
  return { question: part === undefined ? { ...question, isEmpty: true } : question };
}

/** The source of the address; undefined if the query alone names it. */
function sourceOfPath(request: Request): string | undefined {
  const path = pathDataset(request);
  const named = request.parameters.get('dataset');
  if (path !== undefined && named !== undefined && normalizeId(path) !== normalizeId(named)) {
    throw new Das2Error(
      'illegalArgument',
      'the address and the parameter dataset name different data sources; leave dataset out',
    );
  }
  return path;
}

/** Planes and delimited text are of das2 streams alone. */
function requireDas2({ kind }: Source, { planes, form }: DataParameters): void {
  const word = planes !== undefined ? 'planes' : form === 'csv' ? 'csv' : undefined;
  if (kind === 'qstream' && word !== undefined)
    throw new Das2Error('illegalArgument', `${word} is for das2 streams, and this source is a QStream`);
}

/** Headers of answers that depend on who asks, also where the age of the data decided this time. */
export function accessHeaders(source: Source): Header[] {
  if (source.readAccess === undefined) return [];
  return [
    ['Cache-Control', 'private'],
    ['Vary', 'Authorization'],
  ];
}

/** The part of the range for which the source has data (4.2, step 8); undefined if there is none. */
function trimmed(asked: TextRange, source: Source, context: ServerContext, now: number): TextRange | undefined {
  const valid = validRangeOf(source, now, (line) => context.log.line(line));
  if (valid === undefined) return asked;
  const part = intersection({ begin: asked.begin.time, end: asked.end.time }, valid);
  if (part === undefined) return undefined;
  const bound = (own: TextRange['begin'], time: TextRange['begin']['time']): TextRange['begin'] =>
    compareTimes(own.time, time) === 0 ? own : { time, text: readerTimeText(time) };
  const range = { begin: bound(asked.begin, part.begin), end: bound(asked.end, part.end) };
  if (range.begin !== asked.begin || range.end !== asked.end) {
    context.log.line(`Trimmed to the valid range: ${range.begin.text} to ${range.end.text}`);
  }
  return range;
}

/** That there is nothing of a range. */
export function noData(range: TextRange): Das2Error {
  // Clients look for these words.
  return new Das2Error('noDataInInterval', `No data found from ${range.begin.text} to ${range.end.text}`);
}

/** Tells the access log what is served. */
export function noteQuestion(
  context: ServerContext,
  facts: { range: TextRange; steps: RequestSteps; params: string },
): void {
  const { notes } = context;
  notes.begin = facts.range.begin.text;
  notes.end = facts.range.end.text;
  if (facts.steps.resolution !== undefined) notes.resolution = facts.steps.resolution.value;
  if (facts.steps.interval !== undefined) notes.interval = facts.steps.interval.value;
  if (facts.params !== '') notes.params = facts.params;
}

/** Step 10: throws unless the client may have the range that will be served; tells from where on data are closed to him. */
export async function requireAccess(
  context: ServerContext,
  request: Request,
  source: Source,
  range: TextRange,
): Promise<TimePoint | 'all'> {
  const { configuration, log, notes } = context;
  const access = await authorise({
    source,
    realm: realmOf(source, request.mountPath),
    range: { begin: range.begin.time, end: range.end.time },
    applicant: request,
    configuration,
    now: request.receivedAt,
    log: (line) => log.line(line),
  });
  switch (access.outcome) {
    case 'granted':
      if (access.by !== 'public') log.line(`Access granted by ${access.by}${access.user ? ` to ${access.user}` : ''}`);
      if (access.user !== undefined) notes.user = access.user;
      if (access.by === 'testFrom') notes.byAddress = true;
      return access.openUntil ?? 'all';
    case 'challenge':
      throw new Das2Error('authenticationRequired', 'this data source needs a user name and password', {
        data: { realm: access.realm },
      });
    case 'tooMany':
      throw new Das2Error('tooManyLogIns', 'too many failed log-ins; try again later', {
        data: { retryAfter: access.retryAfterSeconds },
      });
    case 'fault':
      throw new Das2Error('configuration', 'access to this data source cannot be checked');
  }
}
