/**
 * Reading back what request-log.ts writes: one line of a log into its parts (server-internals 5.1).
 *
 *   [Tue Aug 27 12:34:56 2019 12345    7] text
 *
 * Times are those of the clock of the log (UTC, or local with LOG_LOCALTIME) as milliseconds that count as if it were UTC, so
 * days and hours come out as they stand in the file.
 */

/** The parts of a line. */
export interface LogLine {
  readonly time: number;
  readonly pid: number;
  readonly number: number;
  readonly text: string;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const LINE =
  /^\[(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4}) (\d{1,10}) +(\d{1,9})\] ?(.*)$/s;

/** The parts of a line without its end; undefined if it has another form. */
export function parseLogLine(line: string): LogLine | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, month = '', day, hour, minute, second, year, pid, number, text = ''] = match;
  const monthIndex = MONTHS.indexOf(month);
  if (monthIndex < 0 || monthIndex % 3 !== 0) return undefined;
  const time = Date.UTC(Number(year), monthIndex / 3, Number(day), Number(hour), Number(minute), Number(second));
  return Number.isNaN(time) ? undefined : { time, pid: Number(pid), number: Number(number), text };
}
