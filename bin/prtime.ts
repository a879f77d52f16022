/**
 * das2_prtime: prints a time in one of three forms (stream-format 13.9). Status 4 for bad options, 127 for text that is no time.
 */
import { readFileSync, writeSync } from 'node:fs';
import { isDas2Error } from '../lib/error.js';
import { parseTime } from '../lib/stream/time.js';
import { type PrintForm, printTime } from '../lib/stream/time-print.js';
import { COMMIT, VERSION } from '../lib/version.js';
import { printAll } from './run-filter.js';

const NAME = 'das2_prtime';
const BAD_OPTION = 4;
const NO_TIME = 127;

const HELP = `Usage: ${NAME} [-i] [-s | -o] [-0..-9] TIME...

Prints a time, given in any form that das2 servers understand, as YYYY-MM-DD (DDD) hh:mm:ss. Several words make one time.

  -s             ISO calendar form, YYYY-MM-DDThh:mm:ss
  -o             ISO ordinal form, YYYY-DDDThh:mm:ss
  -0 .. -9       decimals of the second, cut off and not rounded; 0 without it
  -i             read times from standard input, one a line
  -h, --help     print this text
  -v, --version  print the version

Example:

  ${NAME} -o 2 Jan 2000 03:04
`;

interface Options {
  fromInput: boolean;
  form: PrintForm;
  decimals: number;
}

/** Runs the program; returns its exit status. */
export function main(args: readonly string[]): number {
  const options: Options = { fromInput: false, form: 'both', decimals: 0 };
  const words: string[] = [];
  for (const [index, word] of args.entries()) {
    if (word === '--help' || word === '-h') return printAll(HELP);
    if (word === '--version' || word === '-v') return printAll(`${NAME} ${VERSION} (${COMMIT})\n`);
    if (words.length > 0 || !/^-./.test(word)) {
      words.push(...args.slice(index));
      break;
    }
    if (!setOptions(word, options)) return complain(`unknown option '${word.slice(0, 80)}'`, BAD_OPTION);
  }
  if (!options.fromInput) {
    if (words.length === 0) return complain('TIME is missing', BAD_OPTION);
    return print(words.join(' '), options);
  }
  if (words.length > 0) return complain('option -i reads times from standard input, and takes no TIME', BAD_OPTION);
  let status = 0;
  for (const line of readFileSync(0, 'latin1').split('\n')) {
    if (line.trim() !== '') status = print(line, options) || status;
  }
  return status;
}

/** Takes a word such as `-s3`; false if it holds a letter that is no option. */
function setOptions(word: string, options: Options): boolean {
  for (const letter of word.slice(1)) {
    if (letter === 'i') options.fromInput = true;
    else if (letter === 's') options.form = 'calendar';
    else if (letter === 'o') options.form = 'ordinal';
    else if (/\d/.test(letter)) options.decimals = Number(letter);
    else return false;
  }
  return true;
}

function print(text: string, { form, decimals }: Options): number {
  try {
    return printAll(`${printTime(parseTime(text), form, decimals)}\n`);
  } catch (error) {
    if (!isDas2Error(error, 'valueEncoding')) throw error;
    return complain(error.message, NO_TIME);
  }
}

function complain(message: string, status: number): number {
  const hint = status === BAD_OPTION ? `\n${HELP.split('\n', 1)[0]}\nTry '${NAME} --help'.` : '';
  writeSync(2, `${NAME}: ${message}${hint}\n`);
  return status;
}
