/**
 * What the worker has done, as numbers in the Prometheus text form, for a file or for who asks on the loopback.
 */

/** The state that the text is made from besides the counters. */
export interface WorkerState {
  readonly slots: number;
  readonly busy: number;
  /** Jobs that wait; undefined while the queue cannot be reached. */
  readonly waiting: number | undefined;
}

export class WorkerMetrics {
  readonly #ended = new Map<string, { count: number; seconds: number }>();
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

  /** The text. */
  text(state: WorkerState): string {
    const lines: string[] = [];
    const add = (name: string, type: string, help: string, samples: readonly (readonly [string, number])[]): void => {
      lines.push(`# HELP das2_arbiter_${name} ${help}`, `# TYPE das2_arbiter_${name} ${type}`);
      for (const [labels, value] of samples)
        lines.push(`das2_arbiter_${name}${labels === '' ? '' : `{${labels}}`} ${value}`);
    };
    const ended = [...this.#ended];
    add(
      'jobs_total',
      'counter',
      'Jobs that have ended.',
      ended.map(([key, { count }]) => [key, count]),
    );
    add(
      'job_seconds_total',
      'counter',
      'Time that jobs took.',
      ended.map(([key, { seconds }]) => [key, seconds]),
    );
    add('jobs_lost_total', 'counter', 'Jobs that another worker took over.', [['', this.#lost]]);
    add('jobs_reclaimed_total', 'counter', 'Jobs of dead workers put back.', [['', this.#reclaimed]]);
    add('slots', 'gauge', 'Jobs that can run at the same time.', [['', state.slots]]);
    add('slots_busy', 'gauge', 'Jobs that run.', [['', state.busy]]);
    if (state.waiting !== undefined) add('jobs_waiting', 'gauge', 'Jobs that wait.', [['', state.waiting]]);
    add('broker_up', 'gauge', '1 if the queue can be reached.', [['', this.#up ? 1 : 0]]);
    add('start_time_seconds', 'gauge', 'When the worker began, in Unix time.', [['', this.#start / 1000]]);
    return `${lines.join('\n')}\n`;
  }
}
