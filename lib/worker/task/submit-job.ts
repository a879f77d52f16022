/**
 * Further jobs of a job: queued on behalf of whoever asked for it (server-internals 3.2).
 */
import type { Broker, Submitted } from '../../queue/broker.js';
import { BrokerUnreachable } from '../../queue/broker-error.js';
import type { Category } from '../../queue/category.js';
import { type Job, makeJob, waitingText } from '../../queue/item.js';

/** Queues a job. With `repeat` also if the same work is queued, or is what is being done. `unreachable`: the queue does not answer. */
export type SubmitJob = (
  category: Category,
  fields: readonly string[],
  options?: { readonly repeat?: boolean },
) => Promise<Submitted | 'unreachable'>;

/** Queues jobs for the requester of a job. */
export function submitFor(broker: Broker, { requester, requesterExtra, remote, user }: Job): SubmitJob {
  return async (category, fields, options = {}) => {
    const job = makeJob({ category, fields, requester, requesterExtra, remote, user });
    try {
      return await broker.submit(waitingText(job), options);
    } catch (error) {
      if (error instanceof BrokerUnreachable) return 'unreachable';
      throw error;
    }
  };
}
