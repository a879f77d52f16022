/**
 * Can a command of the operator be started? Commands of plain words are looked up as the pipeline would: filters of this
 * program, then PATH with BIN_PATH in front. Shell text is taken on trust, except for its first word where that is a plain path.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { filterProgram } from '../filter/registry.js';
import { plainWords } from '../pipeline/command-words.js';

/** What is wrong with a command; undefined if it can be started, or nobody can tell. `path`: value of PATH. */
export async function commandFault(command: string, path: string): Promise<string | undefined> {
  const program = (plainWords(command) ?? /^\s*(\/[A-Za-z0-9_./-]+)(?:\s|$)/.exec(command)?.slice(1))?.[0];
  if (program === undefined) return undefined;
  if (program.includes('/')) return isExecutable(program) ? undefined : `${program} cannot be executed`;
  if (SHELL_BUILT_INS.has(program) || OTHERS_INSIDE.has(command.trim()) || (await filterProgram(program)) !== undefined)
    return undefined;
  const found = path.split(delimiter).some((folder) => folder !== '' && isExecutable(join(folder, program)));
  return found ? undefined : `${program} is neither a filter of this program nor a program in BIN_PATH or PATH`;
}

/** Programs of ours that the server does without starting them, though they are no filters: their name alone is the command. */
const OTHERS_INSIDE = new Set(['das2_cache_rdr', 'das2_from_das1']);

const SHELL_BUILT_INS = new Set(
  '. : [ cd command echo eval exec exit export false printf read set test true'.split(' '),
);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
