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
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from './context.js';
import { accessHeaders, readDataQuestion } from './data-question.js';
import { dataMedia } from './dataset-media.js';
import { deliver, pipelineFault } from './dataset-outcome.js';
import { dataStages, textConverter } from './dataset-stages.js';
import { startStages } from './run-stages.js';

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
  const stages = dataStages(facts);
  log.line(`Output file name: ${media.fileName}`);
  return runStages(context, request, stages, head);
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
  const { pipeline, finished } = await startStages(context, request, stages);
  if (!(await pipeline.firstByte)) {
    const result = await pipeline.result;
    finished(result);
    throw pipelineFault(result) ?? new Das2Error('noDataInInterval', 'No data found in the requested time range');
  }
  const detail = configuration.text('ERROR_DETAIL') === 'id' ? 'id' : 'tail';
  return streamReply(request, async (sink) => finished(await deliver(sink, { pipeline, request, log, detail })), head);
}
