/**
 * What a request for a table asks for, understood and checked in the order of server-internals 6.3; access alone is left to do.
 */

import type { DataQuestion } from '../../data/question.js';
import type { HapiParameter } from '../../filter/hapi/parameters.js';
import type { HapiFormat } from '../../filter/hapi/row-writer.js';
import type { Request } from '../../request/request.js';
import { readerTimeText, type TextRange } from '../../request/time-text.js';
import type { ServerContext } from '../../server/context.js';
import { addNanoseconds, compareTimes, type TimePoint } from '../../stream/time.js';
import { HAPI_FORMATS } from './about.js';
import { openPart, outside } from './access.js';
import { hapiError } from './error.js';
import type { KnownTable } from './facts.js';
import { readHeader } from './header.js';
import { askedDataset, knownTable } from './info.js';
import { tableOf } from './known.js';
import type { HapiDataset } from './model.js';
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
      ascii: false,
      csv: false,
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
