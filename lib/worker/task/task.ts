/**
 * What a task is: does one job, with what the worker gives it.
 *
 * Contract: a task gets a job whose fields have the right form, and nothing more: whether the dataset exists, and whether it may be asked
 * for, is its business. It ends with a code and a status, or throws: `RetryLater` for what may pass, `PutOff` where its time has not come, anything
 * else is code 13.
 */
import type { QueueLocks } from '../../cache/builder/locks.js';
import type { Configuration } from '../../conf/configuration.js';
import type { Job } from '../../queue/item.js';
import type { SourceTree } from '../../source/tree/source-tree.js';
import type { WorkCount } from '../metrics/metrics.js';
import type { SubmitJob } from './submit-job.js';

/** What a task works with. */
export interface TaskContext {
  readonly configuration: Configuration;
  readonly sources: SourceTree;
  /** One line for the administrator. */
  readonly log: (line: string) => void;
  /** What is being done, and how far it is, from 0 to 1. */
  readonly progress: (status: string, fraction: number) => void;
  /** So much of something was done, for the numbers of the worker. */
  readonly worked?: (what: WorkCount, number: number) => void;
  /** Queues a job for the same requester. Absent where there is no queue. */
  readonly submit?: SubmitJob;
  /** Where workers of other machines lock blocks; undefined where the queue is that of one machine. */
  readonly queueLocks?: QueueLocks | undefined;
  /** Aborted when the worker ends or has lost the job; children are then ended, and the task rejects. */
  readonly signal: AbortSignal;
}

/** How a job has ended. */
export interface TaskResult {
  /** One of `RESULT` (server-internals 3.3). */
  readonly code: number;
  /** For operators, and for anybody who sees the queue. */
  readonly status: string;
}

export type Task = (job: Job, context: TaskContext) => Promise<TaskResult>;

/** Something that may be gone later: a full disk, a time limit, a reader that was killed. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
}

/** Not its turn yet: waits so many seconds, as often as need be. */
export class PutOff extends Error {
  override readonly name = 'PutOff';
  readonly seconds: number;

  constructor(message: string, seconds: number) {
    super(message);
    this.seconds = seconds;
  }
}

/** Nobody here can do such a job; another version may. */
export class NotDoneHere extends Error {
  override readonly name = 'NotDoneHere';
}
