/**
 * Data for clients that expect a digest: held back until it is known (`expect_mode=strict`), or sent with a word about it (citation 12.3).
 */
import type { CitedDelivery } from '../../cite/delivery/cited-delivery.js';
import { pipelineFault } from '../../data/outcome.js';
import type { DataQuestion } from '../../data/question.js';
import { type DataRun, startRun } from '../../data/run.js';
import { Das2Error } from '../../error.js';
import type { PipelineResult } from '../../pipeline/stage/stage.js';
import { streamReply } from '../../reply/build-reply.js';
import type { Reply, ReplySink } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { PacketBoundary } from '../../stream/packet-boundary.js';
import type { FinalHead } from '../data/prepare-reply.js';
import { commentPacket, type ExpectedData, judgeNew } from './expect.js';
import { HeldAnswer } from './held-answer.js';

const DEFAULT_MOST = 256 * 1024 * 1024;
/** Tag and length of a header packet. */
const HEAD = 10;

/** An answer that is about to be made. */
export interface ExpectedAnswer {
  readonly run: DataRun;
  readonly cited: CitedDelivery;
  readonly question: DataQuestion;
  readonly expected: ExpectedData;
  readonly finalHead: () => FinalHead;
}

/** What is done around the delivery of an answer; `send` delivers it to a sink. */
export type Around = (sink: ReplySink, send: (sink: ReplySink) => Promise<PipelineResult>) => Promise<PipelineResult>;

/** Answers a client that expects a digest; `answer` answers as ever, with something around the delivery. */
export function answerExpected(
  context: ServerContext,
  request: Request,
  facts: ExpectedAnswer,
  answer: (around: Around) => Promise<Reply>,
): Promise<Reply> {
  const { cited, question, expected } = facts;
  if (expected.expectation.mode === 'strict') return heldAnswer(context, request, facts);
  // QStreams take no comments of das2.
  const isDas2 = question.source.kind !== 'qstream';
  return answer(async (sink, send) => {
    const warning = new WarningSink(sink, isDas2 ? expected.warning : undefined);
    const result = await send(warning);
    if (result.ok && isDas2) await warning.warnAtEnd(cited, expected.isMet);
    return result;
  });
}

/** Runs the stages to their end, and sends what they gave only if it is what is expected. */
async function heldAnswer(context: ServerContext, request: Request, facts: ExpectedAnswer): Promise<Reply> {
  const { run, cited, question, expected } = facts;
  const { digits } = expected.expectation;
  const held = new HeldAnswer(context.configuration.bytes('CITE_STRICT_MAX') ?? DEFAULT_MOST);
  try {
    const { pipeline, finished } = await startRun(context, request, run);
    let fault: unknown;
    const keep: ReplySink = {
      gone: false,
      onGone: () => {},
      abort: () => {},
      write(bytes) {
        if (fault !== undefined) return;
        try {
          held.write(bytes);
        } catch (error) {
          fault = error;
          void pipeline.cancel('outputLimit');
        }
      },
    };
    const result = await pipeline.deliver(cited.listenTo(keep));
    finished(result);
    if (fault !== undefined) throw fault;
    const failure = pipelineFault(result);
    if (failure !== undefined) throw failure;
    const entry = await cited.entryNow();
    const refusal = entry && (await judgeNew(context, request, question, { entry, digits }));
    if (refusal !== undefined) {
      held.close();
      return refusal;
    }
    if (result.bytes === 0) throw new Das2Error('noDataInInterval', 'No data found in the requested time range');
  } catch (error) {
    held.close();
    throw error;
  }
  const send = async (sink: ReplySink): Promise<void> => {
    try {
      await held.send(sink);
      await run.plan?.afterwards();
    } finally {
      held.close();
    }
  };
  return streamReply(request, send, facts.finalHead().head);
}

/** A sink that puts a warning behind the stream header, and can put one behind a whole stream. */
class WarningSink implements ReplySink {
  private readonly boundary = new PacketBoundary();
  private isFirst = true;

  constructor(
    private readonly sink: ReplySink,
    private readonly warning: string | undefined,
  ) {}

  get gone(): boolean {
    return this.sink.gone;
  }

  onGone(callback: () => void): void {
    this.sink.onGone(callback);
  }

  abort(): void {
    this.sink.abort();
  }

  write(bytes: Uint8Array): void | Promise<void> {
    this.boundary.push(bytes);
    const end = this.isFirst ? endOfHeader(bytes) : 0;
    this.isFirst = false;
    if (this.warning === undefined || end === 0) return this.sink.write(bytes);
    const rest = bytes.subarray(end);
    return this.sink.write(Buffer.concat([bytes.subarray(0, end), commentPacket(this.warning), rest]));
  }

  /** The stream has ended: says that the data are others than were expected, where a packet can stand. */
  async warnAtEnd(cited: CitedDelivery, isMet: ExpectedData['isMet']): Promise<void> {
    const entry = await cited.entryNow();
    if (entry?.d2c1 === undefined || isMet(entry) || !this.boundary.mayAppendException) return;
    cited.amend();
    await this.sink.write(commentPacket('These are not the data whose digest was expected.'));
  }
}

/** Where a whole stream header at the front ends; 0 if there is none, or what follows is deflated. */
function endOfHeader(bytes: Uint8Array): number {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD));
  const length = /^\[00\](\d{6})$/.exec(head)?.[1];
  const end = length === undefined ? 0 : HEAD + Number(length);
  if (end === 0 || end > bytes.length) return 0;
  return /compression\s*=\s*["'](?:deflate|zlib)/.test(Buffer.from(bytes.subarray(0, end)).toString('latin1'))
    ? 0
    : end;
}
