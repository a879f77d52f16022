/**
 * The table of leap seconds in force (browse-export 3.2): that of LEAP_SECONDS_FILE, else the one compiled in.
 */
import { readFileSync } from 'node:fs';
import type { Configuration } from '../../conf/configuration.js';
import { configurationError } from '../../conf/configuration-error.js';
import { timeFromUnix } from '../../source/time-range.js';
import { BUILT_IN, type LeapTable, parseLeapTable } from './leap-table.js';
import { isoText } from './scales.js';

/** The table. `warn` is told, and keeps it to once a day, when the table has passed its last date. Throws `configuration`. */
export function readLeapTable(configuration: Configuration, now: number, warn: (line: string) => void): LeapTable {
  const file = configuration.path('LEAP_SECONDS_FILE');
  const table = file === undefined ? BUILT_IN : parseLeapTable(textOf(file));
  if (timeFromUnix(now).day >= table.expires) {
    const last = isoText({ day: table.expires, second: 0, nanosecond: 0 }, 'TAI').slice(0, 10);
    warn(`the table of leap seconds is known up to ${last} only: name a newer one with LEAP_SECONDS_FILE`);
  }
  return table;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw configurationError(`LEAP_SECONDS_FILE ${file} cannot be read`, error);
  }
}
