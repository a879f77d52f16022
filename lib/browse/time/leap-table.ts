/**
 * TAI-UTC as a table (browse-export 3.2): compiled in, or read from a file in the form that the IERS publishes.
 *
 * Contract: pure. Before the first entry the offset is that of the first one, which is an approximation. The table says until when it is
 * known to be complete; conversions after that are provisional.
 */
import { Das2Error } from '../../error.js';
import { dayFromDate } from '../../stream/calendar.js';
import { LEAP_SECONDS } from '../../stream/leap-seconds.js';

/** From the UTC day on (counted from 2000-01-01) TAI is ahead by so many seconds. */
export interface LeapEntry {
  readonly day: number;
  readonly offset: number;
}

export interface LeapTable {
  /** In ascending order, at least one. */
  readonly entries: readonly LeapEntry[];
  /** First UTC day for which the table promises nothing. */
  readonly expires: number;
}

/** The table of this program. The day is that on which the announcement behind its last check (Bulletin C 70) ends. */
export const BUILT_IN: LeapTable = {
  entries: LEAP_SECONDS.map(([offset, year, month]) => ({ day: dayFromDate(year, month, 1), offset })),
  expires: dayFromDate(2026, 6, 28),
};

/** Days from 1900-01-01, where the seconds of the list begin, to 2000-01-01. */
const DAY_1900 = 36_524;
const DAY_SECONDS = 86_400;

/** Reads a `leap-seconds.list`: lines `SECONDS OFFSET # comment`, `#@ SECONDS` for the end of validity. Throws `configuration`. */
export function parseLeapTable(text: string): LeapTable {
  const entries: LeapEntry[] = [];
  let expires: number | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    const end = /^#@\s+(\d{1,12})\s*$/.exec(line);
    if (end !== null) expires = Math.floor(Number(end[1]) / DAY_SECONDS) - DAY_1900;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const match = /^\s*(\d{1,12})\s+(\d{1,4})\s*(?:#.*)?$/.exec(line);
    const day = Number(match?.[1]) / DAY_SECONDS - DAY_1900;
    const offset = Number(match?.[2]);
    const last = entries.at(-1);
    if (match === null || !Number.isInteger(day) || (last !== undefined && day <= last.day)) {
      throw wrong(`line ${i + 1} is not the second of a midnight, later than the one before, and an offset`);
    }
    if (last !== undefined && Math.abs(offset - last.offset) !== 1) {
      throw wrong(`line ${i + 1}: an offset differs from the one before by one second`);
    }
    entries.push({ day, offset });
  }
  if (entries.length === 0 || expires === undefined)
    throw wrong('there are no offsets, or no line #@ with the last date');
  return { entries, expires };
}

function wrong(reason: string): Das2Error {
  return new Das2Error('configuration', 'the list of leap seconds of this server cannot be used', {
    data: { detail: `LEAP_SECONDS_FILE: ${reason}` },
  });
}
