/**
 * What a queue of jobs can do, without naming a store. The spool folder and Redis both keep to it, and one suite of tests runs
 * on both (test/queue/brokers.ts).
 *
 * The life of a job: submit -> todo -> take -> working (leased to one slot of a worker, renewed by `beat`) -> finish ->
 * finished. A lease that is not renewed ends, and `reclaim` of any other worker puts the job back, three times at the
 * most; then it is finished with code 14 and copied to the dead list. Every step is atomic: a job is on exactly one list
 * whenever a process dies.
 *
 * A broker knows items as text. What is in them is the business of item.ts. Methods reject with a `BrokerUnreachable` error
 * (see broker-error.ts) while the store cannot be reached, and can be called again.
 */

import { itemTime } from './item.js';

/** Jobs that wait (`todo`, those put off included), were done (`finished`) or given up (`dead`). */
export type ListName = 'todo' | 'finished' | 'dead';

/** What became of a submission. */
export type Submitted = 'queued' | 'duplicate' | 'full';

export interface WorkingEntry {
  /** The list as a person names it: `das2_working_<holder>`. */
  readonly list: string;
  /** `<host>-<pid>-<slot>`, or the process id of an older worker. */
  readonly holder: string;
  readonly text: string;
  /** Seconds since the holder gave a sign of life; undefined if there is none (any more), or it never gives one. */
  readonly beatAge: number | undefined;
}

/** What `reclaim` did with a job. */
export interface Reclaimed {
  readonly holder: string;
  readonly item: string;
  /** It waits again; it was given up; it had ended already and its record was completed. */
  readonly outcome: 'requeued' | 'dead' | 'completed';
}

export interface SubmitOptions {
  /** Taken before all that waits. */
  readonly urgent?: boolean;
  /** Also if the same work waits already. */
  readonly repeat?: boolean;
}

/** Locks that all workers of a queue see, whatever their file systems make of lock files. */
export interface SharedLocks {
  /** Takes locks for `seconds`; false for each that another owner has. The same owner renews one by taking it again. */
  take(names: readonly string[], owner: string, seconds: number): Promise<readonly boolean[]>;
  /** Lets locks go, as far as the owner still has them. */
  release(names: readonly string[], owner: string): Promise<void>;
}

export interface Broker {
  readonly kind: 'redis' | 'spool';
  /** Where it is, without any secret, for messages. */
  readonly place: string;

  // For those who want something done.

  /** Queues a waiting item unless the same work is queued or under way, or too many wait. */
  submit(item: string, options?: SubmitOptions): Promise<Submitted>;

  // For a slot of a worker. `holder` is its name.

  /**
   * The oldest waiting item, now leased to the holder; our own categories first. Waits up to `waitSeconds`. An item that the holder has
   * already (its answer got lost) is given again.
   */
  take(holder: string, waitSeconds: number, signal?: AbortSignal): Promise<string | undefined>;
  /** Renews the lease. False if the holder has nothing any more though `holding`: somebody else took the job over. */
  beat(holder: string, holding: boolean): Promise<boolean>;
  /** Writes the working text of the job. False as for `beat`. */
  note(holder: string, text: string): Promise<boolean>;
  /** Ends the job. `text` is the finished text; `dead` copies the item to the dead list as well. False as for `beat`. */
  finish(holder: string, text: string, options?: { readonly dead?: boolean }): Promise<boolean>;
  /** Puts the item back as it was, to be taken next. Does not count as a failed run. */
  giveBack(holder: string): Promise<boolean>;
  /**
   * Puts the item back to wait. `seconds` may depend on how often it has been lost or put off, this time included (1, 2, …).
   * `exhausted`: it has run too often; nothing is changed and the caller ends it. `counted` false: it has not run at all, and may be put
   * off as often as need be.
   */
  postpone(
    holder: string,
    seconds: number | ((attempt: number) => number),
    options?: { readonly counted?: boolean },
  ): Promise<'postponed' | 'exhausted' | 'lost'>;
  /** The slot ends: its sign of life goes. */
  retire(holder: string): Promise<void>;
  /**
   * Puts back the jobs of workers that died. `holder` names one to take from whatever it looks like (an older worker); `ended`: it is known to
   * be gone, although its last sign of life may still hold.
   */
  reclaim(holder?: string, options?: { readonly ended?: boolean }): Promise<readonly Reclaimed[]>;

  /** For workers of several machines. Undefined where the queue is that of one machine: lock files do all there is to do. */
  readonly locks: SharedLocks | undefined;

  // For people.

  /** Up to `limit` items of a list, newest first. */
  list(name: ListName, limit?: number): Promise<readonly string[]>;
  /** Of the waiting items those that are put off, and until when (milliseconds). */
  putOff(): Promise<ReadonlyMap<string, number>>;
  working(): Promise<readonly WorkingEntry[]>;
  count(name: ListName): Promise<number>;
  /** The waiting item that was asked for first, as far as the ends of the lists tell; undefined if none waits. */
  oldest(): Promise<string | undefined>;
  /** Takes one item, by its exact text, off a list. False if it is not there (any more). */
  remove(name: ListName, item: string): Promise<boolean>;
  /** Moves a waiting item to where it is taken next. */
  raise(item: string): Promise<boolean>;
  /** Empties a list; the number of items that were on it. */
  clear(name: ListName): Promise<number>;

  close(): Promise<void>;
}

/** Limits of a queue. */
export interface QueueLimits {
  /** Most items that may wait (`QUEUE_MAX`). */
  readonly waiting: number;
  /** Finished and dead items kept, 0 for all (`FINISHED_KEEP`). */
  readonly finished: number;
  /** Seconds without a sign of life after which a worker counts as dead, unless its last one has said otherwise. */
  readonly leaseSeconds: number;
}

/**
 * A job that is lost or put off waits again so often; the next time it is given up. This is the rule of server-internals 3.6 by its words: the
 * count grows with each loss, up to 3 the item goes back, else it ends with code 14 and on the dead list. So a job runs four times at the most, and
 * the fourth loss is its end. The list of tests there (38) speaks of the third loss; we read it as the third one of a repeated run, the first
 * loss having come in the sentence before it. One loss fewer would give up a job that 3.6 wants to be run again.
 */
export const MOST_RETRIES = 3;
/** Seconds after which a submission is no longer taken for a duplicate, whatever became of it. */
export const PENDING_SECONDS = 86_400;
export const LEASE_SECONDS = 30;

const OURS = /^[A-Za-z0-9._-]+-\d+-\d+$/;

/** Name of a slot. Its form tells our workers from older ones, whose names are mere numbers. */
export function holderName(host: string, pid: number, slot: number): string {
  return `${host.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 100) || 'host'}-${pid}-${slot}`;
}

/** True for the name of one of our slots. */
export function isOurHolder(holder: string): boolean {
  return OURS.test(holder);
}

/** What the sign of life of a slot says, JSON: who it is, what is known of its process, when, and for how many seconds it holds (3.6). */
export function lifeText(
  life: Readonly<Record<string, unknown>> | undefined,
  holder: string,
  leaseSeconds: number,
): string {
  const slot = Number(holder.slice(holder.lastIndexOf('-') + 1));
  return JSON.stringify({ ...life, slot, holder, time: itemTime(Date.now()), lease: leaseSeconds });
}

/** For how many seconds a sign of life holds; undefined if it does not say. */
export function leaseOf(life: string | null | undefined): number | undefined {
  try {
    const { lease } = JSON.parse(life ?? '{}') as { readonly lease?: unknown };
    return typeof lease === 'number' && lease > 0 ? lease : undefined;
  } catch {
    return undefined;
  }
}

/** Of some items the one that was asked for first: request times are ISO text in the first field. */
export function firstAsked(items: readonly string[]): string | undefined {
  return items.reduce<string | undefined>(
    (first, item) => (first === undefined || item < first ? item : first),
    undefined,
  );
}

/** Finished text of a job that was lost too often. */
export const GAVE_UP_STATUS = `given up: its worker was lost, and it has been tried again ${MOST_RETRIES} times`;
