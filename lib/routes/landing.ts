/**
 * The landing page: what this server is and links that work as examples (server-protocol 3.10). The same page for every kind of
 * client.
 */
import type { Configuration } from '../conf/configuration.js';
import { offersHapi } from '../hapi/offer.js';
import { type Html, html } from '../page/html.js';
import { page, siteName } from '../page/layout.js';
import { htmlReply } from '../reply/build-reply.js';
import type { Reply } from '../reply/reply.js';
import { encodeQueryValue } from '../request/query-string.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { siteLinks } from './site-links.js';
import { folderPage } from './source/trail.js';
import { isBrowsable } from './source/tree-page.js';

/** Answers the landing page. */
export async function landingPage(context: ServerContext, request: Request): Promise<Reply> {
  const { configuration } = context;
  const sample = sampleSource(context);
  const main = html`
<section class="intro">
<h1>${siteName(configuration)}</h1>
<p>This is a das2 server. It streams space physics data to plotting and analysis programs such as Autoplot, das2py and IDL: full
resolution where you look closely, averages where you look from afar.</p>
<p><a class="button" href="${folderPage(request, '')}">Browse the data sources</a></p>
</section>
${startSection(sample, request)}
${sampleSection(configuration, request, sample)}
${hapiSection(configuration, request)}
${configuration.flag('DAS23_PROTOTYPE') ? await treeSection(context, request) : undefined}
${useSection(request)}`;
  return htmlReply(
    request,
    page(configuration, request, { title: siteName(configuration), main, links: siteLinks(configuration, request) }),
  );
}

/** The source of the examples, if the site has it: the setting outlives the examples that came with the server. */
function sampleSource({ configuration, sources }: ServerContext): string | undefined {
  const sample = configuration.text('SAMPLE_DSDF');
  return sample === undefined || sources.find(sample) === undefined ? undefined : sample;
}

function startSection(sample: string | undefined, request: Request): Html {
  const rows = [
    link(request, '?server=list', 'List of sources', 'every source with its description, as plain text'),
    sample === undefined
      ? undefined
      : link(
          request,
          `?server=dsdf&dataset=${encodeQueryValue(sample)}`,
          'Source description',
          `what a program needs to know about ${sample}`,
        ),
    link(request, '?server=peers', 'Other servers', 'das2 servers of other sites'),
  ];
  return html`<section>
<h2>What is here</h2>
<ul class="cards">${rows}</ul>
</section>`;
}

function sampleSection(configuration: Configuration, request: Request, sample: string | undefined): Html | undefined {
  const start = configuration.text('SAMPLE_START');
  const end = configuration.text('SAMPLE_END');
  if (sample === undefined || start === undefined || end === undefined) return undefined;
  const range = `dataset=${encodeQueryValue(sample)}&start_time=${encodeQueryValue(start)}&end_time=${encodeQueryValue(end)}`;
  return html`<section>
<h2>Try it</h2>
<ul class="cards">
${link(request, `/source/${encodeQueryValue(sample)}.html?${range.slice(range.indexOf('&') + 1)}`, 'Plot in the browser', `${sample}, with calls for your program`)}
${link(request, `?server=dataset&${range}`, 'Data', `${sample}, ${start} to ${end}, as a das2 stream`)}
${link(request, `?server=dataset&${range}&ascii=1`, 'Data as text', 'the same values, readable')}
${
  configuration.text('PNG_MAKER') === undefined
    ? undefined
    : link(request, `?server=image&${range}`, 'Picture', 'a plot made by the server')
}
</ul>
${configuration.text('PNG_MAKER') === undefined ? undefined : imageForm(request, { sample, start, end })}
</section>`;
}

function imageForm(
  request: Request,
  values: { readonly sample: string; readonly start: string; readonly end: string },
): Html {
  return html`<form action="${request.mountPath}" method="get">
<input type="hidden" name="server" value="image">
<label>Data source <input name="dataset" value="${values.sample}" required></label>
<label>Begin <input name="start_time" value="${values.start}" required></label>
<label>End <input name="end_time" value="${values.end}" required></label>
<button type="submit">Plot</button>
</form>`;
}

function hapiSection(configuration: Configuration, request: Request): Html | undefined {
  if (!offersHapi(configuration)) return undefined;
  return html`<section>
<h2>HAPI</h2>
<p>The same data as tables: <a href="${request.mountPath}/hapi">HAPI interface of this server</a>.</p>
</section>`;
}

/** Top directories of the source tree, for sites that switched the das2.3 interface on. */
async function treeSection(context: ServerContext, request: Request): Promise<Html> {
  const items: Html[] = [];
  for (const { path, isFolder, description } of (await context.sources.list()).records) {
    if (!isFolder || path.indexOf('/') !== path.length - 1) continue;
    const name = path.slice(0, -1);
    if (!isBrowsable(context, name)) continue;
    const shown = name.toUpperCase().replaceAll('_', ' ');
    items.push(link(request, folderPage(request, path).slice(request.mountPath.length), shown, description ?? ''));
  }
  return html`<section>
<h2>Browse the sources</h2>
<ul class="cards">${items}</ul>
</section>`;
}

function useSection(request: Request): Html {
  return html`<section>
<h2>Use it from your program</h2>
<p>In Autoplot choose <em>das2 server</em> and give it this address:</p>
<pre><code>${request.baseUrl}</code></pre>
<p>Everything else speaks HTTP: one request is one stream.</p>
<pre><code>curl '${request.baseUrl}?server=list'</code></pre>
</section>`;
}

function link(request: Request, address: string, title: string, text: string): Html {
  return html`<li><a href="${request.mountPath}${address}">${title}</a> <span>${text}</span></li>
`;
}
