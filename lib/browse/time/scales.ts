/**
 * Moments on two scales (browse-export 3.2): TAI, where every day has 86400 seconds, and UTC, whose days may be a second longer.
 *
 * Contract: pure integers, no floating point. An `Instant` is the one form in which moments of different scales are compared; a `CivilTime`
 * is what stands on a clock of one scale.
 */
import { dateFromDay } from '../../stream/calendar.js';
import type { LeapTable } from './leap-table.js';

export type Scale = 'TAI' | 'UTC';

/** What a clock shows. */
export interface CivilTime {
  /** Days since 2000-01-01. */
  readonly day: number;
  /** Second of the day, 0 to 86399; 86400 is the leap second 23:59:60 of UTC. */
  readonly second: number;
  readonly nanosecond: number;
}

/** A moment: whole seconds since 2000-01-01T00:00:00 TAI, and nanoseconds from 0 to 999999999. */
export interface Instant {
  readonly second: number;
  readonly nanosecond: number;
}

export const DAY_SECONDS = 86_400;

/** TAI-UTC during a UTC day. */
export function offsetOfDay(day: number, table: LeapTable): number {
  let offset = table.entries[0]?.offset ?? 0;
  for (const entry of table.entries) {
    if (entry.day > day) break;
    offset = entry.offset;
  }
  return offset;
}

/** Seconds of a UTC day: 86400, or one more or less. */
export function secondsOfDay(day: number, table: LeapTable): number {
  return DAY_SECONDS + offsetOfDay(day + 1, table) - offsetOfDay(day, table);
}

/** True if the clock of the scale shows such a time. */
export function exists(civil: CivilTime, scale: Scale, table: LeapTable): boolean {
  return civil.second < (scale === 'UTC' ? secondsOfDay(civil.day, table) : DAY_SECONDS);
}

/** The moment at which a clock of the scale shows this. */
export function instantOf({ day, second, nanosecond }: CivilTime, scale: Scale, table: LeapTable): Instant {
  return { second: day * DAY_SECONDS + second + (scale === 'UTC' ? offsetOfDay(day, table) : 0), nanosecond };
}

const SECONDS_1970_TO_2000 = 946_684_800;

/** A moment that the clock of this machine shows, in milliseconds since 1970; whole seconds. */
export function instantOfUnix(milliseconds: number, table: LeapTable): Instant {
  const seconds = Math.floor(milliseconds / 1000) - SECONDS_1970_TO_2000;
  return instantOf({ ...civilOfSeconds(seconds), nanosecond: 0 }, 'UTC', table);
}

/** What a clock of the scale shows at a moment. */
export function civilOf({ second, nanosecond }: Instant, scale: Scale, table: LeapTable): CivilTime {
  if (scale === 'TAI') return { ...civilOfSeconds(second), nanosecond };
  const { entries } = table;
  let at = 0;
  while (at + 1 < entries.length && startOf(entries[at + 1]) <= second) at++;
  const civil = civilOfSeconds(second - (entries[at]?.offset ?? 0));
  const next = entries[at + 1];
  // The second before a new offset begins has no place among the 86400 of its day.
  if (next !== undefined && civil.day >= next.day) return { day: next.day - 1, second: DAY_SECONDS, nanosecond };
  return { ...civil, nanosecond };
}

/** Day and second of a count of seconds on days of 86400. */
export function civilOfSeconds(seconds: number): { day: number; second: number } {
  const day = Math.floor(seconds / DAY_SECONDS);
  return { day, second: seconds - day * DAY_SECONDS };
}

function startOf(entry: LeapTable['entries'][number] | undefined): number {
  return entry === undefined ? Number.POSITIVE_INFINITY : entry.day * DAY_SECONDS + entry.offset;
}

/** Negative, zero or positive as `a` is before, at or after `b`. */
export function compareInstants(a: Instant, b: Instant): number {
  return a.second - b.second || a.nanosecond - b.nanosecond;
}

/** Seconds from `a` to `b`; fractions in the third place only, for texts and limits. */
export function secondsBetween(a: Instant, b: Instant): number {
  return b.second - a.second + Math.round((b.nanosecond - a.nanosecond) / 1e6) / 1e3;
}

/** True if a conversion between the scales at this UTC day rests on no announcement yet. */
export function isProvisional(day: number, table: LeapTable): boolean {
  return day >= table.expires;
}

/** True if a conversion at this UTC day is approximate, since UTC had no whole leap seconds then. */
export function isApproximate(day: number, table: LeapTable): boolean {
  return day < (table.entries[0]?.day ?? 0);
}

/** ISO 8601 text of what a clock shows; of UTC with a Z at its end. */
export function isoText(civil: CivilTime, scale: Scale): string {
  const { year, month, dayOfMonth } = dateFromDay(civil.day);
  const fraction = civil.nanosecond === 0 ? '' : `.${String(civil.nanosecond).padStart(9, '0').replace(/0+$/, '')}`;
  const clock = clockParts(civil);
  return `${pad(year, 4)}-${pad(month)}-${pad(dayOfMonth)}T${clock.map((part) => pad(part)).join(':')}${fraction}${scale === 'UTC' ? 'Z' : ''}`;
}

/** Hour, minute and second; 23, 59, 60 for a leap second. */
export function clockParts({ second }: CivilTime): [hour: number, minute: number, second: number] {
  if (second >= DAY_SECONDS) return [23, 59, 60 + second - DAY_SECONDS];
  return [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
}

/** A number with zeros in front. */
export function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, '0');
}
