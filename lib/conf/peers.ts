/**
 * das2peers.ini: the servers named by `server=peers` (server-protocol 8.3, server-internals 1.6).
 *
 * The grammar is that of ini-file.ts, with the options `url` and `description`.
 */
import { readFileSync } from 'node:fs';
import { fileText } from '../bytes.js';
import { configurationError } from './configuration-error.js';
import { parseIni } from './ini-file.js';

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
    text = fileText(readFileSync(file), (line) => warn?.(`${file}: ${line}`));
  } catch (cause) {
    throw configurationError(`PEERS_FILE ${file}: cannot be read`, cause);
  }
  return parsePeers(text, (line) => warn?.(`${file}:${line}`));
}

/** The peers of an INI text in ascending order of names by code point. Lines that mean nothing are skipped with a warning. */
export function parsePeers(text: string, warn?: (line: string) => void): Peer[] {
  return parseIni(text, warn).map(({ name, options }) => {
    const url = (options.get('url') ?? '').replace(/\s+/g, '');
    const description = options.get('description') ?? '';
    return { name, ...(url !== '' && { url }), ...(description !== '' && { description }) };
  });
}
