/**
 * `/hapi/catalog`: the datasets that everybody can have (server-internals 6.4, 6.6).
 *
 * Contract: listed is what has a header. Headers that are missing are made while there is time for it, and the worker is asked for the rest,
 * so that a first request does not take for ever and the list is soon complete. Guarded datasets are listed as far as they are open.
 */
import { isDas2Error } from '../../error.js';
import { openPart } from '../../hapi/access.js';
import { offeredDatasets } from '../../hapi/dataset.js';
import { hapiError } from '../../hapi/error.js';
import { readHeader, tableId } from '../../hapi/header.js';
import { type KnownTable, makeHeader } from '../../hapi/known.js';
import type { HapiDataset } from '../../hapi/model.js';
import { hapiVersion } from '../../hapi/offer.js';
import type { HapiQuery } from '../../hapi/query.js';
import { jsonReply, withAfterwards } from '../../reply/build-reply.js';
import { hapiStatus } from '../../reply/hapi-status.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { lastModified } from './about.js';
import { infoDocument, modifiedAt, shortTitle } from './facts.js';
import { checkReferences } from './info.js';

/** Time for headers that are missing. */
const BUILD_MS = 5000;
const MOST_JOBS = 50;
/** A dataset without header is looked at again after this time. */
const FAILURE_MS = 600_000;

/** Answers the list of datasets; with `depth=all` their info documents are in it. */
export async function listDatasets(context: ServerContext, request: Request, query: HapiQuery): Promise<Reply> {
  const { configuration } = context;
  const depth = query.get('depth') ?? 'dataset';
  if (depth !== 'dataset' && depth !== 'all') throw hapiError(1413, 'depth takes dataset or all');
  checkReferences(query);
  const { tables, missing } = await openTables(context, request, BUILD_MS);
  const catalog = tables.map((known) => {
    const entry = { id: tableId(known.dataset, known.table), title: shortTitle(titleOf(known)) };
    if (depth === 'dataset') return entry;
    const { HAPI: _version, status: _status, ...info } = infoDocument(configuration, request, known);
    return { ...entry, info };
  });
  const document = { HAPI: hapiVersion(configuration), status: hapiStatus(1200), catalog };
  const modified = Math.max(0, ...tables.map(modifiedAt)) || request.receivedAt;
  const reply = jsonReply(request, document, { headers: [lastModified(modified)] });
  return missing.length === 0 ? reply : withJobs(context, request, reply, missing);
}

/** The tables that everybody can have, in order of their ids, and the datasets that could not be looked at within the time. */
export async function openTables(
  context: ServerContext,
  request: Request,
  buildMs: number,
): Promise<{ readonly tables: readonly KnownTable[]; readonly missing: readonly HapiDataset[] }> {
  const { configuration, log } = context;
  const tables: KnownTable[] = [];
  const missing: HapiDataset[] = [];
  const end = Date.now() + buildMs;
  for (const dataset of await offeredDatasets(context, request, { coverage: true })) {
    const open = openPart(dataset, request.receivedAt);
    if (open.isClosed) continue;
    const known = readHeader(configuration, dataset);
    const isFresh = known !== undefined && (known.failure === undefined || Date.now() - known.builtAt < FAILURE_MS);
    const record = isFresh ? known : Date.now() < end ? await tryBuild(context, request, dataset) : undefined;
    if (record === undefined) {
      missing.push(dataset);
      continue;
    }
    for (const table of record.tables) {
      if (table.unlisted === undefined) tables.push({ dataset, record, table, open });
    }
  }
  if (missing.length > 0) log.line(`HAPI: ${missing.length} datasets are not listed yet: they have no headers`);
  const order = (item: KnownTable): string => tableId(item.dataset, item.table);
  return { tables: tables.sort((a, b) => (order(a) < order(b) ? -1 : 1)), missing };
}

/** A header made now; undefined if there is no place for its reader. */
async function tryBuild(
  context: ServerContext,
  request: Request,
  dataset: HapiDataset,
): Promise<KnownTable['record'] | undefined> {
  try {
    return await makeHeader(context, request, dataset);
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    context.log.line(`HAPI: ${dataset.id}: no header now: ${error.message}`);
    return undefined;
  }
}

/** The title of a table: that of its dataset, and the packet type where the dataset has several. */
function titleOf({ dataset, table }: KnownTable): string {
  return table.packet === undefined ? dataset.title : `${table.packet}: ${dataset.title}`;
}

/** The same answer; the worker is asked behind its last byte. */
function withJobs(context: ServerContext, request: Request, reply: Reply, missing: readonly HapiDataset[]): Reply {
  return withAfterwards(reply, async () => {
    const { queueJobs, restWords } = await import('../../server/queue-jobs.js');
    const fields = missing.slice(0, MOST_JOBS).map(({ id }) => [id, '']);
    const result = await queueJobs(context, request, { category: 'HAPI_INFO_CACHE', fields });
    const { queued, duplicate, news } = result;
    if (queued + duplicate === 0 && news === undefined) return;
    context.log.line(`HAPI: ${queued} jobs queued for headers${restWords(result, missing.length)}`);
  });
}
