/**
 * `server=hash`: which digests of a request are known (citation 13.4). With `compute=1` one is computed if there is none.
 */
import { LogStore } from '../../cite/log-store.js';
import { statesOf } from '../../cite/states.js';
import { jsonReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../context.js';
import { accessHeaders } from '../data/question.js';
import { versionOf } from './entry.js';
import { citedQuestion } from './question.js';

/** Answers with what the log knows. */
export async function knownDigests(context: ServerContext, request: Request): Promise<Reply> {
  const cited = await citedQuestion(context, request);
  const { rk, question } = cited;
  const root = context.configuration.path('CITE_ROOT');
  let entries = root === undefined ? [] : [...new LogStore(root).find(rk).entries];
  let isComputed = false;
  let problem: string | undefined;
  if (statesOf(entries).length === 0 && request.parameters.get('compute') === '1') {
    const { computeState } = await import('./compute.js');
    const computed = await computeState(context, request, cited, entries);
    if (computed.kind === 'state') {
      entries = [computed.entry, ...entries];
      isComputed = true;
    } else if (computed.kind === 'known' && root !== undefined) entries = [...new LogStore(root).find(rk).entries];
    else problem = computed.kind === 'failed' ? computed.reason : 'the data are too many to be read now';
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
    dsver: versionOf(context, question.source),
    computed: isComputed,
    problem,
  };
  return jsonReply(request, value, { headers: [['Cache-Control', 'no-store'], ...accessHeaders(question.source)] });
}
