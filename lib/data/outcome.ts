/**
 * How a pipeline's end becomes the end of an answer (server-protocol 4.6.5, 2.3).
 *
 *   bytes sent  all well   result
 *   none        yes        200 NoDataInInterval
 *   none        no         500 ServerError with the end of the failing stage's standard error
 *   none        no stream  500 ServerError: what came begins like neither a das2 stream nor a QStream, and nothing of it is sent
 *   some        yes        end of body
 *   some        no         exception packet if the stream stands at a packet boundary and has no exception at its end, else
 *                          the answer is cut so that the client sees it; a table is always cut, behind a last line that is no row, and
 *                          so is what caches keep
 */
import { Das2Error } from '../error.js';
import type { RequestLog } from '../log/request-log.js';
import type { Pipeline } from '../pipeline/run.js';
import { outputByNameAdvice } from '../pipeline/stage/output-by-name.js';
import type { PipelineResult, StageResult, StageRole } from '../pipeline/stage/stage.js';
import { terminationWords } from '../pipeline/stage/termination-words.js';
import { type ErrorDetail, publicMessage } from '../reply/public-message.js';
import type { ReplySink } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import { exceptionPacket } from '../stream/message.js';
import { BoundaryWatch } from './boundary-watch.js';

const NAMES: Readonly<Record<StageRole, string>> = {
  reader: 'reader',
  cacheReader: 'cache reader',
  reducer: 'reducer',
  selection: 'selection of planes or times',
  converter: 'text converter',
  plotMaker: 'plot program',
};

/** The fault that a finished pipeline means; undefined if all went well. */
export function pipelineFault(result: PipelineResult): Das2Error | undefined {
  const data = { detail: resultLine(result) };
  switch (result.terminationReason) {
    case 'firstByteTimeout':
    case 'idleTimeout':
      return new Das2Error('timeLimit', 'the reader of this data source gave no data in time', { data });
    case 'runTimeLimit':
      return new Das2Error('timeLimit', 'the reader of this data source took too long', { data });
    case 'outputLimit':
      return new Das2Error('outputLimit', 'the answer is longer than this server allows', { data });
    case 'noStream':
      return new Das2Error('readerFailed', 'the reader of this data source printed something that is no stream', {
        data,
      });
    case 'clientGone':
    case 'serverStopped':
      return new Das2Error('overload', 'the server was asked to end before the reader had finished; ask again', {
        data,
      });
    case undefined:
      break;
  }
  const { failedStage } = result;
  return failedStage === undefined ? undefined : stageFault(failedStage);
}

/**
 * True if a run was ended although nothing had failed: it took too long for who asked, or for this server. The blocks that such a
 * request has missed are those that are needed most.
 */
export function wasCutShort({ terminationReason: reason, failedStage }: PipelineResult): boolean {
  if (failedStage !== undefined) return false;
  return reason === 'clientGone' || reason === 'serverStopped' || reason === 'runTimeLimit' || reason === 'outputLimit';
}

/** A failed stage as an error whose message is what the stage said itself. */
function stageFault(stage: StageResult): Das2Error {
  const name = NAMES[stage.role];
  const end = stage.signal === undefined ? `status ${stage.status ?? 'unknown'}` : `signal ${stage.signal}`;
  const cannotStart = stage.status === 126 || stage.status === 127;
  const said = stage.standardError.trim();
  const advice = outputByNameAdvice(stage);
  // What a shell says about a missing program is the operator's business: it names the program.
  const message = cannotStart
    ? `the ${name} of this data source cannot be started (${end})`
    : said || `the ${name} of this data source failed (${end}) and wrote nothing to standard error`;
  return new Das2Error('readerFailed', message, {
    data: {
      detail: `${name} ended with ${end}${advice === undefined ? '' : `; ${advice}`}`,
      status: stage.status,
      signal: stage.signal,
    },
  });
}

/** How long a slow client has to take the last bytes before the end of the answer is decided. */
const CLIENT_WAIT_MS = 2000;
const LINE_FEED = 10;

/** How a table is written. */
export type TableForm = 'csv' | 'binary' | 'json';

/** Where the answers of one request go when something goes wrong behind the first byte. */
export interface Delivery {
  readonly pipeline: Pipeline;
  readonly request: Request;
  readonly log: RequestLog;
  readonly detail: ErrorDetail;
  /** The bytes are no das2 stream, so no packet can tell of a fault: the answer is cut. */
  readonly table?: TableForm | undefined;
  /** Caches keep the answer if they take it for whole: one that ends with a fault is cut as well, for those that can see it. */
  readonly isKept?: boolean;
}

/** Hands the bytes of a pipeline to the client and ends the answer as the table says. Resolves with the record. */
export async function deliver(sink: ReplySink, delivery: Delivery): Promise<PipelineResult> {
  const { pipeline, request, log, detail, table, isKept } = delivery;
  // A table has no packets. What caches keep comes from blocks whose bytes have been looked at.
  const watch = table === undefined ? new BoundaryWatch(isKept === true) : undefined;
  let last = LINE_FEED;
  sink.onGone(() => void pipeline.cancel('clientGone'));
  let underWay: Promise<void> | undefined;
  const result = await pipeline.deliver({
    write(bytes) {
      last = bytes.at(-1) ?? last;
      const seen = watch?.see(bytes) ?? undefined;
      const wait = sink.write(bytes) ?? undefined;
      underWay = wait?.then(() => {
        underWay = undefined;
      });
      return seen === undefined ? wait : seen.then(() => wait);
    },
  });
  const fault = sink.gone ? undefined : pipelineFault(result);
  if (fault === undefined) {
    const stand = watch?.known;
    if (result.ok && stand !== undefined && !stand.atBoundary && !stand.lost) {
      log.line('The stream ends inside a packet, although no stage says that it failed: the answer is cut');
      sink.abort();
    }
    return result;
  }
  // A pipeline that was ended does not wait for a client that takes nothing; nothing may be written past those bytes.
  if (underWay !== undefined)
    await Promise.race([underWay, new Promise((resolve) => setTimeout(resolve, CLIENT_WAIT_MS))]);
  const stand = await watch?.stand();
  if (underWay !== undefined) {
    log.line('The client takes no more bytes: the answer is cut');
    sink.abort();
  } else if (stand === undefined) {
    log.line('A table breaks off: the answer is cut behind what is no row');
    const message = publicMessage(fault, { requestId: request.id, detail });
    await sink.write(tableRemnant(table, message, last === LINE_FEED));
    sink.abort();
  } else if (stand.mayAppendException) {
    log.line('The stream ends at a packet boundary: an exception packet tells the client');
    await sink.write(exceptionPacket(fault.exceptionType, publicMessage(fault, { requestId: request.id, detail })));
    if (isKept) sink.abort();
  } else if (stand.atBoundary && stand.endsWithException) {
    log.line('The stream already ends with an exception packet');
    if (isKept) sink.abort();
  } else {
    log.line('The stream ends inside a packet: the answer is cut');
    sink.abort();
  }
  return result;
}

/**
 * What stands behind a table that breaks off, so that nobody takes it for whole: web servers end the answer of a CGI program that
 * was cut as they end any other. No row of numbers can be read from it; JSON lacks its end anyway.
 */
function tableRemnant(table: TableForm | undefined, message: string, isAtLine: boolean): Uint8Array {
  if (table === 'json') return new Uint8Array(0);
  if (table === 'binary') return new Uint8Array(1);
  return Buffer.from(`${isAtLine ? '' : '\n'}INCOMPLETE: ${message.replace(/\s+/g, ' ')}\n`);
}

/** One line about the run as a whole. */
export function resultLine(result: PipelineResult): string {
  const seconds = (ms: number | undefined): string => (ms === undefined ? 'none' : `${(ms / 1000).toFixed(3)} s`);
  const { terminationReason } = result;
  const reason = terminationReason === undefined ? '' : `, ended by the server: ${terminationWords(terminationReason)}`;
  return (
    `Pipeline ${result.ok ? 'ended well' : 'failed'}${reason}; ${result.bytes} bytes, ` +
    `first byte ${seconds(result.firstByteMs)}, duration ${seconds(result.durationMs)}`
  );
}

/** Writes everything about a finished run into the log: each stage's end and standard error, and the sums. */
export function logResult(log: RequestLog, result: PipelineResult): void {
  for (const stage of result.stages) {
    const end = stage.signal ?? `status ${stage.status ?? 'unknown'}`;
    const by = stage.endedByServer ? ' (ended by the server)' : '';
    log.line(`${NAMES[stage.role]}: ${end}${by}, ${stage.bytesIn} bytes in, ${stage.bytesOut} bytes out`);
    if (stage.standardError.trim() !== '') {
      log.line(`Standard error of the ${NAMES[stage.role]}:`);
      log.text(stage.standardError);
    }
  }
  log.line(resultLine(result));
}
