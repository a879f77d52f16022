/**
 * `/hapi/data`: the records of a dataset as a table (server-internals 6.3, 6.5).
 *
 *   dataset – times – parameters – format, include – range – access – reader | reducer | table
 *
 * Contract: the same cache, limits, rights and log as a request for a stream (data-run.ts). The table has the columns that the info document
 * tells, whatever the stream brings. Nothing found is an answer (1201); a fault behind the first byte cuts the answer, so that no client takes
 * a part for the whole.
 */
import { bytesReply, emptyReply, streamReply } from '../reply/build-reply.js';
import { acceptsGzip } from '../reply/document.js';
import { gzipSink } from '../reply/gzip-sink.js';
import { hapiReason, hapiStatus } from '../reply/hapi-status.js';
import type { Header } from '../reply/headers.js';
import type { Reply, ReplySink } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from './context.js';
import { accessHeaders, noteQuestion } from './data-question.js';
import { planRun, startRun } from './data-run.js';
import { dataFileName } from './dataset-media.js';
import { deliver, pipelineFault } from './dataset-outcome.js';
import { requireOpen } from './hapi-access.js';
import type { HapiQuery } from './hapi-query.js';
import { readTableQuestion, type TableQuestion } from './hapi-question.js';
import { aroundRows, tableStage } from './hapi-table-stage.js';

const TYPES = { csv: 'text/csv', binary: 'application/octet-stream', json: 'application/json' } as const;
const EXTENSIONS = { csv: 'csv', binary: 'bin', json: 'json' } as const;

/** Answers a table. */
export async function sendTable(context: ServerContext, request: Request, query: HapiQuery): Promise<Reply> {
  const { log } = context;
  const table = await readTableQuestion(context, request, query);
  const { question, format, dataset } = table;
  noteQuestion(context, { range: question.range, steps: question.steps, params: question.parameters.params });
  const openUntil = await requireOpen(context, request, dataset, question.range);
  const { begin, end } = question.range;
  const name = dataFileName({ id: dataset.source.id, begin: begin.text, end: end.text }, EXTENSIONS[format]);
  const headers: Header[] = [
    ['Content-Disposition', `attachment; filename="${name}"`],
    ...accessHeaders(dataset.source),
  ];
  const head = { contentType: TYPES[format], headers };
  // Made in any case: a fault of the headers must show before a reader runs.
  const headersAlone = emptyReply(request, 200, head);
  if (request.method === 'HEAD' || table.known === undefined) return headersAlone;
  log.line(`Output file name: ${name}`);
  return run(context, request, { ...table, known: table.known, question: { ...question, openUntil } }, head);
}

/** Runs the stages and makes the answer of what comes first, a record or the end. */
async function run(
  context: ServerContext,
  request: Request,
  table: TableQuestion & { readonly known: NonNullable<TableQuestion['known']> },
  head: { readonly contentType: string; readonly headers: readonly Header[] },
): Promise<Reply> {
  const { configuration, log } = context;
  const { stage, counts } = tableStage(table);
  const work = await planRun(context, request, table.question, stage);
  const { pipeline, finished } = await startRun(context, request, work);
  const around = (code: number) => aroundRows(configuration, request, table, hapiStatus(code));
  if (!(await pipeline.firstByte)) {
    const result = await pipeline.result;
    finished(result);
    const fault = pipelineFault(result);
    if (fault !== undefined) throw fault;
    const { before, after } = around(1201);
    const reply = bytesReply(request, Buffer.from(before + after), { ...head, reason: hapiReason(200, 1201) });
    // An empty answer of today may have something in it tomorrow: no validator.
    return { ...reply, isDocument: false };
  }
  const isCoded = acceptsGzip(request.headers.get('accept-encoding'));
  const send = async (sink: ReplySink): Promise<void> => {
    const coder = isCoded ? await gzipSink(sink) : undefined;
    const target = coder ?? sink;
    const { before, after } = around(1200);
    if (before !== '') await target.write(Buffer.from(before));
    const result = await deliver(target, { pipeline, request, log, detail: 'id', isTable: true });
    finished(result);
    log.line(counts());
    if (!result.ok) return;
    if (after !== '') await target.write(Buffer.from(after));
    await coder?.end();
    await work.plan?.afterwards();
  };
  return streamReply(request, send, { ...head, headers: isCoded ? coded(head.headers) : head.headers });
}

/** Caches must keep the coded form apart. */
function coded(headers: readonly Header[]): Header[] {
  const vary = headers.find(([name]) => name === 'Vary')?.[1];
  return [
    ...headers.filter(([name]) => name !== 'Vary'),
    ['Vary', vary === undefined ? 'Accept-Encoding' : `${vary}, Accept-Encoding`],
    ['Content-Encoding', 'gzip'],
  ];
}
