/**
 * The queue as a folder, `WORK_QUEUE_DIR`, for all processes of one machine: no server needed (server-internals 3.6).
 *
 *   todo/       an item a file, the texts of item.ts; names sort in the order of taking (spool/names.ts)
 *   delayed/    items put off
 *   working_<holder>/   the item of a slot under its own name, `original` (its text as it was taken) and `beat` (JSON;
 *               the time of the file is the last sign of life)
 *   finished/   dead/   newest last by name
 *   pending/    a file for each key of work that is queued or under way (spool/pending.ts)
 *
 * Every step is one rename, so an item is in exactly one folder whenever a process dies. What a rename leaves undone (the
 * original, the pending file, a count) can be found again from the item itself. Here are the steps of producers and slots; the end of
 * items is in spool/history.ts, jobs of dead workers in spool/reclaim.ts, the lists of people in spool/lists.ts.
 */
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '../../files/sync-folder.js';
import {
  type Broker,
  type ListName,
  lifeText,
  MOST_RETRIES,
  type QueueLimits,
  type Reclaimed,
  type SubmitOptions,
  type Submitted,
  type WorkingEntry,
} from '../broker.js';
import { BrokerUnreachable } from '../broker-error.js';
import { isFinishedText } from '../item.js';
import { sleep } from '../sleep.js';
import { ageOf, codeOf, moveFile, namesIn, readText, removeFile, removeFolder, writeWhole } from './files.js';
import { BEAT, type Held, laneOf, ORIGINAL, SpoolFolder } from './folder.js';
import { endItem } from './history.js';
import { clearItems, listItems, oldestItem, putOffItems, raiseItem, removeItem, workingItems } from './lists.js';
import { isSpoolName, lossesOf, spoolName, stampedName, stampOf } from './names.js';
import { markPending } from './pending.js';
import { reclaimLost } from './reclaim.js';
import { WaitingNames } from './waiting.js';

/** Time between two looks into the folder of waiting items. */
const LOOK_MS = 250;

export interface SpoolBrokerOptions {
  readonly folder: string;
  readonly limits: QueueLimits;
  /** What the sign of life of a slot says, JSON. */
  readonly life?: Readonly<Record<string, unknown>>;
}

/** The broker. Makes its folders when they are needed. */
export function spoolBroker(options: SpoolBrokerOptions): Broker {
  return new SpoolBroker(options);
}

class SpoolBroker implements Broker {
  readonly kind = 'spool';
  readonly place = 'WORK_QUEUE_DIR';
  readonly locks = undefined;
  readonly #options: SpoolBrokerOptions;
  readonly #folders: SpoolFolder;
  readonly #holders = new Set<string>();
  readonly #waiting: WaitingNames;

  constructor(options: SpoolBrokerOptions) {
    this.#options = options;
    this.#folders = new SpoolFolder(options.folder);
    this.#waiting = new WaitingNames(() => this.#folders.folder('todo'));
  }

  submit(item: string, options: SubmitOptions = {}): Promise<Submitted> {
    return this.#do(() => {
      if (this.#waiting.count >= this.#options.limits.waiting) return 'full';
      const mark = markPending(this.#folders, item, options.repeat ?? false);
      if (mark === undefined) return 'duplicate';
      const lane = options.urgent ? 'urgent' : laneOf(item);
      const name = spoolName(lane);
      try {
        const todo = this.#folders.folder('todo');
        writeWhole(join(todo, name), item);
        syncFolder(todo);
      } catch (error) {
        // Or nobody could ask for this work for a day, with nothing in the queue.
        mark.undo();
        throw error;
      }
      mark.confirm();
      if (lane === 'normal') this.#waiting.addLast(name);
      else this.#waiting.forget();
      return 'queued';
    });
  }

  async take(holder: string, waitSeconds: number, signal?: AbortSignal): Promise<string | undefined> {
    const end = performance.now() + waitSeconds * 1000;
    for (;;) {
      const item = await this.#do(() => this.#tryTake(holder));
      if (item !== undefined || signal?.aborted) return item;
      const left = end - performance.now();
      if (left <= 0) return undefined;
      await sleep(Math.min(LOOK_MS, left), signal);
    }
  }

  beat(holder: string, holding: boolean): Promise<boolean> {
    return this.#do(() => {
      this.#holders.add(holder);
      // A folder that was taken away with the job is made anew, empty: the slot lives, its job is another's.
      const file = join(this.#folders.slot(holder), BEAT);
      if (ageOf(file) === undefined) {
        writeWhole(file, lifeText(this.#options.life, holder, this.#options.limits.leaseSeconds));
      } else {
        const now = new Date();
        utimesSync(file, now, now);
      }
      return !holding || this.#folders.held(holder) !== undefined;
    });
  }

  note(holder: string, text: string): Promise<boolean> {
    return this.#do(() => {
      const held = this.#folders.held(holder);
      if (held === undefined) return false;
      writeWhole(held.file, text);
      return true;
    });
  }

  finish(holder: string, text: string, options: { readonly dead?: boolean } = {}): Promise<boolean> {
    return this.#do(() => {
      const held = this.#folders.held(holder);
      if (held === undefined) return false;
      writeWhole(held.file, text);
      this.#end(held, options.dead ?? false);
      removeFile(join(this.#folders.slot(holder), ORIGINAL));
      return true;
    });
  }

  giveBack(holder: string): Promise<boolean> {
    return this.#do(() => {
      const held = this.#folders.held(holder);
      if (held === undefined) return false;
      this.#folders.putBack(held, spoolName('urgent', lossesOf(held.name)));
      this.#waiting.forget();
      removeFile(join(this.#folders.slot(holder), ORIGINAL));
      return true;
    });
  }

  postpone(
    holder: string,
    seconds: number | ((attempt: number) => number),
    { counted = true }: { readonly counted?: boolean } = {},
  ): Promise<'postponed' | 'exhausted' | 'lost'> {
    return this.#do(() => {
      const held = this.#folders.held(holder);
      if (held === undefined) return 'lost';
      const losses = lossesOf(held.name) + (counted ? 1 : 0);
      if (counted && losses > MOST_RETRIES) return 'exhausted';
      const wait = typeof seconds === 'number' ? seconds : seconds(losses);
      const name = stampedName(spoolName(laneOf(held.item), losses), Date.now() + wait * 1000);
      writeWhole(held.file, held.item);
      moveFile(held.file, join(this.#folders.folder('delayed'), name));
      removeFile(join(this.#folders.slot(holder), ORIGINAL));
      return 'postponed';
    });
  }

  retire(holder: string): Promise<void> {
    return this.#do(() => {
      const folder = this.#folders.slot(holder);
      removeFile(join(folder, BEAT));
      if (this.#folders.held(holder) === undefined) removeFile(join(folder, ORIGINAL));
      removeFolder(folder);
      this.#holders.delete(holder);
    });
  }

  reclaim(only?: string, { ended = false }: { readonly ended?: boolean } = {}): Promise<readonly Reclaimed[]> {
    return this.#do(() => {
      this.#waiting.forget();
      return reclaimLost(this.#folders, { limits: this.#options.limits, mine: this.#holders, only, ended });
    });
  }

  list(name: ListName, limit = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
    return this.#do(() => listItems(this.#folders, name, limit));
  }

  putOff(): Promise<ReadonlyMap<string, number>> {
    return this.#do(() => putOffItems(this.#folders));
  }

  working(): Promise<readonly WorkingEntry[]> {
    return this.#do(() => workingItems(this.#folders));
  }

  count(name: ListName): Promise<number> {
    return this.#do(() => this.#folders.files(name).length);
  }

  oldest(): Promise<string | undefined> {
    return this.#do(() => oldestItem(this.#folders));
  }

  remove(name: ListName, item: string): Promise<boolean> {
    this.#waiting.forget();
    return this.#do(() => removeItem(this.#folders, name, item));
  }

  raise(item: string): Promise<boolean> {
    this.#waiting.forget();
    return this.#do(() => raiseItem(this.#folders, item));
  }

  clear(name: ListName): Promise<number> {
    this.#waiting.forget();
    return this.#do(() => clearItems(this.#folders, name));
  }

  async close(): Promise<void> {}

  /** Runs a step; what the system has against it becomes `BrokerUnreachable`, whose message has no path. */
  async #do<Value>(step: () => Value): Promise<Value> {
    try {
      return step();
    } catch (error) {
      if (codeOf(error) === '') throw error;
      throw new BrokerUnreachable(this.place, error, this.#options.folder);
    }
  }

  #tryTake(holder: string): string | undefined {
    this.#holders.add(holder);
    const folder = this.#folders.slot(holder);
    const held = this.#folders.held(holder);
    if (held !== undefined) {
      if (!isFinishedText(held.text)) return held.item;
      this.#end(held, false);
      removeFile(join(folder, ORIGINAL));
    }
    // One that an error left behind must not be taken for that of the next item.
    removeFile(join(folder, ORIGINAL));
    this.#promote();
    const todo = this.#folders.folder('todo');
    for (const name of this.#waiting.inOrder()) {
      if (!moveFile(join(todo, name), join(folder, name))) continue;
      const item = readText(join(folder, name)) ?? '';
      writeWhole(join(folder, ORIGINAL), item);
      return item;
    }
    return undefined;
  }

  /** Items whose time has come wait again, behind the others. */
  #promote(): void {
    const delayed = this.#folders.folder('delayed');
    for (const name of namesIn(delayed).filter(isSpoolName)) {
      if ((stampOf(name) ?? 0) > Date.now()) break;
      const item = readText(join(delayed, name));
      if (item === undefined) continue;
      moveFile(join(delayed, name), join(this.#folders.folder('todo'), spoolName(laneOf(item), lossesOf(name))));
      this.#waiting.forget();
    }
  }

  /** Moves an item whose file has its final text to the history. */
  #end(held: Held, dead: boolean): void {
    endItem(this.#folders, held, { dead, most: this.#options.limits.finished });
  }
}
