/**
 * `/verify` and `/cite/<id>/verify`: are the data still those that were cited? (citation 12.2)
 *
 * Contract: the comparison itself has succeeded whatever it says, so the status is 200. A difference never hides data. The latest entry of the log decides
 * if it is young enough (CITE_VERIFY_MAXAGE) or nothing may be computed; else the data are read again.
 */
import { wholeSeconds } from '../cite/citation.js';
import { KeptCitations } from '../cite/kept.js';
import type { LogEntry } from '../cite/log-row.js';
import { LogStore } from '../cite/log-store.js';
import { isReduced } from '../cite/request-key.js';
import { digitsOf, SHORTEST_PREFIX, viaClass } from '../cite/states.js';
import { Das2Error, isDas2Error } from '../error.js';
import { htmlReply, jsonReply } from '../reply/build-reply.js';
import type { Header } from '../reply/headers.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import { questionOfId } from './cite.js';
import { citationFormat } from './cite-format.js';
import { metadataOf } from './cite-make.js';
import { verifyPage } from './cite-page.js';
import { type CitedQuestion, citedQuestion } from './cite-question.js';
import type { ServerContext } from './context.js';
import { accessHeaders } from './data-question.js';

type Result = 'unchanged' | 'changed' | 'gone' | 'unknown';

/** The digest of a stream without data. */
const EMPTY = 'adf24b5b07708a875a15ae277849b466bf9d68c44ef27fd16e05150871f774c4';
const DAY_SECONDS = 86_400;

interface Comparison {
  readonly result: Result;
  readonly reason?: string | undefined;
  readonly basis: 'log' | 'recomputed' | 'none';
  readonly cited: { readonly digest: string; readonly time?: string | undefined };
  readonly current?: LogEntry | undefined;
  readonly before?: LogEntry | undefined;
}

/** Answers `/verify?url=…&hash=…`. */
export async function verify(context: ServerContext, request: Request): Promise<Reply> {
  const hash = request.parameters.get('hash');
  if (hash === undefined || !/^[0-9a-f]+$/.test(digitsOf(hash)) || digitsOf(hash).length < SHORTEST_PREFIX) {
    throw new Das2Error(
      'illegalArgument',
      `hash takes at least ${SHORTEST_PREFIX} hexadecimal digits of the digest in the citation`,
    );
  }
  let cited: CitedQuestion;
  try {
    cited = await citedQuestion(context, request);
  } catch (error) {
    if (!isDas2Error(error, 'noSuchSource')) throw error;
    return send(context, request, undefined, { result: 'gone', basis: 'none', cited: { digest: hash } });
  }
  return send(context, request, cited, await compare(context, request, cited, digitsOf(hash)));
}

/** Answers `/cite/<id>/verify`. */
export async function verifyId(context: ServerContext, request: Request, id: string): Promise<Reply> {
  const root = context.configuration.path('CITE_ROOT');
  const store = root === undefined ? undefined : new KeptCitations(root);
  const issued = store?.issued(id);
  if (issued === undefined) throw new Das2Error('notFound', 'no citation with this id was made here');
  const cited = await questionOfId(context, request, issued);
  const comparison: Comparison =
    cited === undefined
      ? { result: 'gone', basis: 'none', cited: { digest: issued.digest } }
      : await compare(context, request, cited, digitsOf(issued.digest));
  const { result, basis, current } = comparison;
  try {
    store?.note(id, { time: new Date().toISOString(), event: 'verified', result, basis, digest: current?.d2c1 });
  } catch {
    context.log.line('Citation: what was found cannot be noted: CITE_ROOT cannot be written');
  }
  return send(context, request, cited, comparison);
}

async function compare(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion,
  digits: string,
): Promise<Comparison> {
  const { configuration } = context;
  const root = configuration.path('CITE_ROOT');
  const entries = root === undefined ? [] : new LogStore(root).find(cited.rk).entries;
  const hasDigest = ({ state, d2c1 }: LogEntry): boolean => state === 'ok' && d2c1 !== undefined;
  const before = entries.find((entry) => hasDigest(entry) && digitsOf(entry.d2c1 ?? '').startsWith(digits));
  const known = { digest: before?.d2c1 ?? digits, time: before?.time };
  const latest = entries.find(hasDigest);
  const age = (configuration.seconds('CITE_VERIFY_MAXAGE') ?? DAY_SECONDS) * 1000;
  const mayCompute = request.parameters.get('compute') !== '0' && configuration.flag('CITE_ENABLE');
  if (latest !== undefined && (!mayCompute || request.receivedAt - Date.parse(latest.time) < age)) {
    return judge(cited, { cited: known, current: latest, before, basis: 'log' }, digits);
  }
  if (!mayCompute) return { result: 'unknown', reason: 'no-entry', basis: 'none', cited: known };
  const { computeState } = await import('./cite-compute.js');
  const computed = await computeState(context, request, cited, entries);
  if (computed.kind === 'known') return compare(context, request, cited, digits);
  if (computed.kind !== 'state') {
    return {
      result: 'unknown',
      reason: computed.kind === 'failed' ? 'source-failed' : 'too-costly',
      basis: 'none',
      cited: known,
    };
  }
  return judge(cited, { cited: known, current: computed.entry, before, basis: 'recomputed' }, digits);
}

function judge(
  { request }: CitedQuestion,
  facts: Pick<Comparison, 'cited' | 'before' | 'basis'> & { readonly current: LogEntry },
  digits: string,
): Comparison {
  const { current, before } = facts;
  const now = digitsOf(current.d2c1 ?? '');
  if (now.startsWith(digits)) return { ...facts, result: 'unchanged' };
  if (now === EMPTY) return { ...facts, result: 'gone', reason: 'no-data' };
  const isOtherWay = isReduced(request) && before !== undefined && viaClass(before.via) !== viaClass(current.via);
  return isOtherWay ? { ...facts, result: 'unknown', reason: 'different-path' } : { ...facts, result: 'changed' };
}

const SENTENCES: Readonly<Record<Result, string>> = {
  unchanged: 'The data are still those that were cited.',
  changed: 'The data now returned by this request differ from the data that were cited.',
  gone: 'The source does not deliver these data any more.',
  unknown: 'There is nothing to compare with.',
};

const REASONS: Readonly<Record<string, string>> = {
  'different-path':
    'These reduced data are made in another way than those that were cited, so a difference says nothing about the data behind them.',
  'no-entry': 'There is no delivery on record, and nothing was to be computed.',
  'too-costly': 'The data are too many to be read now.',
  'source-failed': 'The source could not be read.',
  'no-data': 'The source has no data in this interval any more.',
};

function send(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion | undefined,
  comparison: Comparison,
): Reply {
  const { result, reason, basis, current, before } = comparison;
  const sentence = [SENTENCES[result], reason === undefined ? '' : (REASONS[reason] ?? '')].join(' ').trim();
  const headers: Header[] = [
    ['Cache-Control', 'no-store'],
    ...(cited === undefined ? [] : accessHeaders(cited.question.source).filter(([name]) => name !== 'Cache-Control')),
  ];
  const changes = cited === undefined ? [] : changesSince(context, cited, before?.time);
  if (citationFormat(request)?.name === 'html') {
    const rows: (readonly [string, string])[] = [
      ['Cited digest', comparison.cited.digest],
      ['Digest now', current?.d2c1 ?? 'unknown'],
      ['As of', current === undefined ? 'unknown' : wholeSeconds(current.time)],
      ...changes.map(({ date, text }) => [`Change ${date}`, text] as const),
    ];
    const data = cited?.address ?? request.mountPath;
    return htmlReply(
      request,
      verifyPage(context.configuration, request, { sentence, isUnchanged: result === 'unchanged', rows, data }),
      { headers },
    );
  }
  const value = {
    result,
    reason,
    basis,
    asOf: current?.time,
    cited: comparison.cited,
    ...(current !== undefined && {
      current: {
        digest: current.d2c1,
        time: current.time,
        packets: current.packets,
        firstX: current.firstX,
        lastX: current.lastX,
      },
    }),
    ...(current !== undefined &&
      before !== undefined && {
        labelsChanged: current.m !== before.m,
        sameSpan: current.firstX === before.firstX && current.lastX === before.lastX,
      }),
    changes,
    ...(result !== 'unchanged' && { warning: sentence }),
    ...(cited !== undefined && { links: { current: `${request.baseUrl}/cite?rk=${cited.rk}`, data: cited.address } }),
  };
  return jsonReply(request, value, { headers });
}

/** Changes that the provider has declared since a time. */
function changesSince(
  context: ServerContext,
  { question }: CitedQuestion,
  since: string | undefined,
): { date: string; text: string; source: string }[] {
  return metadataOf(context, question.source)
    .changes.filter(({ date }) => since === undefined || date >= since.slice(0, 10))
    .map(({ date, text }) => ({ date, text, source: 'declared' }));
}
