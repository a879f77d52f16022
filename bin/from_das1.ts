/**
 * das2_from_das1: runs the reader of a das1 source and turns what it prints into a das2 stream (stream-format 13.9). The conversion is in
 * lib/filter/from-das1, the definition is read by lib/source.
 *
 * Contract: the reader is `/bin/sh -c '<reader> "$@"' das2 [INTERVAL] BEGIN END [PARAM...]`, so arguments are positional parameters and never
 * text of a command. Its standard error is ours. It gets an empty standard input, our folder and our environment. Status 112 if it fails, if
 * its last record is cut short, or if the definition cannot be used; 100 for wrong usage.
 */
import { basename, resolve } from 'node:path';
import { Das2Error, isDas2Error } from '../lib/error.js';
import { positiveNumber } from '../lib/filter/arguments.js';
import { NAME, OWN_STATUS } from '../lib/filter/das1/header.js';
import { createFromDas1, type Das1Conversion } from '../lib/filter/from-das1.js';
import { shellText } from '../lib/pipeline/stage/command-words.js';
import { type Das1Definition, das1Definition } from '../lib/source/definition/das1-definition.js';
import { readDefinition } from '../lib/source/definition/definition-file.js';
import { compareTimes, parseTime, type TimePoint } from '../lib/stream/time.js';
import { COMMIT, VERSION } from '../lib/version.js';
import { PIPE_CAPACITY, printAll, say, standardOutput } from './standard-streams.js';

const USAGE_STATUS = 100;

const USAGE = `Usage: ${NAME} [--config FILE] [-I PATH] DSDF [INTERVAL] BEGIN END [PARAM...]`;

const HELP = `${USAGE}

Runs the reader of a das1 source and writes what it prints as a das2 stream to standard output. A
das1 reader prints records of big-endian 4-byte reals without any headers, each an offset in seconds
from BEGIN followed by values.

  DSDF           file that describes the source: form (x_multi_y, x_tagged_y_scan or x_y_z), reader,
                 and so on
  INTERVAL       seconds between points; only, and always, where the form is x_multi_y and the file
                 has items
  BEGIN, END     time range, handed to the reader as it is written here
  PARAM...       further arguments of the reader, also words that begin with a hyphen

  --config FILE  configuration of the server, for macros in the file that refer to it
  -I PATH        accepted for old scripts. Where older programs called IDL for a y_coordinate that
                 is an expression, such as findgen(10), this one asks for the numbers themselves
  -h, --help     print this text
  -v, --version  print version and commit

The arguments reach the reader as positional parameters of the shell, never as text of a command;
older programs pasted them into one line. A reader that prints nothing means that there are no data.

Status: 0 done; ${USAGE_STATUS} wrong usage; 112 the reader failed, its last record is cut short,
or the definition cannot be used.

Example: minutes of a das1 source

  ${NAME} polar/fce.dsdf 1997-01-01 1997-01-02 | das2_bin_avgsec 60 > fce.d2s
`;

interface Task {
  readonly definition: Das1Definition;
  /** What the reader is called with. */
  readonly words: readonly string[];
  readonly begin: string;
  readonly end: string;
}

/** Runs the program; returns its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const answer = informationFor(args);
    if (answer !== undefined) return printAll(answer);
    const task = await taskOf(args);
    const conversion = createFromDas1({ ...task, keywords: task.definition.keywords }, standardOutput);
    await runReader(task, conversion);
    return 0;
  } catch (error) {
    return report(error);
  }
}

/** Options stand in front of the arguments; behind END everything is the reader's. */
function informationFor(args: readonly string[]): string | undefined {
  let words = 0;
  for (const word of args) {
    if (word === '--' || words === 3) return undefined;
    if (word === '--help' || word === '-h') return HELP;
    if (word === '--version' || word === '-v') return `${NAME} ${VERSION} (${COMMIT})\n`;
    if (!word.startsWith('-')) words++;
  }
  return undefined;
}

async function taskOf(args: readonly string[]): Promise<Task> {
  const rest = [...args];
  let configurationFile: string | undefined;
  while (rest[0]?.startsWith('-')) {
    const option = rest.shift() as string;
    if (option === '--') break;
    const assigned = /^--config=(.*)$/s.exec(option)?.[1];
    if (assigned !== undefined) configurationFile = assigned;
    else if (option === '--config' || option === '-I') {
      const value = rest.shift();
      if (value === undefined) throw usageError(`option ${option} needs a value`);
      if (option === '--config') configurationFile = value;
    } else throw usageError(`unknown option '${option.slice(0, 80)}'`);
  }
  const file = rest.shift();
  if (file === undefined) throw usageError('DSDF is missing');
  const definition = await definitionOf(file, configurationFile);
  let interval: string | undefined;
  if (definition.requiresInterval) {
    interval = rest.shift();
    if (interval === undefined) throw usageError('INTERVAL is missing');
    positiveNumber(interval, 'INTERVAL');
  }
  const [begin, end] = rest;
  if (begin === undefined) throw usageError('BEGIN is missing');
  if (end === undefined) throw usageError('END is missing');
  if (compareTimes(timeOf(begin, 'BEGIN'), timeOf(end, 'END')) >= 0) throw usageError('END must be later than BEGIN');
  return { definition, words: interval === undefined ? rest : [interval, ...rest], begin, end };
}

async function definitionOf(file: string, configurationFile: string | undefined): Promise<Das1Definition> {
  const name = basename(file);
  const definition = readDefinition(file, file, say);
  const needsConfiguration = [...definition.entries.values()].some((value) => value.includes('$('));
  const settings = needsConfiguration ? await settingsOf(configurationFile) : () => undefined;
  return das1Definition(definition, { name, file: resolve(file), configuration: settings });
}

/** Values of the configuration for macros. Without one, macros get what the definition itself has. */
async function settingsOf(file: string | undefined): Promise<(key: string) => string | undefined> {
  const { loadConfiguration } = await import('../lib/conf/configuration.js');
  try {
    const configuration = loadConfiguration(file === undefined ? {} : { file });
    return (key) => configuration.raw(key);
  } catch (error) {
    if (file !== undefined) throw error;
    return () => undefined;
  }
}

function timeOf(text: string, name: string): TimePoint {
  try {
    return parseTime(text);
  } catch (error) {
    throw new Das2Error('usage', `${name}: '${text.slice(0, 80)}' is no time`, { cause: error });
  }
}

/** Starts the reader and converts what it prints; resolves when it has ended and everything is written. */
async function runReader({ definition, words }: Task, conversion: Das1Conversion): Promise<void> {
  const { spawn } = await import('node:child_process');
  const child = spawn('/bin/sh', ['-c', shellText(definition.reader.text), 'das2', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...definition.reader.environment },
  });
  const ended = new Promise<string | undefined>((resolve, reject) => {
    child.on('error', (error) => {
      reject(
        new Das2Error('readerFailed', `the reader cannot be started: ${error.message}`, { exitStatus: OWN_STATUS }),
      );
    });
    child.on('close', (status, signal) => {
      if (signal !== null) resolve(`signal ${signal}`);
      else resolve(status === 0 ? undefined : `status ${status}`);
    });
  });
  // Awaited below; until then a rejection must not count as unhandled.
  ended.catch(() => {});
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      conversion.push(chunk);
      if (chunk.length < PIPE_CAPACITY) conversion.flush();
    }
  } catch (error) {
    // Nobody wants the output any more, or it cannot be written.
    child.kill('SIGTERM');
    child.stdout.destroy();
    throw error;
  }
  const fault = await ended;
  if (fault !== undefined) conversion.fail(`the reader ended with ${fault}`);
  conversion.end();
}

function report(error: unknown): number {
  if (!isDas2Error(error)) {
    say(`${NAME}: internal error: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  if (error.code === 'outputClosed') return 0;
  const { detail } = error.data;
  say(`${NAME}: ${typeof detail === 'string' ? detail : error.message}`);
  if (error.code === 'usage') {
    say(USAGE);
    say(`Try '${NAME} --help'.`);
    return USAGE_STATUS;
  }
  return error.code === 'sourceDefinition' || error.code === 'configuration' ? OWN_STATUS : error.exitStatus;
}

function usageError(message: string): Das2Error {
  return new Das2Error('usage', message);
}
