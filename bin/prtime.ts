/**
 * das2_prtime: prints a time in one of three forms (stream-format 13.9). Status 4 for bad options, 127 for text that is no time.
 */
import { isDas2Error } from '../lib/error.js';
import { parseTime } from '../lib/stream/time.js';
import { type PrintForm, printTime } from '../lib/stream/time-print.js';
import { COMMIT, VERSION } from '../lib/version.js';
import { explainTerminal, printAll, readingFault, readSome, say, standardOutput } from './standard-streams.js';

const NAME = 'das2_prtime';
const BAD_OPTION = 4;
const NO_TIME = 127;
const BUFFER_SIZE = 64 * 1024;
/** Far more characters than a time has. */
const LONGEST_LINE = 4096;

const HELP = `Usage: ${NAME} [-i] [-s | -o] [-0..-9] TIME...

Prints a time, given in any form that das2 servers understand, as YYYY-MM-DD (DDD) hh:mm:ss. Several
words make one time.

  -s             ISO calendar form, YYYY-MM-DDThh:mm:ss
  -o             ISO ordinal form, YYYY-DDDThh:mm:ss
  -0 .. -9       decimals of the second, cut off and not rounded (default: 0)
  -i             read times from standard input, one a line
  -h, --help     print this text
  -v, --version  print version and commit

Status: 0 done; ${NO_TIME} text that is no time; ${BAD_OPTION} wrong options.

Example: a date as people write it, in the ordinal form

  ${NAME} -o 2 Jan 2000 03:04
`;

interface Options {
  fromInput: boolean;
  form: PrintForm;
  decimals: number;
}

/** Runs the program; returns its exit status. */
export function main(args: readonly string[]): number | Promise<number> {
  const options: Options = { fromInput: false, form: 'both', decimals: 0 };
  const words: string[] = [];
  for (const [index, word] of args.entries()) {
    if (word === '--') {
      words.push(...args.slice(index + 1));
      break;
    }
    if (word === '--help' || word === '-h') return printAll(HELP);
    if (word === '--version' || word === '-v') return printAll(`${NAME} ${VERSION} (${COMMIT})\n`);
    // Behind the first word of a time `-01` is a part of it.
    const isOption = words.length === 0 ? /^-./.test(word) : /^-[a-z-]/i.test(word);
    if (!isOption) words.push(word);
    else if (!setOptions(word, options)) return complain(`unknown option '${word.slice(0, 80)}'`, BAD_OPTION);
  }
  if (!options.fromInput) {
    if (words.length === 0) return complain('TIME is missing', BAD_OPTION);
    return print(words.join(' '), options);
  }
  if (words.length > 0) return complain('option -i reads times from standard input, and takes no TIME', BAD_OPTION);
  return printLines(options);
}

/** Prints the times of standard input as they come. Lines that hold none are told; the others are printed all the same. */
async function printLines(options: Options): Promise<number> {
  await explainTerminal(NAME, 'times, one a line,');
  const buffer = new Uint8Array(BUFFER_SIZE);
  let status = 0;
  let rest = '';
  try {
    for (let count = readSome(buffer); count > 0; count = readSome(buffer)) {
      const lines = `${rest}${Buffer.from(buffer.buffer, 0, count).toString('latin1')}`.split('\n');
      // More of an endless line says nothing about a time.
      rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
      status = printTimes(lines, options) || status;
    }
    return printTimes([rest], options) || status;
  } catch (error) {
    if (isDas2Error(error, 'outputClosed')) return status;
    if (isDas2Error(error)) throw error;
    return complain(`cannot read standard input: ${readingFault(error)}`, NO_TIME);
  }
}

function printTimes(lines: readonly string[], { form, decimals }: Options): number {
  let status = 0;
  let text = '';
  for (const line of lines) {
    if (line.trim() === '') continue;
    try {
      text += `${printTime(parseTime(line), form, decimals)}\n`;
    } catch (error) {
      if (!isDas2Error(error, 'valueEncoding')) throw error;
      status = complain(error.message, NO_TIME);
    }
  }
  standardOutput.write(Buffer.from(text));
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
  say(`${NAME}: ${message}${hint}`);
  return status;
}
