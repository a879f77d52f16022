/**
 * The grammar of das2server.conf (server-internals 1.1), line by line: `KEY = VALUE`; `#` starts a comment at the start of a line, at the start
 * of a value or behind white space; a value in one pair of quotes is taken literally and only a comment may follow it. No continuation, no
 * substitution. The last of several lines with one key wins. An empty value is no value. BOM and CR are ignored.
 */
import { configurationError } from './configuration-error.js';

/** Assignment of one key. */
export interface Entry {
  readonly value: string;
  readonly line: number;
}

/** Values by key. `file` stands for the file in errors (`configuration`) and in what `warn` is told: what is legal but suspicious. */
export function parseEntries(text: string, file: string, warn: (line: string) => void): Map<string, Entry> {
  if (text.includes('\0')) throw configurationError(`${file}: not a text file (it holds NUL bytes)`);
  const entries = new Map<string, Entry>();
  const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split('\n');
  let number = 0;
  for (const physical of lines) {
    number++;
    const line = physical.trim();
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    if (equals < 0) throw configurationError(`${file}:${number}: a line must be KEY = VALUE, this one has no '='`);
    const key = line.slice(0, equals).trimEnd();
    if (key === '') throw configurationError(`${file}:${number}: there is no key in front of '='`);
    const value = parseValue(line.slice(equals + 1).trimStart(), `${file}:${number}`);
    const earlier = entries.get(key);
    if (earlier !== undefined)
      warn(`${file}:${number}: ${key} was already set in line ${earlier.line}; this line wins`);
    if (value === '') warn(`${file}:${number}: ${key} has no value and counts as not set`);
    entries.set(key, { value, line: number });
  }
  for (const [key, entry] of entries) if (entry.value === '') entries.delete(key);
  return entries;
}

function parseValue(text: string, place: string): string {
  const quote = text[0];
  if (quote === "'" || quote === '"') {
    const end = text.indexOf(quote, 1);
    if (end < 0) throw configurationError(`${place}: the quote ${quote} is never closed`);
    const rest = text.slice(end + 1).trim();
    if (rest !== '' && !rest.startsWith('#')) {
      throw configurationError(`${place}: only a comment may follow the closing quote`);
    }
    return text.slice(1, end);
  }
  return (text.includes('#') ? withoutComment(text) : text).trimEnd();
}

function withoutComment(text: string): string {
  const comment = /(^|\s)#/.exec(text);
  return comment === null ? text : text.slice(0, comment.index);
}
