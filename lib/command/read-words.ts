/**
 * Reads the words that an administration program was called with, alike for all of them (programs with commander; filters have arguments.ts):
 * the same options for help and version, the same form of help texts and complaints.
 *
 * Contract: help, version and complaints are written by the time it answers; nothing else is done.
 */
import type { Command, Option } from 'commander';
import { writeFully } from '../reply/write-fully.js';
import { COMMIT, VERSION } from '../version.js';

/** Columns of a help text. */
const HELP_WIDTH = 100;

/** What the option for the configuration says, whatever its flags. */
export const CONFIG_MEANING =
  'configuration (default: DAS2_SERVER_CONF, else etc/das2server.conf of the installed tree)';

/** The option for the configuration, with the flags that it has wherever `-c` means nothing else. */
export const CONFIG_OPTION = ['-c, --config <file>', CONFIG_MEANING] as const;

/** What commander says about wrong words, in the form of all complaints of our programs. */
function complaint(program: string, text: string): string {
  const [what = '', ...rest] = text
    .replace(/^error: /, '')
    .trimEnd()
    .split('\n');
  return `${[`${program}: ${what}; see --help`, ...rest].join('\n')}\n`;
}

/**
 * Reads `args` into `command`, which has its own options and texts by now; those that all programs have are added here. The result is the exit
 * status if that was all there is to do (`wrong` for words that the command does not know), undefined to go on.
 */
export async function readWords(
  command: Command,
  args: readonly string[],
  { wrong, versionFlags = '-v, --version' }: { readonly wrong: number; readonly versionFlags?: string },
): Promise<number | undefined> {
  const { CommanderError } = await import('commander');
  const program = command.name();
  command.version(`${program} ${VERSION} (${COMMIT})`, versionFlags, 'print version and commit');
  for (const one of [command, ...command.commands]) {
    one
      .helpOption('-h, --help', 'print this text')
      .configureHelp({ helpWidth: HELP_WIDTH, optionDescription })
      .configureOutput({
        writeOut: (text) => void writeFully(1, Buffer.from(text)),
        writeErr: (text) => void writeFully(2, Buffer.from(text)),
        outputError: (text, write) => write(complaint(program, text)),
      })
      .exitOverride();
  }
  try {
    command.parse(args, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrong;
    throw error;
  }
}

/** An option with its default, as a person would type that. */
function optionDescription({ description, defaultValue }: Option): string {
  const isShown = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  return isShown ? `${description} (default: ${defaultValue})` : description;
}
