/**
 * What is known of an answer when it has been delivered, before it is hashed (citation 5).
 */
import type { CachePlan } from '../../data/cache-plan.js';
import type { DataQuestion } from '../../data/question.js';
import type { Stage } from '../../pipeline/stage/stage.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import type { CanonicalRequest } from '../request-key.js';

/** An answer, as far as it is known before it is hashed. */
export interface Delivered {
  readonly context: ServerContext;
  readonly request: Request;
  readonly question: DataQuestion;
  readonly rk: string;
  readonly cited: CanonicalRequest;
  readonly via: string;
  readonly format: string;
  /** Of the body, before it was coded. */
  readonly bytes: number;
}

/** What an answer was made of. */
export interface DeliveredRun {
  readonly stages: readonly Stage[];
  readonly plan: Pick<CachePlan, 'material'> | undefined;
  /** What else is in it. */
  text?(): string | undefined;
}
