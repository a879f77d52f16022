/**
 * das2_valid: checks das2 streams and QStreams against the stream format (stream-format 13.13).
 *
 *     das2_valid [--strict] [--json] [FILE | -] ...
 *
 * Reads every FILE, or standard input, in one pass with little memory and prints what departs from the format.
 * Status: 0 without violations, 1 with violations, 100 for a wrong command line or a file that cannot be read.
 */
import { closeSync, openSync } from 'node:fs';
import { isDas2Error } from '../lib/error.js';
import type { Report } from '../lib/stream/validator/findings.js';
import { type FileResult, formatJson, formatReport, listRules } from '../lib/stream/validator/text.js';
import { validateStream } from '../lib/stream/validator/validator.js';
import { COMMIT, VERSION } from '../lib/version.js';
import { explainTerminal, readingFault, readSome, say, standardOutput } from './standard-streams.js';

const PROGRAM = 'das2_valid';
const USAGE = `Usage: ${PROGRAM} [--strict] [--json] [FILE | -] ...\n`;
const STANDARD_INPUT = '-';
const BUFFER_SIZE = 256 * 1024;
/** Columns of the help text. */
const HELP_WIDTH = 100;

function help(): string {
  return `${USAGE}
Checks das2 streams and QStreams and reports every departure from the format with its byte offset,
packet id, rule and section of the format. Reads standard input where no FILE is given.

  --strict       also check what Autoplot's reader insists on
  --json         print one JSON document instead of lines
  -h, --help     print this text
  -v, --version  print version and commit

Checking stops at a fault that hides where the next packet begins. In a compressed stream, offsets
count inflated bytes. At most ten findings of a rule are shown.

Status: 0 no violation (there may be remarks); 1 violations; 100 wrong usage, or a file that cannot
be read.

Example: is the output of a reducer what every client can read?

  das2_bin_avgsec 60 < in.d2s | ${PROGRAM} --strict

Rules (strict ones are checked with --strict only):

${listRules(HELP_WIDTH)}`;
}

interface Command {
  readonly strict: boolean;
  readonly json: boolean;
  readonly files: readonly string[];
}

/** Runs the program; returns its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseArguments(args);
    if (typeof command === 'number') return command;
    if (command.files.includes(STANDARD_INPUT)) await explainTerminal(PROGRAM, 'a das2 stream or a QStream');
    return check(command);
  } catch (error) {
    // The reader of the report went away.
    if (isDas2Error(error, 'outputClosed')) return 0;
    say(`${PROGRAM}: ${error instanceof Error ? error.message : String(error)}`);
    return 100;
  }
}

function parseArguments(args: readonly string[]): Command | number {
  const files: string[] = [];
  let strict = false;
  let json = false;
  let onlyFiles = false;
  for (const word of args) {
    if (onlyFiles || word === STANDARD_INPUT || !word.startsWith('-')) files.push(word);
    else if (word === '--') onlyFiles = true;
    else if (word === '--strict') strict = true;
    else if (word === '--json') json = true;
    else if (word === '--help' || word === '-h') {
      print(help());
      return 0;
    } else if (word === '--version' || word === '-v') {
      print(`${PROGRAM} ${VERSION} (${COMMIT})\n`);
      return 0;
    } else {
      say(`${PROGRAM}: unknown option ${JSON.stringify(word)}`);
      say(`${USAGE.trimEnd()}\nTry '${PROGRAM} --help'.`);
      return 100;
    }
  }
  return { strict, json, files: files.length === 0 ? [STANDARD_INPUT] : files };
}

function check({ files, strict, json }: Command): number {
  const results: FileResult[] = [];
  let status = 0;
  for (const file of files) {
    const result = checkFile(file, strict);
    if ('error' in result) {
      say(`${PROGRAM}: ${file}: ${result.error}`);
      status = 100;
    } else {
      if (result.report.violations > 0) status = Math.max(status, 1);
      if (!json) print(formatReport(shownName(file), result.report));
    }
    // Reports of files that are printed already are not kept.
    if (json) results.push(result);
  }
  if (json) print(formatJson(results));
  return status;
}

function checkFile(file: string, strict: boolean): FileResult {
  let descriptor = 0;
  try {
    if (file !== STANDARD_INPUT) descriptor = openSync(file, 'r');
    return { file, report: readAll(descriptor, strict) };
  } catch (error) {
    return { file, error: readingFault(error) };
  } finally {
    if (descriptor > 0) closeSync(descriptor);
  }
}

function readAll(descriptor: number, strict: boolean): Report {
  const validator = validateStream({ strict });
  const buffer = new Uint8Array(BUFFER_SIZE);
  for (;;) {
    const count = readSome(buffer, descriptor);
    if (count === 0) return validator.end();
    validator.push(buffer.subarray(0, count));
  }
}

function shownName(file: string): string {
  return file === STANDARD_INPUT ? '(standard input)' : file;
}

function print(text: string): void {
  standardOutput.write(Buffer.from(text));
}
