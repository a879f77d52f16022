/**
 * Can a command of the operator be started? Commands of plain words are looked up as the pipeline would: filters of this
 * program, then PATH with BIN_PATH in front, relative paths from /. Shell text is taken on trust, except for its first word where that is a
 * plain path. Of scripts the first line is read, too: a program that it names may be missing.
 */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { filterProgram } from '../filter/registry.js';
import { plainWords } from '../pipeline/stage/command-words.js';

/** Bytes of a script that its first line must fit into: what Linux reads of it. */
const FIRST_LINE = 256;

/** What is wrong with a command; undefined if it can be started, or nobody can tell. `path`: value of PATH. */
export async function commandFault(command: string, path: string): Promise<string | undefined> {
  const program = (plainWords(command) ?? /^\s*(\/[A-Za-z0-9_./-]+)(?:\s|$)/.exec(command)?.slice(1))?.[0];
  if (program === undefined) return undefined;
  if (program.includes('/')) return pathFault(program, path);
  if (SHELL_BUILT_INS.has(program) || OTHERS_INSIDE.has(command.trim()) || (await filterProgram(program)) !== undefined)
    return undefined;
  const files = filesNamed(program, path);
  const found = files.find(isExecutable);
  if (found !== undefined) return scriptFault(found, path);
  const [file] = files;
  return file === undefined
    ? `${program} is neither a filter of this program nor a program in BIN_PATH or PATH`
    : notExecutable(file);
}

function pathFault(program: string, path: string): string | undefined {
  const file = resolve('/', program);
  if (isExecutable(file)) return scriptFault(file, path);
  if (!program.startsWith('/')) {
    return `there is no program ${program} below /, where readers are started: write its whole path, or its name alone with its folder in BIN_PATH`;
  }
  return isFile(file) ? notExecutable(file) : `there is no file ${file}`;
}

function notExecutable(file: string): string {
  return `${file} cannot be executed by this account: chmod 755 ${file}, and look at the rights of the folders above it`;
}

/** Files of that name in the folders of PATH, in their order. */
function filesNamed(program: string, path: string): string[] {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .filter(isFile);
}

/** What is wrong with the interpreter that the first line of a script names. */
function scriptFault(file: string, path: string): string | undefined {
  const line = /^#!([^\n]*)\n/.exec(beginOf(file))?.[1];
  if (line === undefined) return undefined;
  if (line.endsWith('\r')) {
    return `the lines of ${file} end as on Windows, with a carriage return, which the system takes for a part of its interpreter: save it with Unix line ends`;
  }
  const [interpreter = '', argument = ''] = line.trim().split(/\s+/);
  if (!isExecutable(resolve('/', interpreter)))
    return `${file} begins with '#!${line}', and there is no ${interpreter}`;
  const isEnv = interpreter.endsWith('/env') && /^[A-Za-z0-9_.+-]+$/.test(argument) && !argument.startsWith('-');
  if (!isEnv || filesNamed(argument, path).some(isExecutable)) return undefined;
  return `${file} begins with '#!${line}', and there is no ${argument} in BIN_PATH or PATH`;
}

/** The first bytes of a file as text; nothing if it cannot be read, since programs need not be readable. */
function beginOf(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const bytes = new Uint8Array(FIRST_LINE);
    const count = readSync(descriptor, bytes, 0, FIRST_LINE, 0);
    return Buffer.from(bytes.subarray(0, count)).toString('latin1');
  } catch {
    return '';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Programs of ours that the server does without starting them, though they are no filters: their name alone is the command. */
const OTHERS_INSIDE = new Set(['das2_cache_rdr', 'das2_from_das1']);

const SHELL_BUILT_INS = new Set(
  '. : [ cd command echo eval exec exit export false printf read set test true'.split(' '),
);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return isFile(file);
  } catch {
    return false;
  }
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
