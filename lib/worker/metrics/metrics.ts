/**
 * What the worker has done, what waits, and what the cache is good for: numbers for a file or for who asks on the loopback
 * (door.ts), and whether all is well.
 */

import type { SiteNumbers } from './site-numbers.js';
import { type MetricFamily, metricsText, oneNumber } from './text.js';

/** What tasks count while they work. */
export type WorkCount = 'blocksBuilt' | 'blocksFailed' | 'blockBytes';

/** What is on the lists of the queue; for all workers together. */
export interface QueueState {
  readonly waiting: number;
  readonly working: number;
  readonly dead: number;
  /** Seconds since the oldest waiting job was asked for; undefined if none waits. */
  readonly oldestSeconds: number | undefined;
}

/** The state that the numbers are made from besides the counters. */
export interface WorkerState {
  readonly slots: number;
  readonly busy: number;
  /** Undefined while the queue cannot be reached. */
  readonly queue: QueueState | undefined;
  readonly site: SiteNumbers;
}

const PREFIX = 'das2_arbiter_';

export class WorkerMetrics {
  readonly #ended = new Map<string, { count: number; seconds: number }>();
  readonly #work: Record<WorkCount, number> = { blocksBuilt: 0, blocksFailed: 0, blockBytes: 0 };
  #lost = 0;
  #reclaimed = 0;
  #up = true;
  readonly #start = Date.now();

  /** A job has come to its end. */
  ended(category: string, code: number, seconds: number): void {
    const key = `category="${category}",code="${code}"`;
    const entry = this.#ended.get(key) ?? { count: 0, seconds: 0 };
    entry.count++;
    entry.seconds += seconds;
    this.#ended.set(key, entry);
  }

  /** A task has done so much more. */
  worked(what: WorkCount, number: number): void {
    this.#work[what] += number;
  }

  /** A job of ours was taken over by another worker. */
  lost(): void {
    this.#lost++;
  }

  /** Jobs of dead workers were put back. */
  reclaimed(count: number): void {
    this.#reclaimed += count;
  }

  /** True if this is news. */
  brokerLost(): boolean {
    const news = this.#up;
    this.#up = false;
    return news;
  }

  /** True if this is news. */
  brokerReached(): boolean {
    const news = !this.#up;
    this.#up = true;
    return news;
  }

  /** The numbers in the form of Prometheus. */
  text(state: WorkerState): string {
    return metricsText(PREFIX, [...this.#jobFamilies(), ...stateFamilies(state), ...this.#workerFamilies(state)]);
  }

  /** Whether the worker can do its work, for who watches it. */
  health({ slots, busy, queue }: WorkerState): { readonly ok: boolean; readonly [key: string]: unknown } {
    const ok = this.#up && queue !== undefined;
    const waiting = queue === undefined ? {} : { waiting: queue.waiting, oldestSeconds: queue.oldestSeconds ?? 0 };
    return { ok, queue: ok ? 'reached' : 'out of reach', slots, busy, ...waiting };
  }

  #jobFamilies(): MetricFamily[] {
    const ended = [...this.#ended];
    return [
      {
        name: 'jobs_total',
        type: 'counter',
        help: 'Jobs that have ended.',
        samples: ended.map(([key, { count }]) => [key, count]),
      },
      {
        name: 'job_seconds_total',
        type: 'counter',
        help: 'Time that jobs took.',
        samples: ended.map(([key, { seconds }]) => [key, seconds]),
      },
      oneNumber('counter', 'jobs_lost_total', 'Jobs that another worker took over.', this.#lost),
      oneNumber('counter', 'jobs_reclaimed_total', 'Jobs of dead workers put back.', this.#reclaimed),
      oneNumber('counter', 'blocks_built_total', 'Cache blocks made.', this.#work.blocksBuilt),
      oneNumber('counter', 'blocks_failed_total', 'Cache blocks that could not be made.', this.#work.blocksFailed),
      oneNumber('counter', 'block_bytes_total', 'Size of the cache blocks made.', this.#work.blockBytes),
    ];
  }

  #workerFamilies({ slots, busy }: WorkerState): MetricFamily[] {
    return [
      oneNumber('gauge', 'slots', 'Jobs that can run at the same time.', slots),
      oneNumber('gauge', 'slots_busy', 'Jobs that run.', busy),
      oneNumber('gauge', 'broker_up', '1 if the queue can be reached.', this.#up ? 1 : 0),
      oneNumber('gauge', 'start_time_seconds', 'When the worker began, in Unix time.', this.#start / 1000),
    ];
  }
}

function stateFamilies({ queue, site }: WorkerState): MetricFamily[] {
  const { cache, freeBytes, requests } = site;
  const answered = requests.hit + requests.partial + requests.miss;
  return [
    oneNumber('gauge', 'jobs_waiting', 'Jobs that wait.', queue?.waiting),
    oneNumber('gauge', 'jobs_working', 'Jobs that run, of all workers.', queue?.working),
    oneNumber('gauge', 'jobs_dead', 'Jobs that were given up.', queue?.dead),
    oneNumber(
      'gauge',
      'oldest_job_seconds',
      'How long the oldest job has waited.',
      queue && (queue.oldestSeconds ?? 0),
    ),
    oneNumber('gauge', 'cache_blocks', 'Blocks in the cache when it was last looked at.', cache?.blocks),
    oneNumber('gauge', 'cache_bytes', 'Size of the cache when it was last looked at.', cache?.bytes),
    oneNumber('gauge', 'cache_free_bytes', 'Free space where the cache is.', freeBytes),
    {
      name: 'cache_requests_total',
      type: 'counter',
      help: 'Data requests of this month by what the cache had for them.',
      samples: Object.entries(requests).map(([outcome, count]) => [`outcome="${outcome}"`, count]),
    },
    oneNumber(
      'gauge',
      'cache_hit_ratio',
      'Part of the data requests with a cache level that needed no reader.',
      answered === 0 ? undefined : requests.hit / answered,
    ),
  ];
}
