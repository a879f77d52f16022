/**
 * The files of accounts and groups, `USER_PASSWD` and `USER_GROUP` (server-internals 1.5).
 *
 *   passwd   user:hash          everything behind the first colon is the hash; several lines of one user are all tried
 *   group    name:x:x:user,user exactly four fields; several lines of one group are joined
 *
 * UTF-8; CRLF, blanks around lines and lines starting with `#` are tolerated. A malformed line is logged and skipped. Files
 * are read again when their time, size or inode changes. One that is not set or cannot be read is a `configuration` error.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { configurationError } from '../conf/configuration-error.js';

interface Cached<Content> {
  readonly identity: string;
  readonly content: Content;
}

const LARGEST_BYTES = 16 << 20;
const passwordFiles = new Map<string, Cached<ReadonlyMap<string, readonly string[]>>>();
const groupFiles = new Map<string, Cached<ReadonlyMap<string, ReadonlySet<string>>>>();

/** Hashes by user. `file`: value of USER_PASSWD. */
export function readPasswords(
  file: string | undefined,
  warn: (line: string) => void,
): ReadonlyMap<string, readonly string[]> {
  return readAccountFile({ setting: 'USER_PASSWD', file, cache: passwordFiles, parse: parsePasswords, warn });
}

/** Users by group. `file`: value of USER_GROUP. */
export function readGroups(
  file: string | undefined,
  warn: (line: string) => void,
): ReadonlyMap<string, ReadonlySet<string>> {
  return readAccountFile({ setting: 'USER_GROUP', file, cache: groupFiles, parse: parseGroups, warn });
}

/** The hashes in the text of a password file; `warn` gets number and reason of skipped lines. */
export function parsePasswords(text: string, warn: (line: string) => void): ReadonlyMap<string, readonly string[]> {
  const hashes = new Map<string, string[]>();
  for (const [number, line] of contentLines(text)) {
    const colon = line.indexOf(':');
    const user = line.slice(0, colon).trim();
    if (colon < 0 || user === '') {
      warn(`${number}: not user:hash; skipped`);
      continue;
    }
    const known = hashes.get(user) ?? [];
    known.push(line.slice(colon + 1).trim());
    hashes.set(user, known);
  }
  return hashes;
}

/** The groups in the text of a group file; `warn` gets number and reason of skipped lines. */
export function parseGroups(text: string, warn: (line: string) => void): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>();
  for (const [number, line] of contentLines(text)) {
    const fields = line.split(':').map((field) => field.trim());
    const [name = '', , , users = ''] = fields;
    if (fields.length !== 4 || name === '') {
      warn(`${number}: not group:x:x:user,user; skipped`);
      continue;
    }
    const members = groups.get(name) ?? new Set();
    for (const user of users.split(',')) if (user.trim() !== '') members.add(user.trim());
    groups.set(name, members);
  }
  return groups;
}

function* contentLines(text: string): Generator<[number, string]> {
  for (const [i, physical] of (text.startsWith('\ufeff') ? text.slice(1) : text).split('\n').entries()) {
    const line = physical.trim();
    if (line !== '' && !line.startsWith('#')) yield [i + 1, line];
  }
}

function readAccountFile<Content>(options: {
  readonly setting: string;
  readonly file: string | undefined;
  readonly cache: Map<string, Cached<Content>>;
  readonly parse: (text: string, warn: (line: string) => void) => Content;
  readonly warn: (line: string) => void;
}): Content {
  const { setting, file, cache, parse, warn } = options;
  if (file === undefined) throw configurationError(`${setting} is not set, but a source needs it`);
  const stats = statSync(file, { throwIfNoEntry: false });
  const identity = `${stats?.mtimeMs} ${stats?.ctimeMs} ${stats?.size} ${stats?.ino}`;
  const known = cache.get(file);
  if (stats !== undefined && known?.identity === identity) return known.content;
  let text: string;
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const opened = fstatSync(descriptor);
      if (!opened.isFile() || opened.size > LARGEST_BYTES) throw new Error('not a plain file of sensible size');
      text = readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw configurationError(
      `${setting} ${file}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'})`,
      cause,
    );
  }
  const content = parse(text, (line) => warn(`${setting} ${file}:${line}`));
  cache.set(file, { identity, content });
  return content;
}
