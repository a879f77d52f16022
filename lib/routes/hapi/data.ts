/**
 * `/hapi/data`: the records of a dataset as a table (server-internals 6.3, 6.5).
 *
 *   dataset – times – parameters – format, include – range – access – reader | reducer | table
 *
 * Contract: the same cache, limits, rights and log as a request for a stream (data/run.ts). The table has the columns that the info document
 * tells, whatever the stream brings. Nothing found is an answer (1201); a fault behind the first byte cuts the answer, so that no client takes
 * a part for the whole. The coverage of a source takes the same way without reader and pipeline (routes/hapi/coverage-data.ts).
 */
import { daysOf, timesOf } from '../../cache/coverage/coverage.js';
import { citedDelivery } from '../../cite/delivery/cited-delivery.js';
import { deliver, pipelineFault } from '../../data/outcome.js';
import { accessHeaders, type DataQuestion, noteQuestion } from '../../data/question.js';
import { planRun, startRun } from '../../data/run.js';
import { requireOpen } from '../../hapi/access.js';
import { COVERAGE_KEY } from '../../hapi/coverage.js';
import type { HapiQuery } from '../../hapi/query.js';
import { type KnownQuestion, readTableQuestion, selectedPlanes } from '../../hapi/question.js';
import { emptyReply } from '../../reply/build-reply.js';
import { withVary } from '../../reply/document.js';
import { acceptsGzip } from '../../reply/gzip-document.js';
import type { Header } from '../../reply/headers.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import { textRange } from '../../request/time-text.js';
import type { ServerContext } from '../../server/context.js';
import { dataFileName } from '../data/file-name.js';
import { prepareReply, type ReplyHead } from '../data/prepare-reply.js';
import { emptyTable, filledTable } from './table-reply.js';
import { tableFacts, tableStage } from './table-stage.js';

const TYPES = { csv: 'text/csv', binary: 'application/octet-stream', json: 'application/json' } as const;
const EXTENSIONS = { csv: 'csv', binary: 'bin', json: 'json' } as const;

/** Answers a table. */
export async function sendTable(context: ServerContext, request: Request, query: HapiQuery): Promise<Reply> {
  const { log } = context;
  const table = await readTableQuestion(context, request, query);
  const { question, format, dataset, known } = table;
  noteQuestion(context, { range: question.range, steps: question.steps, params: question.parameters.params });
  const kept = dataset.coverage?.kept;
  const { begin, end } = question.range;
  // The count of a day is about all of it.
  const touched =
    kept === undefined ? question.range : textRange(timesOf(daysOf({ begin: begin.time, end: end.time })));
  const openUntil = await requireOpen(context, request, dataset, touched);
  const id = kept === undefined ? dataset.source.id : `${dataset.source.id}_${COVERAGE_KEY}`;
  const name = dataFileName({ id, begin: begin.text, end: end.text }, EXTENSIONS[format]);
  const plain: Header[] = [['Content-Disposition', `attachment; filename="${name}"`], ...accessHeaders(dataset.source)];
  const headers = acceptsGzip(request.headers.get('accept-encoding')) ? withVary(plain) : plain;
  const head = { contentType: TYPES[format], headers };
  if (known === undefined || (kept !== undefined && request.method === 'HEAD')) return emptyReply(request, 200, head);
  log.line(`Output file name: ${name}`);
  if (kept !== undefined)
    return (await import('./coverage-data.js')).coverageTable(context, request, { ...table, known, kept }, head);
  return run(context, request, { ...table, known, question: { ...question, openUntil } }, head);
}

/** A question about data that are open to who asks. */
type OpenQuestion = KnownQuestion & { readonly question: DataQuestion };

/** Runs the stages and makes the answer of what comes first, a record or the end. */
async function run(context: ServerContext, request: Request, table: OpenQuestion, head: ReplyHead): Promise<Reply> {
  const { log } = context;
  const { stage, counts } = tableStage(table);
  const cited = citedDelivery(context, request, {
    question: table.question,
    planes: selectedPlanes(table),
    format: `hapi-${table.format}`,
  });
  const work = await planRun(context, request, table.question, stage);
  const factsOf = () => tableFacts(context.configuration, request, table);
  const full = { ...head, headers: [...head.headers, ...(cited?.headers ?? [])] };
  const { bodiless, finalHead } = await prepareReply(context, request, { run: work, head: full, factsOf });
  if (bodiless !== undefined) return bodiless;
  const { pipeline, finished } = await startRun(context, request, {
    ...work,
    listener: cited?.expect({ ...work, text: () => factsOf().text }),
  });
  if (!(await pipeline.firstByte)) {
    const result = await pipeline.result;
    finished(result);
    const fault = pipelineFault(result);
    if (fault !== undefined) throw fault;
    return emptyTable(context, request, { table, head: finalHead().head });
  }
  return filledTable(
    context,
    request,
    { table, head: finalHead().head },
    {
      listenTo: (target) => cited?.listenTo(target) ?? target,
      async write(target) {
        const result = await deliver(target, { pipeline, request, log, detail: 'id', table: table.format });
        finished(result);
        log.line(counts());
        if (!result.ok && work.plan?.isDamaged()) await work.plan.afterwards();
        return result.ok;
      },
      afterwards: async () => work.plan?.afterwards(),
    },
  );
}
