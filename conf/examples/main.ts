/**
 * Start of every example reader. The name the executable was started with says which one:
 *
 *     orbit_field BEGIN END          (a link to this executable, as installed)
 *     main orbit_field BEGIN END     (by its own name: the reader is the first word)
 *
 * Arguments a reader cannot use end it with status 1 and one line on standard error, which the server puts in its log. A
 * receiver that goes away is no failure: the server stops readers that way whenever a client leaves.
 */
import { writeSync } from 'node:fs';
import { basename } from 'node:path';
import { ArgumentError, ReceiverGone } from './packet-output.js';
import { EXAMPLE_MODULES, EXAMPLE_PROGRAMS, EXAMPLE_USAGE, type ExampleName, isExampleName } from './programs.js';

/** Runs the reader called `name`; the result is the exit status. */
async function runExample(name: string, args: readonly string[]): Promise<number> {
  if (!isExampleName(name)) return fail('das2 example readers', `choose one of ${EXAMPLE_PROGRAMS.join(' ')}`);
  if (args.length === 1 && (args[0] === '--help' || args[0] === '-h')) return help(name);
  const { main } = await EXAMPLE_MODULES[name]();
  try {
    return main(args);
  } catch (error) {
    if (error instanceof ReceiverGone) return 0;
    if (error instanceof ArgumentError) return fail(name, error.message);
    return fail(name, error instanceof Error ? error.message : String(error));
  }
}

/** A request never asks for it: the server always hands over a begin and an end. */
function help(name: ExampleName): number {
  const [words, prints] = EXAMPLE_USAGE[name];
  writeSync(
    1,
    `Usage: ${name} ${words}

Prints a das2 stream: ${prints}.
Times are ISO 8601 such as 2026-01-01 or 2026-001T12:30, in UTC; END itself is outside.
`,
  );
  return 0;
}

function fail(name: string, message: string): number {
  try {
    writeSync(2, `${name}: ${message}\n`);
  } catch {
    // Without a standard error there is nobody to tell.
  }
  return 1;
}

const startedAs = basename(process.argv0);
const words = process.argv.slice(2);
const [name, ...args] = isExampleName(startedAs) ? [startedAs, ...words] : words;
runExample(name ?? '', args).then((status) => {
  process.exitCode = status;
});
