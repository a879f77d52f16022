/**
 * Pages about citations: one citation, the choice between states, the result of a comparison (citation 8.3, 9.2, 12.2).
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
} from '../../cite/citation.js';
import type { KeptEvent } from '../../cite/kept.js';
import { jsonLd } from '../../cite/record-formats.js';
import { isReduced } from '../../cite/request-key.js';
import { viaClass } from '../../cite/states.js';
import { TEXT_STYLES, textCitation } from '../../cite/text-styles.js';
import type { Configuration } from '../../conf/configuration.js';
import { Html, type HtmlPart, html } from '../../page/html.js';
import { page } from '../../page/layout.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import { CITATION_ENDINGS } from './format.js';

export interface LandingFacts {
  readonly citation: Citation;
  readonly isKept: boolean;
  readonly events: readonly KeptEvent[];
  /** The source has gone, or has moved where nobody follows. */
  readonly isGone?: boolean;
}

/** The page of one citation. */
export function citationPage(configuration: Configuration, request: Request, facts: LandingFacts): string {
  const { citation, isKept, events, isGone = false } = facts;
  const { metadata, state, id } = citation;
  const style = TEXT_STYLES.find((name) => name === request.parameters.get('style')) ?? 'default';
  const [line, ...notes] = (textCitation(citation, style) ?? '').split('\n');
  const main = html`<h1>How to cite these data</h1>
${isGone ? block(['The source of these data is not there any more. This page stays.']) : undefined}
${notes.length === 0 ? undefined : block(notes.map((note) => note.replace(/^Note: /, '')))}
<section aria-label="Citation"><pre class="wrap">${line}</pre></section>
${links(request, citation)}
<dl>
${row('Data set', metadata.title)}
${row('Source', citation.request.dataset)}
${row('Part', subsetWords(citation))}
${state === undefined ? undefined : stateRows(state, events)}
${row('Part of', linkTo(datasetAddress(metadata)))}
${row('Licence', licence(citation))}
${row('Acknowledgement', metadata.acknowledgement)}
${row('Key of the request', citation.rk)}
</dl>
${
  isReduced(citation.request)
    ? html`<p>These are reduced data. The <a href="${citeAddress(request, citation.nativeAddress)}">same interval at native
resolution</a> is recommended for citing.</p>`
    : undefined
}
${isGone || id === undefined ? undefined : keepForm(request, id, isKept)}
${data(citation)}`;
  return page(configuration, request, { title: `Citation of ${metadata.title}`, main });
}

/** JSON-LD inside of a page: no text can end the element. */
function data(citation: Citation): Html {
  const text = JSON.stringify(jsonLd(citation)).replace(/</g, '\\u003c');
  return new Html(`<script type="application/ld+json">${text}</script>`);
}

function block(lines: readonly string[]): Html {
  return html`<div class="note" role="note">${lines.map((line) => html`<p>${line}</p>`)}</div>`;
}

function row(name: string, value: HtmlPart): Html | undefined {
  return value === undefined || value === '' ? undefined : html`<dt>${name}</dt><dd>${value}</dd>`;
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

function links(request: Request, { id, dataAddress, rk }: Citation): Html {
  const base = `${request.mountPath}/cite`;
  const own = id === undefined ? undefined : `${base}/${id}`;
  const forms = Object.entries(CITATION_ENDINGS).filter(([, name]) => name !== 'html');
  return html`<ul>
<li><a href="${dataAddress}">Get the data</a></li>
${own === undefined ? undefined : html`<li><a href="${own}/verify">Check now</a></li>`}
<li><a href="${base}?rk=${rk}&amp;format=html">Cite another state</a></li>
${own === undefined ? undefined : html`<li>Other forms: ${forms.map(([ending, name]) => html`<a href="${own}.${ending}">${name}</a> `)}</li>`}
<li>Styles: ${TEXT_STYLES.map((name) => html`<a href="${own ?? base}?${own === undefined ? `rk=${rk}&` : ''}format=html&amp;style=${name}">${name}</a> `)}</li>
</ul>`;
}

function citeAddress(request: Request, address: string | undefined): string {
  return `${request.mountPath}/cite?url=${encodeQueryValue(address ?? '').replaceAll('&', '%26')}`;
}

function keepForm(request: Request, id: string, isKept: boolean): Html {
  if (isKept) return html`<p>This citation is kept for good.</p>`;
  return html`<form method="post" action="${request.mountPath}/cite/${id}?keep=1">
<p><button type="submit">Keep this citation</button> It is then public, and stays when the data have gone.</p></form>`;
}

/** The choice between several states of the same request. */
export function choicePage(
  configuration: Configuration,
  request: Request,
  facts: {
    readonly rk: string;
    readonly states: readonly CitedState[];
    readonly isReduced: boolean;
    readonly words: string;
  },
): string {
  const { rk, states, words } = facts;
  const differsByWay = facts.isReduced && new Set(states.map(({ via }) => viaClass(via))).size > 1;
  const cards = states.map(
    (state, at) => html`<li>
<h2>${at === 0 ? 'Latest state' : `State of ${wholeSeconds(state.first)}`}</h2>
<p>First seen ${wholeSeconds(state.first)}, last ${wholeSeconds(state.time)}, ${state.count} ${state.count === 1 ? 'delivery' : 'deliveries'},
${state.packets ?? 'unknown number of'} packets${state.dsver === undefined ? '' : `, version ${state.dsver}`}</p>
<p><code>${state.digest}</code></p>
<p><a href="${request.mountPath}/cite?rk=${rk}&amp;hash=${state.digest.slice(state.digest.indexOf(':') + 1)}&amp;format=html">Cite this state</a></p>
</li>`,
  );
  const main = html`<h1>This request has returned different data at different times</h1>
<p>${words}</p>
${
  differsByWay
    ? block([
        'These are reduced data, and the states were made in different ways (live, or from a cache). They may differ for that reason alone; data at native resolution do not.',
      ])
    : undefined
}
<ul class="cards">${cards}</ul>
<h2>Which one have you got?</h2>
<ul>
<li>By the time of the download: add <code>&amp;at=2026-01-31T12:30:00Z</code> to the address of this page.</li>
<li>By the file: add <code>&amp;hash=</code> and its SHA-256.</li>
<li>By the values: <code>das2_digest FILE</code> prints their digest.</li>
</ul>`;
  return page(configuration, request, { title: 'Several states', main });
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
  },
): string {
  const { sentence, isUnchanged, rows } = facts;
  const main = html`<h1>Are the data still the same?</h1>
${isUnchanged ? html`<p>${sentence}</p>` : block([sentence])}
<dl>${rows.map(([name, value]) => row(name, value))}</dl>
<p><a href="${facts.data}">Get the data as they are now</a></p>`;
  return page(configuration, request, { title: 'Comparison', main });
}
