/**
 * Times for people at a terminal: `YYYY-MM-DD (DDD) hh:mm:ss`, ISO calendar and ISO ordinal, with truncated decimals (stream-format 13.9).
 */
import { dateFromDay, dayOfYear } from './calendar.js';
import type { TimePoint } from './time-point.js';

export type PrintForm = 'both' | 'calendar' | 'ordinal';

/** The time as text; `decimals` of the second (0 to 9) are cut off, not rounded. */
export function printTime(time: TimePoint, form: PrintForm, decimals: number): string {
  const { year, month, dayOfMonth } = dateFromDay(time.day);
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  const second = Math.floor(time.nanosecond / 1e9);
  const fraction = pad(time.nanosecond - second * 1e9, 9).slice(0, decimals);
  const hour = Math.floor(second / 3600);
  const clock = `${pad(hour, 2)}:${pad(Math.floor(second / 60) % 60, 2)}:${pad(second % 60, 2)}`;
  const text = fraction === '' ? clock : `${clock}.${fraction}`;
  const calendar = `${pad(year, 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}`;
  const ordinal = pad(dayOfYear(time.day), 3);
  if (form === 'calendar') return `${calendar}T${text}`;
  return form === 'ordinal' ? `${pad(year, 4)}-${ordinal}T${text}` : `${calendar} (${ordinal}) ${text}`;
}
