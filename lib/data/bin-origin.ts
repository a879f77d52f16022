/**
 * Where the bins of a live reduction begin (server-internals 2.12, rules 1, 2 and 6): one grid for ever, counted from
 * 2000-01-01T00:00 UTC without leap seconds, so that the same request gives the same bins every time and answers that meet on a
 * bin edge join without gap or overlap.
 */
import { programName } from '../pipeline/stage/command-words.js';
import { formatTime, type TimePoint, timeFromUs2000, us2000FromTime } from '../stream/time.js';

/** Reducers that understand `-b` for certain: ours and those of the das2 family. */
const FAMILY = new Set(['das2_bin_avgsec', 'das2_bin_peakavgsec', 'das2_bin_minmaxavgsec', 'das2_bin_ratesec']);

const NANOSECONDS_PER_DAY = 86_400_000_000_000n;
/** Times that ISO text can say: years 1 to 9999. */
const FIRST_DAY = -730_119;
const LAST_DAY = 2_921_939;

/** True if the command takes `-b ORIGIN` whatever the source is: plain words, with or without a path, and no `-b` of its own. */
export function knowsOrigin(command: string): boolean {
  const name = programName(command);
  return name !== undefined && FAMILY.has(name) && !/\s-b(?:\s|$)/.test(command);
}

/** The begin of a bin. */
export interface BinOrigin {
  /** As exactly as a double can say it. */
  readonly us2000: number;
  /** ISO text with as many decimals as it needs, nine at most; undefined beyond the years 1 to 9999. */
  readonly text: string | undefined;
}

/** The begin of the bin of `seconds` (above zero) in which a time lies. */
export function binOrigin(time: TimePoint, seconds: number): BinOrigin {
  const nanoseconds = Math.round(seconds * 1e9);
  // Widths of whole nanoseconds, which are all that people use, are counted without rounding.
  const isExact = Number.isSafeInteger(nanoseconds) && nanoseconds > 0 && nanoseconds / 1e9 === seconds;
  const origin = isExact ? flooredExactly(time, BigInt(nanoseconds)) : undefined;
  const us2000 = origin === undefined ? floored(us2000FromTime(time), seconds * 1e6) : us2000FromTime(origin);
  return { us2000, text: isoText(origin, us2000) };
}

function flooredExactly(time: TimePoint, width: bigint): TimePoint {
  const at = BigInt(time.day) * NANOSECONDS_PER_DAY + BigInt(time.nanosecond);
  const origin = at - remainder(at, width);
  const nanosecond = remainder(origin, NANOSECONDS_PER_DAY);
  return { day: Number((origin - nanosecond) / NANOSECONDS_PER_DAY), nanosecond: Number(nanosecond) };
}

/** The remainder with the sign of the divisor. */
function remainder(value: bigint, divisor: bigint): bigint {
  const rest = value % divisor;
  return rest < 0n ? rest + divisor : rest;
}

function floored(us2000: number, width: number): number {
  return Math.floor(us2000 / width) * width;
}

function isoText(exact: TimePoint | undefined, us2000: number): string | undefined {
  const day = exact?.day ?? us2000 / 86_400e6;
  if (!(day >= FIRST_DAY && day < LAST_DAY)) return undefined;
  return formatTime(exact ?? timeFromUs2000(us2000), { decimals: 'shortest' });
}
