/**
 * What a client may see of the log of its own requests (server-internals 5.2, 8.4): no commands, no paths and no name of the
 * host, no rules of access, no stack. Those who may see all logs see the lines as they are.
 *
 * Contract: a mask is for the lines of one request, in their order. The texts are those of lib/routes and lib/auth. Of requests that the
 * older server has logged a client sees the request and how it ended.
 */
import { maskPaths } from '../reply/mask-paths.js';
import type { LogLine } from './log-line.js';

/** The text of a line as the client may see it; undefined: not at all. */
export type LineMask = (line: LogLine) => string | undefined;

const COMMAND = /^(reader|cacheReader|reducer|converter|plotMaker): /;
const STAGE_END = /, \d+ bytes in, \d+ bytes out\b/;
const STANDARD_ERROR = /^Standard error of the /;
const BEHIND_STANDARD_ERROR = /^(?:Pipeline (?:ended well|failed)|Answered|Failed|Refused)\b/;
/** The first line of a request of the older server, what of its introduction is the client's own, where that ends, and its last line. */
export const OLD_BEGIN = 'Input';
const OLD_OWN_WORDS = /^(?:Routing$| +(?:Request URL|For Path|Parameters|User Agent|Request Type): )/;
const OLD_INTRODUCTION_END = /^ +Handler: /;
export const OLD_END = /^(?:Query handled|Error handling query)\b/;
const RULE = /readAccess|^membership of |access could not be checked/;

/** A mask for one request. `showsStandardError` is false where `ERROR_DETAIL` keeps messages of readers from clients. */
export function clientLineMask(showsStandardError: boolean): LineMask {
  let inStandardError = false;
  let old: LineMask | undefined;
  return (line) => {
    const { number, text } = line;
    if (number === 0 && text === OLD_BEGIN) old = oldLineMask();
    // The words of the request itself.
    if (number === 0) return text;
    if (old !== undefined) return old(line);
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

/** What stands behind the introduction has commands, traces and the standard error of readers in no form that tells them apart. */
function oldLineMask(): LineMask {
  let isIntroduction = true;
  return ({ text }) => {
    if (OLD_INTRODUCTION_END.test(text)) isIntroduction = false;
    return OLD_END.test(text) || (isIntroduction && OLD_OWN_WORDS.test(text)) ? text : undefined;
  };
}
