/**
 * When something last happened, for brakes that all processes share: one small file a subject in a folder of STATE_ROOT, one line a time. Where it
 * cannot be written, each process counts for itself.
 *
 * Contract: subjects are hashed, so a file tells neither names nor addresses. Files are removed by whoever comes later, some time after their last
 * line has lost its meaning. A subject gets no more lines than fit into a small file: whoever counts has stopped it long before. Never throws.
 */
import { appendFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { shortHash } from '../short-hash.js';

/** Size of a file beyond which nothing more is noted. */
const LARGEST_BYTES = 4096;
/** Times of a subject that are kept in memory. */
const MOST_TIMES = 100;
/** Subjects beyond which the memory starts afresh: an attacker must not fill it. */
const MOST_IN_MEMORY = 10_000;

/** Times that could not be written. */
const inMemory = new Map<string, number[]>();

export interface RecentTimesOptions {
  /** Folder of the files; undefined: memory alone. */
  readonly folder: string | undefined;
  /** What is counted: letters and `-`, the begin of the names of its files. */
  readonly kind: string;
  readonly subject: string;
  /** How long a time counts. */
  readonly windowMs: number;
}

/** The times of one subject. */
export class RecentTimes {
  readonly #name: string;

  constructor(private readonly options: RecentTimesOptions) {
    this.#name = `${options.kind}-${shortHash(options.subject)}`;
  }

  /** The times within the window before `now`, and those that another clock has noted ahead of it. Milliseconds since 1970. */
  at(now: number): number[] {
    const { windowMs } = this.options;
    return this.#all().filter((time) => now - time < windowMs && time <= now + windowMs);
  }

  /** Notes that it has happened now. */
  add(now: number): void {
    const { folder, windowMs } = this.options;
    if (folder !== undefined) {
      try {
        this.#append(folder, `${now}\n`);
        this.#removeOld(folder, now);
        return;
      } catch {
        // Counted in memory.
      }
    }
    const times = (inMemory.get(this.#name) ?? []).filter((time) => now - time < windowMs);
    if (times.length < MOST_TIMES) times.push(now);
    if (inMemory.size > MOST_IN_MEMORY) inMemory.clear();
    inMemory.set(this.#name, times);
  }

  #append(folder: string, line: string): void {
    const file = `${folder}/${this.#name}`;
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (stats !== undefined && (!stats.isFile() || stats.size > LARGEST_BYTES)) return;
    try {
      appendFileSync(file, line, { mode: 0o660 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      mkdirSync(folder, { mode: 0o2770 });
      appendFileSync(file, line, { mode: 0o660 });
    }
  }

  #all(): number[] {
    const { folder } = this.options;
    const unwritten = inMemory.get(this.#name) ?? [];
    if (folder === undefined) return unwritten;
    const file = `${folder}/${this.#name}`;
    try {
      const stats = lstatSync(file, { throwIfNoEntry: false });
      if (!stats?.isFile() || stats.size > 2 * LARGEST_BYTES) return unwritten;
      const written = readFileSync(file, 'latin1').split('\n').map(Number);
      return [...unwritten, ...written.filter((time) => time > 0)];
    } catch {
      return unwritten;
    }
  }

  #removeOld(folder: string, now: number): void {
    const { kind, windowMs } = this.options;
    for (const name of readdirSync(folder)) {
      if (!name.startsWith(`${kind}-`) || name === this.#name) continue;
      const stats = lstatSync(`${folder}/${name}`, { throwIfNoEntry: false });
      if (stats === undefined || now - stats.mtimeMs < 2 * windowMs) continue;
      try {
        unlinkSync(`${folder}/${name}`);
      } catch {
        // Another process was quicker.
      }
    }
  }
}
