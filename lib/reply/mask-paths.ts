/**
 * Takes absolute paths out of text that leaves the server (server-protocol 2.4). Addresses with a scheme stay, `file:` ones do
 * not; units such as `m/s` and relative paths stay. Where in doubt a path is masked: a reader's message loses little.
 */

const MASK = '[path]';

/**
 * In this order: an address with a scheme; a quoted path, which may hold blanks; a path behind anything that is no part of a
 * word; a path stuck to a word (`-I/usr/include`) that starts like those of a Unix host; a Windows path.
 */
const PATHS =
  /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>]*)|(?<=(["'`]))\/[^"'`\n]*?(?=\2)|(?<![\w.~/\])}%-])\/+[\w.~@%+-][^\s"'`:;,()<>|[\]{}]*|\/(?:bin|boot|data|dev|etc|export|home|lib|lib64|local|media|mnt|net|nix|opt|private|proc|project|project[s\d]*|root|run|sbin|scratch|snap|srv|stage|sys|tmp|usr|Users|var|Volumes|work)\/[^\s"'`:;,()<>|[\]{}]*|\b[A-Za-z]:\\[^\s"'`:;,()<>|]*/gi;

/** The text with every absolute path replaced by `[path]`. */
export function maskPaths(text: string): string {
  if (!text.includes('/') && !text.includes(':\\')) return text;
  return text.replace(PATHS, (found: string, address: string | undefined) =>
    address !== undefined && !/^file:/i.test(address) ? found : MASK,
  );
}
