/** `/hapi/info`: what one dataset holds (server-internals 6.4, 6.6). */
import { jsonReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import { textRange } from '../../request/time-text.js';
import type { ServerContext } from '../../server/context.js';
import { lastModified } from './about.js';
import { openPart, requireOpen } from './access.js';
import { findDataset } from './dataset.js';
import { hapiError } from './error.js';
import { infoDocument, type KnownTable, modifiedAt } from './facts.js';
import { headerOf, tableOf } from './known.js';
import type { HapiDataset } from './model.js';
import { selectParameters } from './parameters.js';
import type { HapiQuery } from './query.js';

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

/** The dataset that the query names. Errors: 1400, 1406; those of access for a coverage that has to be counted first. */
export async function askedDataset(
  context: ServerContext,
  request: Request,
  query: HapiQuery,
): Promise<{ readonly dataset: HapiDataset; readonly packet: string | undefined }> {
  const id = query.get('dataset');
  if (id === undefined) throw hapiError(1400, 'the dataset is missing; the catalog lists those of this server');
  const found = findDataset(context, request, id);
  context.notes.dataset = found.dataset.source.id;
  context.log.line(`Source definition: ${found.dataset.file.file}`);
  if (found.dataset.coverage !== undefined && found.dataset.coverage.kept === undefined) {
    throw await uncounted(context, request, found.dataset);
  }
  return found;
}

/** The error of a coverage that nobody has counted yet; who may not have it may not have it made. */
async function uncounted(context: ServerContext, request: Request, dataset: HapiDataset): Promise<Error> {
  const { notCounted } = await import('../../data/coverage-job.js');
  await requireOpen(context, request, dataset, textRange(openPart(dataset, request.receivedAt).range));
  return hapiError(1406, await notCounted(context, request, dataset.source));
}

/** The table of a dataset with its header. Errors: 1406, 1501, those of access. */
export async function knownTable(
  context: ServerContext,
  request: Request,
  dataset: HapiDataset,
  packet: string | undefined,
): Promise<KnownTable> {
  const record = await headerOf(context, request, dataset);
  return { dataset, record, table: tableOf(record, packet), open: openPart(dataset, request.receivedAt) };
}

/** Documents hold no references, so both values mean the same. Error: 1412. */
export function checkReferences(query: HapiQuery): void {
  const value = query.get('resolve_references');
  if (value !== undefined && value !== 'true' && value !== 'false') {
    throw hapiError(1412, 'resolve_references takes true or false');
  }
}
