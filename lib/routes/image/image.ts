/**
 * `server=image`: a plot made by the operator's program `PNG_MAKER` (server-protocol 3.7, server-internals 7.1).
 *
 *   file    PNG_MAKER server=URL dataset=ID start_time=B end_time=E image=FILE params=P       fetches the data itself, from SERVER_URL
 *   filter  DATA | PNG_MAKER in_fmt=das2.2|qstream time.min=B time.max=E     DATA as for a data request, from the cache as far as it is there
 *
 * Contract: the same checks, redirects and access rules as a data request, since the picture shows the data. The answer begins when
 * the whole picture is there, so every fault is told by its status. At most two plot programs run at one time, each for
 * two minutes. The filter form counts as a data pipeline as well; the other does not, for its own data request does.
 */
import { pipelineLimits, plotSlot } from '../../data/limits.js';
import { pipelineFault } from '../../data/outcome.js';
import { accessHeaders, type DataQuestion, noData, readDataQuestion } from '../../data/question.js';
import { planRun, startRun } from '../../data/run.js';
import { startStages } from '../../data/start-stages.js';
import { Das2Error } from '../../error.js';
import type { PipelineLimits } from '../../pipeline/limits.js';
import type { Producer } from '../../pipeline/running/producer-stage.js';
import type { PipelineResult, Stage } from '../../pipeline/stage/stage.js';
import { bytesReply, emptyReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import { readerTimeText } from '../../request/time-text.js';
import type { ServerContext } from '../../server/context.js';
import { errorPackets } from '../../stream/message.js';
import { dataFileName } from '../data/file-name.js';
import { makePlotFile, PLOT_LIMIT, readPlot } from './plot-file.js';

const LONGEST_RUN_SECONDS = 120;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Answers with a plot. Sites without a plot program do not provide it. */
export async function image(context: ServerContext, request: Request): Promise<Reply> {
  const { configuration, log } = context;
  const maker = configuration.text('PNG_MAKER');
  if (maker === undefined) throw new Das2Error('notImplemented', 'this server does not make plots');
  const isFilter = configuration.text('PNG_MAKER_MODE') === 'filter';
  // A stream without data is a picture, too; a program that fetches them would find nothing.
  const read = await readDataQuestion(context, request, { takesEmpty: isFilter });
  if (read.redirect !== undefined) return read.redirect;
  const { source, range } = read.question;
  const name = dataFileName({ id: source.id, begin: range.begin.text, end: range.end.text }, 'png');
  const head = {
    contentType: 'image/png',
    headers: [['Content-Disposition', `inline; filename="${name}"`] as const, ...accessHeaders(source)],
  };
  // Made in any case: a fault of the headers must show before a program runs.
  const headersAlone = emptyReply(request, 200, head);
  if (request.method === 'HEAD') return headersAlone;
  const slot = await plotSlot(configuration, request, log);
  try {
    const make = isFilter ? filterPlot : filePlot;
    const picture = await make(context, request, { maker, question: read.question });
    if (!picture.subarray(0, SIGNATURE.length).equals(SIGNATURE)) {
      const what = picture.length === 0 ? 'nothing' : `${picture.length} bytes that are no PNG`;
      throw new Das2Error('readerFailed', `the plot program ended well and made ${what}`);
    }
    return bytesReply(request, picture, head);
  } finally {
    slot.release();
  }
}

interface Plot {
  /** Command of the operator. */
  readonly maker: string;
  readonly question: DataQuestion;
}

/** The program fetches the data by itself and writes a file. */
async function filePlot(context: ServerContext, request: Request, plot: Plot): Promise<Buffer> {
  const { configuration, log } = context;
  const { source, range, parameters } = plot.question;
  if (parameters.planes !== undefined)
    throw new Das2Error('illegalArgument', 'planes cannot be chosen here: the plot program fetches the data by itself');
  if (configuration.text('SERVER_URL') === undefined) {
    log.line(
      'PNG_MAKER_MODE = file needs SERVER_URL: without it, clients would choose where the plot program goes for data',
    );
    throw new Das2Error('notImplemented', 'this server does not make plots: its own address is not set (SERVER_URL)');
  }
  const place = makePlotFile(configuration.path('STATE_ROOT'));
  try {
    const args = [
      `server=${request.baseUrl}`,
      `dataset=${source.id}`,
      `start_time=${readerTimeText(range.begin.time)}`,
      `end_time=${readerTimeText(range.end.time)}`,
      `image=${place.file}`,
      `params=${parameters.params}`,
    ];
    const stage: Stage = { role: 'plotMaker', command: plot.maker, args };
    const limits = { runSeconds: plotSeconds(context) };
    const { pipeline, finished } = await startStages(context, request, [stage], { limits, uncounted: true });
    // What it says on standard output interests nobody.
    const result = await pipeline.deliver({ write: () => {} });
    finished(result);
    refuseFailed(result);
    return await readPlot(place.file);
  } finally {
    place.remove();
  }
}

/** The program is the last stage of the data pipeline. */
async function filterPlot(context: ServerContext, request: Request, plot: Plot): Promise<Buffer> {
  const { configuration } = context;
  const { source, range, parameters } = plot.question;
  const { planes } = parameters;
  const outputBytes = Math.min(PLOT_LIMIT, pipelineLimits(configuration).outputBytes ?? PLOT_LIMIT);
  const limits: PipelineLimits = { runSeconds: plotSeconds(context), outputBytes };
  const stage: Stage = {
    role: 'plotMaker',
    command: plot.maker,
    args: [
      `in_fmt=${source.kind === 'qstream' ? 'qstream' : 'das2.2'}`,
      `time.min=${readerTimeText(range.begin.time)}`,
      `time.max=${readerTimeText(range.end.time)}`,
    ],
  };
  if (plot.question.isEmpty) return emptyPlot(context, request, plot.question, { stage, limits });
  const selection = planes === undefined ? undefined : (await import('../../data/plane-stage.js')).planeStage(planes);
  const run = await planRun(context, request, plot.question, selection?.stage, stage);
  const { pipeline, finished } = await startRun(context, request, run, limits);
  const parts: Buffer[] = [];
  const result = await pipeline.deliver({ write: (bytes) => void parts.push(Buffer.from(bytes)) });
  finished(result);
  const wrongPlanes = selection?.complaint();
  if (wrongPlanes !== undefined) throw new Das2Error('illegalArgument', wrongPlanes);
  refuseFailed(result);
  await run.plan?.afterwards();
  return Buffer.concat(parts);
}

/** The picture of a range of which the source has nothing: no reader runs, and the program gets a stream that says so. */
async function emptyPlot(
  context: ServerContext,
  request: Request,
  { source, asked }: DataQuestion,
  { stage, limits }: { readonly stage: Stage; readonly limits: PipelineLimits },
): Promise<Buffer> {
  const producer: Producer = {
    role: 'reader',
    label: 'outside of validRange',
    run: async (output) => {
      const { exceptionType, message } = noData(asked);
      output.write(errorPackets({ type: exceptionType, message, qstream: source.kind === 'qstream' }));
    },
  };
  const { pipeline, finished } = await startStages(context, request, [stage], { limits, producer });
  const parts: Buffer[] = [];
  const result = await pipeline.deliver({ write: (bytes) => void parts.push(Buffer.from(bytes)) });
  finished(result);
  refuseFailed(result);
  return Buffer.concat(parts);
}

function plotSeconds(context: ServerContext): number {
  return Math.min(LONGEST_RUN_SECONDS, pipelineLimits(context.configuration).runSeconds || LONGEST_RUN_SECONDS);
}

function refuseFailed(result: PipelineResult): void {
  const fault = pipelineFault(result);
  if (fault === undefined) return;
  if (fault.code !== 'timeLimit') throw fault;
  throw new Das2Error('timeLimit', 'the plot was not ready in time', { data: fault.data });
}
