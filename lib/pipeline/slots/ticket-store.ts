/**
 * Where tickets lie: a set of names that many processes share (files in a folder) or that one process keeps for itself.
 *
 * A ticket is an empty file; all that is to be known stands in its name, so one look at the folder tells everything:
 *
 *   000000000042-1234-5678901-7-192.0.2.9
 *   place in the row - process id - start of the process - number within the process - client address (`~`: not counted)
 *
 * A name is never used again: process and number within it see to that. So a ticket whose process has ended can be removed by
 * anybody at any time.
 */
import { closeSync, constants, openSync, readdirSync, unlinkSync } from 'node:fs';
import { MachineFolder, type MachineFolderOptions } from '../process/machine-folder.js';
import { ownIdentity, type ProcessIdentity } from '../process/process-identity.js';

/** A place in the row, and whose it is. */
export interface Ticket extends ProcessIdentity {
  readonly name: string;
  readonly place: number;
  /** `~` if its address is not counted. */
  readonly address: string;
}

export interface TicketStore {
  /** Names of all tickets, in any order. Throws what the system throws. */
  list(): readonly string[];
  add(name: string): void;
  /** Never fails: a ticket that cannot be removed is left out of `list`. */
  remove(name: string): void;
}

/** Address of tickets that count for no address. */
export const NO_ADDRESS = '~';

const NAME = /^(\d{12})-(\d{1,10})-(\d{1,15})-(\d{1,15})-([0-9A-Za-z.:%_~]{1,80})$/;

let count = 0;

/** A new name at a place. */
export function ticketName(place: number, address: string): string {
  const { processId, startedAt } = ownIdentity();
  return `${String(place).padStart(12, '0')}-${processId}-${startedAt}-${++count}-${ticketAddress(address)}`;
}

/** An address as tickets have it: a part of a file name. */
export function ticketAddress(address: string): string {
  return address.replace(/[^0-9A-Za-z.:%_~]/g, '_').slice(0, 80) || NO_ADDRESS;
}

/** The tickets behind names, in their order; names that are none are left out. */
export function readTickets(names: readonly string[]): Ticket[] {
  const tickets: Ticket[] = [];
  for (const name of names) {
    const match = NAME.exec(name);
    if (match === null) continue;
    const [, place, processId, startedAt, , address = ''] = match;
    tickets.push({
      name,
      place: Number(place),
      processId: Number(processId),
      startedAt: Number(startedAt),
      address,
    });
  }
  return tickets.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Tickets of one process. */
export class MemoryTickets implements TicketStore {
  readonly #names = new Set<string>();

  list(): readonly string[] {
    return [...this.#names];
  }

  add(name: string): void {
    this.#names.add(name);
  }

  remove(name: string): void {
    this.#names.delete(name);
  }
}

/** Tickets of all processes of this machine that use the same folder. */
export class FolderTickets implements TicketStore {
  readonly #folder: MachineFolder;
  /** Ended tickets whose files could not be removed. */
  readonly #ended = new Set<string>();

  constructor(options: MachineFolderOptions) {
    this.#folder = new MachineFolder(options);
  }

  list(): readonly string[] {
    for (const name of this.#ended) this.remove(name);
    const names = this.#folder.existing(() => readdirSync(this.#folder.path));
    return this.#ended.size === 0 ? names : names.filter((name) => !this.#ended.has(name));
  }

  add(name: string): void {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;
    closeSync(this.#folder.existing(() => openSync(`${this.#folder.path}/${name}`, flags, 0o660)));
  }

  remove(name: string): void {
    try {
      unlinkSync(`${this.#folder.path}/${name}`);
      this.#ended.delete(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#ended.delete(name);
      else this.#ended.add(name);
    }
  }
}
