/**
 * Strict command lines for the filter programs (stream-format 11.3, D-17), on Node's `parseArgs`.
 *
 * Options stand anywhere, short flags may be joined, `--` ends them; numbers are complete decimal numbers; one `-` behind
 * the arguments is accepted and means standard input. Everything else is a `usage` error that names the argument at fault.
 * `--help` and `--version` are answered by the program before this is called.
 */
import { parseArgs } from 'node:util';
import { Das2Error } from '../error.js';
import { decimalNumber } from '../stream/decimal-text.js';
import { parseTime, type TimePoint } from '../stream/time.js';

export interface OptionRule {
  /** `flag` stands alone, `value` is followed by a value. */
  readonly takes: 'flag' | 'value';
  /** One letter under which the option is known as well. Options of one letter have no long form. */
  readonly short?: string;
}

export interface CommandLineRules {
  /** Option name, without hyphens, to its rule. */
  readonly options: Readonly<Record<string, OptionRule>>;
  /** Names of the words that must be there, as the usage line has them. */
  readonly words: readonly string[];
  /** Any number of further words may follow. */
  readonly moreWords?: boolean;
}

export interface CommandLine {
  /** True if the flag was given. */
  has(option: string): boolean;
  /** The value of an option, the last one if it was given more than once. */
  value(option: string): string | undefined;
  readonly words: readonly string[];
}

const INTEGER = /^\+?\d+$/;

/** Reads a command line by its rules. Throws `Das2Error` `usage`. */
export function parseCommandLine(args: readonly string[], rules: CommandLineRules): CommandLine {
  const options: Record<string, { type: 'boolean' | 'string'; short?: string }> = {};
  for (const [name, rule] of Object.entries(rules.options)) {
    const short = rule.short ?? (name.length === 1 ? name : undefined);
    options[name] = { type: rule.takes === 'flag' ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) };
  }
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, string | undefined>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const rule = Object.hasOwn(rules.options, token.name) ? rules.options[token.name] : undefined;
    // `--r` is not the option `-r`.
    if (rule === undefined || (token.name.length === 1 && token.rawName.startsWith('--'))) {
      throw usageError(`unknown option ${quoted(token.rawName)}`);
    }
    if (rule.takes === 'flag' && token.value !== undefined) throw usageError(`option ${token.rawName} takes no value`);
    if (rule.takes === 'value' && token.value === undefined) throw usageError(`option ${token.rawName} needs a value`);
    given.set(token.name, token.value);
  }
  if (words.length === rules.words.length + 1 && words.at(-1) === '-') words.pop();
  const missing = rules.words[words.length];
  if (missing !== undefined) throw usageError(`${missing} is missing`);
  const extra = words[rules.words.length];
  if (extra !== undefined && rules.moreWords !== true) throw usageError(`unexpected argument ${quoted(extra)}`);
  return { has: (option) => given.has(option), value: (option) => given.get(option), words };
}

/** A finite number above zero; `name` is the argument in messages. Throws `usage`. */
export function positiveNumber(text: string, name: string): number {
  const value = decimalNumber(text) ?? 0;
  if (!Number.isFinite(value) || value <= 0) {
    throw usageError(`${name} must be a decimal number greater than 0, not ${quoted(text)}`);
  }
  return value;
}

/** A finite number of any sign; `name` is the argument in messages. Throws `usage`. */
export function finiteNumber(text: string, name: string): number {
  const value = decimalNumber(text);
  if (value !== undefined && Number.isFinite(value)) return value;
  throw usageError(`${name} must be a decimal number, not ${quoted(text)}`);
}

/** A whole number from `lowest` to `highest`. Throws `usage`. */
export function wholeNumber(text: string, name: string, range: { lowest: number; highest: number }): number {
  const value = INTEGER.test(text) ? Number(text) : Number.NaN;
  if (!(value >= range.lowest && value <= range.highest)) {
    throw usageError(`${name} must be a whole number from ${range.lowest} to ${range.highest}, not ${quoted(text)}`);
  }
  return value;
}

/** A time in any form of stream-format 6.5. Throws `usage`. */
export function timeArgument(text: string, name: string): TimePoint {
  try {
    return parseTime(text);
  } catch (error) {
    throw new Das2Error('usage', `${name}: ${quoted(text)} is no time`, { cause: error });
  }
}

function usageError(message: string): Das2Error {
  return new Das2Error('usage', message);
}

function quoted(text: string): string {
  return `'${text.slice(0, 80)}'`;
}
