/**
 * The rule of access of a source in words for people. It says what they have to do, and never names groups or users, which are
 * nobody's business (server-protocol 3.2, server-internals 4.1).
 */
import { parseConditions } from '../../auth/conditions.js';
import type { DurationPart } from '../../auth/duration.js';

const UNITS: Readonly<Record<DurationPart['unit'], string>> = { y: 'year', m: 'month', d: 'day', h: 'hour' };

/** One sentence; `readAccess` undefined is open to everybody. */
export function accessWords(readAccess: string | undefined): string {
  if (readAccess === undefined) return 'Open to everybody.';
  const conditions = parseConditions(readAccess);
  const ages = conditions.flatMap((condition) =>
    condition.method === 'AGE' ? [durationWords(condition.duration)] : [],
  );
  const hasAccounts = conditions.some(({ method }) => method === 'GROUP' || method === 'USER');
  if (ages.length > 0) {
    const open = `Data older than ${ages.join(' or ')} are open to everybody`;
    return hasAccounts
      ? `${open}; newer data need a user name and a password.`
      : `${open}; newer data are not given out.`;
  }
  return hasAccounts ? 'All data need a user name and a password.' : 'Not open at present.';
}

function durationWords(parts: readonly DurationPart[]): string {
  return parts.map(({ count, unit }) => `${count} ${UNITS[unit]}${count === 1 ? '' : 's'}`).join(' ');
}
