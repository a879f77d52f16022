/**
 * The HAPI datasets of a source, for its page: links for those who would rather have tables (server-protocol 6.4, server-internals 6.4).
 */
import { offersHapi } from '../../hapi/offer.js';
import { type Html, html } from '../../page/html.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { isTrue } from '../../source/definition/definition-keys.js';
import type { Source } from '../../source/source.js';

/** Links to the info documents of a source; undefined if it is not offered. */
export async function hapiLinks(context: ServerContext, request: Request, source: Source): Promise<Html | undefined> {
  if (!offersHapi(context.configuration) || !isTrue(source.entries.get('hapi'))) return undefined;
  const file = context.sources.find(source.id);
  if (file === undefined) return undefined;
  const [{ datasetsOf }, { withCoverage }] = await Promise.all([
    import('../../hapi/dataset.js'),
    import('../../hapi/coverage.js'),
  ]);
  const ids = withCoverage(context.configuration, datasetsOf(context, request, file)).map(({ id }) => id);
  if (ids.length === 0) return undefined;
  const base = `${request.mountPath}/hapi`;
  return html`${ids.map(
    (id, i) => html`${i === 0 ? '' : ', '}<a href="${base}/info?id=${encodeQueryValue(id)}"><code>${id}</code></a>`,
  )} (<a href="${base}">HAPI interface</a>)`;
}
