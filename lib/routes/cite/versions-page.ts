/**
 * The history of a source as a page (citation 13.2).
 */
import { wholeSeconds } from '../../cite/citation/citation.js';
import { versionsAddress } from '../../cite/versions-address.js';
import type { Configuration } from '../../conf/configuration.js';
import { type Html, html } from '../../page/html.js';
import { page } from '../../page/layout.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import { type DatasetVersions, entryWords, kindWord, type ProbedRange } from './versions-forms.js';

/** The page. */
export function versionsPage(configuration: Configuration, request: Request, history: DatasetVersions): string {
  const { dataset, title, version, versionDate, dsver, probe, entries, isComplete, hasLog } = history;
  const own = versionsAddress(request.mountPath, dataset);
  const main = html`<h1>Changes of ${title}</h1>
<dl>
<dt>Source</dt><dd><a href="${request.mountPath}/source/${encodeQueryValue(dataset)}.html">${dataset}</a></dd>
${version === undefined ? undefined : html`<dt>Version</dt><dd>${version}${versionDate === undefined ? undefined : ` of ${versionDate}`}</dd>`}
${dsver === undefined ? undefined : html`<dt>Fingerprint</dt><dd><code>${dsver}</code></dd>`}
${probe === undefined ? undefined : probeRow(probe)}
</dl>
${probe !== undefined && (probe.otherStates ?? 0) > 0 ? note(`Alarm: the test range, which is not expected to change, has had other data before ${wholeSeconds(probe.unchangedSince ?? '')}.`) : undefined}
${isComplete ? undefined : note('The log of deliveries is long, and has not been read to its end yet: load this page again for more.')}
${hasLog ? undefined : note('This server keeps no log of deliveries, so only what the provider declares is here.')}
${entries.length === 0 ? html`<p>No change was declared, and none was observed.</p>` : table(history)}
<p>Observed changes are those of requests that were made more than once: what nobody asked for again may have changed unseen.
Also as <a href="${own}?format=atom">feed (Atom)</a> and <a href="${own}?format=json">JSON</a>.</p>`;
  return page(configuration, request, { title: `Changes of ${title}`, main });
}

function table({ entries }: DatasetVersions): Html {
  return html`<section class="scroll" tabindex="0" aria-label="Changes"><table>
<thead><tr><th scope="col">Date</th><th scope="col">Kind</th><th scope="col">What</th></tr></thead>
<tbody>${entries.map(
    (
      entry,
    ) => html`<tr><td>${wholeSeconds(entry.date)}</td><td>${kindWord(entry)}</td><td>${entryWords(entry)}</td></tr>
`,
  )}</tbody>
</table></section>`;
}

function probeRow({ begin, end, looks, unchangedSince, lastLook }: ProbedRange): Html {
  const words =
    unchangedSince === undefined || lastLook === undefined
      ? 'not looked at yet'
      : `the same in ${looks} ${looks === 1 ? 'look' : 'looks'} from ${wholeSeconds(unchangedSince)} to ${wholeSeconds(lastLook)}`;
  return html`<dt>Test range</dt><dd>${begin} to ${end}: ${words}</dd>`;
}

function note(text: string): Html {
  return html`<div class="note" role="note"><p>${text}</p></div>`;
}
