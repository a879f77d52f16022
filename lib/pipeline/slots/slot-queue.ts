/**
 * A row in which those wait who want to run a pipeline, in fair order, across processes and without a lock.
 *
 * Everybody who runs or waits holds a ticket (ticket-store.ts). Whether one may run follows from the row alone (admit.ts).
 *
 * Why no more than the limit ever run, though nobody locks anything: a ticket counts only if its owner, looking at the row
 * after putting it there, found none at the same place or behind; otherwise it is taken back and put at the new end. So a ticket
 * that somebody did not see when he found himself admitted can only stand behind him: had it been put in front of him later,
 * its owner would have seen him. What a look misses in front can thus only have ended, and the end of a ticket never takes
 * the room of one that was admitted: it makes room for one at most, of those that were kept out by it.
 *
 * A process that is killed leaves its tickets behind; whoever is kept waiting removes them, see process-identity.ts.
 * Nobody tells waiters in other processes that there is room: they look, the next in the row more often than those behind.
 */
import { Das2Error } from '../../error.js';
import { onOwnSignal } from '../process/own-signals.js';
import { isRunning, ownIdentity } from '../process/process-identity.js';
import { admit, type Row, type SlotLimits } from './admit.js';
import { NO_ADDRESS, readTickets, type TicketStore, ticketAddress, ticketName } from './ticket-store.js';

/** The right to run one pipeline. */
export interface Slot {
  /** How long it took to get it. */
  readonly waitedMs: number;
  /** Gives it back, once all stages have ended. Calling it again does nothing. */
  release(): void;
}

export interface SlotWish {
  readonly limits: SlotLimits;
  /** Address of the client; undefined if it is not counted. */
  readonly address?: string | undefined;
  /** Longest wait; 0: now or not at all. */
  readonly waitMs: number;
  /** The client has gone, or the server ends. */
  readonly gone?: AbortSignal | undefined;
}

interface Waiter {
  name: string;
  readonly address: string;
  readonly admit: () => void;
  readonly fail: (error: unknown) => void;
}

const NEXT_LOOK_MS = 15;
const LOOK_PER_PLACE_MS = 4;
const LONGEST_LOOK_MS = 250;
/** How often those in front are looked at: do they still run? */
const CHECK_MS = 1000;
/** Attempts to get to the end of the row before others who are just as quick are given way. */
const QUICK_ATTEMPTS = 20;

/** A row of tickets and those of this process who wait in it. */
export class SlotQueue {
  readonly #store: TicketStore;
  readonly #waiters = new Map<string, Waiter>();
  #limits: SlotLimits = { total: Number.POSITIVE_INFINITY, perAddress: Number.POSITIVE_INFINITY };
  #timer: NodeJS.Timeout | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;

  constructor(store: TicketStore) {
    this.#store = store;
  }

  /**
   * Waits for a slot. Throws `overload` when there is none in time or the client goes away meanwhile, and whatever the system
   * throws when the store cannot be used.
   */
  async take(wish: SlotWish): Promise<Slot> {
    const start = performance.now();
    this.#limits = wish.limits;
    const address = ticketAddress(wish.address ?? '');
    let { name, row } = await this.#join(address);
    if (!row.admitted.has(name)) {
      // Perhaps nobody is there but tickets of those who were killed.
      this.#removeDead();
      row = this.#row();
      if (!row.admitted.has(name)) name = await this.#wait(name, address, wish);
    }
    let held = true;
    return {
      waitedMs: performance.now() - start,
      release: () => {
        if (!held) return;
        held = false;
        this.#leave(name);
      },
    };
  }

  /** Puts a ticket at the end of the row, where it has to be (see the head of this file). */
  async #join(address: string): Promise<{ name: string; row: Row }> {
    for (let attempt = 1; ; attempt++) {
      const last = readTickets(this.#store.list()).at(-1);
      const name = ticketName((last?.place ?? 0) + 1, address);
      this.#store.add(name);
      const tickets = readTickets(this.#store.list());
      const end = tickets.at(-1);
      if (end === undefined || end.name === name) return { name, row: admit(tickets, this.#limits) };
      this.#store.remove(name);
      if (attempt > QUICK_ATTEMPTS) await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * attempt));
    }
  }

  #row(): Row {
    return admit(readTickets(this.#store.list()), this.#limits);
  }

  #wait(name: string, address: string, wish: SlotWish): Promise<string> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        name,
        address,
        admit: () => {
          this.#waiters.delete(waiter.name);
          stop();
          resolve(waiter.name);
        },
        fail: (error) => {
          this.#waiters.delete(waiter.name);
          this.#leave(waiter.name);
          stop();
          reject(error);
        },
      };
      const leave = (): void =>
        waiter.fail(new Das2Error('overload', 'the request was ended before a pipeline was free'));
      const timeout = Number.isFinite(wish.waitMs)
        ? setTimeout(() => waiter.fail(this.#tooMany(waiter, wish)), wish.waitMs)
        : undefined;
      const forget = onOwnSignal(() => Promise.resolve(leave()));
      const stop = (): void => {
        clearTimeout(timeout);
        wish.gone?.removeEventListener('abort', leave);
        forget();
      };
      this.#waiters.set(name, waiter);
      wish.gone?.addEventListener('abort', leave);
      if (wish.gone?.aborted) leave();
      else this.#lookLater(0);
    });
  }

  #tooMany(waiter: Waiter, wish: SlotWish): Das2Error {
    let own = 0;
    try {
      own = this.#row().holders.filter((ticket) => ticket.address === waiter.address).length;
    } catch {
      // The folder has gone: the general words will do.
    }
    const whose = waiter.address !== NO_ADDRESS && own >= wish.limits.perAddress ? 'your address' : 'all clients';
    return new Das2Error(
      'overload',
      `the server is busy: too many data requests of ${whose} are being answered; try again later`,
      { data: { retryAfter: Math.min(120, Math.max(5, wish.waitMs / 1000)), waitedMs: wish.waitMs } },
    );
  }

  #leave(name: string): void {
    this.#store.remove(name);
    if (this.#waiters.size > 0) setImmediate(() => this.#look());
  }

  /** One look for all who wait in this process. */
  #look(): void {
    if (this.#waiters.size === 0) return;
    try {
      if (performance.now() - this.#checkedAt >= CHECK_MS) this.#removeDead();
      const { admitted, waiting } = this.#row();
      const known = new Set(waiting);
      for (const waiter of [...this.#waiters.values()]) {
        if (admitted.has(waiter.name)) waiter.admit();
        else if (!known.has(waiter.name)) void this.#joinAgain(waiter);
      }
      const next = waiting.findIndex((name) => this.#waiters.has(name));
      this.#lookLater(Math.max(0, next));
    } catch (error) {
      for (const waiter of [...this.#waiters.values()]) waiter.fail(new TicketsUnusable(error));
    }
  }

  #lookLater(place: number): void {
    clearTimeout(this.#timer);
    if (this.#waiters.size === 0) return;
    const nap = Math.min(LONGEST_LOOK_MS, NEXT_LOOK_MS + LOOK_PER_PLACE_MS * place);
    this.#timer = setTimeout(() => this.#look(), nap);
  }

  /** Somebody has cleared the folder away. */
  async #joinAgain(waiter: Waiter): Promise<void> {
    this.#waiters.delete(waiter.name);
    try {
      const { name } = await this.#join(waiter.address);
      waiter.name = name;
      this.#waiters.set(name, waiter);
      this.#lookLater(0);
    } catch (error) {
      waiter.fail(new TicketsUnusable(error));
    }
  }

  /** Takes away what killed processes have left where it is in the way. */
  #removeDead(): void {
    this.#checkedAt = performance.now();
    const own = ownIdentity().processId;
    for (;;) {
      const dead = this.#row().holders.filter((ticket) => ticket.processId !== own && !isRunning(ticket));
      if (dead.length === 0) return;
      for (const ticket of dead) this.#store.remove(ticket.name);
    }
  }
}

/** The folder failed while somebody waited. */
export class TicketsUnusable extends Error {
  constructor(cause: unknown) {
    super('the folder of tickets cannot be used', { cause });
  }
}
