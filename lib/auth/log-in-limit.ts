/**
 * Brake on guessing passwords (server-internals 4.3): ten failures of one user from one address within five minutes, and that
 * pair is turned away until five minutes after the last of them. Tries without a name that can be read count as those of one user.
 *
 * Of IPv6 addresses the first 64 bits count: a guesser would use a new address for each try. All processes count together (files/recent-times.ts).
 */
import { clientNetwork } from '../conf/address-list.js';
import { RecentTimes } from '../files/recent-times.js';

const FAILURES = 10;
const WINDOW_MS = 300_000;

/** The failures of one user from one address. */
export class LogInLimit {
  readonly #failures: RecentTimes;

  /** `stateRoot`: value of STATE_ROOT. */
  constructor(stateRoot: string | undefined, user: string, address: string) {
    this.#failures = new RecentTimes({
      folder: stateRoot === undefined ? undefined : `${stateRoot}/log-ins`,
      kind: 'log-in',
      subject: `${clientNetwork(address)}\n${user}`,
      windowMs: WINDOW_MS,
    });
  }

  /** Seconds for which the pair is still turned away at `now` (milliseconds); 0 if it may try. */
  secondsToWait(now: number): number {
    const recent = this.#failures.at(now);
    if (recent.length < FAILURES) return 0;
    return Math.max(1, Math.ceil((Math.max(...recent) + WINDOW_MS - now) / 1000));
  }

  /** Records a failure at `now` (milliseconds). */
  fail(now: number): void {
    this.#failures.add(now);
  }
}
