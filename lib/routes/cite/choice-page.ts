/**
 * The page on which a reader chooses between the states that the data of one request have had (citation 8.3).
 *
 * Contract: the latest state is marked, none is chosen beforehand. Works without scripts.
 */
import { type CitedState, wholeSeconds } from '../../cite/citation/citation.js';
import { SHORTEST_PREFIX, viaClass } from '../../cite/citation/states.js';
import type { DatasetMetadata } from '../../cite/metadata/metadata.js';
import { versionsAddress } from '../../cite/versions-address.js';
import type { Configuration } from '../../conf/configuration.js';
import { type Html, html } from '../../page/html.js';
import { page } from '../../page/layout.js';
import type { Request } from '../../request/request.js';
import { block } from './page.js';

export interface ChoiceFacts {
  readonly rk: string;
  readonly dataset: string;
  /** The latest first. */
  readonly states: readonly CitedState[];
  readonly isReduced: boolean;
  /** What was asked for. */
  readonly words: string;
  /** What the provider has declared. */
  readonly changes: DatasetMetadata['changes'];
}

/** The page. */
export function choicePage(configuration: Configuration, request: Request, facts: ChoiceFacts): string {
  const { states, words, isReduced } = facts;
  const differsByWay = isReduced && new Set(states.map(({ via }) => viaClass(via))).size > 1;
  const main = html`<h1>This request has returned different data at different times</h1>
<p>${words}</p>
${
  differsByWay
    ? block([
        'These are reduced data, and the states were made in different ways (live, or from a cache). They may differ for that reason alone; data at native resolution do not.',
      ])
    : undefined
}
<ul class="cards">${groupedByWay(states, differsByWay).map((state) => card(request, facts, state))}</ul>
<h2>Which one have you got?</h2>
${form(request, facts.rk, {
  name: 'at',
  label: 'By the time of the download (UTC)',
  hint: '2026-01-31T12:30:00Z',
  pattern: undefined,
})}
${form(request, facts.rk, {
  name: 'hash',
  label: 'By the SHA-256 of the file, or by its digest',
  hint: 'what sha256sum FILE or das2_digest FILE prints',
  pattern: `.{${SHORTEST_PREFIX},80}`,
})}
<p><a href="${versionsAddress(request.mountPath, facts.dataset)}">Changes of the source</a></p>`;
  return page(configuration, request, { title: 'Several states', main });
}

/** States that were made in the same way stand together, where that may be all in which they differ. */
function groupedByWay(states: readonly CitedState[], differsByWay: boolean): readonly CitedState[] {
  if (!differsByWay) return states;
  const ways = new Map<string, CitedState[]>();
  for (const state of states) {
    const way = viaClass(state.via);
    ways.set(way, [...(ways.get(way) ?? []), state]);
  }
  return [...ways.values()].flat();
}

function card(request: Request, { rk, states, changes, isReduced }: ChoiceFacts, state: CitedState): Html {
  const { first, time, deliveries, packets, dsver, digest, via } = state;
  const at = states.indexOf(state);
  const before = states[at + 1];
  const reasons = before === undefined ? [] : changes.filter(({ date }) => liesBetween(date, before.time, first));
  return html`<li>
<h2>${at === 0 ? 'Latest state' : `State of ${wholeSeconds(first)}`}</h2>
<p>First seen ${wholeSeconds(first)}, last ${wholeSeconds(time)}, ${deliveries} ${deliveries === 1 ? 'delivery' : 'deliveries'},
${packets ?? 'unknown number of'} packets${dsver === undefined ? '' : `, version ${dsver}`}${isReduced ? `, made ${via}` : ''}</p>
${reasons.map(({ date, text }) => html`<p>Declared change of ${date}: ${text}</p>`)}
<p><code>${digest}</code></p>
<p><a href="${request.mountPath}/cite?rk=${rk}&amp;hash=${digest.slice(digest.indexOf(':') + 1)}&amp;format=html">Cite this state</a></p>
</li>`;
}

/** Whether a date, which may be a year or a month only, may lie between two times. */
function liesBetween(date: string, from: string, to: string): boolean {
  return date >= from.slice(0, date.length) && date <= to.slice(0, date.length);
}

function form(
  request: Request,
  rk: string,
  field: { readonly name: string; readonly label: string; readonly hint: string; readonly pattern: string | undefined },
): Html {
  const { name, label, hint, pattern } = field;
  return html`<form method="get" action="${request.mountPath}/cite">
<input type="hidden" name="rk" value="${rk}">
<input type="hidden" name="format" value="html">
<p><label for="${name}">${label}</label> <input id="${name}" name="${name}" required placeholder="${hint}" size="40"${
    pattern === undefined ? undefined : html` pattern="${pattern}"`
  }>
<button type="submit">Cite it</button></p></form>`;
}
