/**
 * Numbers in requests, all of them seconds: decimal or exponent notation, finite (server-protocol 4.1). `nan`, `inf`, hexadecimal, blanks and
 * signs other than a leading `+` or `-` are refused; the text is kept, since filters get it as the client wrote it (4.6.2).
 */
import { Das2Error } from '../error.js';

/** A number together with the text it was read from. */
export interface NumberText {
  readonly value: number;
  readonly text: string;
}

const NUMBER = /^[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?$/;

/** Reads a number of the request; throws `illegalArgument` naming the parameter. */
export function parseNumberText(text: string, name: string): NumberText {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value))
    throw new Das2Error('illegalArgument', `${name} is not a number of seconds such as 60 or 0.5`);
  return { value, text };
}
