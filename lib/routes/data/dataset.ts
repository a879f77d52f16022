/**
 * `server=dataset` and `/data/<id>`: data (server-protocol 4). What is asked for is read and checked by data/question.ts (4.2, steps
 * 1 to 10); here stages are chosen, run and delivered (step 11).
 *
 * Contract: throws `Das2Error` for whatever ends a request before its first byte, and returns a streamed reply as soon as the
 * first byte of the last stage is there. Everything that 4.6.5 wants in the log is written here.
 */
import { type CitedDelivery, citedDelivery } from '../../cite/delivery/cited-delivery.js';
import { deliver, pipelineFault, type TableForm, wasCutShort } from '../../data/outcome.js';
import { accessHeaders, readDataQuestion } from '../../data/question.js';
import { type DataRun, planRun, startRun } from '../../data/run.js';
import { textConverter } from '../../data/stages.js';
import { Das2Error } from '../../error.js';
import type { Stage } from '../../pipeline/stage/stage.js';
import { streamReply } from '../../reply/build-reply.js';
import { withVary } from '../../reply/document.js';
import type { Reply, ReplySink } from '../../reply/reply.js';
import { isRecognisedKey } from '../../request/data-keys.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { Around } from '../cite/expected-answer.js';
import { answerForm } from './answer-form.js';
import { dataFileName } from './file-name.js';
import { type FinalHead, prepareReply } from './prepare-reply.js';

/** Answers a data request. */
export async function dataset(context: ServerContext, request: Request): Promise<Reply> {
  const { configuration, log } = context;
  const read = await readDataQuestion(context, request);
  if (read.redirect !== undefined) return read.redirect;
  const { question } = read;
  const { source, range, parameters } = question;

  const { planes } = parameters;
  const { isBrowser } = request;
  const { kind } = source;
  const form = answerForm(parameters.form, { kind, textConverter: textConverter(source, configuration), isBrowser });
  const { converter } = form;
  const fileName = dataFileName({ id: source.id, begin: range.begin.text, end: range.end.text }, form.extension);
  const expected = expects(request)
    ? await (await import('../cite/expect.js')).expectData(context, request, question)
    : undefined;
  if (expected?.refusal !== undefined) return expected.refusal;
  const cited = citedDelivery(context, request, {
    question,
    planes,
    format: form.logName,
    isPatient: expected !== undefined,
  });
  const links = expected?.headers.length ? expected.headers : (cited?.headers ?? []);
  const ignored = hasOtherKeys(request)
    ? (await import('./ignored-keys.js')).ignoredKeyHeaders(context, request, source)
    : [];
  const disposition = ['Content-Disposition', `${form.disposition}; filename="${fileName}"`] as const;
  const headers = [disposition, ...accessHeaders(source), ...links, ...ignored];
  const head = {
    contentType: form.contentType,
    // Browsers get text under another type.
    headers: converter === undefined ? headers : withVary(headers, 'User-Agent'),
  };
  const selection = planes === undefined ? undefined : (await import('../../data/plane-stage.js')).planeStage(planes);
  const last: Stage | undefined =
    converter === undefined ? undefined : { role: 'converter', command: converter, args: [] };
  const planned = await planRun(context, request, question, selection?.stage, last);
  const run = configuration.flag('CITE_STREAM_PROPS')
    ? (await import('../../cite/making/stream-properties.js')).withProperties(context, request, question, planned)
    : planned;
  const factsOf = () => ({ changedAt: source.changedAt });
  const { bodiless, finalHead } = await prepareReply(context, request, { run, head, factsOf });
  if (bodiless !== undefined) return bodiless;
  log.line(`Output file name: ${fileName}`);
  const whole: DatasetRun = {
    ...run,
    listener: cited?.expect(run),
    table: form.table,
    complaint: selection?.complaint,
  };
  if (expected === undefined || cited === undefined) return runStages(context, request, whole, finalHead);
  const { answerExpected } = await import('../cite/expected-answer.js');
  const facts = { run: whole, cited, question, expected, finalHead };
  return answerExpected(context, request, facts, (around) => runStages(context, request, whole, finalHead, around));
}

/** Some keys of the request are none of a data request. */
function hasOtherKeys({ parameters }: Request): boolean {
  for (const key of parameters.keys()) if (!isRecognisedKey(key)) return true;
  return false;
}

/** The client says which data it expects (citation 12.3). */
function expects({ parameters, headers }: Request): boolean {
  return parameters.has('expect') || headers.has('das2-expect');
}

/** What is run for an answer, and what there is to say about it. */
interface DatasetRun extends DataRun {
  /** What will be logged of the answer for citations. */
  readonly listener: CitedDelivery | undefined;
  /** It ends in no stream, so no packet can tell of a fault. */
  readonly table: TableForm | undefined;
  /** What was wrong with the names of planes, once it has ended. */
  readonly complaint: (() => string | undefined) | undefined;
}

/** Step 11: runs the stages and makes the answer of what comes first, a byte or the end. */
async function runStages(
  context: ServerContext,
  request: Request,
  run: DatasetRun,
  finalHead: () => FinalHead,
  around: Around = (sink, send) => send(sink),
): Promise<Reply> {
  const { configuration, log } = context;
  const { stages, plan, table, complaint } = run;
  const { pipeline, finished } = await startRun(context, request, run);
  if (!(await pipeline.firstByte)) {
    const result = await pipeline.result;
    finished(result);
    if (wasCutShort(result)) await plan?.afterwards();
    const wrongPlanes = complaint?.();
    if (wrongPlanes !== undefined) throw new Das2Error('illegalArgument', wrongPlanes);
    throw pipelineFault(result) ?? new Das2Error('noDataInInterval', 'No data found in the requested time range');
  }
  // Our own filters have looked; a text converter of the site's own may write what it likes.
  if (!pipeline.beginsLikeStream && stages.at(-1)?.role !== 'converter') {
    const result = await pipeline.cancel('noStream');
    finished(result);
    throw pipelineFault(result) ?? new Das2Error('internal', 'a pipeline that was ended has no fault');
  }
  const detail = configuration.text('ERROR_DETAIL') === 'id' ? 'id' : 'tail';
  const { head, isKept } = finalHead();
  const send = async (sink: ReplySink): Promise<void> => {
    const result = await around(run.listener?.listenTo(sink) ?? sink, async (target) => {
      const ended = await deliver(target, { pipeline, request, log, detail, table, isKept });
      finished(ended);
      return ended;
    });
    if (result.ok || wasCutShort(result) || plan?.isDamaged()) await plan?.afterwards();
  };
  return streamReply(request, send, head);
}
