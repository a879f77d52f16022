/**
 * Times in forms and labels of pages: ISO, as short as it may be. Pure, used by the server and in the page.
 */

import type { TimePoint } from '../stream/time-point.js';
import { formatTime, type TimeDecimals } from '../stream/time-text.js';

/** `2026-01-01`, `2026-01-01T12:30` or longer: what follows of a full text is zero. */
export function shortTime(time: TimePoint, decimals: TimeDecimals = 'shortest'): string {
  return formatTime(time, { decimals })
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
    .replace(/T00:00:00$/, '')
    .replace(/(T\d\d:\d\d):00$/, '$1');
}
