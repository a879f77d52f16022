/**
 * The table of a request as HTML, with totals, what cannot be delivered, and the ways to take it home (browse-export 9.1, 12).
 */
import { LANGUAGES } from '../../../browse/export/fetch-scripts.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { grouped } from '../../../browse/faults.js';
import { itemOf } from '../../../browse/find/found-records.js';
import { isPlanesField } from '../../../browse/find/plane-choices.js';
import { DATA_FORM_WORDS, DATA_FORMS, formsOf } from '../../../browse/forms/data-forms.js';
import { recordTime, roundSize, STATE_WORDS, sizeWords } from '../../../browse/forms/words.js';
import { recordLabel } from '../../../browse/record/label.js';
import { type Html, html } from '../../../page/html.js';
import { partsNotes } from './parts-note.js';
import { planesView } from './planes-view.js';
import type { BrowseSelection } from './selection.js';

const METHOD_WORDS = [
  ['stream', 'Archive', 'the data themselves, in a bag with check sums'],
  ['url', 'Export', 'a worker puts the files onto this server, and you fetch them when they are ready'],
  ['url-tar', 'Export as archive', 'the same, as one file'],
  ['url_quick', 'Addresses', 'one line for each record; nothing is copied'],
  ['manifest', 'Manifest', 'a list of the items, with times, states and sizes'],
  ['script', 'Script', 'a program that fetches them one after the other'],
] as const;

/** Methods that need a worker. */
const JOBS: ReadonlySet<string> = new Set(['url', 'url-tar']);

/** Fields that the next form makes itself. */
const OWN_FIELDS = new Set(['method', 'packaging', 'list', 'lang', 'data', 'confirm', 'format', 'key', 'mail']);

/** What the form of a request needs besides the selection. */
export interface RequestViewOptions {
  /** Exports are offered. */
  readonly hasWorker: boolean;
  /** Of the form; undefined where none can be made. */
  readonly key: string | undefined;
}

/** The main part of the page. */
export function requestView(facts: BrowseFacts, selection: BrowseSelection, options: RequestViewOptions): Html {
  return html`${totals(selection)}
${partsNotes(facts, selection)}
${selection.refused.length === 0 ? undefined : refusedBox(selection.refused)}
${requestForm(facts, selection, options)}
${itemTable(facts, selection)}`;
}

/** How much it is, and what of it is off line. */
function totals({ rows, good }: BrowseSelection): Html {
  const offline = good.filter(isOffline).length;
  const bytes = rows.reduce((sum, row) => sum + (row.bytes ?? 0), 0);
  const unknown = rows.filter((row) => row.bytes === undefined).length;
  return html`<h1>Request of ${grouped(rows.length)} ${rows.length === 1 ? 'item' : 'items'}</h1>
<p class="summary">${grouped(good.length)} can be delivered${bytes === 0 ? undefined : `, ${roundSize(bytes)}`}${unknown === 0 ? undefined : `, ${grouped(unknown)} of unknown size`}.</p>
${offline === 0 ? undefined : html`<p class="remark">${grouped(offline)} of them ${offline === 1 ? 'is' : 'are'} off line: an export brings ${offline === 1 ? 'it' : 'them'} back first; an archive, addresses and scripts leave ${offline === 1 ? 'it' : 'them'} out.</p>`}`;
}

/** The ways to take it home. */
function requestForm(facts: BrowseFacts, selection: BrowseSelection, { hasWorker, key }: RequestViewOptions): Html {
  const { refused, pairs, good } = selection;
  const offline = good.filter(isOffline).length;
  // What is off line comes back by an export alone.
  const usual = offline > 0 && hasWorker ? 'url' : 'stream';
  return html`<form class="request browse" method="post" action="${facts.paths.browse}/export">
${pairs
  .filter(([key]) => !OWN_FIELDS.has(key) && !isPlanesField(key))
  .map(
    ([key, value]) => html`<input type="hidden" name="${key}" value="${value}">
`,
  )}${key === undefined ? undefined : html`<input type="hidden" name="key" value="${key}">`}
${methodChoice(usual, hasWorker)}${formFields(facts, good, hasWorker)}${planesView(good, pairs)}${
  refused.length + offline === 0
    ? undefined
    : html`<p><span class="flag"><input type="checkbox" id="field-confirm" name="confirm" value="on"${refused.length === 0 ? undefined : html` required`}><label for="field-confirm">Leave out ${refused.length === 0 ? 'what is off line' : `the ${refused.length} that cannot be delivered`}</label></span></p>
`
}<p class="buttons"><button type="submit">Get it</button></p>
</form>`;
}

/** Each way with what is to be chosen about it alone. */
function methodChoice(usual: string, hasWorker: boolean): Html {
  const own: Readonly<Record<string, Html>> = {
    stream: menu('packaging', 'Form of an archive', [
      ['zip', 'ZIP'],
      ['tar.gz', 'tar.gz'],
    ]),
    manifest: menu('list', 'Form of a manifest', [
      ['text', 'names of items'],
      ['csv', 'CSV'],
      ['json', 'JSON'],
    ]),
    script: menu(
      'lang',
      'Language of a script',
      LANGUAGES.map((language) => [language, language] as const),
    ),
  };
  return html`<fieldset class="methods"><legend>How</legend>
${METHOD_WORDS.filter(([method]) => hasWorker || !JOBS.has(method)).map(
  ([
    method,
    title,
    text,
  ]) => html`<div class="method"><span class="flag"><input type="radio" id="method-${method}" name="method" value="${method}"${method === usual ? html` checked` : undefined}><label for="method-${method}">${title} <small>${text}</small></label></span>${own[method]}</div>
`,
)}${hasWorker ? undefined : html`<small>This site has no background worker, so exports that are prepared and kept are not offered.</small>`}</fieldset>
`;
}

function itemTable({ table }: BrowseFacts, { rows }: BrowseSelection): Html {
  return html`<h2 id="items">Items</h2>
<section class="scroll wide" tabindex="0" aria-labelledby="items">
<table>
<caption>${grouped(rows.length)} ${rows.length === 1 ? 'item' : 'items'} in the order of the selection</caption>
<thead><tr><th scope="col">Item</th><th scope="col">Time</th><th scope="col">Record</th><th scope="col" class="number">Size</th><th scope="col">State</th></tr></thead>
<tbody>
${rows.map(
  (
    row,
  ) => html`<tr><th scope="row">${row.series.label} <small>${itemOf(row)}</small></th><td>${recordTime(row, table)}</td><td class="record">${recordLabel(row.record, row.series.grid)}</td><td class="number">${sizeWords(row).text}</td><td>${STATE_WORDS[row.state]}</td></tr>
`,
)}</tbody>
</table>
</section>`;
}

function isOffline({ state }: BrowseSelection['good'][number]): boolean {
  return state === 'offline';
}

/** The choice of the form of data, where streams are among the records, and the field for an address. */
function formFields(
  { context: { configuration } }: BrowseFacts,
  good: BrowseSelection['good'],
  hasWorker: boolean,
): Html {
  const known = new Set(good.flatMap(({ series }) => formsOf(series, configuration)));
  const forms = DATA_FORMS.filter((form) => known.has(form));
  return html`<div class="fields">
${
  forms.length === 0
    ? undefined
    : menu(
        'data',
        'Form of data',
        forms.map((form) => [form, DATA_FORM_WORDS[form]] as const),
      )
}
${
  hasWorker && configuration.text('MAIL_CMD') !== undefined
    ? html`<div class="field"><label for="field-mail">Mail address for the end of an export</label>
<input type="email" id="field-mail" name="mail" maxlength="300" autocomplete="email" aria-describedby="help-mail">
<small id="help-mail">May be left empty. One message is sent, then the address is forgotten.</small></div>
`
    : undefined
}</div>
`;
}

function refusedBox(refused: BrowseSelection['refused']): Html {
  return html`<section class="problem" aria-labelledby="refused">
<h2 id="refused">${refused.length} cannot be delivered</h2>
<ul>
${refused.map(
  ({ item, reason }) => html`<li>${item}: ${reason}</li>
`,
)}</ul>
</section>
`;
}

function menu(name: string, label: string, values: readonly (readonly [value: string, text: string])[]): Html {
  return html`<div class="field"><label for="field-${name}">${label}</label>
<select id="field-${name}" name="${name}">
${values.map(
  ([value, text]) => html`<option value="${value}">${text}</option>
`,
)}</select></div>
`;
}
