/**
 * `server=dataset` and `/data/<id>`: data (server-protocol 4). The one place that knows the order of a data request (4.2):
 *
 *   parameters – id – definition – redirect – reader – times – valid range – interval – access – stages – run
 *
 * Contract: throws `Das2Error` for whatever ends a request before its first byte, and returns a streamed reply as soon as the
 * first byte of the last stage is there. Everything that 4.6.5 wants in the log is written here.
 */
import { authorise } from '../auth/read-access.js';
import { Das2Error } from '../error.js';
import { type Pipeline, startPipeline } from '../pipeline/run.js';
import { commandLine, type PipelineResult, type Stage } from '../pipeline/stage.js';
import { emptyReply, streamReply } from '../reply/build-reply.js';
import type { Header } from '../reply/headers.js';
import type { Reply } from '../reply/reply.js';
import { macroParameters, normaliseSteps, readDataParameters, splitReaderWords } from '../request/data-parameters.js';
import type { Request } from '../request/request.js';
import { parseTimeRange, readerTimeText, type TimeRange } from '../request/time-text.js';
import { readerOf, realmOf, type Source, validRangeOf } from '../source/source.js';
import { intersection } from '../source/time-range.js';
import { compareTimes } from '../stream/time.js';
import type { ServerContext } from './context.js';
import { pipelineLimits, pipelineSlot, requestEnvironment } from './dataset-limits.js';
import { type DataMedia, dataMedia } from './dataset-media.js';
import { deliver, logResult, pipelineFault } from './dataset-outcome.js';
import { dataStages, textConverter } from './dataset-stages.js';
import { pathDataset } from './path-dataset.js';
import { redirectFor } from './redirect.js';

/** Answers a data request. */
export async function dataset(context: ServerContext, request: Request): Promise<Reply> {
  const { configuration, log, notes } = context;
  const parameters = readDataParameters(request, pathDataset(request));
  const source = context.sources.source(parameters.dataset, macroParameters(request));
  notes.dataset = source.id;
  notes.qstream = source.kind === 'qstream';
  log.line(`Source definition: ${source.file}`);

  const redirect = redirectFor(context, request, { source, asked: parameters.dataset, question: 'data' });
  if (redirect !== undefined) return redirect;

  readerOf(source);
  const words = splitReaderWords(parameters.params, { utf8: source.paramCharsetUtf8 });
  const range = trimmed(parseTimeRange(parameters), source, context, request.receivedAt);
  const steps = normaliseSteps(parameters, source.requiresInterval);
  if (source.requiresInterval && steps.interval === undefined) {
    throw new Das2Error('illegalArgument', 'this data source needs the parameter interval (seconds between points)');
  }
  note(context, { range, steps, params: parameters.params });
  await requireAccess(context, request, source, range);

  const facts = { source, configuration, range, steps, words, ascii: parameters.ascii };
  const media = dataMedia({
    id: source.id,
    kind: source.kind,
    text: textConverter(facts) !== undefined,
    isBrowser: request.isBrowser,
    begin: range.begin.text,
    end: range.end.text,
  });
  const head = { contentType: media.contentType, headers: dataHeaders(source, media) };
  // Made in any case: a fault of the headers must show before a reader runs.
  const headersAlone = emptyReply(request, 200, head);
  if (request.method === 'HEAD') return headersAlone;
  const stages = dataStages(facts);
  log.line(`Output file name: ${media.fileName}`);
  return runStages(context, request, stages, head);
}

/** The part of the range for which the source has data; nothing left is `noDataInInterval` (4.2, step 8). */
function trimmed(asked: TimeRange, source: Source, context: ServerContext, now: number): TimeRange {
  const valid = validRangeOf(source, now, (line) => context.log.line(line));
  if (valid === undefined) return asked;
  const part = intersection({ begin: asked.begin.time, end: asked.end.time }, valid);
  if (part === undefined) throw noData(asked);
  const bound = (own: TimeRange['begin'], time: TimeRange['begin']['time']): TimeRange['begin'] =>
    compareTimes(own.time, time) === 0 ? own : { time, text: readerTimeText(time) };
  const range = { begin: bound(asked.begin, part.begin), end: bound(asked.end, part.end) };
  if (range.begin !== asked.begin || range.end !== asked.end) {
    context.log.line(`Trimmed to the valid range: ${range.begin.text} to ${range.end.text}`);
  }
  return range;
}

function noData(range: TimeRange): Das2Error {
  // Clients look for these words.
  return new Das2Error('noDataInInterval', `No data found from ${range.begin.text} to ${range.end.text}`);
}

function note(
  context: ServerContext,
  facts: { range: TimeRange; steps: ReturnType<typeof normaliseSteps>; params: string },
): void {
  const { notes } = context;
  notes.begin = facts.range.begin.text;
  notes.end = facts.range.end.text;
  if (facts.steps.resolution !== undefined) notes.resolution = facts.steps.resolution.value;
  if (facts.steps.interval !== undefined) notes.interval = facts.steps.interval.value;
  if (facts.params !== '') notes.params = facts.params;
}

/** Step 10: throws unless the client may have the range that will be served. */
async function requireAccess(
  context: ServerContext,
  request: Request,
  source: Source,
  range: TimeRange,
): Promise<void> {
  const { configuration, log, notes } = context;
  const access = await authorise({
    source,
    realm: realmOf(source, request.mountPath),
    range: { begin: range.begin.time, end: range.end.time },
    applicant: request,
    configuration,
    now: request.receivedAt,
    log: (line) => log.line(line),
  });
  switch (access.outcome) {
    case 'granted':
      if (access.by !== 'public') log.line(`Access granted by ${access.by}${access.user ? ` to ${access.user}` : ''}`);
      if (access.user !== undefined) notes.user = access.user;
      return;
    case 'challenge':
      throw new Das2Error('authenticationRequired', 'this data source needs a user name and password', {
        data: { realm: access.realm },
      });
    case 'tooMany':
      throw new Das2Error('tooManyLogIns', 'too many failed log-ins; try again later', {
        data: { retryAfter: access.retryAfterSeconds },
      });
    case 'fault':
      throw new Das2Error('configuration', 'access to this data source cannot be checked');
  }
}

function dataHeaders(source: Source, media: DataMedia): Header[] {
  const headers: Header[] = [media.disposition];
  // Who may read depends on who asks, also where the age of the data decided this time.
  if (source.readAccess !== undefined) headers.push(['Cache-Control', 'private'], ['Vary', 'Authorization']);
  return headers;
}

/** Step 11: runs the stages and makes the answer of what comes first, a byte or the end. */
async function runStages(
  context: ServerContext,
  request: Request,
  stages: readonly Stage[],
  head: { readonly contentType: string; readonly headers: readonly Header[] },
): Promise<Reply> {
  const { configuration, log, notes } = context;
  notes.cache = 'off';
  log.line('Cache: not used');
  log.line(`Host: ${(await import('node:os')).hostname()}`);
  for (const stage of stages) log.line(`${stage.role}: ${commandLine(stage.command, stage.args)}`);
  const slot = await pipelineSlot(configuration, request, log);
  let pipeline: Pipeline;
  try {
    pipeline = await startPipeline({
      stages,
      environment: requestEnvironment(configuration, request),
      limits: pipelineLimits(configuration),
    });
  } catch (error) {
    slot.release();
    throw error;
  }
  pipeline.result.then(slot.release);
  const leave = (): void => void pipeline.cancel('clientGone');
  request.gone?.addEventListener('abort', leave);
  if (request.gone?.aborted) leave();
  const finished = (result: PipelineResult): void => {
    request.gone?.removeEventListener('abort', leave);
    const status = result.stages[0]?.status;
    if (status !== undefined) notes.readerExit = status;
    logResult(log, result);
  };
  if (!(await pipeline.firstByte)) {
    const result = await pipeline.result;
    finished(result);
    throw pipelineFault(result) ?? new Das2Error('noDataInInterval', 'No data found in the requested time range');
  }
  const detail = configuration.text('ERROR_DETAIL') === 'id' ? 'id' : 'tail';
  return streamReply(request, async (sink) => finished(await deliver(sink, { pipeline, request, log, detail })), head);
}
