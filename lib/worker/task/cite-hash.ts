/**
 * TASK_CITE_HASH: computes the digest of data that are too many to be read while a client waits (citation 8.4).
 *
 * Whoever asked for it had the right to the data; the digest goes into the log, where the same right is needed to see it.
 */
import { logEntries, requestOfKey } from '../../cite/delivery/log-entries.js';
import { computeState } from '../../cite/making/compute.js';
import { questionOf } from '../../cite/question/question.js';
import { requestFromQuery, requestKey } from '../../cite/request-key.js';
import { fieldOf, RESULT } from '../../queue/item.js';
import { ownContext, ownRequest } from '../own-request.js';
import type { Task } from './task.js';

export const citeHashTask: Task = async (job, { configuration, log, progress, signal }) => {
  const rk = fieldOf(job, 'request') ?? '';
  const root = configuration.path('CITE_ROOT');
  const text = root === undefined ? undefined : await requestOfKey(configuration, rk);
  const asked = text === undefined ? undefined : requestFromQuery(text);
  if (root === undefined || asked === undefined || requestKey(asked) !== rk) {
    return { code: RESULT.refused, status: 'there is no request with this key' };
  }
  progress(`Hashing: ${asked.dataset}`, 0);
  const context = ownContext(configuration, log);
  const request = { ...ownRequest(configuration), gone: signal };
  const cited = await questionOf(context, request, asked, { isTrusted: true });
  const entries = await logEntries(configuration, rk);
  const computed = await computeState(context, request, cited, entries, { isUnbounded: true });
  signal.throwIfAborted();
  switch (computed.kind) {
    case 'state':
      return { code: RESULT.done, status: 'the digest was computed' };
    case 'known':
      return { code: RESULT.superseded, status: 'the digest was there already' };
    case 'tooCostly':
      return { code: RESULT.failed, status: 'the data are more than MAX_RUN_TIME allows' };
    case 'failed':
      return { code: RESULT.failed, status: `the data have no digest: ${computed.reason}` };
  }
};
