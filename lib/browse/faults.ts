/**
 * What can be wrong with a question about records (browse-export 5.1, 11): a field, which the message names, so that a form can show it beside the field and a
 * program can tell which parameter to change; or that the question would look at more records than one answer should.
 */
import { Das2Error, isDas2Error } from '../error.js';

/** An `illegalArgument` whose `data` has the `field` and, where something helps, a `hint`. */
export function fieldError(field: string, message: string, hint?: string): Das2Error {
  return new Das2Error('illegalArgument', `${field}: ${message}`, {
    data: { field, ...(hint !== undefined && { hint }) },
  });
}

/** For what rejects: a fault about a record number, which no field of the question gives, becomes one about the field that leads to it. */
export function aboutField(field: string): (error: unknown) => never {
  return (error) => {
    if (!isDas2Error(error, 'illegalArgument') || error.data.field !== 'rec') throw error;
    throw fieldError(field, error.message.replace(/^rec: /, ''));
  };
}

/** Text of a request in a message: short, and without characters that do something. */
export function shown(text: string): string {
  const plain = text.replace(/[\0-\x1f\x7f-\x9f]/g, '?');
  return plain.length > 60 ? `${plain.slice(0, 60)}...` : plain;
}

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
