/**
 * Makes the entry of the citation log for a delivery that has ended, and writes it (citation 5, 6).
 *
 * Contract: never throws. A log that cannot be written is one line an hour; data are served as ever.
 */
import { datasetVersion } from '../../cite/dataset-version.js';
import type { DeliveryDigests } from '../../cite/delivery-digest.js';
import type { EntryState, LogEntry } from '../../cite/log-row.js';
import { LogStore } from '../../cite/log-store.js';
import { type CanonicalRequest, requestToQuery } from '../../cite/request-key.js';
import { isFirstThisHour } from '../../log/rare-lines.js';
import type { PipelineResult } from '../../pipeline/stage.js';
import type { ReplyOutcome } from '../../reply/cgi-reply.js';
import type { Request } from '../../request/request.js';
import { definitionOf } from '../../source/definition-file.js';
import { type Source, validRangeOf } from '../../source/source.js';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import type { ServerContext } from '../context.js';
import type { DataQuestion } from '../data/question.js';

export interface EndedDelivery {
  readonly context: ServerContext;
  readonly request: Request;
  readonly question: DataQuestion;
  readonly rk: string;
  readonly cited: CanonicalRequest;
  readonly via: string;
  readonly format: string;
  /** Of the body, before it was coded. */
  readonly bytes: number;
  readonly digests: DeliveryDigests;
  readonly result: PipelineResult;
  readonly outcome: Pick<ReplyOutcome, 'clientGone' | 'aborted' | 'error'>;
}

/** Writes the entry of a delivery. */
export function recordDelivery(delivery: EndedDelivery): void {
  const { context } = delivery;
  const entry = deliveryEntry(delivery);
  if (!writeEntry(context, entry)) return;
  const why = entry.reason === undefined ? '' : `: ${entry.reason}`;
  context.log.line(`Citation: ${entry.state}${why}; key ${entry.rk}, digest ${entry.d2c1 ?? 'none'}`);
}

/** Puts an entry into the log; false if that is not possible, which is told once an hour. */
export function writeEntry({ configuration, log }: ServerContext, entry: LogEntry): boolean {
  const root = configuration.path('CITE_ROOT');
  if (root === undefined) return false;
  try {
    new LogStore(root, configuration.flag('CITE_LOCK')).append(entry);
    return true;
  } catch (error) {
    const state = configuration.path('STATE_ROOT');
    if (state === undefined || isFirstThisHour(state, `citation log ${root}`)) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      log.line(`Citation: no entry written: ${root} (CITE_ROOT) cannot be written: ${reason}`);
    }
    return false;
  }
}

/** The entry of a delivery. */
export function deliveryEntry(delivery: EndedDelivery): LogEntry {
  const { context, request, question, rk, cited, via, format, bytes, digests } = delivery;
  const { content, raw } = digests;
  const { state, reason } = stateOf(delivery);
  const isOk = state === 'ok';
  return {
    time: new Date().toISOString(),
    rk,
    state,
    reason,
    d2c1: isOk ? (content.d2c1 ?? (content.q1 && `q1:${content.q1}`)) : undefined,
    m: isOk ? content.m : undefined,
    raw: isOk || state === 'unhashed' ? raw : undefined,
    format,
    bytes,
    packets: isOk ? content.packets : undefined,
    firstX: isOk ? content.firstX : undefined,
    lastX: isOk ? content.lastX : undefined,
    via,
    dsver: versionOf(context, question.source),
    open: isOpen(question.source, question.asked.end.time, request.receivedAt),
    request: requestToQuery(cited),
  };
}

/** `ok` needs a pipeline that ended well, a whole stream, and a client that took all of it. */
function stateOf({ result, outcome, digests }: EndedDelivery): {
  readonly state: EntryState;
  readonly reason?: string | undefined;
} {
  if (outcome.clientGone || result.terminationReason === 'clientGone')
    return { state: 'aborted', reason: 'the client has gone' };
  if (result.terminationReason !== undefined) return { state: 'failed', reason: result.terminationReason };
  const { failedStage } = result;
  if (failedStage !== undefined) {
    const end = failedStage.signal ?? `status ${failedStage.status ?? 'unknown'}`;
    return { state: 'failed', reason: `${failedStage.role} ended with ${end}` };
  }
  if (!result.ok || outcome.aborted || outcome.error !== undefined)
    return { state: 'failed', reason: 'the answer was cut' };
  const { state, reason } = digests.content;
  return { state, reason };
}

/** The version of a source's data; undefined where its definition cannot be read any more. */
export function versionOf({ sources }: ServerContext, source: Source): string | undefined {
  try {
    const { entries } = definitionOf(sources, sources.get(source.id));
    return datasetVersion({
      entries,
      reducer: source.reducer.kind === 'command' ? source.reducer.command.text : undefined,
    });
  } catch {
    return undefined;
  }
}

/** True if there may be more data in the interval tomorrow: it reaches the present, or beyond what there is. */
export function isOpen(source: Source, end: TimePoint, now: number): boolean {
  if (compareTimes(end, timeOf(now)) >= 0) return true;
  const valid = validRangeOf(source, now);
  return valid !== undefined && compareTimes(end, valid.end) > 0;
}

function timeOf(milliseconds: number): TimePoint {
  const sinceEpoch = milliseconds - EPOCH_2000;
  const day = Math.floor(sinceEpoch / DAY_MS);
  return { day, nanosecond: Math.round((sinceEpoch - day * DAY_MS) * 1e6) };
}

const DAY_MS = 86_400_000;
const EPOCH_2000 = Date.UTC(2000, 0, 1);
