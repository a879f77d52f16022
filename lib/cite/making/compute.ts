/**
 * Computes the digest of data that nobody has fetched yet, by running their pipeline with its output thrown away (citation 8.4, 14.2).
 *
 * Contract: bounded by CITE_COMPUTE_MAX and a minute; it takes a place among the running pipelines like any request. One computation of a request at a
 * time: others wait for it and find its entry. Whatever comes out is logged.
 */

import { pipelineLimits } from '../../data/limits.js';
import { planRun, startRun } from '../../data/run.js';
import { Das2Error } from '../../error.js';
import { takeLock } from '../../files/lock-file.js';
import type { PipelineResult } from '../../pipeline/stage/stage.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { deliveryEntry } from '../delivery/entry.js';
import { EntryLog } from '../delivery/entry-log.js';
import { faultOf, isOpen } from '../delivery/record-delivery.js';
import { DeliveryDigest } from '../digest/delivery.js';
import { keepRequest } from '../log/append.js';
import type { LogEntry } from '../log/row.js';
import { LogStore } from '../log/store.js';
import { makePrivateFolders } from '../private-files.js';
import type { CitedQuestion } from '../question/question.js';
import { requestToQuery } from '../request-key.js';

const LONGEST_SECONDS = 60;
const LOCK_STALE_MS = 10 * 60_000;
const LOOK_MS = 100;
const DEFAULT_MOST = 256 * 1024 * 1024;

export type Computed =
  | { readonly kind: 'state'; readonly entry: LogEntry; readonly atCheck: string | undefined }
  /** Somebody else has computed it meanwhile. */
  | { readonly kind: 'known' }
  | { readonly kind: 'tooCostly' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ComputeOptions {
  /** Number of packets behind which the digest so far is wanted, too. */
  readonly checkAt?: number | undefined;
  /** Nobody waits: no limits but those of all requests. */
  readonly isUnbounded?: boolean;
}

/** Leaves the computation to the worker; false where there is none, or the request cannot be kept for it. */
export async function computeLater(context: ServerContext, request: Request, cited: CitedQuestion): Promise<boolean> {
  const root = context.configuration.path('CITE_ROOT');
  if (root === undefined) return false;
  try {
    keepRequest(root, cited.rk, requestToQuery(cited.request));
    await (await import('../delivery/log-entries.js')).keepElsewhere(
      context.configuration,
      cited.rk,
      requestToQuery(cited.request),
    );
  } catch {
    return false;
  }
  const { queueJobs } = await import('../../server/queue-jobs.js');
  const { queued, duplicate, news } = await queueJobs(context, request, {
    category: 'TASK_CITE_HASH',
    fields: [[cited.rk]],
  });
  if (news !== undefined) context.log.line(`Citation: not queued: ${news}`);
  return queued + duplicate > 0;
}

/** Computes the digest, and that of the first `checkAt` packets; `known` are the entries that there are. Throws `overload` when there is no place for it in time. */
export async function computeState(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion,
  known: readonly LogEntry[],
  { checkAt, isUnbounded = false }: ComputeOptions = {},
): Promise<Computed> {
  const { configuration } = context;
  const most = isUnbounded ? 0 : (configuration.bytes('CITE_COMPUTE_MAX') ?? DEFAULT_MOST);
  // What was too much for hashing, or for its client, says how much it is.
  const estimate = known.find(({ bytes, format }) => bytes > 0 && !format.startsWith('hapi'))?.bytes ?? 0;
  if (most > 0 && estimate > most) return { kind: 'tooCostly' };
  const root = configuration.path('CITE_ROOT');
  const unlock = root === undefined ? undefined : await turnOf(`${root}/compute`, cited.rk);
  try {
    const times = new Set(known.map(({ time }) => time));
    const isDone = root !== undefined && new LogStore(root).find(cited.rk).entries.some(({ time }) => !times.has(time));
    return isDone ? { kind: 'known' } : await run(context, request, cited, { most, checkAt, isUnbounded });
  } finally {
    unlock?.();
  }
}

/** Waits until nobody else computes this request. No lock can be made: everybody computes. */
async function turnOf(folder: string, rk: string): Promise<(() => void) | undefined> {
  const end = Date.now() + LONGEST_SECONDS * 1000;
  try {
    makePrivateFolders(folder);
    for (;;) {
      const unlock = takeLock(`${folder}/${rk}.lock`, { waitMs: 0, staleMs: LOCK_STALE_MS });
      if (unlock !== undefined) return unlock;
      if (Date.now() > end) throw new Das2Error('overload', 'this digest is being computed; try again later');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  } catch (error) {
    if (error instanceof Das2Error) throw error;
    return undefined;
  }
}

async function run(
  context: ServerContext,
  request: Request,
  cited: CitedQuestion,
  {
    most,
    checkAt,
    isUnbounded,
  }: Required<Pick<ComputeOptions, 'isUnbounded'>> & ComputeOptions & { readonly most: number },
): Promise<Computed> {
  const { configuration, log } = context;
  const { question, planes, rk } = cited;
  const digest = new DeliveryDigest({ planes: planes && new Set(planes), checkAt, isPatient: true });
  const work = await planRun(context, request, question, undefined);
  const listener = {
    write(bytes: Uint8Array, taken: void | Promise<void>): void | Promise<void> {
      digest.content(bytes);
      return taken;
    },
    ended(): void {},
  };
  log.line('Citation: the digest is computed now');
  const usual = pipelineLimits(configuration);
  const limits = isUnbounded ? usual : { ...usual, runSeconds: LONGEST_SECONDS, outputBytes: most };
  const { pipeline, finished } = await startRun(context, request, { ...work, listener }, limits);
  const result: PipelineResult = await pipeline.deliver({ write() {} });
  finished(result);
  if (result.terminationReason === 'outputLimit' || result.terminationReason === 'runTimeLimit')
    return { kind: 'tooCostly' };
  const { content } = digest.end();
  const via = work.plan?.via ?? 'live';
  const delivered = { context, request, question, rk, cited: cited.request, via, format: 'none', bytes: 0 };
  const entry = await deliveryEntry(delivered, {
    time: new Date().toISOString(),
    open: isOpen(delivered),
    fault: faultOf({ result, outcome: { clientGone: false, aborted: false } }),
    digests: { content, raw: undefined },
  });
  const entryLog = await EntryLog.open(context, rk, entry.time);
  await entryLog?.appendEntry(entry);
  entryLog?.close();
  return entry.state === 'ok'
    ? { kind: 'state', entry, atCheck: content.atCheck }
    : { kind: 'failed', reason: entry.reason ?? entry.state };
}
