/**
 * HAPI_INFO_CACHE: looks at the data of HAPI datasets and keeps their headers under CACHE_ROOT, so that catalogs and info documents need not
 * (server-internals 6.6). A job for `ALL` becomes one job each for all that are offered and have none, as `das2_srv_todo hapi-info ALL` queues
 * them.
 *
 * Headers that still hold are left alone. Those of guarded data are made too: what a server tells of them it has from here only.
 */
import { runPrograms } from '../../cache/builder/run-programs.js';
import type { Configuration } from '../../conf/configuration.js';
import { isDas2Error } from '../../error.js';
import { openPart } from '../../hapi/access.js';
import { buildHeader } from '../../hapi/build.js';
import { findDataset, type HapiPlace, type OwnUrl, offeredDatasets } from '../../hapi/dataset.js';
import { readHeader, writeHeader } from '../../hapi/header.js';
import type { HapiDataset } from '../../hapi/model.js';
import { isAll } from '../../queue/field.js';
import { fieldOf, RESULT } from '../../queue/item.js';
import { splitJob } from './split-job.js';
import type { Task, TaskContext, TaskResult } from './task.js';

export const hapiTask: Task = async (job, context) => {
  const { configuration, sources, log } = context;
  // The parameters of a job mean nothing here: a header is kept as a whole.
  const wanted = fieldOf(job, 'id') ?? '';
  const place = { configuration, sources, log: { line: log } };
  const request = { baseUrl: configuration.text('SERVER_URL') ?? '', receivedAt: Date.now() };
  if (wanted !== '' && !isAll(wanted)) return one(oneDataset(place, request, wanted), context);
  const datasets = await offeredDatasets(place, request, { coverage: false });
  if (datasets.length === 0) return NONE;
  const missing = new Map(datasets.filter((each) => !hasHeader(configuration, each)).map((each) => [each.id, each]));
  if (missing.size === 0)
    return { code: RESULT.superseded, status: `all ${datasets.length} headers were valid already` };
  return splitJob({
    context,
    category: 'HAPI_INFO_CACHE',
    ids: [...missing.keys()],
    fieldsOf: (id) => [id, ''],
    alone: (id, rest) => one(missing.get(id), rest),
    faults: [],
    valid: datasets.length - missing.size,
    thing: 'HAPI dataset',
    done: 'headers of',
  });
};

const NONE: TaskResult = { code: RESULT.refused, status: 'there is no such HAPI dataset' };

/** True if a header is kept that still holds. */
export function hasHeader(configuration: Configuration, dataset: HapiDataset): boolean {
  const known = readHeader(configuration, dataset);
  return known !== undefined && known.failure === undefined;
}

async function one(dataset: HapiDataset | undefined, context: TaskContext): Promise<TaskResult> {
  const { configuration, progress, signal } = context;
  if (dataset === undefined) return NONE;
  signal.throwIfAborted();
  if (hasHeader(configuration, dataset)) return { code: RESULT.superseded, status: 'the header was valid already' };
  progress(`Looking at: ${dataset.id}`, 0);
  const failure = await make(dataset, context);
  signal.throwIfAborted();
  return failure === undefined
    ? { code: RESULT.done, status: 'the header was made' }
    : { code: RESULT.failed, status: `the header was not made: ${failure}` };
}

/** The dataset of this id; undefined if nothing is offered under it, or what is needs no look at data. */
function oneDataset(place: HapiPlace, request: OwnUrl, id: string): HapiDataset | undefined {
  try {
    const { dataset } = findDataset(place, request, id);
    return dataset.coverage === undefined ? dataset : undefined;
  } catch (error) {
    if (isDas2Error(error, 'notFound')) return undefined;
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
