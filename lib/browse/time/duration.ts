/**
 * How often something comes, as DSDFs write it (browse-export 2.1, 8): `60 / hour`, `360 / 6 hr`, `4 / day`, or an ISO 8601 duration; and lengths
 * of time in words.
 */

const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  h: 3600,
  hr: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
};

const COUNTED = /^(\d{1,9}(?:\.\d{1,6})?)\s*\/\s*(\d{1,6})?\s*([A-Za-z]+)$/;
const ISO = /^P(?=.)(?:(\d{1,6})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,9})?)S)?)?$/;

/** Seconds from one to the next; undefined if the text does not say. */
export function cadenceSeconds(text: string): number | undefined {
  const counted = COUNTED.exec(text.trim());
  if (counted !== null) {
    const name = (counted[3] ?? '').toLowerCase();
    const unit = UNITS[name] ?? UNITS[name.replace(/s$/, '')];
    const seconds = ((unit ?? 0) * Number(counted[2] ?? '1')) / Number(counted[1]);
    return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
  }
  const iso = ISO.exec(text.trim());
  if (iso === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = iso.slice(1).map((part) => Number(part ?? '0'));
  const sum = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
  return sum > 0 ? sum : undefined;
}

/** A length of time in the largest unit that leaves a short number: `1 min`, `6 hr`, `50 ms`. */
export function durationWords(seconds: number): string {
  for (const [unit, length] of [
    ['day', 86_400],
    ['hr', 3600],
    ['min', 60],
    ['s', 1],
    ['ms', 0.001],
  ] as const) {
    const count = seconds / length;
    if (count >= 1 && Number.isInteger(Math.round(count * 1e6) / 1e6)) return `${Math.round(count)} ${unit}`;
  }
  return `${Number(seconds.toPrecision(3))} s`;
}
