/**
 * Durations and byte counts as people write them in the configuration and in DSDFs: `2 d`, `300 s`, `90min`, `5 GiB`.
 *
 * Grammar: a decimal number, optional blanks, an optional unit. A bare number counts seconds, or bytes.
 */

const SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
  d: 86400,
  day: 86400,
  days: 86400,
  w: 604800,
  week: 604800,
  weeks: 604800,
};

const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1e6,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1e9,
  gib: 1024 ** 3,
  t: 1024 ** 4,
  tb: 1e12,
  tib: 1024 ** 4,
};

/** Seconds of a duration text (units ms, s, min, h, d, w and their words); undefined if it is none. */
export function parseSeconds(text: string): number | undefined {
  return parseQuantity(text, SECONDS);
}

/** Bytes of a size text (`kB` 1000, `KiB` and `K` 1024, and so on); undefined if it is none. */
export function parseBytes(text: string): number | undefined {
  const bytes = parseQuantity(text, BYTES);
  return bytes === undefined ? undefined : Math.floor(bytes);
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,9})?)\s*([A-Za-z]*)$/.exec(text.trim());
  if (match === null) return undefined;
  const unit = (match[2] ?? '').toLowerCase();
  const factor = unit === '' ? 1 : Object.hasOwn(units, unit) ? units[unit] : undefined;
  return factor === undefined ? undefined : Number(match[1]) * factor;
}
