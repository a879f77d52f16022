/**
 * A question that would look at more records than one answer should (browse-export 5.1).
 */
import { Das2Error } from '../error.js';

/** Throws `tooWide` that says how many records it would be. */
export function requireNarrow(candidates: number, most: number): void {
  if (candidates <= most) return;
  throw new Das2Error(
    'tooWide',
    `That is ${grouped(candidates)} possible records; narrow the interval or choose fewer kinds`,
    { data: { field: 'stop', hint: `one question may look at ${grouped(most)} records`, candidates } },
  );
}

/** A whole number with its digits in groups of three. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ' ');
}
