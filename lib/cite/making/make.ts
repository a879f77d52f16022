/**
 * Puts a citation together: what the source says about itself, the state of its data, and what the reader has to be warned of (citation 8).
 */
import { siteName } from '../../page/layout.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { Source } from '../../source/source.js';
import { VERSION } from '../../version.js';
import { type Citation, type CitedState, type Warning, wholeSeconds } from '../citation/citation.js';
import { citationId } from '../citation/id.js';
import { KeptCitations } from '../citation/kept.js';
import { digitsOf, isVolatile } from '../citation/states.js';
import type { LogEntry } from '../log/row.js';
import type { DatasetMetadata } from '../metadata/metadata.js';
import { type CitedQuestion, dataAddress } from '../question/question.js';
import { isReduced, requestToQuery } from '../request-key.js';
import { NO_LOG } from './chosen-state.js';
import { metadataOf } from './source-metadata.js';

/** A state that nobody was sent, as long as nobody is: who has had data before may have had others. */
function computedNow({ first }: CitedState): Warning {
  return {
    code: 'computed-now',
    text: `The digest was computed when it was asked for, ${wholeSeconds(first)}; no earlier delivery is on record, so data fetched before may differ.`,
  };
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
  const { completeFromDoi } = await import('./complete-from-doi.js');
  const { isNew, warnings } = await completeFromDoi(context, request, metadata);
  return { metadata: isNew ? metadataOf(context, source) : metadata, warnings };
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
