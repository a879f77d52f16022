/**
 * The page with the files of a record (browse-export 10): as a table, or as a sheet of small pictures; people select in either, with ticks by number and
 * by time for those without scripts.
 */
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { type FilePicks, pickFiles } from '../../../browse/find/file-picks.js';
import type { FoundRecord } from '../../../browse/find/found-records.js';
import { fileAddress, recordLinks } from '../../../browse/forms/links.js';
import { completeWords, recordTime, roundSize, STATE_WORDS } from '../../../browse/forms/words.js';
import type { RecordFile } from '../../../browse/inventory/record-files.js';
import { itemName } from '../../../browse/record/item-name.js';
import { recordLabel } from '../../../browse/record/label.js';
import type { Configuration } from '../../../conf/configuration.js';
import type { Das2Error } from '../../../error.js';
import { type Html, html } from '../../../page/html.js';
import { browsePage, problemBox } from '../page.js';

/** A file with its names. */
export interface FileRow {
  readonly file: RecordFile;
  readonly word: string;
  readonly item: string;
  /** Of day, as its name has it. */
  readonly time?: string;
  /** Address of its small picture. */
  readonly thumbnail?: string;
}

export interface FilesPageModel {
  readonly rows: readonly FileRow[];
  /** What is ticked. */
  readonly picks: FilePicks;
  /** What is wrong with the wish for ticks. */
  readonly fault?: Das2Error;
}

const CHECKED = html` checked`;
const VIEWS = [
  ['table', 'a table'],
  ['pictures', 'pictures'],
] as const;
type View = (typeof VIEWS)[number][0];

/** The page. */
export function filesPage(
  configuration: Configuration,
  facts: BrowseFacts,
  row: FoundRecord,
  model: FilesPageModel,
): string {
  const { paths, table, request } = facts;
  const { series, record, state } = row;
  const { rows, fault } = model;
  const bytes = rows.reduce((sum, { file }) => sum + file.bytes, 0);
  const count = `${rows.length} ${rows.length === 1 ? 'file' : 'files'}`;
  const { page } = recordLinks(row, paths, table);
  const main = html`${fault === undefined ? undefined : problemBox([{ message: fault.message, field: String(fault.data.field) }])}<nav class="trail" aria-label="Where this is"><ol><li><a href="${paths.browse}">Browse</a></li><li><a href="${page}">${series.label}</a></li><li>${recordLabel(record, series.grid)}</li></ol></nav>
<h1>${count} of ${series.label}</h1>
<p class="summary">${recordTime(row, table)}, record ${recordLabel(record, series.grid)} (#${String(record)}), ${STATE_WORDS[state]}${completeness(row)}${bytes === 0 ? undefined : `, ${roundSize(bytes)}`}.</p>
${rows.length === 0 ? emptyNote(row) : undefined}
${rows.length === 0 && state !== 'offline' ? undefined : wholeForm(facts, row)}
${rows.length === 0 ? undefined : selection(facts, row, model)}`;
  const title = `${count} of ${series.label} – Browse`;
  return browsePage(configuration, request, { title: fault === undefined ? title : `Error: ${title}`, main });
}

function completeness(row: FoundRecord): string {
  const words = completeWords(row);
  return row.have === undefined || words === '–' ? '' : `, ${words}`;
}

function emptyNote({ state }: FoundRecord): Html {
  return state === 'offline'
    ? html`<p class="remark">This record is off line: an export brings it back first.</p>`
    : html`<p class="remark">There are no files of this record here.</p>`;
}

function wholeForm({ paths }: BrowseFacts, { series, record }: FoundRecord): Html {
  return html`<form method="post" action="${paths.browse}/request"><input type="hidden" name="sel" value="${itemName(series, record)}"><button type="submit" class="second">Request the whole record</button></form>`;
}

function selection(facts: BrowseFacts, row: FoundRecord, { rows, picks, fault }: FilesPageModel): Html {
  const files = rows.map(({ file }) => file);
  const picked = pickFiles(files, picks);
  const view = viewOf(facts, rows);
  return html`${views(facts, row, view)}
${ticks(facts, row, rows, { view, fault })}
<form class="selection" method="post" action="${facts.paths.browse}/request">
${view === 'table' ? fileTable(facts, row, rows, picked) : pictureSheet(facts, row, rows, picked)}
<div class="action"><button type="submit">Request the selected</button></div>
</form>`;
}

/** What was asked for; else pictures, where most files have one. */
function viewOf({ request }: BrowseFacts, rows: readonly FileRow[]): View {
  const word = request.parameters.get('view');
  const pictures = rows.filter(({ thumbnail }) => thumbnail !== undefined).length;
  return VIEWS.find(([name]) => name === word)?.[0] ?? (pictures * 2 > rows.length ? 'pictures' : 'table');
}

function views({ paths, request }: BrowseFacts, { series, record }: FoundRecord, now: View): Html {
  const kept = ['every', 'near', 'ends'].flatMap((name) => {
    const value = request.parameters.get(name);
    return value === undefined ? [] : [`&${name}=${encodeURIComponent(value)}`];
  });
  const own = fileAddress(series, record, paths);
  return html`<div class="controls"><div><span>As</span><ul class="chips">${VIEWS.map(
    ([view, text]) =>
      html`<li><a href="${own}?view=${view}${kept.join('')}"${view === now ? html` aria-current="true"` : undefined}>${text}</a></li>`,
  )}</ul></div></div>`;
}

/** A form by GET that says which boxes are ticked, so that it needs no script. */
function ticks(
  { paths, request }: BrowseFacts,
  { series, record }: FoundRecord,
  rows: readonly FileRow[],
  { view, fault }: { readonly view: View; readonly fault: Das2Error | undefined },
): Html {
  const own = fileAddress(series, record, paths);
  const value = (name: string): string => request.parameters.get(name) ?? '';
  const invalid = (name: string): Html | undefined =>
    fault?.data.field === name ? html` aria-invalid="true"` : undefined;
  const hasTimes = rows.some(({ time }) => time !== undefined);
  return html`<form class="request browse ticks" method="get" action="${own}">
<input type="hidden" name="view" value="${view}">
<div class="fields">
<div class="field"><label for="field-every">Every so many</label>
<input id="field-every" name="every" type="text" inputmode="numeric" value="${value('every')}" maxlength="6" aria-describedby="hint-every"${invalid('every')}>
<small id="hint-every">1 is all of them, 10 every tenth</small></div>
${
  hasTimes
    ? html`<div class="field"><label for="field-near">Nearest to</label>
<input id="field-near" name="near" type="text" value="${value('near')}" maxlength="200" aria-describedby="hint-near"${invalid('near')}>
<small id="hint-near">Times of day such as 12:05, or several with commas between</small></div>
<p><span class="flag"><input type="checkbox" id="field-ends" name="ends" value="hour"${value('ends') === 'hour' ? CHECKED : undefined}><label for="field-ends">First and last of each hour</label></span></p>`
    : undefined
}</div>
<p class="buttons"><button type="submit" class="second">Tick these</button> <a href="${own}?view=${view}&amp;every=1">all</a> <a href="${own}?view=${view}">none</a></p>
</form>`;
}

function box({ file, item, time }: FileRow, picked: ReadonlySet<RecordFile>): Html {
  const name = `${file.name}${time === undefined ? '' : `, ${time}`}, ${roundSize(file.bytes)}`;
  return html`<input type="checkbox" name="sel" value="${item}" aria-label="${name}"${picked.has(file) ? CHECKED : undefined}>`;
}

function fileTable(
  { paths }: BrowseFacts,
  { series, record }: FoundRecord,
  rows: readonly FileRow[],
  picked: ReadonlySet<RecordFile>,
): Html {
  const hasTimes = rows.some(({ time }) => time !== undefined);
  return html`<section class="scroll wide" tabindex="0" aria-labelledby="files">
<table>
<caption id="files">Files in order of their names, counted from 0</caption>
<thead><tr><th scope="col">Select</th><th scope="col" class="number">No.</th><th scope="col">Name</th>${hasTimes ? html`<th scope="col">Time</th>` : undefined}<th scope="col" class="number">Size</th><th scope="col">Changed</th></tr></thead>
<tbody>
${rows.map(
  (one, i) =>
    html`<tr><td>${box(one, picked)}</td><td class="number">${String(i)}</td><td><a href="${fileAddress(series, record, paths, one.word)}">${one.file.name}</a></td>${
      hasTimes ? html`<td>${one.time ?? '–'}</td>` : undefined
    }<td class="number" title="${String(one.file.bytes)} bytes">${roundSize(one.file.bytes)}</td><td>${new Date(one.file.changedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC</td></tr>
`,
)}</tbody>
</table>
</section>`;
}

/** A list of small pictures, each with its time or name, its size and its box. Browsers fetch those that are looked at. */
function pictureSheet(
  { paths }: BrowseFacts,
  { series, record }: FoundRecord,
  rows: readonly FileRow[],
  picked: ReadonlySet<RecordFile>,
): Html {
  const own = fileAddress(series, record, paths);
  return html`<h2>In order of their names</h2>
<ul class="sheet">
${rows.map(
  (one) =>
    html`<li><a href="${own}/${encodeURIComponent(one.word)}">${
      one.thumbnail === undefined
        ? html`<span class="blank">no picture</span>`
        : html`<img src="${own}/thumbnails/${encodeURIComponent(one.word)}" alt="${one.file.name}" loading="lazy">`
    }</a><label>${box(one, picked)} ${one.time ?? one.file.name} <small>${roundSize(one.file.bytes)}</small></label></li>
`,
)}</ul>`;
}
