/**
 * Who may see what of a series with a rule of access (browse-export 13): decided for each record by the time at which it ends, since data may
 * become free with their age.
 *
 * Contract: series with the same rule are decided together, so that one wrong password counts once.
 */
import type { Applicant } from '../../auth/address-rights.js';
import { authorise } from '../../auth/read-access.js';
import { Das2Error, isDas2Error } from '../../error.js';
import { realmOf } from '../../source/source.js';
import { sourceOf } from '../../source/source-definitions.js';
import type { SourceTree } from '../../source/tree/source-tree.js';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import { timePoint } from '../../stream/time-point.js';
import type { Series } from '../naming/series.js';
import type { LeapTable } from '../time/leap-table.js';
import { civilOf, type Instant } from '../time/scales.js';

/** What may be seen of one series. */
export interface SeriesAccess {
  /** True if a record that ends at this moment may be seen. */
  isOpen(stop: Instant): boolean;
  /** For the sign-in; undefined where everything is open. */
  readonly realm: string | undefined;
}

export interface AccessContext {
  readonly tree: SourceTree;
  readonly applicant: Applicant;
  /** Mount path of the main program, for realms that the site does not name. */
  readonly mountPath: string;
  readonly table: LeapTable;
  readonly now: number;
  readonly log: (line: string) => void;
  /** Told when the address of the applicant opens something. */
  readonly openedByAddress?: () => void;
}

type Rule =
  | { readonly kind: 'open' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'until'; readonly time: TimePoint };

const OPEN: SeriesAccess = { isOpen: () => true, realm: undefined };
const LONG_AGO: TimePoint = { day: -700_000, nanosecond: 0 };

/** Decides about series; one for a request. */
export class AccessDecisions {
  readonly #context: AccessContext;
  readonly #rules = new Map<string, Promise<Rule>>();

  constructor(context: AccessContext) {
    this.#context = context;
  }

  /** What may be seen of a series. Throws `tooManyLogIns` after too many wrong passwords. */
  async of(series: Series): Promise<SeriesAccess> {
    const { tree, mountPath, table } = this.#context;
    if (!series.isRestricted || series.dataset === undefined) return OPEN;
    let source: ReturnType<typeof sourceOf>;
    try {
      source = sourceOf(tree, series.dataset);
    } catch (error) {
      // A definition that has gone bad since the table was made says nothing about who may see.
      if (isDas2Error(error)) return { isOpen: () => false, realm: undefined };
      throw error;
    }
    if (source.readAccess === undefined) return OPEN;
    const realm = realmOf(source, mountPath);
    let rule = this.#rules.get(source.readAccess);
    if (rule === undefined) {
      rule = this.#decide(source, realm);
      this.#rules.set(source.readAccess, rule);
    }
    const decided = await rule;
    if (decided.kind === 'open') return OPEN;
    return {
      realm,
      isOpen: (stop) => {
        if (decided.kind === 'closed') return false;
        const { day, second, nanosecond } = civilOf(stop, 'UTC', table);
        return compareTimes(timePoint(day, second * 1e9 + nanosecond), decided.time) < 0;
      },
    };
  }

  async #decide(source: ReturnType<typeof sourceOf>, realm: string): Promise<Rule> {
    const { tree, applicant, now, log } = this.#context;
    const question = { source, realm, configuration: tree.configuration, now, log };
    // First what does not depend on the age of data, then the age alone, without trying the password again.
    const access = await authorise({ ...question, range: undefined, applicant });
    if (access.outcome === 'granted' && access.by === 'testFrom') this.#context.openedByAddress?.();
    if (access.outcome === 'granted') return { kind: 'open' };
    if (access.outcome === 'tooMany') {
      throw new Das2Error('tooManyLogIns', 'too many failed log-ins; try again later', {
        data: { retryAfter: access.retryAfterSeconds },
      });
    }
    if (access.outcome === 'fault') return { kind: 'closed' };
    const { authorization: _authorization, ...others } = Object.fromEntries(applicant.headers);
    const byAge = await authorise({
      ...question,
      range: { begin: LONG_AGO, end: { ...LONG_AGO, day: LONG_AGO.day + 1 } },
      applicant: { ...applicant, headers: new Map(Object.entries(others)) },
    });
    if (byAge.outcome !== 'granted' || byAge.openUntil === undefined) return { kind: 'closed' };
    return { kind: 'until', time: byAge.openUntil };
  }
}
