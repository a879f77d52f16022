/** `/hapi/info`: what one dataset holds (server-internals 6.4, 6.6). */
import { hapiError } from '../../hapi/error.js';
import { knownTable } from '../../hapi/known.js';
import type { HapiDataset } from '../../hapi/model.js';
import { selectParameters } from '../../hapi/parameters.js';
import type { HapiQuery } from '../../hapi/query.js';
import { askedDataset } from '../../hapi/question.js';
import { jsonReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { lastModified } from './about.js';
import { infoDocument, modifiedAt } from './facts.js';

/** Answers the description of a dataset. */
export async function describeDataset(context: ServerContext, request: Request, query: HapiQuery): Promise<Reply> {
  const { dataset, packet } = await askedDataset(context, request, query);
  checkReferences(query);
  const known = await knownTable(context, request, dataset, packet);
  const parameters = selectParameters(known.table.parameters, query.get('parameters'));
  const dataChangedAt = await observedChange(context, dataset);
  const document = infoDocument(context.configuration, request, known, { parameters, dataChangedAt });
  return jsonReply(request, document, { headers: [lastModified(Math.max(modifiedAt(known), dataChangedAt))] });
}

/** When open data were last seen to have changed, as far as somebody has asked for their history; 0 if never. Milliseconds since 1970. */
async function observedChange({ configuration }: ServerContext, { source }: HapiDataset): Promise<number> {
  const root = configuration.flag('CITE_ENABLE') ? configuration.path('CITE_ROOT') : undefined;
  if (root === undefined || source.readAccess !== undefined) return 0;
  const { keptHistory } = await import('../../cite/history/store.js');
  return Date.parse(keptHistory(root, source.id)?.history.changes[0]?.firstNew ?? '') || 0;
}

/** Documents hold no references, so both values mean the same. Error: 1412. */
export function checkReferences(query: HapiQuery): void {
  const value = query.get('resolve_references');
  if (value !== undefined && value !== 'true' && value !== 'false') {
    throw hapiError(1412, 'resolve_references takes true or false');
  }
}
