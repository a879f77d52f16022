/**
 * What a client may see of the log of its own requests (server-internals 5.2, 8.4): no commands, no paths and no name of the
 * host, no rules of access, no stack. Those who may see all logs see the lines as they are.
 *
 * Contract: a mask is for the lines of one request, in their order. The texts are those of lib/routes and lib/auth.
 */
import { maskPaths } from '../reply/mask-paths.js';
import type { LogLine } from './log-line.js';

/** The text of a line as the client may see it; undefined: not at all. */
export type LineMask = (line: LogLine) => string | undefined;

const COMMAND = /^(reader|cacheReader|reducer|converter|plotMaker): /;
const STAGE_END = /, \d+ bytes in, \d+ bytes out\b/;
const STANDARD_ERROR = /^Standard error of the /;
const BEHIND_STANDARD_ERROR = /^(?:Pipeline (?:ended well|failed)|Answered|Failed|Refused)\b/;
const RULE = /readAccess|^membership of |access could not be checked/;

/** A mask for one request. `showsStandardError` is false where `ERROR_DETAIL` keeps messages of readers from clients. */
export function clientLineMask(showsStandardError: boolean): LineMask {
  let inStandardError = false;
  return ({ number, text }) => {
    // The words of the request itself.
    if (number === 0) return text;
    const isEnd = STAGE_END.test(text);
    if (STANDARD_ERROR.test(text)) inStandardError = true;
    else if (isEnd || BEHIND_STANDARD_ERROR.test(text)) inStandardError = false;
    if (inStandardError && !showsStandardError) return undefined;
    if (text.startsWith('Host: ') || /^\s*at \S.*:\d/.test(text)) return undefined;
    const command = isEnd ? null : COMMAND.exec(text);
    if (command !== null) return `${command[1]}: (command)`;
    return RULE.test(text) ? '(for administrators)' : maskPaths(text);
  };
}
