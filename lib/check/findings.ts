/**
 * What the checker found: one list for all parts, with everything that people and programs need to act on it.
 *
 *   error      clients get an error, or the server is open to somebody who should not be in
 *   warning    works, but not as intended, or not for long
 *   note       worth knowing; nothing to do
 */

export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  readonly severity: Severity;
  /** Stable word for programs, `reader-failed`. */
  readonly code: string;
  /** What it is about: `configuration`, `environment`, `accounts`, `server`, or the id of a source. */
  readonly subject: string;
  readonly message: string;
  /** What a client sees of it. */
  readonly clients?: string | undefined;
  /** What to change. */
  readonly advice?: string | undefined;
}

/** Facts of a finding besides its subject. */
export type FindingFacts = Omit<Finding, 'subject' | 'severity' | 'code' | 'message'>;

/** Collects findings about one subject. */
export class Findings {
  constructor(
    readonly subject: string,
    readonly list: Finding[] = [],
  ) {}

  /** The same list, about something else. */
  about(subject: string): Findings {
    return new Findings(subject, this.list);
  }

  error(code: string, message: string, facts: FindingFacts = {}): void {
    this.list.push({ severity: 'error', code, subject: this.subject, message, ...facts });
  }

  warning(code: string, message: string, facts: FindingFacts = {}): void {
    this.list.push({ severity: 'warning', code, subject: this.subject, message, ...facts });
  }

  note(code: string, message: string, facts: FindingFacts = {}): void {
    this.list.push({ severity: 'note', code, subject: this.subject, message, ...facts });
  }
}
