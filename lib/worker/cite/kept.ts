/**
 * das2_srv_cite keep and verify: citations are kept for good, and those that are kept are looked at again (citation 6.4, 12.2, 13.2).
 *
 *     keep WORD …        WORD: the id of a citation, or the key of a request, whose state must then be the only one
 *     verify [ID …]      without ids: the kept citations that nobody has looked at for the longest time
 *
 * Contract: `verify` reads the data again, and what it finds becomes an entry of the log and an event of the kept citation.
 */
import { readCitationId } from '../../cite/citation/id.js';
import { KeptCitations } from '../../cite/citation/kept.js';
import { chooseState, digitsOf } from '../../cite/citation/states.js';
import { logEntries } from '../../cite/delivery/log-entries.js';
import { type Comparison, compare, sentenceOf } from '../../cite/making/compare.js';
import { keepCitation } from '../../cite/making/keep.js';
import { makeCitation } from '../../cite/making/make.js';
import { questionOf } from '../../cite/question/question.js';
import { type CanonicalRequest, requestFromQuery, requestKey } from '../../cite/request-key.js';
import type { Configuration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import { Das2Error, isDas2Error } from '../../error.js';
import { ownContext, ownRequest } from '../own-request.js';

/** Where citations are, and how to tell of them. */
export interface CitationPlace {
  readonly configuration: Configuration;
  /** `CITE_ROOT`. */
  readonly root: string;
  readonly json: boolean;
  readonly print: (text: string) => void;
}

interface KeptNow {
  readonly word: string;
  readonly id?: string;
  readonly address?: string;
  /** It was kept before. */
  readonly wasKept?: boolean;
  /** Why it is not kept. */
  readonly reason?: string;
}

/** Keeps citations; the result is the exit status: 1 if one of them is not kept. */
export async function keepCitations(place: CitationPlace, words: readonly string[]): Promise<number> {
  const { configuration, json, print } = place;
  if (!configuration.has('SERVER_URL')) {
    throw new Das2Error(
      'configuration',
      'SERVER_URL is not set: what is kept must name the public address of the data',
    );
  }
  const results: KeptNow[] = [];
  for (const word of words) {
    const result = await keptNow(place, word);
    const { address, wasKept, reason } = result;
    results.push(result);
    if (!json)
      print(reason === undefined ? `${address}${wasKept ? ' was kept already' : ''}\n` : `${word}: ${reason}\n`);
  }
  if (json) print(`${JSON.stringify(results, undefined, 2)}\n`);
  return results.some(({ reason }) => reason !== undefined) ? 1 : 0;
}

async function keptNow(place: CitationPlace, word: string): Promise<KeptNow> {
  try {
    return { word, ...(await keepOne(place, word)) };
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    return { word, reason: errorDetail(error) };
  }
}

async function keepOne({ configuration, root }: CitationPlace, word: string): Promise<Omit<KeptNow, 'word'>> {
  const kept = new KeptCitations(root);
  const id = readCitationId(word);
  const issued = id === undefined ? undefined : kept.issued(id);
  const rk = issued?.rk ?? word.toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(rk)) throw new Das2Error('notFound', 'no citation with this id was made here');
  const entries = await logEntries(configuration, rk);
  const choice = chooseState(entries, issued === undefined ? {} : { hash: digitsOf(issued.digest) });
  if (choice.kind === 'several') {
    const digests = choice.states.map(({ digest }) => digest).join(', ');
    throw new Das2Error('notFound', `its data have had several states; name a citation by its id: ${digests}`);
  }
  const asked = requestFromQuery(issued?.request ?? entries[0]?.request ?? '');
  if (choice.kind !== 'one' || asked === undefined || requestKey(asked) !== rk)
    throw new Das2Error('notFound', 'the log has no entry for it');
  const context = ownContext(configuration, () => {});
  const request = ownRequest(configuration);
  const cited = await questionOf(context, request, asked, { isTrusted: true });
  const citation = await makeCitation(context, request, cited, { state: choice.state, entries, warnings: [] });
  if (!citation.metadata.citable) throw new Das2Error('notFound', 'the provider does not want this source to be cited');
  if (citation.id === undefined) throw new Das2Error('configuration', 'CITE_ROOT cannot be written');
  const isNew = await keepCitation(context, request, citation);
  return { id: citation.id, address: citation.address, wasKept: !isNew };
}

interface Verified {
  readonly id: string;
  readonly result: Comparison['result'];
  readonly reason?: string | undefined;
  readonly sentence: string;
}

/** Compares citations with what their data are now; the result is the exit status: 1 if one of them is not the same any more. */
export async function verifyCitations(
  place: CitationPlace,
  { ids, most }: { readonly ids: readonly string[]; readonly most: number },
): Promise<number> {
  const { root, json, print } = place;
  const kept = new KeptCitations(root);
  const wanted = ids.length > 0 ? ids : longestUnseen(kept, most);
  const results: Verified[] = [];
  for (const id of wanted) {
    const { comparison, sentence } = await verifyOne(place.configuration, kept, id);
    const { result, reason } = comparison;
    results.push({ id, result, reason, sentence });
    if (!json) print(`${id} ${result}: ${sentence}\n`);
  }
  if (json) print(`${JSON.stringify(results, undefined, 2)}\n`);
  else if (ids.length === 0) print(`${wanted.length} of ${kept.list().length} kept citations were compared\n`);
  return results.every(({ result }) => result.startsWith('unchanged') || result === 'extended') ? 0 : 1;
}

/**
 * Ids of kept citations, those first that were never looked at, the cheapest first, then those for which that is the longest ago.
 */
export function longestUnseen(kept: KeptCitations, most: number): string[] {
  const seenAt = (id: string): string => kept.events(id).findLast(({ event }) => event === 'verified')?.time ?? '';
  return kept
    .list()
    .filter((id) => kept.events(id).every(({ event }) => event !== 'withdrawn'))
    .map((id) => ({ id, time: seenAt(id) }))
    .map((item) => ({ ...item, packets: packetsOf(kept.record(item.id)) }))
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.packets - b.packets))
    .slice(0, most)
    .map(({ id }) => id);
}

/** How many packets a kept citation is about; what says nothing of it comes last. */
function packetsOf(record: unknown): number {
  const packets = (record as { state?: { packets?: unknown } } | undefined)?.state?.packets;
  return typeof packets === 'number' ? packets : Number.MAX_SAFE_INTEGER;
}

/** Compares the data of a citation with what they are now, and notes that with a kept one. */
export async function verifyOne(
  configuration: Configuration,
  kept: KeptCitations,
  id: string,
): Promise<{ readonly comparison: Comparison; readonly sentence: string }> {
  const issued = kept.issued(id);
  const digest = issued?.digest ?? '';
  const asked = requestFromQuery(issued?.request ?? '');
  const comparison: Comparison =
    asked === undefined
      ? { result: 'unknown', reason: 'not-issued', basis: 'none', cited: { digest } }
      : await comparisonOf(configuration, asked, digest);
  const { result, basis, current } = comparison;
  if (asked !== undefined)
    kept.note(id, { time: new Date().toISOString(), event: 'verified', result, basis, digest: current?.d2c1 });
  return { comparison, sentence: sentenceOf(comparison) };
}

async function comparisonOf(
  configuration: Configuration,
  asked: CanonicalRequest,
  digest: string,
): Promise<Comparison> {
  const context = ownContext(configuration, () => {});
  const request = ownRequest(configuration);
  try {
    const cited = await questionOf(context, request, asked, { isTrusted: true });
    return await compare(context, request, cited, digitsOf(digest), { maxAgeSeconds: 0 });
  } catch (error) {
    const isGone = ['noSuchSource', 'noDataInInterval', 'notFound', 'sourceDefinition', 'illegalArgument'] as const;
    if (!isGone.some((code) => isDas2Error(error, code))) throw error;
    return { result: 'gone', basis: 'none', cited: { digest } };
  }
}
