/**
 * The command line of das2_bin_avgsec: `[-r] [-s] [-p] [-b BEGIN] BIN_SECONDS [-]`, strictly (stream-format 11.3, D-17).
 *
 * Contract: options stand anywhere and short flags may be joined; `--` ends them. The bin size is a complete, finite, positive decimal
 * number. Everything else throws `usage`, naming the argument at fault.
 */
import { Das2Error } from '../error.js';
import { parseTime, us2000FromTime } from '../stream/time.js';
import type { BinAvgsecOptions } from './bin-avgsec.js';

const FLAGS: Readonly<Record<string, 'range' | 'deviation' | 'dropProgress'>> = {
  r: 'range',
  s: 'deviation',
  p: 'dropProgress',
};

/** The options of the filter. Throws `usage`. */
export function parseBinAvgsecArguments(args: readonly string[]): BinAvgsecOptions {
  const options: { range?: boolean; deviation?: boolean; dropProgress?: boolean; begin?: number } = {};
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word === '--') {
      words.push(...args.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string;
      const flag = Object.hasOwn(FLAGS, letter) ? FLAGS[letter] : undefined;
      if (flag !== undefined) {
        options[flag] = true;
        continue;
      }
      if (letter !== 'b') throw usage(`unknown option ${quoted(word)}`);
      const attached = word.slice(at + 1);
      if (attached === '') i++;
      const text = attached === '' ? args[i] : attached;
      if (text === undefined) throw usage('option -b needs a time');
      options.begin = beginTime(text);
      break;
    }
  }
  if (words.length === 2 && words[1] === '-') words.pop();
  const [seconds] = words;
  if (seconds === undefined || seconds === '-') throw usage('BIN_SECONDS is missing');
  if (words.length > 1) throw usage(`unexpected argument ${quoted(words[1] as string)}`);
  return { ...options, seconds: positiveNumber(seconds) };
}

function beginTime(text: string): number {
  try {
    return us2000FromTime(parseTime(text));
  } catch (error) {
    throw new Das2Error('usage', `option -b: ${quoted(text)} is no time`, { cause: error });
  }
}

function positiveNumber(text: string): number {
  const value = /^\+?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value) || value <= 0) {
    throw usage(`BIN_SECONDS must be a decimal number greater than 0, not ${quoted(text)}`);
  }
  return value;
}

function usage(message: string): Das2Error {
  return new Das2Error('usage', message);
}

function quoted(text: string): string {
  return `'${text.slice(0, 80)}'`;
}
