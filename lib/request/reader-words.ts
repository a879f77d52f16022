/**
 * `params` -> the words a reader gets as arguments (server-protocol 4.6.2, server-internals 8.1).
 *
 * Grammar: words are separated by blanks; '…' and "…" group and are removed; a backslash makes the next character an ordinary
 * one, except inside single quotes. Nothing is expanded. After splitting every word must consist of the characters below,
 * where a word that was grouped may hold blanks too. A second line of defence: words never reach a shell as text anyway.
 */
import { hasMoreBytesThan } from '../bytes.js';
import { Das2Error } from '../error.js';

/** Most words of one request. */
const WORD_LIMIT = 64;
/** Longest `params`, in bytes. */
export const PARAMS_LIMIT = 2048;

export interface ReaderWordOptions {
  /** Letters beyond ASCII are allowed: the source has `paramCharset = 'utf8'`. */
  readonly utf8?: boolean;
}

const PLAIN = /^[A-Za-z0-9_.,:=+@%~/#()*^![\]{}-]{1,128}$/;
const GROUPED = /^[A-Za-z0-9_.,:=+@%~/#()*^![\]{} -]{1,128}$/;
const PLAIN_UTF8 = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]{1,128}$/u;
const BEYOND_ASCII = /[^\0-\x7f]/g;

interface Word {
  text: string;
  grouped: boolean;
}

/** Splits `params` and checks every word; throws `illegalArgument` that says what is wrong, without repeating the text. */
export function splitReaderWords(params: string, options: ReaderWordOptions = {}): string[] {
  if (hasMoreBytesThan(params, PARAMS_LIMIT)) throw refused(`is longer than ${PARAMS_LIMIT} bytes`);
  const words = split(params);
  if (words.length > WORD_LIMIT) throw refused(`has more than ${WORD_LIMIT} words`);
  for (const [i, word] of words.entries()) check(word, i + 1, options.utf8 === true);
  return words.map((word) => word.text);
}

function split(params: string): Word[] {
  const words: Word[] = [];
  let word: Word | undefined;
  let quote = '';
  for (let i = 0; i < params.length; i++) {
    let character = params.charAt(i);
    if (quote === '' && character === ' ') {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word ??= { text: '', grouped: false };
    if (character === quote) {
      quote = '';
      continue;
    }
    if (quote === '' && (character === "'" || character === '"')) {
      quote = character;
      word.grouped = true;
      continue;
    }
    if (character === '\\' && quote !== "'") {
      character = params.charAt(++i);
      if (character === '') throw refused('ends in a backslash');
      // An escaped blank groups as quotes do.
      word.grouped ||= character === ' ';
    }
    word.text += character;
  }
  if (quote !== '') throw refused(`has an unbalanced ${quote}`);
  if (word !== undefined) words.push(word);
  return words;
}

function check(word: Word, position: number, utf8: boolean): void {
  let ascii = word.text;
  if (utf8) {
    const letters = word.text.match(BEYOND_ASCII)?.join('') ?? '';
    if (letters !== '' && !PLAIN_UTF8.test(letters))
      throw refused(`has a character in word ${position} that is no letter`);
    ascii = word.text.replace(BEYOND_ASCII, '_');
  }
  if (ascii === '') throw refused(`has an empty word (number ${position})`);
  if (!(word.grouped ? GROUPED : PLAIN).test(ascii)) {
    throw refused(
      ascii.length > 128
        ? `has a word of more than 128 characters (number ${position})`
        : `has a character in word ${position} that is not one of letters, digits and _.,:=+@%~/#()*^![]{}-`,
    );
  }
  if (ascii === '..' || ascii.includes('../')) throw refused(`has '..' in word ${position}`);
}

function refused(reason: string): Das2Error {
  return new Das2Error('illegalArgument', `params ${reason}`);
}
