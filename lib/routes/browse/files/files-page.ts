/**
 * The page with the files of a record (browse-export 10): a table from which people select, with ticks by number for those without scripts.
 */
import type { FoundRecord } from '../../../browse/find/found-records.js';
import { fileAddress, recordLinks } from '../../../browse/forms/links.js';
import { recordTime, roundSize, STATE_WORDS } from '../../../browse/forms/words.js';
import type { RecordFile } from '../../../browse/inventory/record-files.js';
import { itemName } from '../../../browse/record/item-name.js';
import { recordLabel } from '../../../browse/record/label.js';
import type { Configuration } from '../../../conf/configuration.js';
import { type Html, html } from '../../../page/html.js';
import type { BrowseFacts } from '../context.js';
import { browsePage } from '../page.js';

/** A file with its names. */
export interface FileRow {
  readonly file: RecordFile;
  readonly word: string;
  readonly item: string;
}

const CHECKED = html` checked`;

/** The page. */
export function filesPage(
  configuration: Configuration,
  facts: BrowseFacts,
  row: FoundRecord,
  rows: readonly FileRow[],
): string {
  const { paths, table, request } = facts;
  const { series, record, state } = row;
  const bytes = rows.reduce((sum, { file }) => sum + file.bytes, 0);
  const count = `${rows.length} ${rows.length === 1 ? 'file' : 'files'}`;
  const { page } = recordLinks(row, paths, table);
  const main = html`<nav class="trail" aria-label="Where this is"><ol><li><a href="${paths.browse}">Browse</a></li><li><a href="${page}">${series.label}</a></li><li>${recordLabel(record, series.grid)}</li></ol></nav>
<h1>${count} of ${series.label}</h1>
<p class="summary">${recordTime(row, table)}, record ${recordLabel(record, series.grid)} (#${String(record)}), ${STATE_WORDS[state]}${bytes === 0 ? undefined : `, ${roundSize(bytes)}`}.</p>
${rows.length === 0 ? emptyNote(row) : undefined}
${rows.length === 0 && state !== 'offline' ? undefined : wholeForm(facts, row)}
${rows.length === 0 ? undefined : selection(facts, row, rows)}`;
  return browsePage(configuration, request, { title: `${count} of ${series.label} – Browse`, main });
}

function emptyNote({ state }: FoundRecord): Html {
  return state === 'offline'
    ? html`<p class="remark">This record is off line: an export brings it back first.</p>`
    : html`<p class="remark">There are no files of this record here.</p>`;
}

function wholeForm({ paths }: BrowseFacts, { series, record }: FoundRecord): Html {
  return html`<form method="post" action="${paths.browse}/request"><input type="hidden" name="sel" value="${itemName(series, record)}"><button type="submit" class="second">Request the whole record</button></form>`;
}

function selection({ paths, request }: BrowseFacts, { series, record }: FoundRecord, rows: readonly FileRow[]): Html {
  const word = request.parameters.get('every') ?? '';
  const every = /^[1-9]\d{0,4}$/.test(word) ? Number(word) : undefined;
  const own = fileAddress(series, record, paths);
  const link = (value: string, text: string): Html =>
    html`<li><a href="${own}${value === '' ? '' : `?every=${value}`}"${value === word ? html` aria-current="true"` : undefined}>${text}</a></li>`;
  return html`<div class="controls"><div><span>Tick</span><ul class="chips">${link('1', 'all')}${link('2', 'every 2nd')}${link('5', 'every 5th')}${link('10', 'every 10th')}${link('', 'none')}</ul></div></div>
<form class="selection" method="post" action="${paths.browse}/request">
<section class="scroll wide" tabindex="0" aria-labelledby="files">
<table>
<caption id="files">Files in order of their names, counted from 0</caption>
<thead><tr><th scope="col">Select</th><th scope="col" class="number">No.</th><th scope="col">Name</th><th scope="col" class="number">Size</th><th scope="col">Changed</th></tr></thead>
<tbody>
${rows.map(
  (
    { file, word: member, item },
    i,
  ) => html`<tr><td><input type="checkbox" name="sel" value="${item}" aria-label="${file.name}, ${roundSize(file.bytes)}"${
    every !== undefined && i % every === 0 ? CHECKED : undefined
  }></td><td class="number">${String(i)}</td><td><a href="${fileAddress(series, record, paths, member)}">${file.name}</a></td><td class="number" title="${String(file.bytes)} bytes">${roundSize(file.bytes)}</td><td>${new Date(file.changedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC</td></tr>
`,
)}</tbody>
</table>
</section>
<p class="buttons"><button type="submit">Request the selected</button></p>
</form>`;
}
