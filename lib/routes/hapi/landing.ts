/** `/hapi`: the page for people. What HAPI is, what is here, and calls to copy (server-internals 6.2). */
import { tableId } from '../../hapi/header.js';
import type { KnownTable } from '../../hapi/known.js';
import { hapiVersion, isSince } from '../../hapi/offer.js';
import { type Html, html } from '../../page/html.js';
import { page } from '../../page/layout.js';
import { htmlReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { siteLinks } from '../site-links.js';
import { openTables } from './catalog.js';

/** Answers the page. Only what is known already is on it: no reader runs for its sake. */
export async function hapiLanding(context: ServerContext, request: Request): Promise<Reply> {
  const { configuration } = context;
  const { tables, missing } = await openTables(context, request, 0);
  const base = `${request.mountPath}/hapi`;
  const main = html`
<h1>HAPI</h1>
<p>The data of this server as tables, by version ${hapiVersion(configuration)} of the
<a href="https://hapi-server.org/">Heliophysics Application Programmer’s Interface</a>. Give your HAPI client this address:</p>
<pre><code>${request.baseUrl}/hapi</code></pre>
<section>
<h2>Documents</h2>
<ul class="cards">
<li><a href="${base}/catalog">Catalog</a> <span>all datasets</span></li>
<li><a href="${base}/capabilities">Capabilities</a> <span>formats of data</span></li>
${isSince(configuration, '3.0') ? html`<li><a href="${base}/about">About</a> <span>name and contact of the site</span></li>` : undefined}
</ul>
</section>
<section>
<h2>Datasets</h2>
${tables.length === 0 ? undefined : html`<ul class="cards">${tables.map((known) => row(base, known))}</ul>`}
${missing.length === 0 ? undefined : notLookedAt(base, missing.length)}
${tables.length + missing.length === 0 ? html`<p>There is none.</p>` : undefined}
</section>
${examples(configuration, request, tables[0])}`;
  return htmlReply(
    request,
    page(configuration, request, { title: 'HAPI', main, links: siteLinks(configuration, request) }),
  );
}

/** The catalog runs readers, for as long as a client waits; then this page knows more as well. */
function notLookedAt(base: string, count: number): Html {
  const these = count === 1 ? 'One dataset has' : `${count} datasets have`;
  return html`<p>${these} not been looked at yet. Open the <a href="${base}/catalog">catalog</a>, which does so within a few seconds, then
come back.</p>`;
}

function row(base: string, known: KnownTable): Html {
  const id = encodeQueryValue(tableId(known.dataset, known.table));
  return html`<li><a href="${base}/info?id=${id}">${tableId(known.dataset, known.table)}</a>
<span>${known.dataset.title}</span> <small><a href="${base}/data?id=${id}&amp;${sample(known)}">Sample</a></small></li>
`;
}

/** Names that all versions of HAPI know. */
function sample({ table }: KnownTable): Html {
  return html`time.min=${table.sampleStart}&amp;time.max=${table.sampleStop}`;
}

function examples(
  configuration: ServerContext['configuration'],
  request: Request,
  known: KnownTable | undefined,
): Html | undefined {
  if (known === undefined) return undefined;
  const id = tableId(known.dataset, known.table);
  const { sampleStart, sampleStop } = known.table;
  const [dataset, start, stop] = isSince(configuration, '3.0')
    ? ['dataset', 'start', 'stop']
    : ['id', 'time.min', 'time.max'];
  const address = `${request.baseUrl}/hapi/data?${dataset}=${encodeQueryValue(id)}&${start}=${sampleStart}&${stop}=${sampleStop}`;
  return html`<section>
<h2>Examples</h2>
<pre class="wrap"><code>curl '${address}'</code></pre>
<p>In Python, with the package <code>hapiclient</code>:</p>
<pre class="wrap"><code>from hapiclient import hapi
data, meta = hapi('${request.baseUrl}/hapi', '${id}', '', '${sampleStart}', '${sampleStop}')</code></pre>
</section>`;
}
