/**
 * The page with the records of an interval (browse-export 7, 8): a sentence, notes, controls, the table in which people select, and what the
 * series are. Everything works without scripts.
 */

import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { grouped } from '../../../browse/faults.js';
import type { FoundRecord, Note } from '../../../browse/find/found-records.js';
import { type BrowseQuery, queryPairs, queryText } from '../../../browse/find/query.js';
import { recordLinks } from '../../../browse/forms/links.js';
import {
  betweenWords,
  completeWords,
  countWords,
  daysWords,
  isComplete,
  type RowGroup,
  recordTime,
  recordTimeUtc,
  roundSize,
  rowGroups,
  STATE_WORDS,
  sizeWords,
  sumWords,
} from '../../../browse/forms/words.js';
import { itemName } from '../../../browse/record/item-name.js';
import { dateWords, recordLabel } from '../../../browse/record/label.js';
import { type Html, html } from '../../../page/html.js';
import { browsePage } from '../page.js';
import { seriesTable } from '../series/series-table.js';
import { type BrowseAnswer, PAGE_ROWS } from './answer.js';

/** Which rows a page shows ticked; without a script that is done by an address. */
const PICKS: Readonly<Record<string, (row: FoundRecord) => boolean>> = {
  none: () => false,
  all: () => true,
  existing: ({ state }) => state === 'present' || state === 'partial' || state === 'offline',
  complete: isComplete,
};

/** Rows of a page that can be chosen with a click; PAGE_ROWS where nobody chooses. */
const PAGE_SIZES = [50, PAGE_ROWS, 1000] as const;

const CHECKED = html` checked`;
const DISABLED = html` disabled`;

/** The page. */
export function resultPage(facts: BrowseFacts, answer: BrowseAnswer): string {
  const { context, request } = facts;
  const { found, interval } = answer;
  const sum = sumWords(found);
  const main = html`<h1>Records of ${daysWords(interval)}</h1>
<p class="summary">${countWords(found)} ${betweenWords(interval)}${sum === '' ? undefined : `, ${sum}`}.
<a href="${facts.paths.browse}/find?${queryText(answer.query, { start: undefined, after: undefined })}">Change the question</a></p>
${found.notes.map((note) => noteBox(facts, answer.query, note))}
${controls(facts, answer)}
${found.rows.length === 0 ? nothing() : selection(facts, answer)}
${found.series.length === 0 ? undefined : seriesTable(found.series, facts.paths, answer.query.raw === 'on')}`;
  const title = `${countWords(found).split(' in ')[0]} – ${dateWords(interval.start.civil)} – Browse`;
  return browsePage(context.configuration, request, { title, main, hasScript: true });
}

function noteBox({ paths }: BrowseFacts, query: BrowseQuery, { text, show }: Note): Html {
  const link =
    show === undefined
      ? undefined
      : html` <a href="${paths.browse}/find?${queryText(query, { after: undefined, ...show.changes })}">${show.text}</a>`;
  return html`<p class="remark">${text}${link}</p>
`;
}

function controls({ paths }: BrowseFacts, { query, found }: BrowseAnswer): Html {
  const to = (changes: Readonly<Record<string, string | undefined>>): string =>
    `${paths.browse}/find?${queryText(query, { after: undefined, ...changes })}`;
  const choice = (name: 'order' | 'show' | 'raw', value: string, text: string): Html => {
    const isNow = query[name] === value;
    return html`<li><a href="${to({ [name]: value })}"${isNow ? html` aria-current="true"` : undefined}>${text}</a></li>`;
  };
  // The size of a page is not for programs.
  const form = (format: string, text: string): Html =>
    html`<li><a href="${to({ format, limit: undefined })}">${text}</a></li>`;
  return html`<nav aria-label="Order, list and forms" class="controls">
<div><span>Order</span><ul class="chips">${choice('order', 'time', 'by time')}${choice('order', 'series', 'by series')}</ul></div>
<div><span>List</span><ul class="chips">${choice('show', 'known', 'existing')}${choice('show', 'assumed', 'also assumed')}${choice('show', 'missing', 'also missing')}</ul></div>
<div><span>Names</span><ul class="chips">${choice('raw', 'on', 'in words and raw')}${choice('raw', 'off', 'in words')}</ul></div>
${found.rows.length > Math.min(...PAGE_SIZES) ? pageSizes(query, to) : undefined}<div><span>As</span><ul class="chips">${form('text', 'text')}${form('json', 'JSON')}${form('csv', 'CSV')}<li><a href="${to({})}">permanent link</a></li><li><form class="short" method="post" action="${paths.browse}/q">${queryPairs(
    query,
    { after: undefined },
  ).map(
    ([key, value]) => html`<input type="hidden" name="${key}" value="${value}">
`,
  )}<button type="submit">short address</button></form></li></ul></div>
</nav>`;
}

function pageSizes(query: BrowseQuery, to: (changes: Readonly<Record<string, string>>) => string): Html {
  const now = query.limit ?? PAGE_ROWS;
  return html`<div><span>Rows</span><ul class="chips">${PAGE_SIZES.map(
    (size) =>
      html`<li><a href="${to({ limit: size === PAGE_ROWS ? '' : String(size) })}"${size === now ? html` aria-current="true"` : undefined}>${size} on a page</a></li>`,
  )}</ul></div>
`;
}

function nothing(): Html {
  return html`<p>No record touches this interval. Choose more kinds, or list also those that are assumed or missing.</p>`;
}

function selection(facts: BrowseFacts, answer: BrowseAnswer): Html {
  const { request, paths, table } = facts;
  const { query, found, rows, offset } = answer;
  const word = request.parameters.get('pick') ?? 'none';
  const isNot = word.startsWith('not-');
  const name = isNot ? word.slice(4) : word;
  const pick = PICKS[Object.hasOwn(PICKS, name) ? name : 'none'] ?? (() => false);
  const isPicked = (row: FoundRecord): boolean => pick(row) !== isNot;
  const groups = rowGroups(found, rows, query.order, table);
  const whole = new Map(rowGroups(found, found.rows, query.order, table).map((group) => [group.key, group.rows]));
  const isPart = rows.length < found.rows.length;
  return html`<form class="selection" method="post" action="${paths.browse}/request" data-key="${queryText(query, { limit: undefined, after: undefined })}">
${queryPairs(query, { limit: undefined, after: undefined }).map(
  ([key, value]) => html`<input type="hidden" name="${key}" value="${value}">
`,
)}${picks(facts, query, word)}
<p class="all"><span class="flag"><input type="checkbox" id="all" name="all" value="on"><label for="all">Select all ${grouped(found.rows.length)} ${found.rows.length === 1 ? 'result' : 'results'}${isPart ? ', not only those of this page' : undefined}</label></span></p>
<section class="scroll wide" tabindex="0" aria-labelledby="records">
<table class="records">
<caption id="records">Records ${isPart ? `${grouped(offset + 1)} to ${grouped(offset + rows.length)} of ${grouped(found.rows.length)}, ` : undefined}${query.order === 'time' ? 'in order of time, longest first' : 'in order of series'}</caption>
<thead><tr><th scope="col">Select</th><th scope="col">Series</th><th scope="col">Time</th><th scope="col">Record (#)</th><th scope="col" class="number">Size</th><th scope="col">Complete</th><th scope="col">State</th><th scope="col">Links</th></tr></thead>
${groups.map((group, i) => groupRows(facts, group, { i, all: whole.get(group.key) ?? group.rows, isPicked, hasRaw: query.raw === 'on' }))}</table>
</section>
${paging(facts, answer)}
<div class="action"><p id="count" role="status" data-total="${found.rows.length}">Up to ${found.rows.length} datasets selected</p>
<button type="submit">Request the selected</button></div>
</form>`;
}

function picks({ paths }: BrowseFacts, query: BrowseQuery, word: string): Html {
  const link = (pick: string, text: string): Html =>
    html`<li><a href="${paths.browse}/find?${queryText(query, { pick })}"${pick === word ? html` aria-current="true"` : undefined}>${text}</a></li>`;
  const inverse =
    word === 'none' ? 'all' : word === 'all' ? 'none' : word.startsWith('not-') ? word.slice(4) : `not-${word}`;
  return html`<div class="controls"><div><span>Tick on this page</span><ul class="chips">${link('all', 'all')}${link('existing', 'without assumed and missing')}${link('complete', 'only complete')}${link('none', 'none')}${link(/^[a-z-]{1,20}$/.test(inverse) ? inverse : 'none', 'invert')}</ul></div></div>`;
}

/** The rows of a group on this page. Its box is for the group with `all` of its rows, those of other pages included. */
function groupRows(
  facts: BrowseFacts,
  { key, title, rows }: RowGroup,
  {
    i,
    all,
    isPicked,
    hasRaw,
  }: {
    readonly i: number;
    readonly all: readonly FoundRecord[];
    readonly isPicked: (row: FoundRecord) => boolean;
    readonly hasRaw: boolean;
  },
): Html {
  const bytes = all.reduce((sum, row) => sum + (row.bytes ?? 0), 0);
  const words = `${title}: ${grouped(all.length)} ${all.length === 1 ? 'record' : 'records'}${bytes === 0 ? '' : `, ${roundSize(bytes)}`}`;
  const isOpen = all.some(canSelect);
  return html`<tbody>
<tr class="group"><td><input type="checkbox" name="group" value="${key}" id="g${i}" aria-label="All of ${words}"${isOpen ? undefined : DISABLED}></td><th scope="rowgroup" colspan="7"><label for="g${i}">${words}</label></th></tr>
${rows.map((row) => recordRow(facts, row, { isPicked: isPicked(row), hasRaw }))}</tbody>
`;
}

/** Missing records and those that need a sign-in cannot be asked for. */
function canSelect({ state }: FoundRecord): boolean {
  return state !== 'absent' && state !== 'restricted';
}

function recordRow(
  { paths, table }: BrowseFacts,
  row: FoundRecord,
  { isPicked, hasRaw }: { readonly isPicked: boolean; readonly hasRaw: boolean },
): Html {
  const { series, record, state, realm } = row;
  const time = recordTime(row, table);
  const utc = recordTimeUtc(row, table);
  const size = sizeWords(row);
  const links = recordLinks(row, paths, table);
  const name = `${series.series}, ${time}${size.exact === undefined ? '' : `, ${size.text}`}`;
  const isOpen = canSelect(row);
  const box =
    state === 'absent'
      ? undefined
      : html`<input type="checkbox" name="sel" value="${itemName(series, record)}" aria-label="${name}" data-bytes="${row.bytes ?? 0}"${
          isOpen ? (isPicked ? CHECKED : undefined) : DISABLED
        }>`;
  const stateText =
    state === 'restricted' && realm !== undefined ? `${STATE_WORDS[state]}: ${realm}` : STATE_WORDS[state];
  return html`<tr class="state-${state}"><td>${box}</td><td>${series.label}${hasRaw ? html` <small>${series.series}</small>` : undefined}</td><td>${time}${
    utc === undefined ? undefined : html`<small>${utc}</small>`
  }</td><td class="record">${recordLabel(record, series.grid)} <small>#${record}</small></td><td class="number"${
    size.exact === undefined ? undefined : html` title="${size.exact}"`
  }>${size.text}</td><td>${completeWords(row)}</td><td>${stateText}</td><td class="links">${
    links.data === undefined || state === 'absent'
      ? undefined
      : html`<a href="${links.data}" aria-label="data of ${name}">data</a> <a href="${links.plot ?? ''}" aria-label="plot of ${name}">plot</a> ${
          links.cite === undefined ? undefined : html`<a href="${links.cite}" aria-label="cite ${name}">cite</a> `
        }`
  }${
    links.files === undefined || !isOpen
      ? undefined
      : html`<a href="${links.files}" aria-label="files of ${name}">files</a> `
  }<a href="${links.page}" aria-label="details of ${series.series}">details</a></td></tr>
`;
}

function paging({ paths }: BrowseFacts, { query, offset, next }: BrowseAnswer): Html | undefined {
  if (next === undefined && offset === 0) return undefined;
  const first =
    offset === 0
      ? undefined
      : html`<li><a href="${paths.browse}/find?${queryText(query, { after: undefined })}">First page</a></li>`;
  const more =
    next === undefined ? undefined : html`<li><a href="${paths.browse}/find?${next}" rel="next">Next page</a></li>`;
  return html`<nav aria-label="Pages"><ul class="chips">${first}${more}</ul></nav>`;
}
