/**
 * `readAccess` of a source: `METHOD:VALUE | METHOD:VALUE …`, methods AGE, GROUP, USER in any case (server-internals 4.1).
 *
 * A wrong condition is a server error when its turn comes, even if a later one would succeed; an earlier success wins. So
 * parsing gives faults in place instead of failing as a whole.
 */
import { type DurationPart, parseDuration } from './duration.js';

export type Condition =
  | { readonly method: 'AGE'; readonly duration: readonly DurationPart[] }
  /** A duration with digits or units that stand alone: never met, and logged. */
  | { readonly method: 'never'; readonly reason: string }
  | { readonly method: 'GROUP'; readonly group: string }
  | { readonly method: 'USER'; readonly user: string }
  | { readonly method: 'fault'; readonly reason: string };

/** The conditions in order. Never empty: the value of a protected source holds at least a faulty one. */
export function parseConditions(readAccess: string): readonly Condition[] {
  return readAccess.split('|').map((text) => parseCondition(text.trim()));
}

function parseCondition(text: string): Condition {
  const colon = text.indexOf(':');
  if (colon < 0 || text.length < 3) return { method: 'fault', reason: `'${text}' is not METHOD:VALUE` };
  const method = text.slice(0, colon).trim().toUpperCase();
  const value = text.slice(colon + 1).trim();
  if (method !== 'AGE' && method !== 'GROUP' && method !== 'USER') {
    return { method: 'fault', reason: `'${text}': the methods are AGE, GROUP and USER` };
  }
  if (value === '') return { method: 'fault', reason: `'${text}': there is nothing behind the colon` };
  if (method === 'GROUP') return { method, group: value };
  if (method === 'USER') return { method, user: value };
  const duration = parseDuration(value);
  if (duration === undefined) {
    return {
      method: 'fault',
      reason: `'${text}': a duration is made of numbers and the units y, m, d, h, such as 1y6m`,
    };
  }
  if (duration === 'malformed') {
    return { method: 'never', reason: `'${text}': each number of a duration needs a unit, each unit a number` };
  }
  return { method, duration };
}
