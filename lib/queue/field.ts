/**
 * Checks of the fields of a job. Whoever can write to the queue can write anything there, so every field is looked at as if a
 * stranger had sent it (server-internals 8.7). That a dataset or level exists is for the task to find out.
 */
import { Das2Error, isDas2Error } from '../error.js';
import { compareTimes, formatTime, parseTime, type TimePoint } from '../stream/time.js';
import type { FieldKind } from './category.js';

/** Longest field, in bytes. */
const FIELD_LIMIT = 2048;
const DATASET_LIMIT = 255;
/** Every level or dataset. */
export const ALL = 'ALL';

/** Throws `illegalArgument` unless `value` is text that a field of this kind may hold. `subject`: what the message calls it. */
export function checkField(subject: string, kind: FieldKind, value: string): void {
  const refuse = (reason: string): never => {
    throw new Das2Error('illegalArgument', `${subject} ${reason}`);
  };
  if (Buffer.byteLength(value) > FIELD_LIMIT) refuse(`is longer than ${FIELD_LIMIT} bytes`);
  if (/[|\0-\x1f\x7f-\x9f\u2028\u2029\ufffd]/.test(value)) refuse('has characters that no job may have');
  switch (kind) {
    case 'dataset':
      if (!isDatasetText(value)) refuse('is not the name of a data source');
      break;
    case 'datasets':
      if (value !== '' && !isAll(value) && !isDatasetText(value)) refuse(`is neither a data source nor ${ALL}`);
      break;
    case 'time':
      if (timeOf(value) === undefined) refuse('is not a time; use a form like 2017-01-31T12:30:00');
      break;
    case 'optionalTime':
      if (value !== '' && timeOf(value) === undefined) refuse('is not a time; use a form like 2017-01-31T12:30:00');
      break;
    case 'level':
      if (!isAll(value) && !/^\d{1,6}$/.test(value)) refuse(`is neither the number of a cache level nor ${ALL}`);
      break;
    case 'count':
      if (!/^\d{1,15}$/.test(value)) refuse('is not a whole number');
      break;
    case 'optionalNumber':
      if (value !== '' && !isPositiveNumber(value)) refuse('is not a positive number');
      break;
    case 'key':
      if (!/^[A-Za-z0-9][A-Za-z0-9._:+/-]{0,254}$/.test(value) || value.includes('..')) refuse('is not a key');
      break;
    case 'text':
      break;
  }
}

/** The value in the one spelling that takes part in the identity of a job (3.6). The value has passed `checkField`. */
export function canonicalField(kind: FieldKind, value: string): string {
  const time = kind === 'time' || kind === 'optionalTime' ? timeOf(value) : undefined;
  if (time !== undefined) return formatTime(time, { decimals: 9 });
  if (kind === 'level') return isAll(value) ? ALL : String(Number(value));
  if (kind === 'datasets') return value === '' || isAll(value) ? ALL : value;
  return value;
}

/** True for the word `ALL` in any case. */
export function isAll(value: string): boolean {
  return value.toUpperCase() === ALL;
}

/** True unless both are times and the end does not lie behind the begin. */
export function isInOrder(begin: string, end: string): boolean {
  const [first, last] = [timeOf(begin), timeOf(end)];
  return first === undefined || last === undefined || compareTimes(first, last) < 0;
}

function timeOf(text: string): TimePoint | undefined {
  // The parser reads the first 80 characters only; what follows must not ride along unseen.
  if (text.length > 40 || text.trim() === '') return undefined;
  try {
    return parseTime(text);
  } catch (error) {
    if (isDas2Error(error)) return undefined;
    throw error;
  }
}

/** Ids have a stricter grammar, which sites can widen; the source tree applies it. Here only what could mean another path. */
function isDatasetText(text: string): boolean {
  if (text === '' || Buffer.byteLength(text) > DATASET_LIMIT || /[\\\s]/.test(text)) return false;
  return text.split('/').every((part) => part !== '' && !part.startsWith('.'));
}

function isPositiveNumber(text: string): boolean {
  return /^\d{1,20}(\.\d{0,20})?([eE][+-]?\d{1,3})?$/.test(text) && Number(text) > 0 && Number.isFinite(Number(text));
}
