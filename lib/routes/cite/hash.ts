/**
 * `server=hash`: which digests of a request are known (citation 13.4). With `compute=1` one is computed if there is none: now, or by
 * the worker (202) if the data are many.
 */

import { statesOf } from '../../cite/citation/states.js';
import { versionOf } from '../../cite/delivery/entry.js';
import { logEntries } from '../../cite/delivery/log-entries.js';
import { citedQuestion } from '../../cite/question/question.js';
import { jsonReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { neverStored, RETRY_LATER } from './headers.js';

/** Answers with what the log knows. */
export async function knownDigests(context: ServerContext, request: Request): Promise<Reply> {
  const cited = await citedQuestion(context, request);
  const { rk, question } = cited;
  let entries = [...(await logEntries(context.configuration, rk))];
  let isComputed = false;
  let isLater = false;
  let problem: string | undefined;
  if (statesOf(entries).length === 0 && request.parameters.get('compute') === '1') {
    const { computeLater, computeState } = await import('../../cite/making/compute.js');
    const computed = await computeState(context, request, cited, entries);
    if (computed.kind === 'state') {
      entries = [computed.entry, ...entries];
      isComputed = true;
    } else if (computed.kind === 'known') entries = [...(await logEntries(context.configuration, rk))];
    else if (computed.kind === 'failed') problem = computed.reason;
    else {
      isLater = await computeLater(context, request, cited);
      problem = isLater
        ? 'the data are many, and are being read in the background'
        : 'the data are too many to be read now';
    }
  }
  const digests = statesOf(entries).map(({ digest, m, first, time, count, via, dsver, packets }) => ({
    digest,
    d2c1: digest.startsWith('sha256-d2c1:') ? digest.slice(12) : undefined,
    m,
    first,
    last: time,
    count,
    via,
    dsver,
    packets,
  }));
  const value = {
    rk,
    request: cited.request,
    digests,
    dsver: await versionOf(context, request, question.source),
    computed: isComputed,
    problem,
  };
  return jsonReply(request, value, {
    status: isLater ? 202 : 200,
    headers: [...neverStored(question.source), ...(isLater ? [RETRY_LATER] : [])],
  });
}
