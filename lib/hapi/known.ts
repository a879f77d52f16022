/**
 * What is known of a dataset, for a request: its header, from its file, or by a look at the data now (server-internals 6.6).
 *
 * Contract: a look runs a reader on behalf of a client, so it needs the same rights and the same places among the running pipelines as a data
 * request, and the same clocks; it takes no longer than `FIRST_BYTE_TIMEOUT`.
 */
import { pipelineLimits } from '../data/limits.js';
import { startStages } from '../data/start-stages.js';
import { Das2Error } from '../error.js';
import type { Request } from '../request/request.js';
import { textRange } from '../request/time-text.js';
import type { ServerContext } from '../server/context.js';
import { type OpenPart, openPart, requireOpen } from './access.js';
import { buildHeader } from './build.js';
import { hapiError } from './error.js';
import { readHeader, writeHeader } from './header.js';
import type { HapiDataset, HapiTable, HeaderRecord } from './model.js';

/** One table of a dataset with all that is known of it. */
export interface KnownTable {
  readonly dataset: HapiDataset;
  readonly record: HeaderRecord;
  readonly table: HapiTable;
  readonly open: OpenPart;
}

/** A failure that is younger counts; an older one is looked at again. Whoever repairs a reader shall not wait. */
const FAILURE_MS = 5000;

/** The record of a dataset with its tables. Errors: 1501 where there are none; those of access and of overload. */
export async function headerOf(context: ServerContext, request: Request, dataset: HapiDataset): Promise<HeaderRecord> {
  const known = readHeader(context.configuration, dataset);
  const isFresh = known !== undefined && (known.failure === undefined || Date.now() - known.builtAt < FAILURE_MS);
  const record = isFresh ? known : await makeHeader(context, request, dataset);
  if (record.failure !== undefined) throw new Das2Error('readerFailed', `there is no header: ${record.failure}`);
  return record;
}

/** Makes the record of a dataset anew and keeps it. */
export async function makeHeader(
  context: ServerContext,
  request: Request,
  dataset: HapiDataset,
): Promise<HeaderRecord> {
  const { configuration, log } = context;
  const open = openPart(dataset, request.receivedAt);
  await requireOpen(context, request, dataset, textRange(open.range));
  log.line(`HAPI: looking at the data of ${dataset.id}`);
  const { runSeconds, firstByteSeconds, idleSeconds } = pipelineLimits(configuration);
  const limits = { firstByteSeconds, idleSeconds, runSeconds: shorter(runSeconds, firstByteSeconds) };
  const record = await buildHeader(dataset, {
    configuration,
    open,
    run: async (stages, write) => {
      const { pipeline, finished } = await startStages(context, request, stages, { limits });
      const stop = (): void => void pipeline.cancel('clientGone');
      const result = await pipeline.deliver({ write: (bytes) => write(bytes, stop) });
      finished(result);
      return result;
    },
    log: (line) => log.line(line),
  });
  // A client that left says nothing about the source.
  if (request.gone?.aborted) return record;
  const isKept = writeHeader(configuration, { root: 'STATE_ROOT', log: (line) => log.line(line) }, dataset, record);
  return isKept ? record : { ...record, builtAt: 0 };
}

/** The table that an id means. Error: 1406. */
export function tableOf(record: HeaderRecord, packet: string | undefined): HapiTable {
  const table = record.tables.find((item) => item.packet === packet);
  if (table !== undefined) return table;
  const packets = record.tables.flatMap((item) => item.packet ?? []);
  throw hapiError(
    1406,
    packets.length === 0 || packet !== undefined
      ? 'there is no such dataset; the catalog lists those of this server'
      : `the stream holds several tables: put ${packets.map((name) => `:pkt${name}`).join(' or ')} behind the id`,
  );
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

function shorter(a: number | undefined, b: number | undefined): number | undefined {
  const all = [a, b].filter((value) => value !== undefined && value > 0) as number[];
  return all.length === 0 ? undefined : Math.min(...all);
}
