/**
 * The part of a source's page that shows on which days it has data (server-internals 7.2).
 *
 * Contract: nothing where the site has no cache. The strip is shown where everybody may see it, since a page must not ask for a password
 * by itself; elsewhere there are links. Showing the page asks the worker for nothing.
 */
import { coverageWords } from '../../cache/coverage/coverage.js';
import { readCoverage } from '../../cache/coverage/store.js';
import { type Html, html } from '../../page/html.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { Source } from '../../source/source.js';

/** The section, or undefined. */
export function coverageSection({ configuration }: ServerContext, request: Request, source: Source): Html | undefined {
  if (!configuration.has('CACHE_ROOT') || source.reader === undefined) return undefined;
  const address = `${request.mountPath}/coverage/${encodeQueryValue(source.id)}`;
  return html`<section aria-labelledby="coverage-heading">
<h2 id="coverage-heading">Days with data</h2>
${content(source.readAccess === undefined ? readCoverage(configuration, source.id) : undefined, source, address)}
</section>`;
}

function content(kept: ReturnType<typeof readCoverage>, source: Source, address: string): Html {
  const forms = html`<a href="${address}.json">JSON</a>, <a href="${address}">das2 stream</a>`;
  if (kept !== undefined) {
    return html`<p><img class="strip" src="${address}.svg" width="720" height="62" alt="${coverageWords(kept)}"></p>
<p class="note">${coverageWords(kept)} As ${forms}.</p>`;
  }
  if (source.readAccess !== undefined) {
    return html`<p class="note">For those who may have the data: <a href="${address}.svg">picture</a>, ${forms}.</p>`;
  }
  return html`<p class="note">Not counted yet. <a href="${address}.svg">Have it counted</a>, and look again later.</p>`;
}
