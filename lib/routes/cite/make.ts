/**
 * Puts a citation together: what the source says about itself, the state of its data, and what the reader has to be warned of (citation 8).
 */
import { type Citation, type CitedState, type Warning, wholeSeconds } from '../../cite/citation/citation.js';
import { citationId } from '../../cite/citation/id.js';
import { KeptCitations } from '../../cite/citation/kept.js';
import {
  type Choice,
  chooseState,
  digitsOf,
  isVolatile,
  SHORTEST_PREFIX,
  statesOf,
  type Wish,
} from '../../cite/citation/states.js';
import { DoiStore, usableRecord } from '../../cite/doi/store.js';
import type { LogEntry } from '../../cite/log/row.js';
import type { DoiRecord } from '../../cite/metadata/doi-record.js';
import { type DatasetMetadata, datasetMetadata } from '../../cite/metadata/metadata.js';
import { isReduced, requestToQuery } from '../../cite/request-key.js';
import { Das2Error } from '../../error.js';
import { siteName } from '../../page/layout.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { Source } from '../../source/source.js';
import { folderInfoOf } from '../../source/source-definitions.js';
import { formatTime, parseTime } from '../../stream/time.js';
import { VERSION } from '../../version.js';
import { logEntries } from './log-entries.js';
import { type CitedQuestion, dataAddress } from './question.js';
import { spaseKeywords } from './spase-file.js';

/** What is known of a request, and what became of the choice. */
export interface ChosenState {
  readonly choice: Choice;
  readonly entries: readonly LogEntry[];
  readonly warnings: readonly Warning[];
  /** The worker computes the digest: ask again later. */
  readonly isLater?: boolean;
}

const NO_LOG: Warning = { code: 'no-log', text: 'This server keeps no log of deliveries at present.' };

/** Finds the state that is wanted, computing it if there is none and that is allowed. */
export async function chosenState(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion,
  wish: Wish,
): Promise<ChosenState> {
  const entries = await logEntries(context.configuration, cited.rk);
  const choice = chooseState(entries, wish);
  if (choice.kind !== 'none') return { choice, entries, warnings: [] };
  if (!context.configuration.flag('CITE_ENABLE')) return { choice, entries, warnings: [NO_LOG, noDigest('')] };
  if (request.parameters.get('compute') === '0') return { choice, entries, warnings: [noDigest('')] };
  const { computeLater, computeState } = await import('./compute.js');
  const computed = await computeState(context, request, cited, entries);
  if (computed.kind === 'known') return chosenState(context, request, cited, wish);
  if (computed.kind === 'tooCostly' && (await computeLater(context, request, cited))) {
    return { choice, entries, warnings: [], isLater: true };
  }
  if (computed.kind === 'tooCostly')
    return { choice, entries, warnings: [noDigest(' The data are too many to be read now.')] };
  if (computed.kind === 'failed')
    return { choice, entries, warnings: [noDigest(` They could not be hashed: ${computed.reason}.`)] };
  const all = [computed.entry, ...entries];
  return { choice: chooseState(all, wish), entries: all, warnings: [] };
}

/** A state that nobody was sent, as long as nobody is: who has had data before may have had others. */
function computedNow({ first }: CitedState): Warning {
  return {
    code: 'computed-now',
    text: `The digest was computed when it was asked for, ${wholeSeconds(first)}; no earlier delivery is on record, so data fetched before may differ.`,
  };
}

function noDigest(why: string): Warning {
  return {
    code: 'no-digest',
    text: `This citation has no digest: it cannot tell whether the data have changed.${why}`,
  };
}

/** The wish of a request: `hash` and `at`. */
export function wishOf({ parameters }: Request): Wish {
  const hash = parameters.get('hash');
  if (hash !== undefined && (!/^[0-9a-f]+$/.test(digitsOf(hash)) || digitsOf(hash).length < SHORTEST_PREFIX)) {
    throw new Das2Error('illegalArgument', `hash takes at least ${SHORTEST_PREFIX} hexadecimal digits of a digest`);
  }
  const at = parameters.get('at');
  return { hash, at: at === undefined ? undefined : `${readTime(at)}Z` };
}

function readTime(text: string): string {
  try {
    return formatTime(parseTime(text), { decimals: 3 });
  } catch (error) {
    throw new Das2Error('illegalArgument', 'at takes a time such as 2026-01-31T12:30:00Z', { cause: error });
  }
}

/** The citation of a state, or of the request alone. It can be found again by its id from now on. */
export async function makeCitation(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion,
  {
    state,
    entries,
    warnings,
  }: {
    readonly state: CitedState | undefined;
    readonly entries: readonly LogEntry[];
    readonly warnings: readonly Warning[];
  },
): Promise<Citation> {
  const { configuration } = context;
  const { metadata, warnings: ofMetadata } = await completeMetadata(context, request, cited.question.source);
  const id = state === undefined ? undefined : issuedId(context, cited, state);
  const isDelivered = state === undefined || Object.values(state.raws).length > 0;
  const all = [...warnings, ...(isDelivered ? [] : [computedNow(state)]), ...ofMetadata];
  if (isVolatile(entries)) {
    all.push({
      code: 'volatile',
      text: 'The last deliveries of this request all differed: the source may give other data each time.',
    });
  }
  if (state?.open) all.push(openEnded(cited, request));
  if (metadata.missing.length > 0) {
    all.push({
      code: `incomplete:${metadata.missing.join(',')}`,
      text: `The source does not say its ${metadata.missing.join(', ')}.`,
    });
  }
  if (state !== undefined && id === undefined) all.push(NO_LOG);
  return {
    id,
    address: addressOf(context, request, cited.rk, id),
    dataAddress: cited.address,
    ...(isReduced(cited.request) && {
      nativeAddress: dataAddress(request.baseUrl, { ...cited.request, res: 'native' }),
    }),
    request: cited.request,
    rk: cited.rk,
    metadata,
    state,
    warnings: all,
    madeAt: new Date().toISOString(),
    server: { name: siteName(configuration), software: `das2srv ${VERSION}` },
    ...(cited.question.source.readAccess !== undefined && { isGuarded: true }),
  };
}

/** What a source says about itself, completed from the record of its DOI if the site wants that. */
async function completeMetadata(
  context: ServerContext,
  request: Request,
  source: Source,
): Promise<{ readonly metadata: DatasetMetadata; readonly warnings: readonly Warning[] }> {
  const metadata = metadataOf(context, source);
  if (metadata.doi === undefined || !context.configuration.has('CITE_DOI_URL')) return { metadata, warnings: [] };
  const { completeFromDoi } = await import('./doi.js');
  const { isNew, warnings } = await completeFromDoi(context, request, metadata);
  return { metadata: isNew ? metadataOf(context, source) : metadata, warnings };
}

/** What a source says about itself, with what is known already of the record of its DOI. */
export function metadataOf(
  { configuration, sources }: Pick<ServerContext, 'configuration' | 'sources'>,
  { id, file, entries }: Source,
): DatasetMetadata {
  const folders: ReadonlyMap<string, string>[] = [];
  for (let slash = id.lastIndexOf('/'); ; slash = id.lastIndexOf('/', slash - 1)) {
    const info = folderInfoOf(sources, slash < 0 ? '' : id.slice(0, slash));
    if (info !== undefined) folders.push(withoutDescription(info.entries));
    if (slash <= 0) break;
  }
  return datasetMetadata({
    id,
    source: entries,
    spase: entries.has('spaseFile') ? spaseKeywords({ file, entries }) : undefined,
    folders,
    sitePublisher: configuration.text('CITE_PUBLISHER'),
    siteLicense: configuration.text('CITE_LICENSE'),
    siteName: siteName(configuration),
    doiRecord: configuration.has('CITE_DOI_URL') ? knownRecord(configuration.path('CITE_ROOT')) : undefined,
  });
}

/** Looks up records that were fetched before. */
function knownRecord(root: string | undefined): (doi: string) => DoiRecord | undefined {
  return (doi) => (root === undefined ? undefined : usableRecord(new DoiStore(root).known(doi), Date.now()));
}

/** What a folder is called is no title of its sources. */
function withoutDescription(entries: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...entries].filter(([key]) => key !== 'description'));
}

/** Where a citation can be seen. */
function addressOf({ configuration }: ServerContext, { baseUrl }: Request, rk: string, id: string | undefined): string {
  if (id === undefined) return `${baseUrl}/cite?rk=${rk}`;
  const base = configuration.text('CITE_PID_BASE') ?? `${baseUrl}/cite`;
  return `${base.replace(/\/+$/, '')}/${id}`;
}

/** The id of a state, noted so that it can be resolved; undefined where that is not possible. */
function issuedId(
  { configuration }: ServerContext,
  { rk, request }: CitedQuestion,
  { digest }: CitedState,
): string | undefined {
  const root = configuration.path('CITE_ROOT');
  if (root === undefined) return undefined;
  const id = citationId(rk, digitsOf(digest));
  try {
    new KeptCitations(root).issue(id, { rk, digest, request: requestToQuery(request) });
    return id;
  } catch {
    return undefined;
  }
}

/** The interval reaches the present: a shorter one can be checked for ever. */
function openEnded({ request }: CitedQuestion, { receivedAt }: Request): Warning {
  const day = `${new Date(receivedAt).toISOString().slice(0, 10)}T00:00:00`;
  const narrower =
    request.begin < day && day < request.end ? ` A request that ends at ${day} can be checked later.` : '';
  return { code: 'open-ended', text: `The interval reaches the present: more data may come.${narrower}` };
}

/** The state that a digest names among the entries; undefined if none does. */
export function stateOfDigest(entries: readonly LogEntry[], digest: string): CitedState | undefined {
  return statesOf(entries).find((state) => state.digest === digest);
}
