/**
 * `/versions/<dataset>`: declared and observed changes of a source, as a page, JSON or an Atom feed (citation 13.2).
 *
 * Contract: days of data, times and numbers are shown, no digest and no request. Guarded data need the same sign-in here as for themselves; where their age
 * has opened a part, others see what concerns that part. An answer reads a part of the log at most and says so where there is more; the next one goes on.
 */
import { ageEdge } from '../../auth/age-edge.js';
import { Equivalences } from '../../cite/citation/equivalence.js';
import { citationId } from '../../cite/citation/id.js';
import { KeptCitations } from '../../cite/citation/kept.js';
import { digitsOf, statesOf } from '../../cite/citation/states.js';
import { versionOf } from '../../cite/delivery/entry.js';
import { deliveriesOfOthers, logEntries } from '../../cite/delivery/log-entries.js';
import type { ObservedChange } from '../../cite/history/history.js';
import { readHistory } from '../../cite/history/store.js';
import { type HistoryEntry, historyEntries } from '../../cite/history/summary.js';
import { metadataOf } from '../../cite/making/source-metadata.js';
import { testRequest } from '../../cite/question/test-range.js';
import { requestKey } from '../../cite/request-key.js';
import { versionsAddress } from '../../cite/versions-address.js';
import type { Configuration } from '../../conf/configuration.js';
import { accessHeaders, requireAccess } from '../../data/question.js';
import { Das2Error, isDas2Error } from '../../error.js';
import { htmlReply, jsonReply, textReply } from '../../reply/build-reply.js';
import type { Header } from '../../reply/headers.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import { textRange } from '../../request/time-text.js';
import type { ServerContext } from '../../server/context.js';
import { redirectFor } from '../../server/redirect.js';
import { normalizeId } from '../../source/definition/source-id.js';
import type { Source } from '../../source/source.js';
import { sourceOf } from '../../source/source-definitions.js';
import { formatTime, type TimePoint } from '../../stream/time.js';
import { rankedTypes } from './format.js';
import { type DatasetVersions, type ProbedRange, versionsFeed } from './versions-forms.js';
import { versionsPage } from './versions-page.js';

/** So much of the log is read for one answer: about a second. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Days of the years 1 to 9999: all that can be asked for. */
const ALL_TIMES = { begin: { day: -730_119, nanosecond: 0 }, end: { day: 2_921_939, nanosecond: 0 } };
const ATOM_TYPE = 'application/atom+xml; charset=utf-8';
const FORMATS = ['html', 'json', 'atom'] as const;
type Format = (typeof FORMATS)[number];

const MEDIA: ReadonlyMap<string, Format> = new Map([
  ['text/html', 'html'],
  ['application/xhtml+xml', 'html'],
  ['application/atom+xml', 'atom'],
  ['application/json', 'json'],
  ['application/*', 'json'],
] as const);

/** Answers with the history of the source in the path. */
export async function versions(context: ServerContext, request: Request): Promise<Reply> {
  const asked = request.path.slice('/versions/'.length);
  if (normalizeId(asked) === '') throw new Das2Error('notFound', 'there is nothing at this address');
  const format = formatOf(request);
  if (format === undefined) {
    const message = `there is no such form of a history; there are ${FORMATS.join(', ')}`;
    return jsonReply(request, { error: { type: 'NotAcceptable', message }, formats: FORMATS }, { status: 406 });
  }
  const source = sourceOf(context.sources, asked);
  context.notes.dataset = source.id;
  const moved = redirectFor(context, request, { source, asked, question: 'data' });
  if (moved !== undefined) return moved;
  const closed = await closedFrom(context, request, source);
  const dsver = await versionOf(context, request, source);
  const history = await datasetVersions(context, request, source, { closed, dsver });
  const address = versionsAddress(request.baseUrl, source.id);
  const headers: Header[] = [
    ...accessHeaders(source),
    ...(address.length < 400 ? [alternate(address)] : []),
    ...(history.isComplete ? [] : [['Retry-After', '1'] as const]),
  ];
  if (format === 'atom') return textReply(request, versionsFeed(history, address), { headers, contentType: ATOM_TYPE });
  if (format === 'json') return jsonReply(request, documentOf(history), { headers });
  return htmlReply(request, versionsPage(context.configuration, request, history), { headers });
}

function alternate(address: string): Header {
  return ['Link', `<${address}?format=atom>; rel="alternate"; type="application/atom+xml"`];
}

function formatOf({ parameters, headers, isBrowser }: Request): Format | undefined {
  const wanted = parameters.get('format');
  if (wanted !== undefined) return FORMATS.find((name) => name === wanted);
  const usual = isBrowser ? 'html' : 'json';
  const accept = headers.get('accept')?.trim() ?? '';
  if (accept === '') return usual;
  for (const { type } of rankedTypes(accept)) {
    const format = type === '*/*' ? usual : MEDIA.get(type);
    if (format !== undefined) return format;
  }
  return undefined;
}

/** From where on data are closed to this client; undefined: none are. Throws as a data request would where nothing is open. */
async function closedFrom(context: ServerContext, request: Request, source: Source): Promise<TimePoint | undefined> {
  try {
    await requireAccess(context, request, source, textRange(ALL_TIMES));
    return undefined;
  } catch (error) {
    const edge = ageEdge(source.readAccess, request.receivedAt);
    if (!isDas2Error(error, 'authenticationRequired') || request.headers.has('authorization') || edge === undefined)
      throw error;
    return edge;
  }
}

/** What may be told of a source, without what concerns data from `closed` on. */
async function datasetVersions(
  context: ServerContext,
  request: Request,
  source: Source,
  { closed, dsver }: { readonly closed: TimePoint | undefined; readonly dsver: string | undefined },
): Promise<DatasetVersions> {
  const { configuration } = context;
  const root = configuration.path('CITE_ROOT');
  const metadata = metadataOf(context, source);
  const elsewhere = deliveriesOfOthers(configuration, source.id);
  const known =
    root === undefined ? undefined : await readHistory(root, source.id, { mostBytes: MOST_BYTES, elsewhere });
  const kept = root === undefined ? undefined : new KeptCitations(root);
  const edge = closed && formatTime(closed, { decimals: 'shortest' });
  const isOpen = ({ end }: { readonly end: string }): boolean => edge === undefined || end <= edge;
  const equivalences = new Equivalences(root);
  const changes = (known?.history.changes ?? []).filter(
    (change) => isOpen(change) && !equivalences.has(change.oldDigest, change.newDigest),
  );
  const facts = { metadata, versions: edge === undefined ? (known?.history.versions ?? []) : [], changes };
  const probed = testRequest(source);
  return {
    dataset: source.id,
    title: metadata.title,
    publisher: metadata.publisher.name,
    ...(metadata.version !== undefined && { version: metadata.version }),
    ...(metadata.versionDate !== undefined && { versionDate: metadata.versionDate }),
    dsver,
    madeAt: new Date(request.receivedAt).toISOString(),
    isComplete: known?.isComplete ?? true,
    hasLog: root !== undefined,
    ...(probed !== undefined &&
      isOpen(probed) &&
      root !== undefined && {
        probe: await probedRange(configuration, requestKey(probed), { begin: probed.begin, end: probed.end }),
      }),
    entries: historyEntries(facts, (change) => kept !== undefined && hasKept(kept, change)),
  };
}

/** Whether somebody has kept a citation of what a request gave before it changed. */
function hasKept(kept: KeptCitations, { rk, oldDigest }: ObservedChange): boolean {
  const id = citationId(rk, digitsOf(oldDigest));
  return kept.isKept(id) && kept.events(id).every(({ event }) => event !== 'withdrawn');
}

/** What is known of the range that is not expected to change. */
async function probedRange(
  configuration: Configuration,
  rk: string,
  range: { readonly begin: string; readonly end: string },
): Promise<ProbedRange> {
  const [latest, ...earlier] = statesOf(await logEntries(configuration, rk));
  if (latest === undefined) return { ...range, looks: 0 };
  const equivalences = new Equivalences(configuration.path('CITE_ROOT'));
  const now = digitsOf(latest.digest);
  const others = earlier.filter(({ digest }) => !equivalences.has(digitsOf(digest), now));
  const { first, time, count } = latest;
  return { ...range, looks: count, unchangedSince: first, lastLook: time, otherStates: others.length };
}

/** The answer for programs. */
function documentOf({ publisher: _publisher, isComplete, hasLog, madeAt, ...facts }: DatasetVersions): object {
  const entries: readonly HistoryEntry[] = facts.entries;
  return { ...facts, asOf: madeAt, complete: isComplete, log: hasLog, entries };
}
