/**
 * DSDF, the text files that define sources: syntax only (server-protocol 5.2). What the keys mean: source.ts.
 *
 *   key = value            blanks around both are ignored; a line without `=` is an error
 *   key = 'it''s'          quotes ' or "; a doubled quote stands for one
 *   key = 'one ' + $       continued on the next line that is neither blank nor comment; nothing is put between the pieces
 *   ; comment              outside quotes, up to the end of the line, also behind values; `#` is no comment
 *
 * A closing quote is one behind which the line ends, or only a comment or continuation mark follows; any other single quote
 * inside is an apostrophe. A key given twice keeps the place of the first and the value of the last. Keys are letters, digits
 * and `_`, for das1 also `name(N)`; other keys are kept with a warning, since nothing reads them.
 * Not done here: macros (macros.ts), files (source-tree.ts).
 */
import { definitionError } from './definition-error.js';

/** Assignments of one file, in order. */
export interface Dsdf {
  readonly entries: ReadonlyMap<string, string>;
  /** Line of the assignment that holds, 1 for the first. */
  readonly lines: ReadonlyMap<string, number>;
}

export interface DsdfOptions {
  /** How the file is called in errors and warnings: its id, not its path. */
  readonly name?: string;
  readonly warn?: (line: string) => void;
}

const KEY = /^[A-Za-z0-9_]+(?:\(\d+\))?$/;
const CONTINUATION = /^(?:\+\s*)?\$\s*(?:;.*)?$/;

interface Piece {
  readonly text: string;
  readonly continued: boolean;
  /** The quote that was opened and not closed on this line. */
  readonly openQuote?: string;
}

/** Parses a definition. Throws `sourceDefinition` for a line without `=` or without a key, naming the line in its detail. */
export function parseDsdf(text: string, options: DsdfOptions = {}): Dsdf {
  const name = options.name ?? 'definition';
  if (text.includes('\0')) throw definitionError(`${name}: not a text file (it holds NUL bytes)`);
  const warn = (line: number, reason: string): void => options.warn?.(`${name}:${line}: ${reason}`);
  const entries = new Map<string, string>();
  const lines = new Map<string, number>();
  const physical = (text.startsWith('\ufeff') ? text.slice(1) : text).split(text.includes('\r') ? /\r\n|\n|\r/ : '\n');
  let key: string | undefined;
  let value = '';
  let start = 0;
  let openQuote: string | undefined;

  const finish = (): void => {
    if (key === undefined) return;
    if (entries.has(key)) warn(start, `${key} was already set in line ${lines.get(key)}; this line wins`);
    entries.set(key, value);
    lines.set(key, start);
    key = undefined;
  };

  for (let i = 0; i < physical.length; i++) {
    const line = (physical[i] ?? '').trim();
    if (line === '' || line.startsWith(';')) continue;
    let rest = line;
    if (key === undefined) {
      const equals = line.indexOf('=');
      const comment = line.indexOf(';');
      if (equals < 0 || (comment >= 0 && comment < equals)) {
        throw definitionError(`${name}:${i + 1}: a line must be key = value, this one has no '='`);
      }
      key = line.slice(0, equals).trim();
      if (key === '') throw definitionError(`${name}:${i + 1}: there is no key in front of '='`);
      if (key.includes('(')) key = key.replace(/\s+/g, '');
      if (!KEY.test(key)) warn(i + 1, `'${key}' is not a key (letters, digits, _)`);
      rest = line.slice(equals + 1).trimStart();
      start = i + 1;
      value = '';
      openQuote = undefined;
    }
    const piece = readPiece(rest, openQuote);
    if (piece.openQuote !== undefined && openQuote === undefined) warn(i + 1, 'a quote is opened and never closed');
    value += piece.text;
    openQuote = piece.openQuote;
    if (!piece.continued) finish();
  }
  if (key !== undefined) {
    warn(start, `${key} is continued, but the file ends`);
    finish();
  }
  return { entries, lines };
}

/** One line's share of a value. `openQuote`: quote left open by the line before. */
function readPiece(text: string, openQuote: string | undefined): Piece {
  const quote = text[0];
  if (quote === "'" || quote === '"') {
    const quoted = readQuoted(text, quote);
    if (quoted !== undefined) return quoted;
    const cut = text.indexOf(';');
    const unquoted = splitContinuation((cut < 0 ? text : text.slice(0, cut)).slice(1).trimEnd());
    if (!unquoted.continued) return { text: withoutTrailing(unquoted.text, quote), continued: false, openQuote: quote };
    return { ...unquoted, openQuote: quote };
  }
  const plain = splitContinuation(text.slice(0, commentStart(text)).trimEnd());
  if (openQuote === undefined) return plain;
  // The quote was opened on an earlier line and closes here, or on a later one.
  const closed = withoutTrailing(plain.text, openQuote);
  return closed === plain.text && plain.continued
    ? { ...plain, openQuote }
    : { text: closed, continued: plain.continued };
}

/** A piece that starts with a quote; undefined if the quote is never closed. */
function readQuoted(text: string, quote: string): Piece | undefined {
  let value = '';
  let from = 1;
  for (;;) {
    const at = text.indexOf(quote, from);
    if (at < 0) return undefined;
    value += text.slice(from, at);
    if (text[at + 1] === quote) {
      value += quote;
      from = at + 2;
      continue;
    }
    // Enough of the rest to tell: a long line full of apostrophes must not be copied for each of them.
    const next = firstVisible(text, at + 1);
    if (next === undefined || next.character === ';') return { text: value, continued: false };
    if ((next.character === '+' || next.character === '$') && CONTINUATION.test(text.slice(next.index))) {
      return { text: value, continued: true };
    }
    value += quote;
    from = at + 1;
  }
}

function firstVisible(text: string, from: number): { character: string; index: number } | undefined {
  for (let i = from; i < text.length; i++) {
    const character = text[i] ?? '';
    if (character !== ' ' && character !== '\t') return { character, index: i };
  }
  return undefined;
}

/** Where the comment of an unquoted value starts: the first `;` outside quoted parts, else the length of the text. */
function commentStart(text: string): number {
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === ';') return i;
    if ((character === "'" || character === '"') && !isWordCharacter(text[i - 1] ?? ' ')) {
      // Behind a letter it is an apostrophe; else a quoted part if it is closed on this line.
      const end = text.indexOf(character, i + 1);
      if (end > 0) i = end;
    }
  }
  return text.length;
}

function isWordCharacter(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}

function splitContinuation(text: string): { text: string; continued: boolean } {
  if (!text.endsWith('$')) return { text, continued: false };
  const before = text.slice(0, -1).trimEnd();
  return { text: before.endsWith('+') ? before.slice(0, -1).trimEnd() : before, continued: true };
}

function withoutTrailing(text: string, quote: string): string {
  return text.endsWith(quote) ? text.slice(0, -1) : text;
}
