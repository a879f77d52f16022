/**
 * What the log of deliveries says about the past of a dataset: requests whose digest has changed, and the versions under which data were delivered
 * (citation 13.2).
 *
 * Contract: entries may come in any order of requests, but those of one request oldest first. An entry that was seen before changes nothing, so a log
 * that was condensed meanwhile may be read once more. Data that had not ended when they were delivered may grow: that is no change. Reduced data are
 * compared with those that were made in the same way only (5.1).
 */

import { haveSameData, viaClass } from '../citation/states.js';
import type { LogEntry } from '../log/row.js';

/** A request whose data were others than before. Times are those of the log. */
export interface ObservedChange {
  readonly rk: string;
  /** The interval of data that was asked for, as the canonical request has it. */
  readonly begin: string;
  readonly end: string;
  readonly oldDigest: string;
  readonly newDigest: string;
  /** The last delivery of the old data, and the first one of the new ones. */
  readonly lastOld: string;
  readonly firstNew: string;
}

/** A version of the dataset (`dsver`), and between which deliveries it was seen. */
export interface SeenVersion {
  readonly version: string;
  readonly first: string;
  readonly last: string;
}

/** The last state of one request and way: digest, time, whether it was open, and the digest that does not see the order of structures. */
type LastState = readonly [digest: string, time: string, open: boolean, orderFree?: string];

/** What a history is made of. */
export interface HistoryFacts {
  readonly changes: readonly ObservedChange[];
  readonly versions: readonly SeenVersion[];
  readonly states: readonly (readonly [string, LastState])[];
}

/** Requests whose last state is remembered; those that were not asked for longest are forgotten first. */
const MOST_STATES = 20_000;
const MOST_CHANGES = 2000;
const MOST_VERSIONS = 200;

export class DatasetHistory {
  private readonly states: Map<string, LastState>;
  private readonly versionSpans: Map<string, SeenVersion>;
  private readonly changeList: ObservedChange[];

  constructor({ changes = [], versions = [], states = [] }: Partial<HistoryFacts> = {}) {
    this.states = new Map(states);
    this.versionSpans = new Map(versions.map((span) => [span.version, span]));
    this.changeList = [...changes];
  }

  /** Takes note of an entry with its request's interval. */
  add(entry: LogEntry, { begin, end }: { readonly begin: string; readonly end: string }): void {
    const { rk, state, d2c1, orderFree, time, via, dsver, open } = entry;
    if (dsver !== undefined) this.addVersion(dsver, time);
    if (state !== 'ok' || d2c1 === undefined) return;
    const key = `${rk} ${viaClass(via)}`;
    const last = this.states.get(key);
    if (last !== undefined && time <= last[1]) return;
    if (last !== undefined && !last[2] && !haveSameData(entry, { d2c1: last[0], orderFree: last[3] })) {
      this.changeList.push({ rk, begin, end, oldDigest: last[0], newDigest: d2c1, lastOld: last[1], firstNew: time });
      if (this.changeList.length > MOST_CHANGES) this.forgetOldestChange();
    }
    // Behind all others, so that the first one is that which was not seen for longest.
    this.states.delete(key);
    this.states.set(key, orderFree === undefined ? [d2c1, time, open] : [d2c1, time, open, orderFree]);
    if (this.states.size > MOST_STATES) this.states.delete(this.states.keys().next().value ?? '');
  }

  /** Changes that were observed, the latest first. */
  get changes(): readonly ObservedChange[] {
    return [...this.changeList].sort((a, b) => (a.firstNew < b.firstNew ? 1 : a.firstNew > b.firstNew ? -1 : 0));
  }

  /** Versions by their first delivery, oldest first. */
  get versions(): readonly SeenVersion[] {
    return [...this.versionSpans.values()].sort((a, b) => (a.first < b.first ? -1 : 1));
  }

  /** The last state of every request, for the next time. */
  get lastStates(): HistoryFacts['states'] {
    return [...this.states];
  }

  private addVersion(version: string, time: string): void {
    const span = this.versionSpans.get(version);
    if (span === undefined && this.versionSpans.size >= MOST_VERSIONS) return;
    const { first = time, last = time } = span ?? {};
    this.versionSpans.set(version, { version, first: time < first ? time : first, last: time > last ? time : last });
  }

  private forgetOldestChange(): void {
    let oldest = 0;
    for (const [at, { firstNew }] of this.changeList.entries())
      if (firstNew < (this.changeList[oldest]?.firstNew ?? '')) oldest = at;
    this.changeList.splice(oldest, 1);
  }
}
