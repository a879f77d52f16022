/**
 * Brake on guessing passwords (server-internals 4.3): ten failures of one user from one address within five minutes, and that
 * pair is turned away until five minutes after the last of them. Tries without a name that can be read count as those of one user.
 *
 * Of IPv6 addresses the first 64 bits count: a guesser would use a new address for each try.
 *
 * Failures are kept where all processes see them: one small file a pair in STATE_ROOT, one line a failure. Where it cannot be
 * written, each process counts for itself.
 */
import { appendFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { clientNetwork } from '../conf/address-list.js';
import { shortHash } from '../short-hash.js';

const FAILURES = 10;
const WINDOW_MS = 300_000;
/** Size of a file beyond which no further failure is recorded; the pair has been turned away long before. */
const LARGEST_BYTES = 4096;

/** Pairs beyond which the memory starts afresh: an attacker must not fill it. */
const MOST_IN_MEMORY = 10_000;

/** Failures that could not be written. */
const inMemory = new Map<string, number[]>();

/** The failures of one user from one address. */
export class LogInLimit {
  readonly #folder: string | undefined;
  readonly #key: string;

  /** `stateRoot`: value of STATE_ROOT. */
  constructor(stateRoot: string | undefined, user: string, address: string) {
    this.#key = `log-in-${shortHash(`${clientNetwork(address)}\n${user}`)}`;
    this.#folder = stateRoot === undefined ? undefined : `${stateRoot}/log-ins`;
  }

  /** Seconds for which the pair is still turned away at `now` (milliseconds); 0 if it may try. */
  secondsToWait(now: number): number {
    const recent = this.#failures().filter((time) => now - time < WINDOW_MS && time <= now + WINDOW_MS);
    if (recent.length < FAILURES) return 0;
    return Math.max(1, Math.ceil((Math.max(...recent) + WINDOW_MS - now) / 1000));
  }

  /** Records a failure at `now` (milliseconds). */
  fail(now: number): void {
    if (this.#folder !== undefined) {
      try {
        this.#append(this.#folder, `${now}\n`);
        this.#removeOld(this.#folder, now);
        return;
      } catch {
        // Counted in memory.
      }
    }
    const times = (inMemory.get(this.#key) ?? []).filter((time) => now - time < WINDOW_MS);
    if (times.length < 2 * FAILURES) times.push(now);
    if (inMemory.size > MOST_IN_MEMORY) inMemory.clear();
    inMemory.set(this.#key, times);
  }

  #append(folder: string, line: string): void {
    const file = `${folder}/${this.#key}`;
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

  #failures(): number[] {
    const unwritten = inMemory.get(this.#key) ?? [];
    if (this.#folder === undefined) return unwritten;
    const file = `${this.#folder}/${this.#key}`;
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
    for (const name of readdirSync(folder)) {
      if (!name.startsWith('log-in-') || name === this.#key) continue;
      const stats = lstatSync(`${folder}/${name}`, { throwIfNoEntry: false });
      if (stats === undefined || now - stats.mtimeMs < 2 * WINDOW_MS) continue;
      try {
        unlinkSync(`${folder}/${name}`);
      } catch {
        // Another process was quicker.
      }
    }
  }
}
