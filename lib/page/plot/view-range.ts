/**
 * The time range that a plot shows, and how it moves: zoom, pan, texts for the form. Pure.
 */

import { parseTime } from '../../stream/time-parser.js';
import { timeFromUs2000, us2000FromTime } from '../../stream/time-point.js';
import type { TimeDecimals } from '../../stream/time-text.js';
import { shortTime } from '../time-label.js';

/** us2000: microseconds since 2000-01-01; `end` is later than `begin`. */
export interface ViewRange {
  readonly begin: number;
  readonly end: number;
}

/** A double in us2000 holds no finer times near today. */
const NARROWEST = 10;
const FIRST = us2000FromTime(parseTime('0001-01-01'));
const LAST = us2000FromTime(parseTime('9999-01-01'));

/** The range that two texts mean; undefined if they are no times or not in order. */
export function rangeFromText(begin: string, end: string): ViewRange | undefined {
  try {
    const range = { begin: us2000FromTime(parseTime(begin)), end: us2000FromTime(parseTime(end)) };
    return range.end > range.begin ? range : undefined;
  } catch {
    return undefined;
  }
}

/** Texts of a range for the form, as exact as its width needs: about a five-thousandth of it. */
export function rangeToText({ begin, end }: ViewRange): { begin: string; end: string } {
  const decimals = Math.min(9, Math.max(0, Math.ceil(-Math.log10((end - begin) / 1e6 / 5000)))) as TimeDecimals;
  const text = (us2000: number): string => shortTime(timeFromUs2000(us2000), decimals);
  return { begin: text(begin), end: text(end) };
}

/** The range `factor` times as wide (below 1 zooms in) about its middle. */
export function zoomed({ begin, end }: ViewRange, factor: number): ViewRange {
  const middle = (begin + end) / 2;
  const half = Math.max(NARROWEST, (end - begin) * factor) / 2;
  return clamped({ begin: middle - half, end: middle + half });
}

/** The range moved by a part of its width; negative is earlier. */
export function panned({ begin, end }: ViewRange, part: number): ViewRange {
  const shift = (end - begin) * part;
  return clamped({ begin: begin + shift, end: end + shift });
}

/** The range between two times in any order; undefined if it is too narrow to be meant. */
export function selected(a: number, b: number): ViewRange | undefined {
  const range = { begin: Math.min(a, b), end: Math.max(a, b) };
  return range.end - range.begin >= NARROWEST ? clamped(range) : undefined;
}

function clamped({ begin, end }: ViewRange): ViewRange {
  return {
    begin: Math.min(Math.max(begin, FIRST), LAST - NARROWEST),
    end: Math.max(Math.min(end, LAST), FIRST + NARROWEST),
  };
}

/** What the server is asked for. Texts of seconds. */
export interface AskedStep {
  readonly resolution: string;
  readonly interval: string;
}

/**
 * The resolution for a plot of this many pixels: a value for each pixel, or coarser if the form says so. A source that needs an interval
 * gets that of the form, held between two points a pixel and fifty in all.
 */
export function askedStep(
  range: ViewRange,
  pixels: number,
  form: { readonly resolution: string; readonly interval: string; readonly needsInterval: boolean },
): AskedStep {
  const seconds = (range.end - range.begin) / 1e6;
  const pixel = seconds / Math.max(1, pixels);
  const text = (value: number): string => String(Number(value.toPrecision(6)));
  if (form.needsInterval) {
    const own = positive(form.interval) ?? pixel;
    return { resolution: '', interval: text(Math.min(Math.max(own, pixel / 2), seconds / 50)) };
  }
  return { resolution: text(Math.max(pixel, positive(form.resolution) ?? 0)), interval: '' };
}

function positive(text: string): number | undefined {
  const value = Number(text.trim() === '' ? Number.NaN : text);
  return value > 0 && Number.isFinite(value) ? value : undefined;
}
