/**
 * The units that the program must understand: time points, time intervals and frequencies (stream-format 6.1 to 6.3).
 *
 * All other units are free text that is handed on and never parsed. Names of time point units are case sensitive.
 */
import { timeFromTt2000, tt2000FromTime, us2000FromTt2000 } from './leap-seconds.js';
import { parseTime } from './time-parser.js';
import { MICROSECONDS_PER_DAY, type TimePoint, timeFromUs2000, timePoint, us2000FromTime } from './time-point.js';

export interface TimeUnits {
  /** The name as the stream has it. */
  readonly name: string;
  /** Value to microseconds since 2000-01-01, in 8-byte reals and in the order of operations of stream-format 6.1. */
  toUs2000(value: number): number;
  /** The inverse of `toUs2000`. */
  fromUs2000(us2000: number): number;
  /** The value, which must be finite, as a time point: exact to the nanosecond where the value is. */
  toTime(value: number): TimePoint;
  /** The double nearest to a time point. */
  fromTime(time: TimePoint): number;
  /** Units of differences between two values: `microseconds`, `s`, `ms`, `ns`, `days` ... */
  readonly interval: string;
  /** Length of one unit in seconds. */
  readonly intervalSeconds: number;
  /** us2000 = (value - offset) * scale * secondScale, where the units are linear in it; for loops that must be fast. */
  readonly linear?: { readonly offset: number; readonly scale: number; readonly secondScale: number };
}

/** Units linear in us2000: offset is the value at 2000-01-01T00:00. */
function linearUnits(name: string, interval: string, offset: number, scale: number, secondScale = 1): TimeUnits {
  const perDay = Math.round(MICROSECONDS_PER_DAY / (scale * secondScale));
  const nanoseconds = 86_400_000_000_000 / perDay;
  return {
    name,
    interval,
    intervalSeconds: 86400 / perDay,
    linear: { offset, scale, secondScale },
    toUs2000: (value) => (value - offset) * scale * secondScale,
    fromUs2000: (us2000) => us2000 / secondScale / scale + offset,
    toTime: (value) => {
      // The remainder of a double is exact, and so are whole days of the offset.
      const part = value % perDay;
      const offsetPart = offset % perDay;
      const day = (value - part) / perDay - (offset - offsetPart) / perDay;
      return timePoint(Math.round(day), Math.round((part - offsetPart) * nanoseconds));
    },
    fromTime: (time) => time.day * perDay + offset + time.nanosecond / nanoseconds,
  };
}

function us2000Units(name: string): TimeUnits {
  return {
    name,
    interval: 'microseconds',
    intervalSeconds: 1e-6,
    linear: { offset: 0, scale: 1, secondScale: 1 },
    toUs2000: (value) => value,
    fromUs2000: (us2000) => us2000,
    toTime: timeFromUs2000,
    fromTime: us2000FromTime,
  };
}

function tt2000Units(name: string): TimeUnits {
  return {
    name,
    interval: 'ns',
    intervalSeconds: 1e-9,
    toUs2000: us2000FromTt2000,
    fromUs2000: (us2000) => tt2000FromTime(timeFromUs2000(us2000)),
    toTime: timeFromTt2000,
    fromTime: tt2000FromTime,
  };
}

const DAY_SECONDS = 86400;

const MAKERS: Readonly<Record<string, (name: string) => TimeUnits>> = {
  us2000: us2000Units,
  UTC: us2000Units,
  t2000: (name) => linearUnits(name, 's', 0, 1e6),
  t1970: (name) => linearUnits(name, 's', 946684800, 1e6),
  unixTime: (name) => linearUnits(name, 's', 946684800, 1e6),
  t2010: (name) => linearUnits(name, 's', -315619200, 1e6),
  ms1970: (name) => linearUnits(name, 'ms', 946684800e3, 1e3),
  us1970: (name) => linearUnits(name, 'microseconds', 946684800e6, 1),
  us1980: (name) => linearUnits(name, 'microseconds', 631152000e6, 1),
  us2020: (name) => linearUnits(name, 'microseconds', -631152000e6, 1),
  ns1970: (name) => linearUnits(name, 'ns', 9.466848e17, 1e-3),
  mj1958: (name) => linearUnits(name, 'days', 15340, DAY_SECONDS, 1e6),
  mjd: (name) => linearUnits(name, 'days', 51544, DAY_SECONDS * 1e6),
  julianDay: (name) => linearUnits(name, 'days', 2451544.5, DAY_SECONDS * 1e6),
  cdfEpoch: (name) => linearUnits(name, 'ms', 63113904000000, 1e3),
  TT2000: tt2000Units,
  tt2000: tt2000Units,
  cdfTT2000: tt2000Units,
};

const known = new Map<string, TimeUnits | undefined>();
/** Names kept in `known`: a stream that invents units without end must not fill the memory. */
const MAXIMUM_KNOWN = 200;
const LONGEST_KNOWN = 100;

/**
 * The time point units of that name, also `INTERVAL since TIME` (`seconds since 2010-01-01`); undefined for anything else.
 * `UTC` is text on the wire, its numbers are us2000.
 */
export function timeUnits(name: string): TimeUnits | undefined {
  if (known.has(name)) return known.get(name);
  const maker = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
  const units = maker === undefined ? sinceUnits(name) : maker(name);
  if (known.size < MAXIMUM_KNOWN && name.length <= LONGEST_KNOWN) known.set(name, units);
  return units;
}

function sinceUnits(name: string): TimeUnits | undefined {
  const match = /^\s*(\S+)\s+since\s+(.+)$/.exec(name);
  const seconds = match === null ? undefined : intervalSeconds(match[1] ?? '');
  if (match === null || seconds === undefined) return undefined;
  let zero: TimePoint;
  try {
    zero = parseTime(match[2] ?? '');
  } catch {
    return undefined;
  }
  const zeroUs2000 = us2000FromTime(zero);
  const perDay = DAY_SECONDS / seconds;
  const perDayRounded = Math.round(perDay);
  const nanoseconds = 86_400_000_000_000 / perDayRounded;
  return {
    name,
    interval: match[1] ?? '',
    intervalSeconds: seconds,
    toUs2000: (value) => value * (seconds * 1e6) + zeroUs2000,
    fromUs2000: (us2000) => (us2000 - zeroUs2000) / (seconds * 1e6),
    toTime: (value) => {
      const part = value % perDayRounded;
      const day = Math.round((value - part) / perDayRounded);
      return timePoint(zero.day + day, Math.round(part * nanoseconds) + zero.nanosecond);
    },
    fromTime: (time) => (time.day - zero.day) * perDayRounded + (time.nanosecond - zero.nanosecond) / nanoseconds,
  };
}

const INTERVAL_NAMES = [
  [1, 's sec second seconds'],
  [1e-3, 'ms msec millisec millisecond milliseconds'],
  [1e-6, 'us usec microsec microsecond microseconds \u00b5s \u03bcs'],
  [1e-9, 'ns nsec nanosec nanosecond nanoseconds'],
  [60, 'min minute minutes'],
  [3600, 'hr hrs hour hours'],
  [DAY_SECONDS, 'day days'],
] as const;

const INTERVALS = new Map<string, number>();
for (const [seconds, names] of INTERVAL_NAMES) for (const name of names.split(' ')) INTERVALS.set(name, seconds);

const FREQUENCIES: ReadonlyMap<string, number> = new Map([
  ['Hz', 1],
  ['kHz', 1e3],
  ['MHz', 1e6],
  ['GHz', 1e9],
]);

/** Length in seconds of one of a time interval unit, under any of its spellings (stream-format 6.3); else undefined. */
export function intervalSeconds(unit: string): number | undefined {
  return INTERVALS.get(unit.trim());
}

/** Hertz in one of an inverse time unit: `Hz`, `kHz`, `MHz`, `GHz`; else undefined. */
export function frequencyHertz(unit: string): number | undefined {
  return FREQUENCIES.get(unit.trim());
}
