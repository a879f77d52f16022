/**
 * The queue as a folder, `WORK_QUEUE_DIR`, for all processes of one machine: no server needed (server-internals 3.6).
 *
 *   todo/       an item a file, the texts of item.ts; names sort in the order of taking (spool-names.ts)
 *   delayed/    items put off
 *   working_<holder>/   the item of a slot under its own name, `original` (its text as it was taken) and `beat` (JSON;
 *               the time of the file is the last sign of life)
 *   finished/   dead/   newest last by name
 *   pending/    an empty file for each key of work that is queued or under way
 *   locks/
 *
 * Every step is one rename, so an item is in exactly one folder whenever a process dies. What a rename leaves undone (the
 * original, the pending file, a count) can be found again from the item itself.
 */
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Broker,
  GAVE_UP_STATUS,
  isOurHolder,
  type ListName,
  MOST_RUNS,
  PENDING_SECONDS,
  type QueueLimits,
  type Reclaimed,
  type SubmitOptions,
  type Submitted,
  type WorkingEntry,
} from './broker.js';
import { BrokerUnreachable } from './broker-error.js';
import { categoryRule } from './category.js';
import { itemKey, sha1 } from './identity.js';
import { finishedText, isFinishedText, itemTime, originalText, RESULT, tryParseItem } from './item.js';
import {
  ageOf,
  codeOf,
  ensureFolder,
  moveFile,
  namesIn,
  readText,
  removeFile,
  removeFolder,
  writeNew,
  writeWhole,
} from './spool-files.js';
import { releaseLock, sweepLocks, takeLock } from './spool-lock.js';
import { bareName, isSpoolName, type Lane, lossesOf, spoolName, stampedName, stampOf } from './spool-names.js';

const WORKING = 'working_';
const LOST = 'lost_';
const ORIGINAL = 'original';
const BEAT = 'beat';
/** Time between two looks into the folder of waiting items. */
const LOOK_MS = 250;
/** The history is cut when it is this much longer than it may be, not with every job. */
const SLACK = 1.1;

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

/** An item in a slot's folder. */
interface Held {
  /** Path of its file. */
  readonly file: string;
  readonly name: string;
  /** The text now, and as it was taken. */
  readonly text: string;
  readonly item: string;
}

class SpoolBroker implements Broker {
  readonly kind = 'spool';
  readonly place: string;
  readonly #top: string;
  readonly #options: SpoolBrokerOptions;
  readonly #holders = new Set<string>();
  readonly #ready = new Set<string>();

  constructor(options: SpoolBrokerOptions) {
    this.#options = options;
    this.#top = options.folder;
    this.place = 'WORK_QUEUE_DIR';
  }

  submit(item: string, options: SubmitOptions = {}): Promise<Submitted> {
    return this.#do(() => {
      const todo = this.#folder('todo');
      if (namesIn(todo).filter(isSpoolName).length >= this.#options.limits.waiting) return 'full';
      const pending = join(this.#folder('pending'), itemKey(item));
      if (!options.repeat && !this.#markPending(pending)) return 'duplicate';
      if (options.repeat) writeWhole(pending, '');
      writeWhole(join(todo, spoolName(options.urgent ? 'urgent' : laneOf(item))), item);
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
      await pause(Math.min(LOOK_MS, left), signal);
    }
  }

  beat(holder: string, holding: boolean): Promise<boolean> {
    return this.#do(() => {
      this.#holders.add(holder);
      // A folder that was taken away with the job is made anew, empty: the slot lives, its job is another's.
      const file = join(this.#slot(holder), BEAT);
      if (ageOf(file) === undefined) {
        writeWhole(file, JSON.stringify({ ...this.#options.life, holder, time: itemTime(Date.now()) }));
      } else {
        const now = new Date();
        utimesSync(file, now, now);
      }
      return !holding || this.#held(holder) !== undefined;
    });
  }

  note(holder: string, text: string): Promise<boolean> {
    return this.#do(() => {
      const held = this.#held(holder);
      if (held === undefined) return false;
      writeWhole(held.file, text);
      return true;
    });
  }

  finish(holder: string, text: string, options: { readonly dead?: boolean } = {}): Promise<boolean> {
    return this.#do(() => {
      const held = this.#held(holder);
      if (held === undefined) return false;
      writeWhole(held.file, text);
      this.#end(held, options.dead ?? false);
      removeFile(join(this.#slot(holder), ORIGINAL));
      return true;
    });
  }

  giveBack(holder: string): Promise<boolean> {
    return this.#do(() => {
      const held = this.#held(holder);
      if (held === undefined) return false;
      this.#putBack(held, spoolName('urgent', lossesOf(held.name)));
      removeFile(join(this.#slot(holder), ORIGINAL));
      return true;
    });
  }

  postpone(
    holder: string,
    seconds: number | ((attempt: number) => number),
  ): Promise<'postponed' | 'exhausted' | 'lost'> {
    return this.#do(() => {
      const held = this.#held(holder);
      if (held === undefined) return 'lost';
      const losses = lossesOf(held.name) + 1;
      if (losses >= MOST_RUNS) return 'exhausted';
      const wait = typeof seconds === 'number' ? seconds : seconds(losses);
      const name = stampedName(spoolName(laneOf(held.item), losses), Date.now() + wait * 1000);
      writeWhole(held.file, held.item);
      moveFile(held.file, join(this.#folder('delayed'), name));
      removeFile(join(this.#slot(holder), ORIGINAL));
      return 'postponed';
    });
  }

  retire(holder: string): Promise<void> {
    return this.#do(() => {
      const folder = this.#slot(holder);
      removeFile(join(folder, BEAT));
      if (this.#held(holder) === undefined) removeFile(join(folder, ORIGINAL));
      removeFolder(folder);
      this.#ready.delete(folder);
      this.#holders.delete(holder);
    });
  }

  reclaim(only?: string): Promise<readonly Reclaimed[]> {
    return this.#do(() => {
      sweepLocks(this.#folder('locks'));
      const done: Reclaimed[] = [];
      for (const name of namesIn(this.#top)) {
        const holder = this.#lostHolder(name, only);
        if (holder === undefined) continue;
        // The name says who is at it and since when; if this process dies too, the next one finds it again.
        const mine = join(this.#top, `${LOST}${Date.now()}-${process.pid}~${holder}`);
        if (moveFile(join(this.#top, name), mine)) done.push(...this.#empty(mine, holder));
      }
      return done;
    });
  }

  lock(name: string, owner: string, seconds: number): Promise<boolean> {
    return this.#do(() => takeLock(join(this.#folder('locks'), sha1(name)), owner, seconds));
  }

  unlock(name: string, owner: string): Promise<void> {
    return this.#do(() => releaseLock(join(this.#folder('locks'), sha1(name)), owner));
  }

  list(name: ListName, limit = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
    return this.#do(() => {
      const texts: string[] = [];
      for (const file of this.#files(name).reverse()) {
        if (texts.length >= limit) break;
        const text = readText(file);
        if (text !== undefined) texts.push(text);
      }
      return texts;
    });
  }

  working(): Promise<readonly WorkingEntry[]> {
    return this.#do(() => {
      const entries: WorkingEntry[] = [];
      for (const name of namesIn(this.#top)) {
        if (!name.startsWith(WORKING)) continue;
        const folder = join(this.#top, name);
        const age = ageOf(join(folder, BEAT));
        const beatAge = age === undefined ? undefined : Math.max(0, age / 1000);
        for (const file of namesIn(folder).filter(isSpoolName)) {
          const text = readText(join(folder, file));
          const holder = name.slice(WORKING.length);
          if (text !== undefined) entries.push({ list: `das2_${name}`, holder, text, beatAge });
        }
      }
      return entries;
    });
  }

  count(name: ListName): Promise<number> {
    return this.#do(() => this.#files(name).length);
  }

  remove(name: ListName, item: string): Promise<boolean> {
    return this.#do(() => {
      for (const file of this.#files(name)) {
        if (readText(file) !== item || !removeFile(file)) continue;
        if (name === 'todo') removeFile(join(this.#folder('pending'), itemKey(item)));
        return true;
      }
      return false;
    });
  }

  raise(item: string): Promise<boolean> {
    return this.#do(() => {
      for (const file of this.#files('todo')) {
        if (readText(file) !== item) continue;
        const losses = lossesOf(file.slice(file.lastIndexOf('/') + 1));
        if (moveFile(file, join(this.#folder('todo'), spoolName('urgent', losses)))) return true;
      }
      return false;
    });
  }

  clear(name: ListName): Promise<number> {
    return this.#do(() => {
      let count = 0;
      for (const file of this.#files(name)) {
        const item = name === 'todo' ? readText(file) : undefined;
        if (!removeFile(file)) continue;
        count++;
        if (item !== undefined) removeFile(join(this.#folder('pending'), itemKey(item)));
      }
      return count;
    });
  }

  async close(): Promise<void> {}

  /** Runs a step; what the system has against it becomes `BrokerUnreachable`, without a path. */
  async #do<Value>(step: () => Value): Promise<Value> {
    try {
      return step();
    } catch (error) {
      if (codeOf(error) === '') throw error;
      throw new BrokerUnreachable(this.place, error);
    }
  }

  #folder(name: string): string {
    const folder = join(this.#top, name);
    if (!this.#ready.has(folder)) ensureFolder(folder);
    this.#ready.add(folder);
    return folder;
  }

  /** The folder of a slot, made if it is not there: a reclaimer may have taken it away. */
  #slot(holder: string): string {
    const folder = join(this.#top, WORKING + holder);
    ensureFolder(folder);
    return folder;
  }

  /** Files of a list in the order of taking; oldest first where the order does not matter. */
  #files(name: ListName): string[] {
    const files = (folder: string) =>
      namesIn(this.#folder(folder))
        .filter(isSpoolName)
        .map((file) => join(this.#folder(folder), file));
    return name === 'todo' ? [...files('todo'), ...files('delayed')] : files(name);
  }

  /** False if the same work is pending since less than a day. */
  #markPending(file: string): boolean {
    if (writeNew(file, '')) return true;
    if ((ageOf(file) ?? 0) < PENDING_SECONDS * 1000) return false;
    removeFile(file);
    return writeNew(file, '');
  }

  #tryTake(holder: string): string | undefined {
    this.#holders.add(holder);
    const folder = this.#slot(holder);
    const held = this.#held(holder);
    if (held !== undefined) {
      if (!isFinishedText(held.text)) return held.item;
      this.#end(held, false);
      removeFile(join(folder, ORIGINAL));
    }
    // One that an error left behind must not be taken for that of the next item.
    removeFile(join(folder, ORIGINAL));
    this.#promote();
    const todo = this.#folder('todo');
    for (const name of namesIn(todo).filter(isSpoolName)) {
      if (!moveFile(join(todo, name), join(folder, name))) continue;
      const item = readText(join(folder, name)) ?? '';
      writeWhole(join(folder, ORIGINAL), item);
      return item;
    }
    return undefined;
  }

  /** Items whose time has come wait again, behind the others. */
  #promote(): void {
    const delayed = this.#folder('delayed');
    for (const name of namesIn(delayed).filter(isSpoolName)) {
      if ((stampOf(name) ?? 0) > Date.now()) break;
      const item = readText(join(delayed, name));
      if (item === undefined) continue;
      moveFile(join(delayed, name), join(this.#folder('todo'), spoolName(laneOf(item), lossesOf(name))));
    }
  }

  #held(holder: string): Held | undefined {
    return heldIn(join(this.#top, WORKING + holder));
  }

  /** Moves an item whose file has its final text to the history. */
  #end(held: Held, dead: boolean): void {
    const name = stampedName(held.name, Date.now());
    if (dead) writeWhole(join(this.#folder('dead'), name), held.item);
    moveFile(held.file, join(this.#folder('finished'), name));
    removeFile(join(this.#folder('pending'), itemKey(held.item)));
    const { finished } = this.#options.limits;
    for (const list of finished > 0 ? (['finished', 'dead'] as const) : []) {
      const files = this.#files(list);
      if (files.length > finished * SLACK || (files.length > finished && finished < 100)) {
        for (const file of files.slice(0, files.length - finished)) removeFile(file);
      }
    }
  }

  #putBack(held: Held, name: string): void {
    writeWhole(held.file, held.item);
    moveFile(held.file, join(this.#folder('todo'), name));
  }

  /** The holder whose folder this is, if its job may be taken away. */
  #lostHolder(name: string, only: string | undefined): string | undefined {
    const leaseMs = this.#options.limits.leaseSeconds * 1000;
    const folder = join(this.#top, name);
    if (name.startsWith(LOST)) {
      const since = Number(/^lost_(\d+)-/.exec(name)?.[1] ?? 0);
      return Date.now() - since > leaseMs ? bareName(name) : undefined;
    }
    if (!name.startsWith(WORKING)) return undefined;
    const holder = name.slice(WORKING.length);
    if (only === undefined ? !isOurHolder(holder) || this.#holders.has(holder) : holder !== only) return undefined;
    // Without a sign of life the folder itself tells how old it is: a slot makes it before its first sign.
    const age = ageOf(join(folder, BEAT)) ?? ageOf(folder) ?? 0;
    return age > leaseMs ? holder : undefined;
  }

  /** Puts back what is in a folder that was taken away, and removes it. */
  #empty(folder: string, holder: string): Reclaimed[] {
    const done: Reclaimed[] = [];
    for (let held = heldIn(folder); held !== undefined; held = heldIn(folder)) {
      const { item } = held;
      const losses = lossesOf(held.name) + 1;
      if (isFinishedText(held.text)) {
        this.#end(held, false);
        done.push({ holder, item, outcome: 'completed' });
      } else if (losses >= MOST_RUNS) {
        const now = itemTime(Date.now());
        writeWhole(
          held.file,
          finishedText(item, { begin: now, status: GAVE_UP_STATUS, end: now, code: RESULT.gaveUp }),
        );
        this.#end(held, true);
        done.push({ holder, item, outcome: 'dead' });
      } else {
        this.#putBack(held, spoolName('urgent', losses));
        done.push({ holder, item, outcome: 'requeued' });
      }
    }
    for (const name of namesIn(folder)) removeFile(join(folder, name));
    removeFolder(folder);
    return done;
  }
}

/** The item in a slot's folder. */
function heldIn(folder: string): Held | undefined {
  const name = namesIn(folder).find(isSpoolName);
  if (name === undefined) return undefined;
  const file = join(folder, name);
  const text = readText(file);
  if (text === undefined) return undefined;
  return { file, name, text, item: readText(join(folder, ORIGINAL)) ?? originalText(text) };
}

function laneOf(item: string): Lane {
  const parsed = tryParseItem(item);
  return typeof parsed !== 'string' && categoryRule(parsed.job.category).own ? 'own' : 'normal';
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(clock);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const clock = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
}
