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

/** Last part of the path of the program that a plain command runs; undefined for shell text. */
export function programName(command: string): string | undefined {
  const first = plainWords(command)?.[0];
  return first?.slice(first.lastIndexOf('/') + 1);
}
