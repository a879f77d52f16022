/**
 * The status page of an export: how far it is, what is ready, what can be done (browse-export 9.5). Plain HTML with a link to look again; it loads
 * itself anew only where somebody asks for that.
 */
import { exportLink } from '../../../browse/export/address.js';
import type { ExportItem, ExportRequest, ExportStatus } from '../../../browse/export/documents.js';
import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { roundSize } from '../../../browse/forms/words.js';
import type { Configuration } from '../../../conf/configuration.js';
import { type Html, html } from '../../../page/html.js';
import { browsePage } from '../page.js';

export interface JobPageModel {
  readonly wanted: ExportRequest;
  readonly status: ExportStatus;
  readonly position: number | null;
  readonly items: readonly ExportItem[];
  /** Items that are not what they were in the export that this one repeats. */
  readonly changed: readonly string[] | null;
  readonly expires: number | undefined;
  /** Seconds until it makes sense to look again. */
  readonly wait: number;
}

const WORDS: Readonly<Record<ExportStatus['state'], string>> = {
  queued: 'is waiting for a worker',
  running: 'is being prepared',
  done: 'is ready',
  'done-with-errors': 'is ready, without what failed',
  failed: 'has failed',
  refused: 'was refused',
  cancelled: 'was cancelled',
  expired: 'has expired: its data have been removed',
};

/** The page. */
export function jobPage(configuration: Configuration, facts: BrowseFacts, model: JobPageModel): string {
  const { wanted, status, position, items, changed, expires, wait } = model;
  const own = exportLink(facts, wanted.id);
  const isOpen = status.state === 'queued' || status.state === 'running';
  const hasData =
    !['expired', 'cancelled', 'refused'].includes(status.state) && items.some(({ path }) => path !== undefined);
  const row = (name: string, value: string | undefined): Html | undefined =>
    value === undefined
      ? undefined
      : html`<div><dt>${name}</dt><dd>${value}</dd></div>
`;
  const main = html`<h1>Export ${wanted.id}</h1>
<p class="summary" id="state" role="status" data-live="1"${isOpen ? html` data-wait="${wait}"` : undefined}>It ${WORDS[status.state]}${position === null ? undefined : `, number ${position} in the queue`}.${status.message === undefined ? undefined : ` ${status.message}`}</p>
<dl class="facts" id="facts" data-live="1">
${row('Items', `${status.done} of ${wanted.items.length}`)}${row('Failed', status.errors === 0 ? undefined : String(status.errors))}${row(isOpen ? 'Size so far' : 'Size', status.bytes === 0 ? undefined : roundSize(status.bytes))}${row('Data are kept until', expires === undefined ? undefined : `${new Date(expires).toISOString().slice(0, 16).replace('T', ' ')} UTC`)}${row('Changed since the export it repeats', changed === null ? undefined : changed.length === 0 ? 'nothing' : changed.join(', '))}</dl>
<ul class="chips" id="ways" data-live="1">
${isOpen ? html`<li><a href="${own}">Check again</a></li><li><a href="${own}?auto=1">Check every few seconds</a></li>` : undefined}
${hasData ? html`<li><a href="${own}/archive">Archive (ZIP)</a></li><li><a href="${own}/archive?packaging=tar.gz">Archive (tar.gz)</a></li><li><a href="${own}/archive?packaging=fetch">Archive of addresses</a></li><li><a href="${own}/script">Script</a></li>` : undefined}
<li><a href="${own}/manifest">Manifest</a></li><li><a href="${own}.json">JSON</a></li>
</ul>
<div id="actions" class="controls" data-live="1">${isOpen ? action(`${own}/cancel`, 'Cancel') : undefined}
${!isOpen && status.state !== 'expired' && status.end !== undefined && status.extended === undefined && hasData ? action(`${own}/extend`, 'Keep it longer') : undefined}
${isOpen ? undefined : action(`${own}/repeat`, 'Repeat this request')}
</div>
<div id="ready" data-live="1">${items.length === 0 ? undefined : itemTable(own, items, hasData)}</div>`;
  return browsePage(configuration, facts.request, { title: `Export ${wanted.id} – Browse`, main, hasScript: true });
}

function action(address: string, text: string): Html {
  return html`<form method="post" action="${address}"><button type="submit" class="second">${text}</button></form>
`;
}

function itemTable(own: string, items: readonly ExportItem[], hasData: boolean): Html {
  return html`<h2 id="items">Items</h2>
<section class="scroll wide" tabindex="0" aria-labelledby="items">
<table>
<caption>What is ready, and what failed</caption>
<thead><tr><th scope="col">Item</th><th scope="col" class="number">Size</th><th scope="col">File</th></tr></thead>
<tbody>
${items.map(
  ({
    item,
    path,
    bytes,
    error,
  }) => html`<tr><th scope="row">${item}</th><td class="number">${bytes === undefined ? '–' : roundSize(bytes)}</td><td>${
    path === undefined
      ? `failed: ${error ?? 'for no known reason'}`
      : hasData
        ? html`<a href="${own}/files/${path}">${path.slice(5)}</a>`
        : path.slice(5)
  }</td></tr>
`,
)}</tbody>
</table>
</section>`;
}
