/**
 * INI files of the server: das2peers.ini and the files that arrange browse (server-internals 1.6).
 *
 * Grammar: `[name]` sections; options (names in any case) with `=` or `:`; indented lines continue the value before them and are joined by LF;
 * lines starting with `#` or `;` are comments. `%` is an ordinary character. `[DEFAULT]` is no section: its options hold for sections that
 * lack them.
 */
import { compareCodePoints } from '../code-points.js';

export interface IniSection {
  readonly name: string;
  /** By name in lower case; lines of a value are separated by LF. */
  readonly options: ReadonlyMap<string, string>;
}

/** The sections in ascending order of names by code point. Lines that mean nothing are skipped; `warn` gets `LINE: reason`. */
export function parseIni(text: string, warn?: (line: string) => void): IniSection[] {
  const sections = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | undefined;
  let value: string[] | undefined;
  for (const [i, line] of text.split(/\r\n|\n|\r/).entries()) {
    // A byte order mark in front goes with the blanks.
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    if (value !== undefined && /^\s/.test(line)) {
      value.push(trimmed);
      continue;
    }
    const header = /^\[(.+)\]/.exec(trimmed);
    const option = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(trimmed);
    value = undefined;
    if (header !== null) {
      const name = (header[1] ?? '').trim();
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
    } else if (option !== null && section !== undefined) {
      value = [option[2] ?? ''];
      section.set((option[1] ?? '').toLowerCase(), value);
    } else {
      warn?.(`${i + 1}: neither a [section], an option of one, nor a comment; skipped`);
    }
  }
  const defaults = sections.get('DEFAULT') ?? new Map<string, string[]>();
  sections.delete('DEFAULT');
  return [...sections]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([name, own]) => ({
      name,
      options: new Map([...defaults, ...own].map(([option, parts]) => [option, joined(parts)])),
    }));
}

function joined(lines: readonly string[]): string {
  return lines.filter((line) => line !== '').join('\n');
}
