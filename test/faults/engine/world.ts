/**
 * Everything a round works with: the instance, its programs and workers, the checks, and where a fault notes what it has done.
 */
import { RESULT } from '../../../lib/queue/item.js';
import type { Random } from '../../fuzz/random.js';
import type { RedisServer } from '../../tools/redis-server.js';
import type { AnswerCheck } from './answers.js';
import type { BlockCheck } from './blocks.js';
import type { JobCheck } from './jobs.js';
import { type Programs, pause, type RunningWorker, within } from './programs.js';
import type { Publications } from './publications.js';
import { type FaultSite, LEASE_SECONDS } from './site.js';

/** What runs is ended within 10 s; the machine may be busy. */
const STOP_MS = 60_000;

export interface World {
  readonly kind: 'spool' | 'redis';
  readonly site: FaultSite;
  readonly programs: Programs;
  readonly workers: Workers;
  readonly redis: RedisServer | undefined;
  readonly answers: AnswerCheck;
  readonly blocks: BlockCheck;
  readonly jobs: JobCheck;
  readonly publications: Publications;
  /** What a fault saw itself that should not be; emptied by the round. */
  readonly found: string[];
}

/** The reader's own failure, of some blocks or of all. */
export const FAILED: readonly number[] = [RESULT.partly, RESULT.failed];
/**
 * Its worker was lost too often. A short lease ends in no time where processes are killed, stand still, or lose their queue.
 */
export const LOST: readonly number[] = [RESULT.gaveUp];

/** What a fault does in a round. All parts are called in this order; `during` runs while workers and fronts are busy. */
export interface Fault {
  readonly name: string;
  /** Default: both. */
  readonly broker?: 'spool' | 'redis';
  /** Codes with which jobs may end besides those that say it went well. */
  readonly mayEndWith?: readonly number[];
  /** Blocks fail for a while, so jobs of requests may leave out those that failed in another one. */
  readonly mayHold?: boolean;
  /** Each job is queued twice. */
  readonly twice?: boolean;
  /** Why it cannot be done here. */
  unable?(world: World): string | undefined;
  /** Before there is any work. */
  before?(world: World, random: Random): Promise<void> | void;
  during?(world: World, random: Random): Promise<void>;
  /** Makes everything as it was. */
  after?(world: World, random: Random): Promise<void> | void;
}

/** The workers of the site. There are always as many as there should be, unless a fault has ended them. */
export class Workers {
  killed = 0;
  private running: RunningWorker[] = [];

  constructor(
    private readonly programs: Programs,
    readonly wanted = 2,
  ) {}

  get all(): readonly RunningWorker[] {
    return this.running;
  }

  /** Starts workers until there are enough. */
  fill(): void {
    this.sweep();
    while (this.running.length < this.wanted) this.running.push(this.programs.worker(LEASE_SECONDS));
  }

  /** Starts one with a clock of its own. */
  startOff(clock: string): void {
    this.running.push(this.programs.worker(LEASE_SECONDS, clock));
  }

  /** Ends one by a signal that it cannot hear. */
  async kill(worker: RunningWorker): Promise<void> {
    this.killed++;
    worker.signal('SIGKILL');
    await worker.ended();
  }

  /** Ends all politely. The statuses that are no good. */
  async stop(): Promise<string[]> {
    const faults: string[] = [];
    for (const worker of this.running) worker.signal('SIGTERM');
    for (const worker of this.running) {
      const status = (await within(STOP_MS, worker.ended())) ?? 'nothing in a minute';
      // Asked so early that nobody listened for signals yet: it had not begun.
      const hasNotBegun = status === 'SIGTERM' && worker.errors() === '';
      if (status !== 0 && !hasNotBegun)
        faults.push(`a worker that was asked to end ended with ${status}: ${worker.errors().slice(-500)}`);
    }
    this.running = [];
    return faults;
  }

  /** Workers that have ended though nobody asked them to. */
  unexpectedEnds(): string[] {
    return this.running
      .filter(({ alive }) => !alive)
      .map((worker) => `worker ${worker.pid} has ended: ${worker.errors().slice(-500)}`);
  }

  /** What they say they do, for people. */
  async describe(): Promise<string> {
    for (const worker of this.running) worker.signal('SIGUSR1');
    await pause(500);
    return this.running.map((worker) => worker.errors().slice(-1000)).join('; ');
  }

  /** Forgets those that were killed. */
  sweep(): void {
    this.running = this.running.filter(({ alive }) => alive);
  }
}
