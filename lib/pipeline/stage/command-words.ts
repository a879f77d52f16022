/**
 * Commands that are nothing but words: `das2_bin_avgsec -r`, as opposed to shell text such as `VAR=1 prog "$X" | other`.
 *
 * Only such a command may run inside the process (server-protocol 4.6.2), since nothing of it needs a shell. Quotes count as
 * shell text here; in doubt the shell decides, which gives the same result and only costs a process.
 */

const PLAIN = /^[ \t]*[A-Za-z0-9_.,:=+@%/-]+(?:[ \t]+[A-Za-z0-9_.,:=+@%/-]+)*[ \t]*$/;

/** The words of a command, or undefined if it takes a shell to understand it. */
export function plainWords(command: string): string[] | undefined {
  if (!PLAIN.test(command)) return undefined;
  const words = command.trim().split(/[ \t]+/);
  // A first word with `=` is an assignment in front of a command.
  return words[0]?.includes('=') ? undefined : words;
}

/** Words that only mean something inside a shell, though they look like commands. */
const SHELL_WORDS = new Set(
  (
    ': . alias bg break case cd command continue coproc do done elif else esac eval exec exit export fg fi for function getopts ' +
    'hash if in jobs local read readonly return select set shift source then time times trap type ulimit umask unalias unset ' +
    'until wait while'
  ).split(' '),
);

/**
 * The text by which a shell runs a command with the positional parameters behind it. Where the command is one program, the
 * shell makes room for it: one process less, and signals that end the program are seen as such.
 */
export function shellText(command: string): string {
  const first = plainWords(command)?.[0];
  return `${first === undefined || SHELL_WORDS.has(first) ? '' : 'exec '}${command} "$@"`;
}

/** Last part of the path of the program that a plain command runs; undefined for shell text. */
export function programName(command: string): string | undefined {
  const first = plainWords(command)?.[0];
  return first?.slice(first.lastIndexOf('/') + 1);
}
