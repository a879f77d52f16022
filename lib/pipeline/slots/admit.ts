/**
 * Who in a row of tickets may run: go through it from the front and let each pass that finds room under both limits; those behind an address
 * at its limit overtake it.
 */
import { NO_ADDRESS, type Ticket } from './ticket-store.js';

export interface SlotLimits {
  readonly total: number;
  readonly perAddress: number;
}

/** The row at one moment: who may run, and who is kept waiting, in order. */
export interface Row {
  readonly admitted: ReadonlySet<string>;
  readonly waiting: readonly string[];
  /** Those who take up the room. */
  readonly holders: readonly Ticket[];
}

/** The row as these tickets, in order, and the limits make it. */
export function admit(tickets: readonly Ticket[], limits: SlotLimits): Row {
  const holders: Ticket[] = [];
  const waiting: string[] = [];
  const perAddress = new Map<string, number>();
  for (const ticket of tickets) {
    const { address } = ticket;
    const own = address === NO_ADDRESS ? 0 : (perAddress.get(address) ?? 0);
    if (holders.length < limits.total && own < limits.perAddress) {
      holders.push(ticket);
      perAddress.set(address, own + 1);
    } else {
      waiting.push(ticket.name);
    }
  }
  return { admitted: new Set(holders.map((ticket) => ticket.name)), waiting, holders };
}
