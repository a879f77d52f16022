/**
 * HAPI_INFO_CACHE: looks at the data of HAPI datasets and keeps their headers under CACHE_ROOT, so that catalogs and info documents need not
 * (server-internals 6.6). `das2_srv_todo hapi-info ALL` does it for all that are offered.
 *
 * Headers that still hold are left alone. Those of guarded data are made too: what a server tells of them it has from here only.
 */
import { runPrograms } from '../cache/run-programs.js';
import { isDas2Error } from '../error.js';
import { isAll } from '../queue/field.js';
import { fieldOf, RESULT } from '../queue/item.js';
import { openPart } from '../routes/hapi-access.js';
import { buildHeader } from '../routes/hapi-build.js';
import { offeredDatasets } from '../routes/hapi-catalog.js';
import { findDataset, type HapiPlace, type OwnUrl } from '../routes/hapi-dataset.js';
import type { HapiDataset } from '../routes/hapi-model.js';
import { readHeader, writeHeader } from '../routes/hapi-header.js';
import type { Task, TaskContext, TaskResult } from './tasks.js';

export const hapiTask: Task = async (job, context) => {
  const { configuration, sources, log, progress, signal } = context;
  // The parameters of a job mean nothing here: a header is kept as a whole.
  const wanted = fieldOf(job, 'id') ?? '';
  const place = { configuration, sources, log: { line: log } };
  const request = { baseUrl: configuration.text('SERVER_URL') ?? '', receivedAt: Date.now() };
  const datasets =
    wanted === '' || isAll(wanted)
      ? await offeredDatasets(place, request, { coverage: false })
      : oneDataset(place, request, wanted);
  if (datasets.length === 0) return { code: RESULT.refused, status: 'there is no such HAPI dataset' };
  let made = 0;
  const failures: string[] = [];
  for (const [i, dataset] of datasets.entries()) {
    signal.throwIfAborted();
    progress(`Looking at: ${dataset.id}`, i / datasets.length);
    const known = readHeader(configuration, dataset);
    if (known !== undefined && known.failure === undefined) continue;
    const failure = await make(dataset, context);
    signal.throwIfAborted();
    if (failure === undefined) made++;
    else failures.push(`${dataset.id}: ${failure}`);
  }
  return resultOf(datasets.length, made, failures);
};

/** The dataset of this id; none if nothing is offered under it, or what is needs no look at data. */
function oneDataset(place: HapiPlace, request: OwnUrl, id: string): HapiDataset[] {
  try {
    const { dataset } = findDataset(place, request, id);
    return dataset.coverage === undefined ? [dataset] : [];
  } catch (error) {
    if (isDas2Error(error, 'notFound')) return [];
    throw error;
  }
}

/** Makes and keeps a header; why it holds no table, if so. */
async function make(dataset: HapiDataset, { configuration, log, signal }: TaskContext): Promise<string | undefined> {
  const record = await buildHeader(dataset, {
    configuration,
    open: openPart(dataset, Date.now()),
    run: (stages, write) => runPrograms({ stages, configuration, signal, write }),
    log,
  });
  if (signal.aborted) return undefined;
  // Without a cache the worker uses the server's own place.
  const root = configuration.path('CACHE_ROOT') === undefined ? 'STATE_ROOT' : 'CACHE_ROOT';
  writeHeader(configuration, { root, log }, dataset, record);
  return record.failure;
}

function resultOf(total: number, made: number, failures: readonly string[]): TaskResult {
  if (failures.length > 0) {
    const code = failures.length === total ? RESULT.failed : RESULT.partly;
    return { code, status: `${made} of ${total} headers made; ${failures.length} failed, the first: ${failures[0]}` };
  }
  if (made === 0) return { code: RESULT.superseded, status: `all ${total} headers were valid already` };
  return { code: RESULT.done, status: `${made} of ${total} headers made` };
}
