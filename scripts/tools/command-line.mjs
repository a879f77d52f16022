/**
 * Command lines of the scripts: one way to ask for help, and one way to say that something is wrong with the words.
 *
 * Contract: `--help` prints the text on standard output and ends the process with status 0; a wrong command line says in one line on standard
 * error what is wrong and where help is, and ends it with status 100. In both cases nothing else has happened yet.
 */
import { parseArgs } from 'node:util';

const WRONG = 100;

/** Ends the process: `message` says what is wrong with the command line of `name`. */
export function refuseCommandLine(name, message) {
  process.stderr.write(`${name}: ${message}; see ${name} --help\n`);
  process.exit(WRONG);
}

/** What `parseArgs` makes of the arguments of this process. `config` is that of `parseArgs`, without `help`, which is known here. */
export function readCommandLine(name, help, { options = {}, ...rest } = {}) {
  const own = { help: { type: 'boolean', short: 'h', default: false } };
  let line;
  try {
    line = parseArgs({ ...rest, options: { ...options, ...own } });
  } catch (error) {
    // Node adds advice that is longer than what it has to say.
    refuseCommandLine(
      name,
      error.message.split('. ')[0].replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()),
    );
  }
  if (!line.values.help) return line;
  process.stdout.write(help);
  process.exit(0);
}
