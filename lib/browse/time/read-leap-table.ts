/**
 * The table of leap seconds in force (browse-export 3.2): that of LEAP_SECONDS_FILE, else the one compiled in, and once that has passed its last
 * date the one that the system has, if it reaches further: systems get new tables more often than servers do.
 */
import { readFileSync } from 'node:fs';
import type { Configuration } from '../../conf/configuration.js';
import { configurationError } from '../../conf/configuration-error.js';
import { timeFromUnix } from '../../source/time-range.js';
import { BUILT_IN, type LeapTable, parseLeapTable } from './leap-table.js';
import { isoText } from './scales.js';

/** Where the time zone data of Linux systems have it. */
const SYSTEM_LIST = '/usr/share/zoneinfo/leap-seconds.list';

/**
 * The table for `now`, in milliseconds since 1970. `warn` is told, and keeps it to once a day, when the table has passed its last date. Throws
 * `configuration` for a LEAP_SECONDS_FILE that cannot be used; a list of the system that cannot be is as good as none.
 */
export function readLeapTable(
  configuration: Configuration,
  now: number,
  warn: (line: string) => void,
  systemList = SYSTEM_LIST,
): LeapTable {
  const file = configuration.path('LEAP_SECONDS_FILE');
  const today = timeFromUnix(now).day;
  const table = file === undefined ? withoutSetting(today, systemList) : parseLeapTable(textOf(file));
  if (today >= table.expires) {
    const last = isoText({ day: table.expires, second: 0, nanosecond: 0 }, 'TAI').slice(0, 10);
    warn(`the table of leap seconds is known up to ${last} only: name a newer one with LEAP_SECONDS_FILE`);
  }
  return table;
}

function withoutSetting(today: number, systemList: string): LeapTable {
  if (today < BUILT_IN.expires) return BUILT_IN;
  try {
    const table = parseLeapTable(readFileSync(systemList, 'utf8'));
    return table.expires > BUILT_IN.expires ? table : BUILT_IN;
  } catch {
    return BUILT_IN;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw configurationError(`LEAP_SECONDS_FILE ${file} cannot be read`, error);
  }
}
