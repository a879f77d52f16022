/**
 * A request that failed: one place that writes the log and makes the answer.
 *
 * Contract: the log gets everything (detail, data, stack of the unforeseen), the client what `publicMessage` lets through.
 */
import { asDas2Error, type Das2Error, isDas2Error } from '../error.js';
import { hapiVersion } from '../hapi/offer.js';
import type { RequestLog } from '../log/request-log.js';
import { errorReply } from '../reply/error-reply.js';
import type { Reply } from '../reply/reply.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';

/** The answer to a failed request; the fault is in the log. */
export async function failureReply(context: ServerContext, request: Request, error: unknown): Promise<Reply> {
  logFault(context.log, request, error);
  if (request.parameters.get('on_fault') === 'page' && isDas2Error(error, 'illegalArgument')) {
    const back = (await import('./source/form-return.js')).returnToForm(context, request);
    if (back !== undefined) return back;
  }
  return errorReply(error, request, {
    qstream: context.notes.qstream,
    detail: context.configuration.text('ERROR_DETAIL') === 'id' ? 'id' : 'tail',
    hapiVersion: hapiVersion(context.configuration),
  });
}

/** Writes a fault into the log: a line for what a client asked for in vain, everything we know for our own faults. */
export function logFault(log: RequestLog, request: Request, error: unknown): void {
  const fault = asDas2Error(error);
  // What this server does not provide is no failure either: crawlers ask for everything.
  if (fault.status < 500 || fault.status === 501) {
    log.line(`Refused (${fault.code}): ${describe(fault)}`);
    return;
  }
  const description = describe(fault).trim();
  log.line(`Failed (${fault.code}), request ${request.id}: ${firstLine(description)}`);
  if (firstLine(description) !== description) log.text(description);
  const { detail: _detail, ...data } = fault.data;
  if (Object.keys(data).length > 0) log.line(`Facts: ${safeJson(data)}`);
  const cause = fault.cause;
  if (cause instanceof Error) log.text(fault.code === 'internal' ? (cause.stack ?? String(cause)) : String(cause));
}

function describe(fault: Das2Error): string {
  const detail = fault.data.detail;
  return typeof detail === 'string' ? detail : fault.message;
}

function firstLine(text: string): string {
  return (text.trim().split('\n')[0] ?? '').slice(0, 500);
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '(not printable)';
  }
}
