/**
 * "Which record is this?": record numbers and times, both ways, as a small page (browse-export 11).
 */

import type { BrowseFacts } from '../../../browse/facts/facts.js';
import type { TranslatedRecord } from '../../../browse/forms/translate-record.js';
import { BLOCKS, blockWords } from '../../../browse/record/block.js';
import type { Configuration } from '../../../conf/configuration.js';
import { type Html, html } from '../../../page/html.js';
import { browsePage, problemBox } from '../page.js';

export interface WhenPageModel {
  readonly found: TranslatedRecord | undefined;
  readonly fault: { readonly field: string; readonly message: string } | undefined;
}

/** The page. */
export function whenPage(
  configuration: Configuration,
  { request, paths }: BrowseFacts,
  { found, fault }: WhenPageModel,
): string {
  const { parameters } = request;
  const text = (name: string): string => parameters.get(name) ?? '';
  const field = (
    name: string,
    label: string,
    hint: string,
    value: string,
  ): Html => html`<div class="field"><label for="field-${name}">${label}</label>
<input id="field-${name}" name="${name}" type="text" value="${value}" maxlength="100" aria-describedby="hint-${name}"${fault?.field === name ? html` aria-invalid="true"` : undefined}>
<small id="hint-${name}">${hint}</small></div>
`;
  const block = parameters.get('block') ?? '1hr';
  const isField = fault !== undefined && ['t', 'rec', 'epoch', 'block'].includes(fault.field);
  const main = html`${fault === undefined ? undefined : problemBox([{ message: fault.message, ...(isField && { field: fault.field }) }])}
<h1>Which record is this?</h1>
<form class="request browse" method="get" action="${paths.browse}/when" autocomplete="off">
<div class="fields">
${field('t', 'Time', 'Such as 1999-10-09T00:00:00Z; or leave it empty and give a number', text('t'))}${field('rec', 'Record number', 'Such as 59328', text('rec'))}<div class="field"><label for="field-block">Length of a record</label>
<select id="field-block" name="block">
${BLOCKS.map(
  (one) => html`<option value="${one}"${one === block ? html` selected` : undefined}>${blockWords(one)}</option>
`,
)}</select></div>
${field('epoch', 'Epoch', 'When record 0 starts', parameters.get('epoch') ?? configuration.text('BROWSE_DEFAULT_EPOCH') ?? '')}</div>
<p class="buttons"><button type="submit">Translate</button></p>
</form>
${found === undefined ? undefined : answer(found)}`;
  const title = fault === undefined ? 'Which record is this? – Browse' : 'Error: Which record is this?';
  return browsePage(configuration, request, { title, main });
}

function answer({ rec, label, start, stop, epoch }: TranslatedRecord): Html {
  const row = (name: string, value: unknown): Html => html`<div><dt>${name}</dt><dd>${String(value)}</dd></div>
`;
  return html`<h2>Record ${rec}, ${label}</h2>
<dl class="facts">
${row('Begin (UTC)', start.utc)}${row('End (UTC)', stop.utc)}${row('Begin (TAI)', start.tai)}${row('End (TAI)', stop.tai)}${row('Counted from', epoch)}</dl>`;
}
