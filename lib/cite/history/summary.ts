/**
 * The past of a dataset in entries that people can read: what its provider has declared, what the log has seen of it (citation 13.2).
 *
 * Contract: no digests and no requests: days of data, times, and numbers of requests and of kept citations. Requests that changed between the same
 * deliveries are one entry about the shortest interval that explains them all.
 */

import type { DatasetMetadata } from '../metadata/metadata.js';
import type { ObservedChange, SeenVersion } from './history.js';

export interface HistoryEntry {
  readonly kind: 'declared' | 'version' | 'definition' | 'observed';
  /** When it happened, or by when it had: a date, or a time of the log. */
  readonly date: string;
  /** Since when it may have happened. */
  readonly since?: string;
  readonly text: string;
  /** The days of data that have changed: the first and the last one. */
  readonly data?: { readonly firstDay: string; readonly lastDay: string };
  /** Requests that gave other data than before. */
  readonly requests?: number;
  /** Kept citations of the data before the change. */
  readonly keptCitations?: number;
}

/** All entries, the latest first. `isKept`: somebody has kept a citation of what was before the change. */
export function historyEntries(
  facts: {
    readonly metadata: Pick<DatasetMetadata, 'changes' | 'version' | 'versionDate'>;
    readonly versions: readonly SeenVersion[];
    readonly changes: readonly ObservedChange[];
  },
  isKept: (change: ObservedChange) => boolean,
): HistoryEntry[] {
  const { changes, version, versionDate } = facts.metadata;
  const declared = changes.map(({ date, text }): HistoryEntry => ({ kind: 'declared', date, text }));
  const dated: HistoryEntry[] =
    versionDate === undefined
      ? []
      : [{ kind: 'version', date: versionDate, text: version === undefined ? 'this version' : `version ${version}` }];
  const all = [...declared, ...dated, ...versionEntries(facts.versions), ...observedEntries(facts.changes, isKept)];
  return all.sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
}

/** What has changed between one version and the next one that was delivered. */
function versionEntries(versions: readonly SeenVersion[]): HistoryEntry[] {
  return versions.slice(1).map(({ version, first }, at): HistoryEntry => {
    const before = versions[at] as SeenVersion;
    const [name, oldName] = [declaredPart(version), declaredPart(before.version)];
    const since = before.last < first ? { since: before.last } : {};
    if (name !== oldName && name !== '')
      return { kind: 'version', date: first, ...since, text: `version ${name}${oldName && ` in place of ${oldName}`}` };
    return { kind: 'definition', date: first, ...since, text: 'definition, reader or reducer of the source changed' };
  });
}

/** `dsver` without its fingerprint. */
function declaredPart(dsver: string): string {
  return dsver.replace(/(?:^|\+)[0-9a-f]{8}$/, '');
}

interface Group {
  readonly begin: string;
  readonly end: string;
  since: string;
  until: string;
  readonly changes: ObservedChange[];
}

function observedEntries(
  changes: readonly ObservedChange[],
  isKept: (change: ObservedChange) => boolean,
): HistoryEntry[] {
  const groups: Group[] = [];
  // Short ones first: they say best what has changed.
  for (const change of [...changes].sort((a, b) => lengthOf(a) - lengthOf(b))) {
    const group = groups.find(
      ({ begin, end, since, until }) =>
        begin >= change.begin && end <= change.end && since < change.firstNew && change.lastOld < until,
    );
    if (group === undefined) {
      const { begin, end, lastOld: since, firstNew: until } = change;
      groups.push({ begin, end, since, until, changes: [change] });
      continue;
    }
    group.changes.push(change);
    if (change.lastOld > group.since) group.since = change.lastOld;
    if (change.firstNew < group.until) group.until = change.firstNew;
  }
  return groups.map((group) => entryOf(group, isKept));
}

function entryOf(
  { begin, end, since, until, changes }: Group,
  isKept: (change: ObservedChange) => boolean,
): HistoryEntry {
  const firstDay = begin.slice(0, 10);
  const lastDay = lastDayOf(end);
  const days = firstDay === lastDay ? firstDay : `${firstDay} to ${lastDay}`;
  const requests = new Set(changes.map(({ rk }) => rk)).size;
  return {
    kind: 'observed',
    date: until,
    since,
    text: `content of ${days} changed ${whenWords(since.slice(0, 10), until.slice(0, 10))}`,
    data: { firstDay, lastDay },
    requests,
    keptCitations: changes.filter(isKept).length,
  };
}

function whenWords(since: string, until: string): string {
  return since === until ? `on ${until}` : `between ${since} and ${until}`;
}

function lengthOf({ begin, end }: ObservedChange): number {
  return Date.parse(`${end}Z`) - Date.parse(`${begin}Z`);
}

/** The last day of an interval whose end is not in it. */
function lastDayOf(end: string): string {
  if (!end.endsWith('T00:00:00')) return end.slice(0, 10);
  const before = new Date(Date.parse(`${end}Z`) - 1);
  return Number.isNaN(before.getTime()) ? end.slice(0, 10) : before.toISOString().slice(0, 10);
}
