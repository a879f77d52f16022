/**
 * How many pipelines may run at one time, on the whole machine and for one client address (`MAX_PIPELINES`,
 * `MAX_PIPELINES_PER_IP`, `PIPELINE_WAIT`; server-internals 1.4, 8.6). Who has to wait does so in a row (slot-queue.ts).
 */
import { Das2Error } from '../../error.js';
import { type Slot, SlotQueue, type SlotWish, TicketsUnusable } from './slot-queue.js';
import { FolderTickets, MemoryTickets, type TicketStore } from './ticket-store.js';

export interface SlotOptions {
  /** `STATE_ROOT`; where it cannot be used, or is undefined, this process counts for itself. */
  readonly stateRoot: string | undefined;
  /** The folder was chosen by the administrator and may be made if it is missing. */
  readonly mayCreate?: boolean;
  /** What is counted: the folder below `stateRoot`. Default `pipelines`. */
  readonly kind?: string;
  /** Most that may run; undefined or 0: no limit. */
  readonly most: number | undefined;
  /** Most of one address; undefined or 0: no limit (a proxy, behind which there are many clients). */
  readonly mostPerAddress?: number | undefined;
  /** Address of the client; '' if unknown, which is not counted. */
  readonly address?: string;
  /** Undefined: as long as it takes. */
  readonly waitSeconds: number | undefined;
  readonly gone?: AbortSignal | undefined;
  /** Told why the folder cannot be used. */
  readonly unshared?: (reason: string) => void;
}

const queues = new Map<string, SlotQueue>();

/**
 * Waits for a slot among all processes that use the same `stateRoot` or, where that is not possible, among those of this
 * process. Errors: `overload` when there is none in time, or the client goes away.
 */
export async function takeSlot(options: SlotOptions): Promise<Slot> {
  const { stateRoot, most, mostPerAddress, address, waitSeconds, gone, kind = 'pipelines' } = options;
  const total = most || Number.POSITIVE_INFINITY;
  const perAddress = mostPerAddress || Number.POSITIVE_INFINITY;
  if (total === Number.POSITIVE_INFINITY && perAddress === Number.POSITIVE_INFINITY) {
    return { waitedMs: 0, release: () => {} };
  }
  const wish: SlotWish = {
    limits: { total, perAddress },
    address: perAddress === Number.POSITIVE_INFINITY ? undefined : address,
    waitMs: (waitSeconds ?? Number.POSITIVE_INFINITY) * 1000,
    gone,
  };
  if (stateRoot !== undefined) {
    const place = { folder: `${stateRoot}/${kind}`, mayCreate: options.mayCreate ?? false };
    try {
      return await queueOf(place.folder, () => new FolderTickets(place)).take(wish);
    } catch (error) {
      if (error instanceof Das2Error) throw error;
      const cause = error instanceof TicketsUnusable ? error.cause : error;
      options.unshared?.((cause as NodeJS.ErrnoException).code ?? String(cause));
    }
  }
  return queueOf(`:${kind}`, () => new MemoryTickets()).take(wish);
}

function queueOf(key: string, makeStore: () => TicketStore): SlotQueue {
  let queue = queues.get(key);
  if (queue === undefined) {
    queue = new SlotQueue(makeStore());
    queues.set(key, queue);
  }
  return queue;
}
