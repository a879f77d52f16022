/**
 * `server=dataset` and `/data/<id>`: data (server-protocol 4). What is asked for is read and checked by data-question.ts (4.2, steps
 * 1 to 10); here stages are chosen, run and delivered (step 11).
 *
 * Contract: throws `Das2Error` for whatever ends a request before its first byte, and returns a streamed reply as soon as the
 * first byte of the last stage is there. Everything that 4.6.5 wants in the log is written here.
 */
import { Das2Error } from '../error.js';
import type { Stage } from '../pipeline/stage.js';
import { emptyReply, streamReply } from '../reply/build-reply.js';
import type { Header } from '../reply/headers.js';
import type { Reply, ReplySink } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from './context.js';
import { accessHeaders, readDataQuestion } from './data-question.js';
import type { CachePlan } from './dataset-cache.js';
import { pipelineLimits } from './dataset-limits.js';
import { dataMedia } from './dataset-media.js';
import { deliver, pipelineFault } from './dataset-outcome.js';
import { dataStages, textConverter } from './dataset-stages.js';
import { type StageOptions, startStages } from './run-stages.js';

/** Answers a data request. */
export async function dataset(context: ServerContext, request: Request): Promise<Reply> {
  const { configuration, log } = context;
  const read = await readDataQuestion(context, request);
  if (read.redirect !== undefined) return read.redirect;
  const { source, range, steps, words, parameters } = read.question;

  const facts = { source, configuration, range, steps, words, ascii: parameters.ascii };
  const media = dataMedia({
    id: source.id,
    kind: source.kind,
    text: textConverter(facts) !== undefined,
    isBrowser: request.isBrowser,
    begin: range.begin.text,
    end: range.end.text,
  });
  const head = { contentType: media.contentType, headers: [media.disposition, ...accessHeaders(source)] };
  // Made in any case: a fault of the headers must show before a reader runs.
  const headersAlone = emptyReply(request, 200, head);
  if (request.method === 'HEAD') return headersAlone;
  const plan = configuration.has('CACHE_ROOT')
    ? await (await import('./dataset-cache.js')).cachePlan(context, request, read.question)
    : undefined;
  const stages = plan === undefined || plan.isLive ? dataStages(facts) : cachedStages(plan, textConverter(facts));
  log.line(`Output file name: ${media.fileName}`);
  return runStages(context, request, { stages, plan }, head);
}

/** Step 11: runs the stages and makes the answer of what comes first, a byte or the end. */
async function runStages(
  context: ServerContext,
  request: Request,
  work: { readonly stages: readonly Stage[]; readonly plan: CachePlan | undefined },
  head: { readonly contentType: string; readonly headers: readonly Header[] },
): Promise<Reply> {
  const { configuration, log, notes } = context;
  const { stages, plan } = work;
  notes.cache = plan?.note ?? 'off';
  if (!configuration.has('CACHE_ROOT')) log.line('Cache: not used');
  const { pipeline, finished } = await startStages(context, request, stages, startOptions(plan, context));
  if (!(await pipeline.firstByte)) {
    const result = await pipeline.result;
    finished(result);
    throw pipelineFault(result) ?? new Das2Error('noDataInInterval', 'No data found in the requested time range');
  }
  // Our own filters have looked; a text converter of the site's own may write what it likes.
  if (!pipeline.beginsLikeStream && stages.at(-1)?.role !== 'converter') {
    const result = await pipeline.cancel('noStream');
    finished(result);
    throw pipelineFault(result) ?? new Das2Error('internal', 'a pipeline that was ended has no fault');
  }
  const detail = configuration.text('ERROR_DETAIL') === 'id' ? 'id' : 'tail';
  const send = async (sink: ReplySink): Promise<void> => {
    const result = await deliver(sink, { pipeline, request, log, detail });
    finished(result);
    if (result.ok) await plan?.afterwards();
  };
  return streamReply(request, send, head);
}

/** What follows the cache: its own reader, reducer and converter as far as they are needed. */
function cachedStages({ cacheReader, reducer }: CachePlan, converter: string | undefined): Stage[] {
  const stages = [cacheReader, reducer].filter((stage) => stage !== undefined);
  return converter === undefined ? stages : [...stages, { role: 'converter', command: converter, args: [] }];
}

/** A hit runs no reader and needs no place in the row. The runs of a producer have their own clocks for pauses. */
function startOptions(plan: CachePlan | undefined, { configuration }: ServerContext): StageOptions {
  if (plan?.producer === undefined) return {};
  const { firstByteSeconds, idleSeconds, ...limits } = pipelineLimits(configuration);
  return { producer: plan.producer, limits, uncounted: !plan.runsReader };
}
