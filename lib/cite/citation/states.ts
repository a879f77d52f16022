/**
 * The states of the data of one request, as the log knows them, and the choice of one (citation 8.2, 8.3, 8.5).
 */

import { isDelivery, type LogEntry } from '../log/row.js';
import type { CitedState } from './citation.js';

/** A look-up takes no fewer digits of a digest. */
export const SHORTEST_PREFIX = 16;

export type Choice =
  | { readonly kind: 'one'; readonly state: CitedState }
  | { readonly kind: 'several'; readonly states: readonly CitedState[] }
  | { readonly kind: 'ambiguous'; readonly states: readonly CitedState[] }
  /** There are deliveries, but not that one. */
  | { readonly kind: 'unmatched' }
  | { readonly kind: 'none' };

export interface Wish {
  /** First digits of a content digest, or of the SHA-256 of a file as it was sent. */
  readonly hash?: string | undefined;
  /** ISO time with `Z`; the state in force then. */
  readonly at?: string | undefined;
}

/** The states of the entries of one request (newest first), the latest first. */
export function statesOf(entries: readonly LogEntry[]): CitedState[] {
  const groups = new Map<string, LogEntry[]>();
  for (const entry of entries) {
    if (entry.state !== 'ok' || entry.d2c1 === undefined) continue;
    const group = groups.get(entry.d2c1);
    if (group === undefined) groups.set(entry.d2c1, [entry]);
    else group.push(entry);
  }
  return [...groups.values()].map(stateOf);
}

function stateOf(group: readonly LogEntry[]): CitedState {
  const last = group[0] as LogEntry;
  const raws: Record<string, string> = {};
  for (const { format, raw } of group) if (raw !== undefined) raws[format] ??= raw;
  const timesOf = (some: readonly LogEntry[]): number => some.reduce((sum, { count = 1 }) => sum + count, 0);
  return {
    digest: writtenForm(last.d2c1 ?? ''),
    time: last.time,
    first: group.at(-1)?.time ?? last.time,
    count: timesOf(group),
    deliveries: timesOf(group.filter(isDelivery)),
    packets: last.packets,
    firstX: last.firstX,
    lastX: last.lastX,
    m: last.m,
    via: last.via,
    dsver: last.dsver,
    open: last.open,
    raws,
  };
}

/** A digest of the log as citations write it. */
export function writtenForm(d2c1: string): string {
  return d2c1.startsWith('q1:') ? `sha256-${d2c1}` : `sha256-d2c1:${d2c1}`;
}

/** The digits of a written digest. */
export function digitsOf(digest: string): string {
  return digest.slice(digest.lastIndexOf(':') + 1).toLowerCase();
}

/** Chooses the state that is meant. With one state there is nothing to choose. */
export function chooseState(entries: readonly LogEntry[], { hash, at }: Wish): Choice {
  const states = statesOf(entries);
  if (states.length === 0) return { kind: hash === undefined && at === undefined ? 'none' : 'unmatched' };
  if (hash !== undefined) {
    const digits = digitsOf(hash);
    // The bytes of a state differ from delivery to delivery where they tell of their making; all of them are looked at.
    const ofFile = new Set(
      entries.flatMap(({ d2c1, raw }) => (d2c1 && raw?.startsWith(digits) ? [writtenForm(d2c1)] : [])),
    );
    const matching = states.filter(({ digest }) => digitsOf(digest).startsWith(digits) || ofFile.has(digest));
    if (matching.length > 1) return { kind: 'ambiguous', states: matching };
    return oneOrUnmatched(matching[0]);
  }
  if (at !== undefined) {
    const entry = entries.find(({ state, d2c1, time }) => state === 'ok' && d2c1 !== undefined && time <= at);
    const digest = entry?.d2c1 === undefined ? undefined : writtenForm(entry.d2c1);
    return oneOrUnmatched(states.find((state) => state.digest === digest));
  }
  return states.length === 1 ? oneOrUnmatched(states[0]) : { kind: 'several', states };
}

function oneOrUnmatched(state: CitedState | undefined): Choice {
  return state === undefined ? { kind: 'unmatched' } : { kind: 'one', state };
}

const DAY_MS = 86_400_000;

/** True for a source that gives something else each time: three digests in the last three deliveries, within a day. */
export function isVolatile(entries: readonly LogEntry[]): boolean {
  const last = entries.filter(({ state, d2c1 }) => state === 'ok' && d2c1 !== undefined).slice(0, 3);
  const [newest, , oldest] = last;
  if (newest === undefined || oldest === undefined) return false;
  return (
    new Set(last.map(({ d2c1 }) => d2c1)).size === 3 && Date.parse(newest.time) - Date.parse(oldest.time) <= DAY_MS
  );
}

/** True if two deliveries had the same data, whatever the order in which records of different structures came. */
export function haveSameData(
  a: Pick<LogEntry, 'd2c1' | 'orderFree'>,
  b: Pick<LogEntry, 'd2c1' | 'orderFree'>,
): boolean {
  return a.d2c1 === b.d2c1 || (a.orderFree !== undefined && a.orderFree === b.orderFree);
}

/** How reduced data were made, as far as it matters: live runs over a level and its blocks give the same (citation 5.1). */
export function viaClass(via: string): string {
  return via.replace(/^(?:live|cache):([^+]+)$/, 'level:$1');
}

/** The state that a digest names among the entries; undefined if none does. */
export function stateOfDigest(entries: readonly LogEntry[], digest: string): CitedState | undefined {
  return statesOf(entries).find((state) => state.digest === digest);
}
