/**
 * A data answer before anything runs: its headers, with validators where it is settled, and the answers that need no data: those to HEAD, and
 * 304 to clients that have the data already (RFC 9110 13, server-internals 11).
 *
 * Contract: asked only when access has been granted. The blocks of a 304 are not opened. Live, spliced and unsettled answers have no
 * validators, and whatever a client shows of them gets the whole answer.
 */
import type { DataRun } from '../../data/run.js';
import type { AnswerFacts } from '../../data/validators.js';
import { emptyReply } from '../../reply/build-reply.js';
import type { Header } from '../../reply/headers.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';

/** Type and headers of an answer. */
export interface ReplyHead {
  readonly contentType: string;
  readonly headers: readonly Header[];
}

export interface FinalHead {
  readonly head: ReplyHead;
  /** The answer has validators, so a cache that takes it for whole would show it for ever. */
  readonly isKept: boolean;
}

export interface PreparedReply {
  /** The answer, if it has no body. */
  readonly bodiless: Reply | undefined;
  /** The head when the first byte is there: a block that has been found damaged by then is made by the reader. */
  finalHead(): FinalHead;
}

/** Prepares the answer of a run. `factsOf` is asked for settled answers alone. */
export async function prepareReply(
  { notes, log }: ServerContext,
  request: Request,
  { run, head, factsOf }: { readonly run: DataRun; readonly head: ReplyHead; readonly factsOf: () => AnswerFacts },
): Promise<PreparedReply> {
  const { plan, stages } = run;
  const validators = plan?.validators(stages, factsOf) ?? [];
  const isSettled = validators.length > 0;
  const full = isSettled ? { ...head, headers: [...head.headers, ...validators] } : head;
  // Made in any case: a fault of the headers must show before a reader runs.
  const headersAlone = emptyReply(request, 200, full);
  let bodiless = request.method === 'HEAD' ? headersAlone : undefined;
  const isConditional = request.headers.has('if-none-match') || request.headers.has('if-modified-since');
  if (isSettled && isConditional && (await import('../../reply/conditional.js')).isUnchanged(request, validators)) {
    log.line('The client has the answer already');
    notes.cache = 'hit';
    bodiless = { ...headersAlone, status: 304, isDocument: false };
  }
  return {
    bodiless,
    finalHead() {
      const isKept = isSettled && !plan?.isDamaged();
      return { head: isKept ? full : head, isKept };
    },
  };
}
