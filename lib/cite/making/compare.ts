/**
 * Compares data with what was cited: by the log, or by reading them again (citation 12.2).
 */
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { type Equivalence, Equivalences } from '../citation/equivalence.js';
import { digitsOf, haveSameData, viaClass } from '../citation/states.js';
import { logEntries } from '../delivery/log-entries.js';
import type { LogEntry } from '../log/row.js';
import type { CitedQuestion } from '../question/question.js';
import { isReduced } from '../request-key.js';
import { versionsAddress } from '../versions-address.js';
import { metadataOf } from './source-metadata.js';

export type Result = 'unchanged' | 'unchanged-equivalent' | 'extended' | 'changed' | 'gone' | 'unknown';

/** The digest of a stream without data. */
const EMPTY = 'adf24b5b07708a875a15ae277849b466bf9d68c44ef27fd16e05150871f774c4';
const DAY_SECONDS = 86_400;

export interface Comparison {
  readonly result: Result;
  readonly reason?: string | undefined;
  readonly basis: 'log' | 'recomputed' | 'none';
  readonly cited: { readonly digest: string; readonly time?: string | undefined };
  readonly current?: LogEntry | undefined;
  readonly before?: LogEntry | undefined;
  /** Label digests that the cited data may have had. */
  readonly labels?: readonly string[] | undefined;
  /** Declarations by which the two digests stand for the same data. */
  readonly equivalences?: readonly Equivalence[] | undefined;
}

export interface CompareOptions {
  /** Entries of the log are believed up to this age; behind that, the data are read again. */
  readonly maxAgeSeconds?: number;
  /** The label digest of the citation, where it is known; else those of all deliveries with its digest count. */
  readonly labels?: string | undefined;
}

/** Compares the data of a question with a digest, or with a file that was delivered, of which these are the first digits. */
export async function compare(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion,
  given: string,
  options: CompareOptions = {},
): Promise<Comparison> {
  const { configuration } = context;
  const { maxAgeSeconds = configuration.seconds('CITE_VERIFY_MAXAGE') ?? DAY_SECONDS } = options;
  const root = configuration.path('CITE_ROOT');
  const entries = await logEntries(configuration, cited.rk);
  const digits = contentDigits(entries, given);
  const { latest, before, known } = lookUp(entries, digits);
  const labels = options.labels === undefined ? labelsOf(entries, before) : [options.labels];
  const equivalences = new Equivalences(root);
  const mayCompute = request.parameters.get('compute') !== '0' && configuration.flag('CITE_ENABLE');
  if (latest !== undefined && (!mayCompute || request.receivedAt - Date.parse(latest.time) < maxAgeSeconds * 1000)) {
    const judged = judge(
      cited,
      { cited: known, current: latest, before, labels, basis: 'log' },
      { digits, equivalences },
    );
    // What was open may have grown: that shows only when the data are read.
    if (judged.result !== 'changed' || !before?.open || !mayCompute) return judged;
  }
  if (!mayCompute) return { result: 'unknown', reason: 'no-entry', basis: 'none', cited: known };
  const { computeLater, computeState } = await import('./compute.js');
  const computed = await computeState(context, request, cited, entries, {
    checkAt: before?.open ? before.packets : undefined,
  });
  if (computed.kind === 'known') return compare(context, request, cited, digits, options);
  if (computed.kind === 'tooCostly' && (await computeLater(context, request, cited))) {
    return { result: 'unknown', reason: 'being-computed', basis: 'none', cited: known };
  }
  if (computed.kind !== 'state') {
    return {
      result: 'unknown',
      reason: computed.kind === 'failed' ? 'source-failed' : 'too-costly',
      basis: 'none',
      cited: known,
    };
  }
  const facts = { cited: known, current: computed.entry, before, labels, basis: 'recomputed' } as const;
  const judged = judge(cited, facts, { digits, equivalences });
  return judged.result === 'changed' && computed.atCheck?.startsWith(digits)
    ? { ...judged, result: 'extended' }
    : judged;
}

function judge(
  { request }: CitedQuestion,
  facts: Pick<Comparison, 'cited' | 'before' | 'labels' | 'basis'> & { readonly current: LogEntry },
  { digits, equivalences }: { readonly digits: string; readonly equivalences: Equivalences },
): Comparison {
  const { current, before } = facts;
  const now = digitsOf(current.d2c1 ?? '');
  if (now.startsWith(digits)) return { ...facts, result: 'unchanged' };
  if (before !== undefined && haveSameData(before, current))
    return { ...facts, result: 'unchanged', reason: 'other-order' };
  const declared = equivalences.between(digits, now);
  if (declared !== undefined) return { ...facts, result: 'unchanged-equivalent', equivalences: declared };
  if (now === EMPTY) return { ...facts, result: 'gone', reason: 'no-data' };
  const isOtherWay = isReduced(request) && before !== undefined && viaClass(before.via) !== viaClass(current.via);
  return isOtherWay ? { ...facts, result: 'unknown', reason: 'different-path' } : { ...facts, result: 'changed' };
}

const SENTENCES: Readonly<Record<Result, string>> = {
  unchanged: 'The data are still those that were cited.',
  'unchanged-equivalent':
    'The data differ from those that were cited in a way that the administrator of this server has declared to be of no account.',
  extended: 'The data that were cited are still there; more have come since.',
  changed: 'The data now returned by this request differ from the data that were cited.',
  gone: 'The source does not deliver these data any more.',
  unknown: 'There is nothing to compare with.',
};

const REASONS: Readonly<Record<string, string>> = {
  'different-path':
    'These reduced data are made in another way than those that were cited, so a difference says nothing about the data behind them.',
  'other-order':
    'Records of different kinds come in another order than in the data that were cited, as they may where blocks of the cache meet.',
  'no-entry': 'There is no delivery on record, and nothing was to be computed.',
  'being-computed': 'The data are many, and are being read in the background: ask again later.',
  'too-costly': 'The data are too many to be read now.',
  'source-failed': 'The source could not be read.',
  'no-data': 'The source has no data in this interval any more.',
};

/** What the latest entry of the log says to digits that were cited; undefined if there is none. */
export function compareLogged(
  { configuration }: Pick<ServerContext, 'configuration'>,
  cited: CitedQuestion,
  entries: readonly LogEntry[],
  digits: string,
): Comparison | undefined {
  const { latest, before, known } = lookUp(entries, digits);
  if (latest === undefined) return undefined;
  const equivalences = new Equivalences(configuration.path('CITE_ROOT'));
  return judge(cited, { cited: known, current: latest, before, basis: 'log' }, { digits, equivalences });
}

/** What a new digest says to digits that were cited. */
export function compareNew(
  { configuration }: Pick<ServerContext, 'configuration'>,
  cited: CitedQuestion,
  entries: readonly LogEntry[],
  current: LogEntry,
  digits: string,
): Comparison {
  const { before, known } = lookUp(entries, digits);
  const equivalences = new Equivalences(configuration.path('CITE_ROOT'));
  return judge(cited, { cited: known, current, before, basis: 'recomputed' }, { digits, equivalences });
}

function hasDigest({ state, d2c1 }: LogEntry): boolean {
  return state === 'ok' && d2c1 !== undefined;
}

/** People may give the SHA-256 of their file where the digest of its content is meant: the log knows both. */
function contentDigits(entries: readonly LogEntry[], digits: string): string {
  const known = entries.filter(hasDigest);
  if (known.some(({ d2c1 }) => digitsOf(d2c1 ?? '').startsWith(digits))) return digits;
  return digitsOf(known.find(({ raw }) => raw?.startsWith(digits))?.d2c1 ?? digits);
}

/** The latest entry with a digest, and the latest with the one that was cited. */
function lookUp(
  entries: readonly LogEntry[],
  digits: string,
): { latest: LogEntry | undefined; before: LogEntry | undefined; known: Comparison['cited'] } {
  const before = entries.find((entry) => hasDigest(entry) && digitsOf(entry.d2c1 ?? '').startsWith(digits));
  // Of deliveries since then those count first that were made in the same way (citation 5.1).
  const newer = before === undefined ? entries : entries.filter(({ time }) => time > before.time);
  const alike = newer.find((entry) => hasDigest(entry) && viaClass(entry.via) === viaClass(before?.via ?? entry.via));
  return {
    latest: alike ?? entries.find(hasDigest),
    before,
    known: { digest: before?.d2c1 ?? digits, time: before?.time },
  };
}

/** Label digests of all deliveries with the digest of this one. */
function labelsOf(entries: readonly LogEntry[], before: LogEntry | undefined): string[] {
  return entries.flatMap(({ d2c1, m }) => (d2c1 !== undefined && d2c1 === before?.d2c1 && m !== undefined ? [m] : []));
}

/** The comparison in a sentence or two. */
export function sentenceOf({ result, reason }: Comparison): string {
  return [SENTENCES[result], reason === undefined ? '' : (REASONS[reason] ?? '')].join(' ').trim();
}

/** The comparison as programs read it. */
export function comparisonDocument(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion | undefined,
  comparison: Comparison,
): object {
  const { result, reason, basis, current, before, equivalences } = comparison;
  const sentence = sentenceOf(comparison);
  const changes = cited === undefined ? [] : changesSince(context, cited, before?.time);
  return {
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
        labelsChanged: (comparison.labels ?? [before.m]).some((labels) => labels !== current.m),
        sameSpan: current.firstX === before.firstX && current.lastX === before.lastX,
      }),
    changes,
    equivalences,
    ...(result !== 'unchanged' && { warning: sentence }),
    ...(cited !== undefined && {
      links: {
        current: `${request.baseUrl}/cite?rk=${cited.rk}`,
        versions: versionsAddress(request.baseUrl, cited.request.dataset),
        data: cited.address,
      },
    }),
  };
}

/** Changes that the provider has declared since a time. */
export function changesSince(
  context: ServerContext,
  { question }: CitedQuestion,
  since: string | undefined,
): { date: string; text: string; source: string }[] {
  return metadataOf(context, question.source)
    .changes.filter(({ date }) => since === undefined || date >= since.slice(0, 10))
    .map(({ date, text }) => ({ date, text, source: 'declared' }));
}
