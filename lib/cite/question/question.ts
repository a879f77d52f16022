/**
 * Which data a request about citations means: by its own parameters, by a path, by an address of this server, by a key (citation 7).
 *
 * Contract: an address is parsed, never fetched, and only addresses of this server are accepted, by the name that it is configured with. The same
 * rights are needed as for the data; who has none learns nothing, not even whether there are entries. Old names are followed.
 */

import { type DataQuestion, readDataQuestion } from '../../data/question.js';
import { Das2Error, isDas2Error } from '../../error.js';
import { decodePercent, encodeQueryValue, firstValues, parseQuery } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { citedRequest } from '../delivery/cited-delivery.js';
import { logEntries } from '../delivery/log-entries.js';
import { ALL_PLANES, type CanonicalRequest, requestFromQuery, requestKey } from '../request-key.js';

/** Data that may be cited by whoever asks. */
export interface CitedQuestion {
  readonly question: DataQuestion;
  /** Names of the planes that are sent; undefined: all. */
  readonly planes: readonly string[] | undefined;
  readonly request: CanonicalRequest;
  readonly rk: string;
  /** Where the data are. */
  readonly address: string;
}

const MOST_MOVES = 20;

/** The data that the request names by `url`, by `rk`, or by itself. */
export async function citedQuestion(context: ServerContext, request: Request): Promise<CitedQuestion> {
  const url = request.parameters.get('url');
  const rk = request.parameters.get('rk');
  if (url !== undefined && rk !== undefined) throw new Das2Error('illegalArgument', 'give url or rk, not both');
  if (url !== undefined) return byAddress(context, request, url);
  if (rk !== undefined) return byKey(context, request, rk);
  return byItself(context, request, {});
}

/** How data are looked up. */
interface LookUp {
  /** Work of the server itself: rights were looked at when it was asked for. */
  readonly isTrusted?: boolean;
  /** Old names that were followed so far. */
  readonly moves?: number;
}

/** The data behind a canonical request. */
export async function questionOf(
  context: ServerContext,
  request: Request,
  asked: CanonicalRequest,
  { isTrusted = false }: Pick<LookUp, 'isTrusted'> = {},
): Promise<CitedQuestion> {
  const address = dataAddress(request.baseUrl, { ...asked, planes: ALL_PLANES });
  const cited = await byAddress(context, request, address, { isTrusted });
  if (asked.planes === ALL_PLANES) return cited;
  return completed(request, cited.question, asked.planes.split(','));
}

/** The address of the data of a canonical request. */
export function dataAddress(baseUrl: string, asked: CanonicalRequest): string {
  const { dataset, begin, end, res, interval, params, planes } = asked;
  const query = [
    ['server', 'dataset'],
    ['dataset', dataset],
    ['start_time', begin],
    ['end_time', end],
    ['resolution', res === 'native' ? '' : res],
    ['interval', interval],
    ['params', params],
    ['planes', planes === ALL_PLANES ? '' : planes],
  ]
    .filter(([, value]) => value !== '')
    .map(([key, value = '']) => `${key}=${encodeQueryValue(value)}`);
  return `${baseUrl}?${query.join('&')}`;
}

async function byKey(context: ServerContext, request: Request, rk: string): Promise<CitedQuestion> {
  const unknown = new Das2Error('notFound', 'no delivery with this key is on record; ask for the data, or give url');
  if (!/^[0-9a-f]{64}$/.test(rk)) throw new Das2Error('illegalArgument', 'rk takes a key of 64 hexadecimal digits');
  const [entry] = await logEntries(context.configuration, rk);
  const asked = entry === undefined ? undefined : requestFromQuery(entry.request);
  if (asked === undefined || requestKey(asked) !== rk) throw unknown;
  return questionOf(context, request, asked);
}

/** The data behind an address of this server. */
export async function byAddress(
  context: ServerContext,
  request: Request,
  url: string,
  lookUp: LookUp = {},
): Promise<CitedQuestion> {
  const { baseUrl } = request;
  const rest = url.startsWith(baseUrl) ? url.slice(baseUrl.length) : undefined;
  if (rest === undefined || !/^(?:$|[/?])/.test(rest)) {
    throw new Das2Error('illegalArgument', `url takes an address of data of this server: it begins with ${baseUrl}`);
  }
  const mark = rest.replace(/#.*$/, '').indexOf('?');
  const query = mark < 0 ? '' : rest.slice(mark + 1).replace(/#.*$/, '');
  const pairs = parseQuery(query);
  const inner: Request = {
    ...request,
    method: 'GET',
    path: decodePercent(mark < 0 ? rest : rest.slice(0, mark)),
    query,
    pairs,
    parameters: firstValues(pairs),
  };
  return byItself(context, inner, lookUp);
}

/** The data that a request asks for, or would ask for without the word "citation". */
async function byItself(
  context: ServerContext,
  request: Request,
  { isTrusted = false, moves = 0 }: LookUp,
): Promise<CitedQuestion> {
  // What belongs to a request for data must not be counted as one.
  const own: ServerContext = { ...context, sources: context.sources, notes: {} };
  const { path, parameters } = request;
  if (!parameters.has('server') && path === '/hapi/data') return byTable(own, request);
  const isData =
    /^\/(?:data|source)\//.test(path) ||
    /^(?:dataset|compactdataset|citation|hash)$/i.test(parameters.get('server') ?? '');
  if (!isData)
    throw new Das2Error(
      'illegalArgument',
      'this names no data: url takes an address of data of this server (server=dataset, data/<id>, hapi/data), rk a key',
    );
  const inner = parameters.has('server') ? request : { ...request, path: dataPath(path) };
  const read = await noDataAsFault(readDataQuestion(own, inner, { isTrusted }));
  if (own.notes.dataset !== undefined) context.notes.dataset = own.notes.dataset;
  if (own.notes.byAddress) context.notes.byAddress = true;
  if (read.redirect === undefined) return completed(request, read.question, read.question.parameters.planes);
  const location = read.redirect.headers.find(([name]) => name === 'Location')?.[1] ?? '';
  if (moves >= MOST_MOVES || !location.startsWith(request.baseUrl)) {
    throw new Das2Error('illegalArgument', 'another server has these data: ask it for the citation');
  }
  return byAddress(context, request, location, { isTrusted, moves: moves + 1 });
}

/** `/data/<id>.citation`, `/source/<id>.citation`, `/source/<id>/das2`: the path of the data. */
function dataPath(path: string): string {
  return path
    .replace(/^\/source\//, '/data/')
    .replace(/\.citation$/, '')
    .replace(/^(\/data\/.+)\/das2$/, '$1');
}

/** A range in which the source has nothing is nothing to cite. */
async function noDataAsFault<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (isDas2Error(error, 'noDataInInterval'))
      throw new Das2Error('notFound', 'the source has no data in this interval');
    throw error;
  }
}

async function byTable(context: ServerContext, request: Request): Promise<CitedQuestion> {
  const [{ readHapiQuery }, { readTableQuestion, selectedPlanes }, { requireOpen }] = await Promise.all([
    import('../../hapi/query.js'),
    import('../../hapi/question.js'),
    import('../../hapi/access.js'),
  ]);
  const table = await readTableQuestion(context, request, readHapiQuery(request, 'data', context.configuration));
  const { dataset, known, question } = table;
  const openUntil = await requireOpen(context, request, dataset, question.range);
  if (known === undefined || dataset.coverage !== undefined) {
    throw new Das2Error('illegalArgument', 'counts of days are no data that can be cited');
  }
  return completed(request, { ...question, openUntil }, selectedPlanes({ ...table, known }));
}

function completed({ baseUrl }: Request, question: DataQuestion, planes: readonly string[] | undefined): CitedQuestion {
  const request = citedRequest(question, planes);
  return { question, planes, request, rk: requestKey(request), address: dataAddress(baseUrl, request) };
}
