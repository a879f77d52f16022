/**
 * Durations of `AGE` conditions (server-internals 4.1): `1y6m`, `30 d`, `2y 3m`; units y, m (months), d, h in any case.
 *
 * Each part is taken from "now" by the calendar, one after the other. A day that a month does not have becomes its last day,
 * which is the stricter result: 31 March less one month is the end of February.
 */

export interface DurationPart {
  readonly count: number;
  readonly unit: 'y' | 'm' | 'd' | 'h';
}

/** The parts of a duration; `malformed` if digits or units stand alone, undefined if the text is no duration at all. */
export function parseDuration(text: string): readonly DurationPart[] | 'malformed' | undefined {
  const bare = text.replace(/\s+/g, '').toLowerCase();
  if (bare === '' || bare.length > 64 || !/^[0-9ymdh]+$/.test(bare)) return undefined;
  if (!/^(?:\d{1,6}[ymdh])+$/.test(bare)) return 'malformed';
  return [...bare.matchAll(/(\d+)([ymdh])/g)].map((match) => ({
    count: Number(match[1]),
    unit: match[2] as DurationPart['unit'],
  }));
}

/** The moment (milliseconds since 1970) that lies a duration before `now`; -Infinity if that is out of all calendars. */
export function subtractDuration(now: number, parts: readonly DurationPart[]): number {
  let moment = now;
  for (const { count, unit } of parts) {
    if (unit === 'h') moment -= count * 3_600_000;
    else if (unit === 'd') moment -= count * 86_400_000;
    else moment = subtractMonths(moment, unit === 'y' ? count * 12 : count);
    if (Number.isNaN(new Date(moment).getTime())) return Number.NEGATIVE_INFINITY;
  }
  return moment;
}

function subtractMonths(moment: number, months: number): number {
  const date = new Date(moment);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() - months;
  const first = new Date(moment);
  first.setUTCFullYear(Math.floor(month / 12), ((month % 12) + 12) % 12, 1);
  const daysInMonth = new Date(first);
  daysInMonth.setUTCFullYear(first.getUTCFullYear(), first.getUTCMonth() + 1, 0);
  first.setUTCDate(Math.min(date.getUTCDate(), daysInMonth.getUTCDate()));
  return first.getTime();
}
