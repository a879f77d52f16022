/**
 * What counts as the mail address of somebody who wants to be told of the end of an export (browse-export 9.5). It becomes a word of a command, so it never begins
 * like an option and holds no blanks or line ends.
 */

const MAIL = /^[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;

/** True for a plain address of letters, digits and `._%+-`. */
export function isMailAddress(text: string): boolean {
  return MAIL.test(text);
}
