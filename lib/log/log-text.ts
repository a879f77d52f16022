/**
 * Text of log lines: time stamp, file name, escapes (server-internals 5.1). What comes from a request can neither forge a line
 * nor send control sequences to the terminal of whoever reads the log.
 */

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MS_PER_DAY = 86_400_000;

/** Most characters of one text (standard error of a stage); the end is what matters. */
export const TEXT_LIMIT = 65_536;

/** The time as C's asctime writes it, without line end: `Tue Aug 27 12:34:56 2019`. UTC unless `local`. */
export function logTime(time: number, local: boolean): string {
  const date = new Date(local ? time - new Date(time).getTimezoneOffset() * 60_000 : time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return (
    `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ` +
    `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${date.getUTCFullYear()}`
  );
}

/** Days since 1970, by the clock that the log uses. */
export function logDay(time: number, local: boolean): number {
  return Math.floor((local ? time - new Date(time).getTimezoneOffset() * 60_000 : time) / MS_PER_DAY);
}

/** The address as part of a file name; `None` if there is none. */
export function addressForFile(address: string): string {
  const safe = address.replace(/[^0-9A-Za-z.:_-]/g, '').slice(0, 64);
  return safe === '' ? 'None' : safe;
}

/** One line of text: control characters, line breaks among them, as `\xNN` or `\uNNNN`. */
export function escapeLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, (character) => {
    const code = character.charCodeAt(0);
    return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, '0')}`;
  });
}

/** The last 65,536 characters of a text, with a note if something was cut. */
export function lastPart(text: string): string {
  if (text.length <= TEXT_LIMIT) return text;
  return `(${text.length - TEXT_LIMIT} characters left out)\n${text.slice(-TEXT_LIMIT)}`;
}
