/**
 * Citations (citation 7 to 9): `server=citation`, `/data/<id>.citation`, `/cite?url=…`, `/cite?rk=…`, and what lies below `/cite/<id>`.
 *
 * Contract: GET and HEAD; POST only to keep a citation. Nothing is shown of data that the asker may not have.
 */
import type { Citation } from '../../cite/citation/citation.js';
import { subsetWords } from '../../cite/citation/citation.js';
import { readCitationId } from '../../cite/citation/id.js';
import { type IssuedId, KeptCitations } from '../../cite/citation/kept.js';
import { stateOfDigest } from '../../cite/citation/states.js';
import { logEntries } from '../../cite/delivery/log-entries.js';
import { textCitation, wholeCitation } from '../../cite/forms/text-styles.js';
import { type ChosenState, chosenState, wishOf } from '../../cite/making/chosen-state.js';
import { makeCitation } from '../../cite/making/make.js';
import { metadataOf } from '../../cite/making/source-metadata.js';
import { type FoundId, findId, questionOfId, withdrawal } from '../../cite/question/issued.js';
import { type CitedQuestion, citedQuestion } from '../../cite/question/question.js';
import { isReduced } from '../../cite/request-key.js';
import { accessHeaders } from '../../data/question.js';
import { Das2Error } from '../../error.js';
import { bytesReply, htmlReply, jsonReply } from '../../reply/build-reply.js';
import type { Header } from '../../reply/headers.js';
import type { Reply } from '../../reply/reply.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { choicePage } from './choice-page.js';
import { formattedByProgram, textStyles } from './csl-style.js';
import {
  type CitationFormat,
  citationFormat,
  citationReply,
  formatOfEnding,
  notAcceptable,
  OWN_LOCALE,
  styledReply,
  type TextFormat,
} from './format.js';
import { RETRY_LATER } from './headers.js';
import { KEPT_ENDINGS, type KeptEnding, keptFile } from './kept-file.js';
import { citationPage, type LandingFacts } from './page.js';

/** Answers `/cite` and what lies below it. */
export async function cite(context: ServerContext, request: Request): Promise<Reply> {
  const rest = request.path.slice('/cite'.length).replace(/^\//, '');
  if (rest === '') return citeRequest(context, request);
  if (rest === 'styles') return jsonReply(request, { styles: textStyles(context.configuration) });
  const [, text = '', ending, action] = /^([^./]*)(?:\.([a-z.]+)|\/(data|verify))?$/.exec(rest) ?? [];
  const id = readCitationId(text);
  const keptEnding = KEPT_ENDINGS.find((known) => known === ending);
  if (id === undefined || (ending !== undefined && keptEnding === undefined && formatOfEnding(ending) === undefined)) {
    throw new Das2Error(
      'notFound',
      'this is no id of a citation: its last character does not fit; please look for a typing error',
    );
  }
  if (action === 'verify') return (await import('./verify.js')).verifyId(context, request, id);
  const found = await findId(context, id);
  if (action === 'data') return toData(context, request, found.issued);
  if (keptEnding !== undefined) return keptBytes(context, request, { id, ending: keptEnding, ...found });
  return citeId(context, request, { id, ending, ...found });
}

/** The record of a kept citation as it was written, or its signature, for who may see the citation. */
async function keptBytes(
  context: ServerContext,
  request: Request,
  { id, ending, issued, kept }: FoundId & { readonly id: string; readonly ending: KeptEnding },
): Promise<Reply> {
  const cited = await questionOfId(context, request, issued);
  const withdrawn = withdrawal(context, id);
  if (withdrawn !== undefined) return jsonReply(request, { id, ...withdrawn }, { status: 410 });
  if (cited === undefined && kept?.isGuarded) throw new Das2Error('notFound', 'the source of this citation has gone');
  const headers = cited === undefined ? [] : accessHeaders(cited.question.source);
  return keptFile(context, request, { id, ending, headers });
}

/** Answers a request for a citation of the data that it names. */
export async function citeRequest(context: ServerContext, request: Request): Promise<Reply> {
  const styles = textStyles(context.configuration);
  const format = citationFormat(request, styles);
  const cited = await citedQuestion(context, request);
  if (format === undefined) return notAcceptable(request, styles);
  const refused = notCitable(context, request, cited);
  if (refused !== undefined) return refused;
  const chosen = await chosenState(context, request, cited, wishOf(request));
  const { choice } = chosen;
  const headers = accessHeaders(cited.question.source);
  if (chosen.isLater) return laterReply(request, cited, headers);
  switch (choice.kind) {
    case 'unmatched':
      throw new Das2Error('notFound', 'no delivery on record fits hash or at');
    case 'ambiguous':
      return jsonReply(
        request,
        { error: { type: 'Ambiguous', message: 'hash fits several states' }, states: choice.states },
        { status: 409, headers },
      );
    case 'several':
      return severalStates(context, request, cited, { chosen, format, headers });
    default: {
      const state = choice.kind === 'one' ? choice.state : undefined;
      const citation = await makeCitation(context, request, cited, { ...chosen, state });
      return sendCitation(context, request, { citation, format, headers });
    }
  }
}

/** The worker computes the digest. */
function laterReply(request: Request, { address }: CitedQuestion, headers: readonly Header[]): Reply {
  const message =
    'the data are many, and their digest is being computed; ask again later, or with compute=0 for a citation without it';
  const status = `${request.baseUrl}/cite?url=${encodeQueryValue(address).replaceAll('&', '%26')}`;
  const value = { message, links: { status } };
  return jsonReply(request, value, { status: 202, headers: [...headers, RETRY_LATER] });
}

function notCitable(
  context: ServerContext,
  request: Request,
  { question: { source } }: CitedQuestion,
): Reply | undefined {
  const { citable, landingPage } = metadataOf(context, source);
  if (citable) return undefined;
  const message = 'the provider does not want this source to be cited';
  const value = { error: { type: 'NotCitable', message }, ...(landingPage !== undefined && { landingPage }) };
  return jsonReply(request, value, { status: 422, headers: accessHeaders(source) });
}

function severalStates(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion,
  {
    chosen,
    format,
    headers,
  }: { readonly chosen: ChosenState; readonly format: CitationFormat; readonly headers: readonly Header[] },
): Reply {
  const states = chosen.choice.kind === 'several' ? chosen.choice.states : [];
  if (format.name === 'html') {
    const facts = {
      rk: cited.rk,
      dataset: cited.request.dataset,
      states,
      isReduced: isReduced(cited.request),
      words: `${cited.request.dataset}, ${subsetWords(cited)}`,
      changes: metadataOf(context, cited.question.source).changes,
    };
    return htmlReply(request, choicePage(context.configuration, request, facts), { headers });
  }
  const message = 'this request has returned different data at different times: choose a state by at or hash';
  return jsonReply(request, { message, rk: cited.rk, states }, { status: 300, headers });
}

async function citeId(
  context: ServerContext,
  request: Request,
  { id, ending, issued, kept }: FoundId & { readonly id: string; readonly ending: string | undefined },
): Promise<Reply> {
  const styles = textStyles(context.configuration);
  const format = citationFormat(request, styles, ending);
  const cited = await questionOfId(context, request, issued);
  const withdrawn = withdrawal(context, id);
  if (withdrawn !== undefined) return jsonReply(request, { id, ...withdrawn }, { status: 410 });
  if (format === undefined) return notAcceptable(request, styles);
  if (cited === undefined) {
    // Nobody can tell any more who might have had guarded data.
    if (kept === undefined || kept.isGuarded)
      throw new Das2Error('notFound', 'the source of this citation has gone, and it was not kept');
    return sendCitation(context, request, { citation: kept, format, headers: [], isGone: true });
  }
  const headers = accessHeaders(cited.question.source);
  if (kept !== undefined) return sendCitation(context, request, { citation: kept, format, headers });
  const entries = await logEntries(context.configuration, issued.rk);
  const state = stateOfDigest(entries, issued.digest);
  if (state === undefined) throw new Das2Error('notFound', `the log has no entry for citation ${id} any more`);
  const citation = await makeCitation(context, request, cited, { state, entries, warnings: [] });
  return sendCitation(context, request, { citation, format, headers });
}

/** Step 1 of resolving: to the data. */
async function toData(context: ServerContext, request: Request, issued: IssuedId): Promise<Reply> {
  const cited = await questionOfId(context, request, issued);
  if (cited === undefined) throw new Das2Error('notFound', 'the source of this citation has gone');
  return bytesReply(request, new Uint8Array(0), {
    status: 307,
    contentType: 'text/plain',
    headers: [
      ['Location', cited.address],
      ['Cache-Control', 'no-store'],
    ],
  });
}

async function sendCitation(
  context: ServerContext,
  request: Request,
  sent: {
    readonly citation: Citation;
    readonly format: CitationFormat;
    readonly headers: readonly Header[];
    readonly isGone?: boolean;
  },
): Promise<Reply> {
  const { configuration } = context;
  const { citation, format, isGone = false } = sent;
  const { id } = citation;
  const root = configuration.path('CITE_ROOT');
  const store = root === undefined || id === undefined ? undefined : new KeptCitations(root);
  const isWanted = request.parameters.get('keep') === '1' || configuration.text('CITE_KEEP') === 'all';
  if (store !== undefined && id !== undefined && isWanted && request.method !== 'HEAD')
    await (await import('../../cite/making/keep.js')).keepCitation(context, request, citation);
  const headers: Header[] = [...sent.headers, ...signposts(citation)];
  if (!('style' in format)) return citationReply(request, citation, format, headers);
  const styled = await inStyle(context, request, citation, format);
  if (format.name === 'text') return styledReply(request, { citation, ...styled }, headers);
  const facts = {
    citation,
    text: styled.text,
    styles: textStyles(configuration),
    isGone,
    ...keptFacts(store, id),
  };
  return htmlReply(request, citationPage(configuration, request, facts), { headers });
}

/** What the page says of a citation that is kept. */
function keptFacts(
  store: KeptCitations | undefined,
  id: string | undefined,
): Pick<LandingFacts, 'isKept' | 'isSigned' | 'events'> {
  if (store === undefined || id === undefined) return { isKept: false, isSigned: false, events: [] };
  return { isKept: store.isKept(id), isSigned: store.signature(id) !== undefined, events: store.events(id) };
}

/** A citation as text: in one of our own styles, in one of the site, or in our own one with a warning if the site's program does not do it. */
async function inStyle(
  context: ServerContext,
  request: Request,
  citation: Citation,
  format: TextFormat,
): Promise<{ readonly text: string; readonly style: string; readonly locale: string }> {
  const { style } = format;
  const own = textCitation(citation, style);
  if (own !== undefined) return { text: own, style, locale: OWN_LOCALE };
  const made = await formattedByProgram(context, request, citation, format);
  if (made !== undefined) return { text: wholeCitation(citation, made.text), style, locale: made.locale };
  const warning = {
    code: 'style-fallback',
    text: `The style ${style} is not available at present; this is another one.`,
  };
  const warned = { ...citation, warnings: [...citation.warnings, warning] };
  return { text: textCitation(warned, 'default') ?? '', style: 'default', locale: OWN_LOCALE };
}

/** Links for machines that find their way from the page (signposting). */
function signposts({ address, dataAddress, metadata }: Citation): Header[] {
  const license = metadata.license?.url;
  const authors = metadata.creators.flatMap(({ orcid }) =>
    orcid === undefined ? [] : [`<https://orcid.org/${orcid}>; rel="author"`],
  );
  const links = [
    `<${address}>; rel="cite-as"`,
    `<${dataAddress}>; rel="item"`,
    ...(license === undefined ? [] : [`<${license}>; rel="license"`]),
    ...authors.slice(0, 3),
  ];
  const safe = links.filter((link) => /^[!-~ ]+$/.test(link));
  const short = safe.filter((_, at) => safe.slice(0, at + 1).join(', ').length < 900);
  return short.length === 0 ? [] : [['Link', short.join(', ')]];
}
