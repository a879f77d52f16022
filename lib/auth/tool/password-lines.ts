/**
 * Changes to the text of a password file (`user:hash` a line, see accounts.ts) that leave everything else as it is: comments,
 * order, spacing, lines of other users, even bytes that are no UTF-8.
 *
 * Contract: pure. Lines are found as accounts.ts reads them, so what counts as the user's line here is what log-ins use. Text
 * is handled byte for byte (one character a byte), names are given as ordinary text.
 */

/** Longest user name in bytes; credentials of a request are bounded, too. */
const LONGEST_NAME = 255;
export const UTF8_BOM = '\xef\xbb\xbf';

/** Without the blanks around it. Not `trim`, which would take half of a letter: one character is one byte here. */
export function bare(text: string): string {
  return text.replace(/^[ \t\v\f\r]+|[ \t\v\f\r]+$/g, '');
}

/** What is wrong with a user name (server-internals 4.5, status 26); undefined if nothing is. */
export function userNameFault(user: string): string | undefined {
  if (user === '') return 'is empty';
  if (user.includes(':')) return 'holds a colon';
  if (user.trim() !== user || user.startsWith('\ufeff')) return 'begins or ends with white space';
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(user)) return 'holds a control character';
  if (user.startsWith('#')) return "begins with '#', which makes the line a comment";
  if (Buffer.byteLength(user) > LONGEST_NAME) return `is longer than ${LONGEST_NAME} bytes`;
  return /[\ud800-\udfff]/u.test(user) ? 'is no proper text' : undefined;
}

/** The file with this one hash for the user: his first line is replaced, further ones go, a new user comes at the end. */
export function withPassword(file: Buffer, user: string, hash: string): Buffer {
  const line = `${bytesOf(user)}:${bytesOf(hash)}`;
  let done = false;
  const lines = splitLines(file).flatMap((present) => {
    if (userOf(present) !== bytesOf(user)) return [present];
    if (done) return [];
    done = true;
    return [`${present.startsWith(UTF8_BOM) ? UTF8_BOM : ''}${line}${present.endsWith('\r') ? '\r' : ''}`];
  });
  if (!done) lines.push(line);
  return joinLines(lines);
}

/** The file without the user; undefined if he is not in it. */
export function withoutUser(file: Buffer, user: string): Buffer | undefined {
  const lines = splitLines(file);
  const rest = lines.filter((line) => userOf(line) !== bytesOf(user));
  return rest.length === lines.length ? undefined : joinLines(rest);
}

/** The user of a line; undefined for comments, blank lines and lines without a colon. */
function userOf(line: string): string | undefined {
  const content = bare(line.startsWith(UTF8_BOM) ? line.slice(UTF8_BOM.length) : line);
  const colon = content.indexOf(':');
  if (content.startsWith('#') || colon < 0) return undefined;
  return bare(content.slice(0, colon));
}

/** Lines without their ends, one character a byte. */
export function splitLines(file: Buffer): string[] {
  const lines = file.toString('latin1').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The bytes of lines, each with its end. */
export function joinLines(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
}

/** Ordinary text in the form of these lines: one character a byte of its UTF-8. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}
