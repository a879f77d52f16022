/**
 * Pages about citations: one citation, and the result of a comparison (citation 9.2, 12.2).
 *
 * Contract: everything works without scripts. A page never hides data: it always leads to them.
 */
import {
  type Citation,
  type CitedState,
  datasetAddress,
  spanWords,
  subsetWords,
  wholeSeconds,
} from '../../cite/citation/citation.js';
import { readCitationId } from '../../cite/citation/id.js';
import type { KeptEvent } from '../../cite/citation/kept.js';
import { jsonLd } from '../../cite/forms/record-formats.js';
import { isReduced } from '../../cite/request-key.js';
import { versionsAddress } from '../../cite/versions-address.js';
import type { Configuration } from '../../conf/configuration.js';
import { Html, type HtmlPart, html } from '../../page/html.js';
import { page } from '../../page/layout.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import { CITATION_ENDINGS } from './format.js';

export interface LandingFacts {
  readonly citation: Citation;
  /** In the style that was asked for; further lines are warnings. */
  readonly text: string;
  /** Names of all styles. */
  readonly styles: readonly string[];
  readonly isKept: boolean;
  readonly isSigned: boolean;
  readonly events: readonly KeptEvent[];
  /** The source has gone, or has moved where nobody follows. */
  readonly isGone?: boolean;
}

/** The page of one citation. */
export function citationPage(configuration: Configuration, request: Request, facts: LandingFacts): string {
  const { citation, text, styles, events, isGone = false } = facts;
  const { metadata, state, id } = citation;
  const [line, ...notes] = text.split('\n');
  const main = html`<h1>How to cite these data</h1>
${isGone ? block(['The source of these data is not there any more. This page stays.']) : undefined}
${notes.length === 0 ? undefined : block(notes.map((note) => note.replace(/^Note: /, '')))}
<section aria-label="Citation" class="call"><pre class="wrap"><code>${line}</code></pre></section>
${supersededBy(request, events)}
${links(request, citation, styles)}
<dl>
${row('Data set', metadata.title)}
${row('Source', citation.request.dataset)}
${row('Part', subsetWords(citation))}
${state === undefined ? undefined : stateRows(state, events)}
${row('Part of', linkTo(datasetAddress(metadata)))}
${row('Licence', licence(citation))}
${row('Acknowledgement', metadata.acknowledgement)}
${row('From the record of the DOI', fromDoi(metadata))}
${row('Key of the request', citation.rk)}
</dl>
${
  isReduced(citation.request)
    ? html`<p>These are reduced data. The <a href="${citeAddress(request, citation.nativeAddress)}">same interval at native
resolution</a> is recommended for citing.</p>`
    : undefined
}
${isGone || id === undefined ? undefined : keepForm(request, id, facts)}
${data(citation)}`;
  return page(configuration, request, { title: `Citation of ${metadata.title}`, main, scripts: ['copy-text.js'] });
}

/** Leads to a later state of the same data. */
function supersededBy(request: Request, events: readonly KeptEvent[]): Html | undefined {
  const id = readCitationId(String(events.findLast(({ event }) => event === 'superseded')?.by ?? ''));
  if (id === undefined) return undefined;
  const own = `${request.mountPath}/cite/${id}`;
  return html`<p>Superseded: these data have changed since, and <a href="${own}">a later state of them</a> is kept, too. This citation stays.</p>`;
}

/** JSON-LD inside of a page: no text can end the element. */
function data(citation: Citation): Html {
  const text = JSON.stringify(jsonLd(citation)).replace(/</g, '\\u003c');
  return new Html(`<script type="application/ld+json">${text}</script>`);
}

/** What a reader must not overlook. */
export function block(lines: readonly string[]): Html {
  return html`<div class="note" role="note">${lines.map((line) => html`<p>${line}</p>`)}</div>`;
}

function row(name: string, value: HtmlPart): Html | undefined {
  return value === undefined || value === '' ? undefined : html`<dt>${name}</dt><dd>${value}</dd>`;
}

/** What the source does not say itself. */
function fromDoi({ origins }: Citation['metadata']): string {
  const names: Readonly<Record<string, string>> = { creator: 'creators', pubYear: 'year', citeTitle: 'title' };
  return Object.entries(origins)
    .flatMap(([key, origin]) => (origin === 'doi' ? [names[key] ?? key] : []))
    .join(', ');
}

function linkTo(address: string | undefined): Html | undefined {
  return address === undefined ? undefined : html`<a href="${address}">${address}</a>`;
}

function licence({ metadata: { license } }: Citation): HtmlPart {
  if (license === undefined) return undefined;
  return license.url === undefined
    ? license.id
    : html`<a rel="license" href="${license.url}">${license.id ?? license.url}</a>`;
}

function stateRows(state: CitedState, events: readonly KeptEvent[]): HtmlPart {
  const checked = events.findLast(({ event }) => event === 'verified');
  return [
    row('State', `${wholeSeconds(state.time)}${state.packets === 0 ? ', no data in this interval' : ''}`),
    row('Digest', html`<code>${state.digest}</code>`),
    row('Deliveries', spanWords(state)),
    row('Packets', state.packets === undefined ? undefined : String(state.packets)),
    row('Times', state.firstX === undefined ? undefined : `${state.firstX} to ${state.lastX ?? '?'}`),
    row('Version', state.dsver),
    row('Last checked', checked === undefined ? undefined : `${wholeSeconds(checked.time)}: ${String(checked.result)}`),
  ];
}

function links(request: Request, citation: Citation, styles: readonly string[]): Html {
  const { id, dataAddress, rk, request: asked } = citation;
  const base = `${request.mountPath}/cite`;
  const own = id === undefined ? undefined : `${base}/${id}`;
  const forms = Object.entries(CITATION_ENDINGS).filter(([, name]) => name !== 'html');
  return html`<ul>
<li><a href="${dataAddress}">Get the data</a></li>
${own === undefined ? undefined : html`<li><a href="${own}/verify">Check now</a></li>`}
<li><a href="${base}?rk=${rk}&amp;format=html">Cite another state</a></li>
<li><a href="${versionsAddress(request.mountPath, asked.dataset)}">Changes of the source</a></li>
${own === undefined ? undefined : html`<li>Other forms: ${forms.map(([ending, name]) => html`<a href="${own}.${ending}">${name}</a> `)}</li>`}
<li>Styles: ${styles.map((name) => html`<a href="${own ?? base}?${own === undefined ? `rk=${rk}&` : ''}format=html&amp;style=${name}">${name}</a> `)}</li>
</ul>`;
}

function citeAddress(request: Request, address: string | undefined): string {
  return `${request.mountPath}/cite?url=${encodeQueryValue(address ?? '').replaceAll('&', '%26')}`;
}

function keepForm(request: Request, id: string, { isKept, isSigned }: LandingFacts): Html {
  const own = `${request.mountPath}/cite/${id}`;
  const signature = isSigned ? html`, <a href="${own}.sig">signature</a>` : undefined;
  if (isKept) return html`<p>This citation is kept for good: <a href="${own}.kept.json">record</a>${signature}.</p>`;
  return html`<form method="post" action="${own}?keep=1">
<p><button type="submit">Keep this citation</button> It is then public, and stays when the data have gone.</p></form>`;
}

/** The result of a comparison, as a sentence. */
export function verifyPage(
  configuration: Configuration,
  request: Request,
  facts: {
    readonly sentence: string;
    readonly isUnchanged: boolean;
    readonly rows: readonly (readonly [string, string])[];
    readonly data: string;
    readonly versions: string | undefined;
  },
): string {
  const { sentence, isUnchanged, rows } = facts;
  const main = html`<h1>Are the data still the same?</h1>
${isUnchanged ? html`<p>${sentence}</p>` : block([sentence])}
<dl>${rows.map(([name, value]) => row(name, value))}</dl>
<ul>
<li><a href="${facts.data}">Get the data as they are now</a></li>
${facts.versions === undefined ? undefined : html`<li><a href="${facts.versions}">Changes of the source</a></li>`}
</ul>`;
  return page(configuration, request, { title: 'Comparison', main });
}
