/**
 * One slot of a worker: takes jobs one after the other and does them (server-internals 3.4, 3.6).
 *
 * The slot never loses a job of its own accord: what it takes it ends, puts off or gives back. While the queue is out of
 * reach it goes on with its job and waits with the result. A job that another worker took over meanwhile is dropped at once.
 */

import { errorDetail } from '../../conf/configuration-error.js';
import type { Broker } from '../../queue/broker.js';
import { BrokerUnreachable } from '../../queue/broker-error.js';
import { HeldLocks } from '../../queue/held-locks.js';
import { itemId } from '../../queue/identity.js';
import { finishedText, itemTime, type Job, RESULT, tryParseItem, workingText } from '../../queue/item.js';
import { retryDelay } from '../../queue/retry-delay.js';
import type { WorkerMetrics } from '../metrics/metrics.js';
import { submitFor } from '../task/submit-job.js';
import { NotDoneHere, PutOff, RetryLater, type TaskContext, type TaskResult } from '../task/task.js';
import { runTask } from '../task/tasks.js';
import { farewell, untilReached } from './ask-queue.js';
import type { WorkerLog } from './log.js';
import { type Notes, noting } from './note-progress.js';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, type Pauses } from './pauses.js';
import type { Site } from './site.js';

/**
 * Most seconds that one question for a job may wait: signals and signs of life come in between. It ends before the lease does, or a worker
 * that stands still would be handed the very jobs that were taken from it.
 */
const WAIT_SECONDS = 5;
const ONCE_WAIT_SECONDS = 0.2;
/** A job for a worker of another version is looked at again after this time, should that one not have taken it. */
const NOT_DONE_HERE_SECONDS = 3600;
/** What becomes of a job when the worker ends and the queue is away. */
const LEFT = 'left to other workers: the queue cannot be reached';

export interface SlotOptions {
  readonly broker: Broker;
  readonly holder: string;
  readonly log: WorkerLog;
  readonly metrics: WorkerMetrics;
  /** Those of all slots. */
  readonly pauses: Pauses;
  /** What holds now; a reload may change it between jobs. */
  readonly site: () => Site;
  /** Aborted when the worker is to end. */
  readonly stop: AbortSignal;
  /** End when there is nothing to take. */
  readonly once: boolean;
  readonly leaseSeconds: number;
}

/** Categories of which jobs in an older form have come: each is told once (3.2). */
const toldOlderForms = new Set<string>();

/** The worker is to end. */
class Stopped extends Error {}
/** Another worker has the job now. */
class Lost extends Error {}

export class Slot {
  readonly #options: SlotOptions;
  readonly #waitSeconds: number;
  readonly #locks: HeldLocks | undefined;
  #current:
    | { readonly id: string; readonly category: string; readonly since: number; status: string; fraction: number }
    | undefined;
  #lost: AbortController | undefined;
  /** Nothing is left of a dead process that had the same name: containers give the same process id again and again. */
  #entered = false;

  constructor(options: SlotOptions) {
    this.#options = options;
    const { broker, holder, leaseSeconds } = options;
    this.#waitSeconds = Math.min(WAIT_SECONDS, leaseSeconds / 2);
    if (broker.locks !== undefined) this.#locks = new HeldLocks(broker.locks, holder, leaseSeconds);
  }

  get holder(): string {
    return this.#options.holder;
  }

  /** True while the slot has a job. */
  get busy(): boolean {
    return this.#current !== undefined;
  }

  /** One line about what it does. */
  describe(): string {
    if (this.#current === undefined) return 'idle';
    const { id, category, since, status, fraction } = this.#current;
    const seconds = Math.round((Date.now() - since) / 1000);
    return `${category} ${id}, ${seconds} s, ${Math.round(fraction * 100)}% ${status}`.trimEnd();
  }

  /** Renews the lease, and the locks of blocks; drops the job if it is another's now. Rejects with `BrokerUnreachable`. */
  async beat(): Promise<void> {
    if (!this.#entered) return;
    const job = this.#current;
    const kept = await this.#options.broker.beat(this.holder, job !== undefined);
    // The answer speaks of the job of then.
    if (!kept && job !== undefined && job === this.#current) this.#lost?.abort(new Lost());
    await this.#locks?.renew();
  }

  /** Takes and does jobs until the worker is to end, or with `once` until there are none. */
  async run(): Promise<void> {
    const { broker, stop, once, log, metrics, pauses } = this.#options;
    let pause = FIRST_PAUSE_MS;
    while (!stop.aborted) {
      try {
        if (!this.#entered) await this.#enter();
        const item = await broker.take(this.holder, once ? ONCE_WAIT_SECONDS : this.#waitSeconds, stop);
        if (metrics.brokerReached()) log.info('the job queue answers again');
        pause = FIRST_PAUSE_MS;
        if (item !== undefined) await this.#do(item);
        else if (once) break;
      } catch (error) {
        if (!(error instanceof BrokerUnreachable) || once) throw error;
        if (metrics.brokerLost()) log.error(errorDetail(error));
        await pauses.wait(pause, stop);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
    // The answer to the last question may have been a job that nobody has heard of.
    if (stop.aborted) await farewell(() => broker.giveBack(this.holder));
    // Others of this worker may go on for long: a further sign of life would outlive this slot.
    this.#entered = false;
    await farewell(() => broker.retire(this.holder));
  }

  /** Takes over the name from a process that had it before; a job that this one died of must not come back for ever. */
  async #enter(): Promise<void> {
    const { broker, log, metrics } = this.#options;
    const found = await broker.reclaim(this.holder, { ended: true });
    metrics.reclaimed(found.length);
    for (const { item, outcome } of found) {
      log.error(`${outcome}, from a worker of the same name: ${item}`);
      if (outcome === 'dead') await this.#givenUp(item, 'its worker was lost each time');
    }
    // Before there is a job that others could take for a lost one.
    await broker.beat(this.holder, false);
    this.#entered = true;
  }

  async #do(item: string): Promise<void> {
    const { log, metrics } = this.#options;
    const parsed = tryParseItem(item);
    const begin = Date.now();
    const id = itemId(item);
    if (typeof parsed === 'string') {
      log.error(`${id} refused: ${parsed}`);
      metrics.ended('unreadable', RESULT.refused, 0);
      await this.#finish(item, begin, { code: RESULT.refused, status: parsed });
      return;
    }
    const { job } = parsed;
    if (parsed.stage === 'waiting' && parsed.olderForm && !toldOlderForms.has(job.category)) {
      toldOlderForms.add(job.category);
      log.info(
        `${id} is a ${job.category} of an older form, with an empty field too many; others are taken without a word`,
      );
    }
    log.info(`${id} begins: ${[job.category, ...job.fields].join(' ')}`);
    this.#current = { id, category: job.category, since: begin, status: '', fraction: 0 };
    this.#lost = new AbortController();
    try {
      const result = await this.#task(job, begin);
      const good = result.code === RESULT.done || result.code === RESULT.superseded;
      log[good ? 'info' : 'error'](`${id} ended with ${result.code}: ${result.status}`);
      metrics.ended(job.category, result.code, (Date.now() - begin) / 1000);
      if (!(await this.#finish(item, begin, result))) log.info(`${id} was taken over by another worker`);
    } catch (error) {
      await this.#unfinished(id, job, item, begin, error);
    } finally {
      this.#current = undefined;
      this.#lost = undefined;
    }
  }

  /** Runs the task and keeps its progress in the queue. */
  async #task(job: Job, begin: number): Promise<TaskResult> {
    const { broker, log, stop, metrics, site } = this.#options;
    const lost = this.#lost as AbortController;
    const signal = AbortSignal.any([stop, lost.signal]);
    const context: TaskContext = {
      ...site(),
      log: (line) => log.error(line),
      progress: (status, fraction) => {
        if (this.#current === undefined) return;
        this.#current.status = status;
        this.#current.fraction = fraction;
        log.debug(`${Math.round(fraction * 100)}% ${status}`);
      },
      worked: (what, number) => metrics.worked(what, number),
      submit: submitFor(broker, job),
      queueLocks: this.#locks,
      signal,
    };
    const notes: Notes = {
      text: () => {
        const current = this.#current;
        if (current === undefined || signal.aborted) return undefined;
        return workingText(job, { begin: itemTime(begin), status: current.status, fraction: current.fraction });
      },
      write: (text) => broker.note(this.holder, text),
      lost: () => lost.abort(new Lost()),
    };
    try {
      const result = await noting(notes, () => runTask(job, context));
      if (lost.signal.aborted) throw new Lost();
      return result;
    } catch (error) {
      if (lost.signal.aborted) throw new Lost();
      if (stop.aborted) throw new Stopped();
      throw error;
    }
  }

  /** The job has no result: the worker ends, or it is to be tried again, or it is not ours any more. */
  async #unfinished(id: string, job: Job, item: string, begin: number, error: unknown): Promise<void> {
    const { broker, log, metrics } = this.#options;
    if (error instanceof Lost) {
      metrics.lost();
      log.info(`${id} dropped: another worker has it now`);
      return;
    }
    if (error instanceof Stopped) {
      const back = await farewell(() => broker.giveBack(this.holder));
      log.info(`${id} ${back === true ? 'given back' : LEFT}`);
      return;
    }
    if (error instanceof NotDoneHere) {
      await untilReached(() => broker.postpone(this.holder, NOT_DONE_HERE_SECONDS, { counted: false }), this.#options);
      log.error(`${id} waits for another worker: ${error.message}`);
      return;
    }
    if (error instanceof PutOff) {
      const { seconds, message } = error;
      await untilReached(() => broker.postpone(this.holder, seconds, { counted: false }), this.#options);
      log.debug(`${id} put off for ${seconds} s: ${message}`);
      return;
    }
    if (!(error instanceof RetryLater)) throw error;
    let seconds = 0;
    const wait = (attempt: number): number => (seconds = retryDelay(attempt));
    const outcome = await untilReached(() => broker.postpone(this.holder, wait), this.#options);
    if (outcome === 'exhausted') {
      const result = { code: RESULT.gaveUp, status: `given up: ${error.message}` };
      metrics.ended(job.category, result.code, (Date.now() - begin) / 1000);
      log.error(`${id} ${result.status}`);
      await this.#givenUp(item, error.message);
      await this.#finish(item, begin, result);
    } else if (outcome === 'postponed') log.info(`${id} put off for ${Math.round(seconds)} s: ${error.message}`);
    else log.info(`${id} ${outcome === 'lost' ? 'was taken over by another worker' : LEFT}`);
  }

  async #givenUp(item: string, reason: string): Promise<void> {
    const { noteGivenUp } = await import('./given-up.js');
    noteGivenUp(item, reason, this.#options.site());
  }

  async #finish(item: string, begin: number, result: TaskResult): Promise<boolean> {
    const text = finishedText(item, {
      begin: itemTime(begin),
      status: result.status,
      end: itemTime(Date.now()),
      code: result.code,
    });
    const dead = result.code === RESULT.gaveUp;
    const ask = () => this.#options.broker.finish(this.holder, text, { dead });
    return (await untilReached(ask, this.#options)) ?? false;
  }
}
