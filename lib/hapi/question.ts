/**
 * What a request for a table asks for, understood and checked in the order of server-internals 6.3; access alone is left to do.
 */
import type { DataQuestion } from '../data/question.js';
import type { HapiParameter } from '../filter/hapi/parameters.js';
import type { HapiFormat } from '../filter/hapi/row-writer.js';
import type { Request } from '../request/request.js';
import { readerTimeText, type TextRange, textRange } from '../request/time-text.js';
import type { ServerContext } from '../server/context.js';
import { addNanoseconds, compareTimes, type TimePoint } from '../stream/time.js';
import { openPart, outside, requireOpen } from './access.js';
import { findDataset } from './dataset.js';
import { hapiError } from './error.js';
import { readHeader } from './header.js';
import { type KnownTable, knownTable, tableOf } from './known.js';
import type { HapiDataset } from './model.js';
import { HAPI_FORMATS } from './offer.js';
import { selectParameters } from './parameters.js';
import type { HapiQuery } from './query.js';
import { hapiDuration, parseHapiTime } from './time-text.js';

type UncheckedQuestion = Omit<DataQuestion, 'openUntil'>;

export interface TableQuestion {
  readonly dataset: HapiDataset;
  /** Undefined for a HEAD request to a dataset that nobody has looked at yet: no reader runs for its sake. */
  readonly known: KnownTable | undefined;
  /** The parameters to send, the time first. */
  readonly parameters: readonly HapiParameter[];
  readonly format: HapiFormat;
  readonly isWithHeader: boolean;
  /** What the pipeline is asked for, as soon as the rights say until when the data are open. */
  readonly question: UncheckedQuestion;
}

/** A question about a table that is known. */
export type KnownQuestion = TableQuestion & { readonly known: KnownTable };

/** The names of the planes that are sent, if not all of them are: the names of the stream. */
export function selectedPlanes({ parameters, known }: KnownQuestion): string[] | undefined {
  if (parameters.length === known.table.parameters.length) return undefined;
  return parameters.slice(1).map(({ name, x_das2_name: own }) => own ?? name);
}

/** Reads and checks the query. Errors: 1400 to 1411. */
export async function readTableQuestion(
  context: ServerContext,
  request: Request,
  query: HapiQuery,
): Promise<TableQuestion> {
  const { configuration } = context;
  const { dataset, packet } = await askedDataset(context, request, query);
  const range = rangeOf(query);
  const known = await tableFor(context, request, dataset, packet);
  const parameters = known === undefined ? [] : selectParameters(known.table.parameters, query.get('parameters'));
  const format = HAPI_FORMATS.find((name) => name === (query.get('format') ?? 'csv'));
  if (format === undefined) throw hapiError(1409, `format takes ${HAPI_FORMATS.join(', ')}`);
  const include = query.get('include');
  if (include !== undefined && include !== 'header') throw hapiError(1410, 'include takes header');
  checkRange(dataset, range, request.receivedAt);
  checkSpan(range, configuration.seconds('HAPI_MAX_SPAN'));
  const { steps, words, params } = dataset;
  const source = dataset.sourceFor({ begin: range.begin.time, end: range.end.time });
  const question: UncheckedQuestion = {
    source,
    parameters: {
      dataset: source.id,
      start: range.begin.text,
      end: range.end.text,
      ...steps,
      params,
      form: 'stream',
      planes: undefined,
    },
    range,
    asked: range,
    steps,
    words,
    exactLevel: true,
  };
  return { dataset, known, parameters, format, isWithHeader: include !== undefined, question };
}

/** The dataset that the query names. Errors: 1400, 1406; those of access for a coverage that has to be counted first. */
export async function askedDataset(
  context: ServerContext,
  request: Request,
  query: HapiQuery,
): Promise<{ readonly dataset: HapiDataset; readonly packet: string | undefined }> {
  const id = query.get('dataset');
  if (id === undefined) throw hapiError(1400, 'the dataset is missing; the catalog lists those of this server');
  const found = findDataset(context, request, id);
  context.notes.dataset = found.dataset.source.id;
  context.log.line(`Source definition: ${found.dataset.file.file}`);
  if (found.dataset.coverage !== undefined && found.dataset.coverage.kept === undefined) {
    throw await uncounted(context, request, found.dataset);
  }
  return found;
}

/** The error of a coverage that nobody has counted yet; who may not have it may not have it made. */
async function uncounted(context: ServerContext, request: Request, dataset: HapiDataset): Promise<Error> {
  const { notCounted } = await import('../data/coverage-job.js');
  await requireOpen(context, request, dataset, textRange(openPart(dataset, request.receivedAt).range));
  return hapiError(1406, await notCounted(context, request, dataset.source));
}

async function tableFor(
  context: ServerContext,
  request: Request,
  dataset: HapiDataset,
  packet: string | undefined,
): Promise<KnownTable | undefined> {
  if (request.method !== 'HEAD') return knownTable(context, request, dataset, packet);
  const record = readHeader(context.configuration, dataset);
  if (record === undefined || record.failure !== undefined) return undefined;
  return { dataset, record, table: tableOf(record, packet), open: openPart(dataset, request.receivedAt) };
}

function rangeOf(query: HapiQuery): TextRange {
  const begin = timeOf(query.get('start'), 1402, 'start');
  const end = timeOf(query.get('stop'), 1403, 'stop');
  if (compareTimes(begin, end) >= 0) throw hapiError(1404, 'start must be before stop');
  return {
    begin: { time: begin, text: readerTimeText(begin) },
    // Readers get microseconds: what is cut here must not cut off a record.
    end: { time: end, text: readerTimeText(wholeMicrosecond(end)) },
  };
}

function timeOf(text: string | undefined, code: 1402 | 1403, name: string): TimePoint {
  if (text === undefined) throw hapiError(code, `${name} is missing`);
  const time = parseHapiTime(text);
  if (time === undefined) throw hapiError(code, `${name} is not a time: use a form like 2026-01-31T12:30:00Z`);
  return time;
}

function wholeMicrosecond(time: TimePoint): TimePoint {
  const rest = time.nanosecond % 1000;
  return rest === 0 ? time : addNanoseconds(time, 1000 - rest);
}

/** Beyond the open part of guarded data it is a matter of rights, later; beyond all data it is an error for everybody. */
function checkRange(dataset: HapiDataset, { begin, end }: TextRange, now: number): void {
  const { validRange } = dataset;
  if (compareTimes(begin.time, validRange.begin) >= 0 && compareTimes(end.time, validRange.end) <= 0) return;
  throw outside(openPart(dataset, now).range);
}

function checkSpan({ begin, end }: TextRange, longest: number | undefined): void {
  if (longest === undefined || longest <= 0) return;
  const days = end.time.day - begin.time.day;
  const span = days * 86_400 + (end.time.nanosecond - begin.time.nanosecond) / 1e9;
  if (span > longest) {
    throw hapiError(1408, `the range is longer than ${hapiDuration(longest, true)}, which is the most in one request`);
  }
}
