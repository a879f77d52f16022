/**
 * das2peers.ini: the servers named by `server=peers` (server-protocol 8.3, server-internals 1.6).
 *
 * Grammar: `[name]` sections; options `url` and `description` (any case) with `=` or `:`; indented lines continue the value
 * before them and are joined by LF; lines starting with `#` or `;` are comments. `%` is an ordinary character. `[DEFAULT]` is
 * no peer: its options hold for sections that lack them.
 */
import { readFileSync } from 'node:fs';
import { compareCodePoints } from './code-points.js';
import { configurationError } from './configuration-error.js';

export interface Peer {
  readonly name: string;
  /** Without any white space. */
  readonly url?: string;
  /** Lines separated by LF. */
  readonly description?: string;
}

/** Reads a peers file; an unreadable one is a `configuration` error. */
export function readPeers(file: string, warn?: (line: string) => void): Peer[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw configurationError(`PEERS_FILE ${file}: cannot be read`, cause);
  }
  return parsePeers(text, (line) => warn?.(`${file}:${line}`));
}

/** The peers of an INI text in ascending order of names by code point. Lines that mean nothing are skipped with a warning. */
export function parsePeers(text: string, warn?: (line: string) => void): Peer[] {
  const sections = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | undefined;
  let value: string[] | undefined;
  const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split(/\r\n|\n|\r/);
  for (const [i, line] of lines.entries()) {
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
  const defaults = sections.get('DEFAULT');
  sections.delete('DEFAULT');
  return [...sections]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([name, options]) => {
      const url = joined(options.get('url') ?? defaults?.get('url')).replace(/\s+/g, '');
      const description = joined(options.get('description') ?? defaults?.get('description'));
      return { name, ...(url !== '' && { url }), ...(description !== '' && { description }) };
    });
}

function joined(lines: readonly string[] | undefined): string {
  return (lines ?? []).filter((line) => line !== '').join('\n');
}
