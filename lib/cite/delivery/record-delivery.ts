/**
 * What is left to do when an answer has ended: its entry in the log of citations (citation 5, 6).
 *
 * An answer that came from the cache alone, and that was given before, has the digests of then: its entry is the row of then with another time, and nothing is
 * loaded to hash it (cite/log/known-answers.ts). All others are hashed.
 *
 * Contract: where the log cannot be written nothing is hashed for it, and data are served as ever.
 */
import { statSync } from 'node:fs';
import type { PipelineResult } from '../../pipeline/stage/stage.js';
import type { ReplyOutcome } from '../../reply/cgi-reply.js';
import { validRangeOf } from '../../source/source.js';
import { timeFromUnix } from '../../source/time-range.js';
import { compareTimes } from '../../stream/time.js';
import { COMMIT, VERSION } from '../../version.js';
import type { DeliveryDigests } from '../digest/delivery.js';
import { recallRow, rememberRow } from '../log/known-answers.js';
import type { EntryState } from '../log/row.js';
import type { Delivered, DeliveredRun } from './delivered.js';
import { EntryLog } from './entry-log.js';

/** How it ended. */
export interface DeliveryEnd {
  readonly result: PipelineResult;
  readonly outcome: Pick<ReplyOutcome, 'clientGone' | 'aborted' | 'error'>;
}

/** Places of the row (cite/log/row.ts) that are not the same each time. */
const TIME = 1;
const OPEN = 14;
/** Such a place must not have changed either. */
const BYTES = 8;

/** Writes the entry of a delivery; `hashed` is asked for its digests if they are needed. */
export async function recordDelivery(
  delivered: Delivered,
  { run, end, hashed }: { readonly run: DeliveredRun; readonly end: DeliveryEnd; hashed(): Promise<DeliveryDigests> },
): Promise<void> {
  const { context, rk } = delivered;
  const time = new Date().toISOString();
  const log = await EntryLog.open(context, rk, time);
  if (log === undefined) return;
  try {
    const fault = faultOf(end);
    const identity = fault === undefined ? identityOf(delivered, run) : undefined;
    const known = identity && recallRow(log.root, rk, identity);
    const fields = known?.split('\t');
    if (fields?.[BYTES] === String(delivered.bytes)) {
      fields[TIME] = time;
      fields[OPEN] = isOpen(delivered) ? '1' : '0';
      const row = await log.append(fields.join('\t'));
      if (row !== undefined) context.log.line(`Citation: ok, as given before; key ${rk}`);
      return;
    }
    const digests = fault === undefined ? await hashed() : undefined;
    const { deliveryEntry } = await import('./entry.js');
    const entry = await deliveryEntry(delivered, { time, open: isOpen(delivered), fault, digests });
    const row = await log.appendEntry(entry);
    if (row === undefined) return;
    const why = entry.reason === undefined ? '' : `: ${entry.reason}`;
    context.log.line(`Citation: ${entry.state}${why}; key ${rk}, digest ${entry.d2c1 ?? 'none'}`);
    if (identity === undefined || entry.state !== 'ok' || entry.raw === undefined || entry.dsver === undefined) return;
    // Programs of the site's own may change unseen; so may the definition while its version is worked out.
    if (end.result.stages.every(({ inProcess }) => inProcess) && identity === identityOf(delivered, run))
      rememberRow(log.root, rk, identity, row);
  } finally {
    log.close();
  }
}

/** True if the digests of an answer that is still on its way are known, unless its blocks change meanwhile. */
export function isKnownAnswer(delivered: Delivered, run: DeliveredRun): boolean {
  const root = delivered.context.configuration.path('CITE_ROOT');
  if (root === undefined) return false;
  const identity = identityOf(delivered, run);
  return identity !== undefined && recallRow(root, delivered.rk, identity) !== undefined;
}

/**
 * Everything on which the bytes of an answer and the version of its data depend; undefined for answers that cannot be known again by it. Asked behind the
 * answer, it also says that blocks and definition are still those that the answer was made of.
 */
function identityOf(
  { question, rk, via, format }: Delivered,
  { stages, plan, text }: DeliveredRun,
): string | undefined {
  const { source, range } = question;
  const { file, changedAt, reducer, entries } = source;
  const material = plan?.material?.();
  if (material === undefined || statSync(file, { throwIfNoEntry: false })?.mtimeMs !== changedAt) return undefined;
  const commands = stages.map(({ command, args, inProcessArgs }) => [command, args, inProcessArgs]);
  const command = reducer.kind === 'command' ? reducer.command.text : reducer.kind;
  const ranges = [range.begin.text, range.end.text];
  const facts = [VERSION, COMMIT, rk, format, via, ranges, commands, text?.(), material, file, changedAt, command];
  return JSON.stringify([...facts, ...entries]);
}

/** Why a delivery has no digest, whatever was sent of it: `ok` needs a pipeline that ended well and a client that took all of it. */
export function faultOf({ result, outcome }: DeliveryEnd): { state: EntryState; reason: string } | undefined {
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
  return undefined;
}

/** True if there may be more data in the interval tomorrow: it reaches the present, or beyond what there is. */
export function isOpen({ question, request }: Pick<Delivered, 'question' | 'request'>): boolean {
  const { end } = question.asked;
  const now = request.receivedAt;
  if (compareTimes(end.time, timeFromUnix(now)) >= 0) return true;
  const valid = validRangeOf(question.source, now);
  return valid !== undefined && compareTimes(end.time, valid.end) > 0;
}
