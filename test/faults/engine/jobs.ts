/**
 * Invariants: no job is lost, and none is done twice. What was accepted, and whatever was seen in the queue, is on exactly one of the lists
 * todo, working and finished; a job given up is on the dead list besides. A job that says it went well has its blocks.
 */
import type { Broker } from '../../../lib/queue/broker.js';
import { BrokerUnreachable } from '../../../lib/queue/broker-error.js';
import { fieldOf, originalText, parseItem, RESULT } from '../../../lib/queue/item.js';
import { pause } from './programs.js';

/** After all faults are over, jobs that wait or run longer are stuck. */
const SETTLE_MS = 120_000;

/** Where each item is. */
export interface Lists {
  readonly todo: readonly string[];
  readonly working: readonly string[];
  readonly finished: readonly string[];
  readonly dead: readonly string[];
}

/** What a finished job says of itself. */
export interface EndedJob {
  readonly item: string;
  readonly code: number;
  readonly status: string;
  readonly dataset: string;
  readonly begin: string;
  readonly end: string;
  readonly level: string;
}

export class JobCheck {
  /** Items that must be somewhere. */
  private readonly accepted = new Set<string>();
  private lost = 0;

  constructor(readonly broker: Broker) {}

  get count(): number {
    return this.accepted.size;
  }

  /** Grows when the store loses something. */
  get losses(): number {
    return this.lost;
  }

  /** An item that was said to be queued, when the store had lost so often. */
  accept(item: string, losses: number): void {
    if (losses === this.lost) this.accepted.add(item);
  }

  /** Notes what is in the queue; does nothing while it cannot be reached. */
  async look(): Promise<void> {
    try {
      const lists = await this.lists();
      for (const item of [...lists.todo, ...lists.working, ...lists.finished]) this.accepted.add(item);
    } catch (error) {
      if (!(error instanceof BrokerUnreachable)) throw error;
    }
  }

  /** The store has lost everything, or all that came after a copy: nothing but `kept` is owed any more. */
  forget(kept: readonly string[] = []): void {
    this.lost++;
    this.accepted.clear();
    for (const item of kept) this.accepted.add(item);
  }

  /** All lists, as items. In the direction of the flow, so that none is missed on its way. */
  async lists(): Promise<Lists> {
    const todo = await this.broker.list('todo');
    const working = (await this.broker.working()).map(({ text }) => originalText(text));
    const finished = (await this.broker.list('finished')).map(waitingPart);
    return { todo, working, finished, dead: await this.broker.list('dead') };
  }

  /** Waits until every job has come to its end; what was put off is asked for at once. The reason if that does not happen. */
  async settle(): Promise<string | undefined> {
    const end = Date.now() + SETTLE_MS;
    for (;;) {
      try {
        // Any worker may do this for another; not to wait for its clock.
        await this.broker.reclaim();
        const waiting = await this.broker.list('todo');
        if (waiting.length === 0 && (await this.broker.working()).length === 0) return undefined;
        if (Date.now() > end)
          return `${waiting.length} jobs wait and ${(await this.broker.working()).length} run for ever`;
        for (const item of waiting) await this.broker.raise(item);
      } catch (error) {
        if (!(error instanceof BrokerUnreachable)) throw error;
        if (Date.now() > end) return `the queue stays out of reach: ${error.message}`;
      }
      await pause(60);
    }
  }

  /** What is wrong with the lists. To be called when nothing runs. */
  async check(): Promise<string[]> {
    return listFaults(await this.lists(), this.accepted);
  }

  /** All jobs of the cache that have ended. */
  async ended(): Promise<EndedJob[]> {
    return (await this.broker.list('finished')).flatMap((text) => {
      const parsed = parseItem(text);
      // Workers ask for other work by themselves, such as the nightly look at cited data.
      if (parsed.stage !== 'finished' || parsed.job.category !== 'TASK_CACHE') return [];
      const { job, code, status } = parsed;
      const field = (name: string): string => fieldOf(job, name) ?? '';
      const range = { begin: field('begin'), end: field('end') };
      return [{ item: waitingPart(text), code, status, dataset: field('dataset'), ...range, level: field('level') }];
    });
  }

  /** Jobs given up of which the dead list has no copy. */
  async checkDead(ended: readonly EndedJob[]): Promise<string[]> {
    const dead = new Set(await this.broker.list('dead'));
    const missing = ended.filter(({ code, item }) => code === RESULT.gaveUp && !dead.has(item));
    return missing.map(({ item }) => `given up, and not on the dead list: ${item}`);
  }

  /** A new round: what has ended is no longer of interest. */
  async clear(): Promise<void> {
    await this.broker.clear('finished');
    await this.broker.clear('dead');
    this.accepted.clear();
  }
}

/** Items that are nowhere, or in more than one place; jobs given up without a copy on the dead list. */
export function listFaults(lists: Lists, accepted: Iterable<string>): string[] {
  const faults: string[] = [];
  const places = new Map<string, string[]>();
  for (const name of ['todo', 'working', 'finished'] as const) {
    for (const item of lists[name]) places.set(item, [...(places.get(item) ?? []), name]);
  }
  for (const item of accepted) if (!places.has(item)) faults.push(`lost: ${item}`);
  for (const [item, names] of places) if (names.length > 1) faults.push(`on ${names.join(' and ')}: ${item}`);
  return faults;
}

/** True for a job that says it has made its blocks. */
export function saysDone({ code }: EndedJob): boolean {
  return code === RESULT.done || code === RESULT.superseded;
}

/** The item as it was queued, from its finished text: four fields less. */
function waitingPart(text: string): string {
  return text.split('|').slice(0, -4).join('|');
}
