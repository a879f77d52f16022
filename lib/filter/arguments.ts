/**
 * Strict command lines for the filter programs (stream-format 11.3, D-17).
 *
 * Options stand anywhere, short flags may be joined, `--` ends them, and a number below zero is none; numbers are complete decimal
 * numbers; one `-` behind the arguments is accepted and means standard input. Everything else is a `usage` error that names the argument
 * at fault.
 * `--help` and `--version` are answered by the program before this is called.
 */
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
  /** So many further words may follow; none without it. */
  readonly furtherWords?: number;
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
  const names = namesOf(rules);
  const given = new Map<string, string | undefined>();
  const words: string[] = [];
  const rest = [...args];
  /** Takes an option by the form in which it was written; true if the value behind it was its own. */
  const take = (form: string, attached: string | undefined): boolean => {
    const name = names.get(form);
    const takes = name === undefined ? undefined : rules.options[name]?.takes;
    if (name === undefined || takes === undefined) throw usageError(`unknown option ${quoted(form)}`);
    const value = takes === 'value' ? (attached ?? rest.shift()) : undefined;
    if (takes === 'value' && value === undefined) throw usageError(`option ${form} needs a value`);
    given.set(name, value);
    return takes === 'value';
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') words.push(...rest.splice(0));
    else if (word === '-' || !word.startsWith('-') || isNegativeNumber(word, names)) words.push(word);
    else if (word.startsWith('--')) {
      const [form = '', value] = splitAtFirst(word, '=');
      if (!take(form, value) && value !== undefined) throw usageError(`option ${form} takes no value`);
    } else {
      for (let i = 1; i < word.length; i++) {
        if (take(`-${word[i]}`, word.slice(i + 1) || undefined)) break;
      }
    }
  }
  if (words.length > rules.words.length && words.at(-1) === '-') words.pop();
  const missing = rules.words[words.length];
  if (missing !== undefined) throw usageError(`${missing} is missing`);
  const extra = words[rules.words.length + (rules.furtherWords ?? 0)];
  if (extra !== undefined) throw usageError(`unexpected argument ${quoted(extra)}`);
  return { has: (option) => given.has(option), value: (option) => given.get(option), words };
}

/** The forms of all options, `-b` and `--begin`, to their names. */
function namesOf({ options }: CommandLineRules): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, { short }] of Object.entries(options)) {
    if (name.length > 1) names.set(`--${name}`, name);
    const letter = short ?? (name.length === 1 ? name : undefined);
    if (letter !== undefined) names.set(`-${letter}`, name);
  }
  return names;
}

/** True for `-1e31`, unless `-1` is an option. */
function isNegativeNumber(word: string, names: ReadonlyMap<string, string>): boolean {
  return decimalNumber(word) !== undefined && !names.has(word.slice(0, 2));
}

function splitAtFirst(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
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
