/**
 * das2server.conf: finding, reading and asking it. The one configuration of all programs (server-internals 1.1, 1.3).
 *
 * Values of known keys are checked against their kind once, here, so that a wrong `flag` is found at start-up and not by the
 * first request that needs it. Relative paths are taken from the folder of the configuration file. Faults are
 * `configuration` errors whose `data.detail` names file and line.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileText } from '../bytes.js';
import { shortHash } from '../short-hash.js';
import { type AddressList, parseAddressList } from './address-list.js';
import { configurationError } from './configuration-error.js';
import { type Entry, parseEntries } from './entries.js';
import { parseBytes, parseSeconds } from './quantity.js';
import { isSettingKey, keyOfSynonym, type SettingKey, type SettingKeyOf, setting, settingKeys } from './settings.js';

export interface ConfigurationOptions {
  /** From `-c` or `--config`; wins over the environment. */
  readonly file?: string | undefined;
  /** Looked at for `DAS2_SERVER_CONF`; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The running program, from which the installed tree is found; default `process.execPath`. */
  readonly executable?: string;
  /** Receives what is legal but suspicious, one line each. The same lines are in `Configuration.warnings`. */
  readonly warn?: (line: string) => void;
}

const TRUE = new Set(['true', 'yes', 'on', '1']);
const FALSE = new Set(['false', 'no', 'off', '0']);

/**
 * Finds and reads the configuration: `file`, else `DAS2_SERVER_CONF`, else `etc/das2server.conf` beside the folder of the
 * executable with all links resolved. A missing or unreadable file is a `configuration` error, with a hint if only the
 * example file is there.
 */
export function loadConfiguration(options: ConfigurationOptions = {}): Configuration {
  const environment = options.environment ?? process.env;
  const named = options.file || environment.DAS2_SERVER_CONF;
  const file = named ? resolve(named) : join(installedTree(options.executable), 'etc', 'das2server.conf');
  let text: string | Uint8Array;
  try {
    text = readFileSync(file, 'utf8');
    if (text.includes('\ufffd')) text = readFileSync(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
  return new Configuration(text, {
    file,
    prefix: prefixOf(file, options.executable),
    ...(options.warn && { warn: options.warn }),
  });
}

/** A read configuration. Getters answer the value of the file, else the default of the table in settings.ts. */
export class Configuration {
  /** Absolute path of the file; for logs only. */
  readonly file: string;
  /** Top of the installed tree, without a slash at the end (but for `/`). */
  readonly prefix: string;
  readonly warnings: readonly string[];
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #addresses = new Map<string, AddressList>();

  constructor(
    content: string | Uint8Array,
    place: { readonly file: string; readonly prefix: string; readonly warn?: (line: string) => void },
  ) {
    this.file = place.file;
    this.prefix = place.prefix;
    const warnings: string[] = [];
    const warn = (line: string): void => {
      warnings.push(line);
      place.warn?.(line);
    };
    const text = typeof content === 'string' ? content : fileText(content, (line) => warn(`${place.file}: ${line}`));
    const entries = parseEntries(text, place.file, warn);
    renameSynonyms(entries, place.file, warn);
    for (const [key, entry] of entries) warnAbout(key, `${place.file}:${entry.line}`, warn);
    this.#entries = entries;
    this.warnings = warnings;
    for (const key of entries.keys()) if (isSettingKey(key)) this.#check(key);
  }

  /** The value of any key as it stands in the file, known or not: what the macro `$(KEY)` of a DSDF stands for. */
  raw(key: string): string | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Keys and values as they stand in the file; those of secret settings are masked. */
  shownEntries(): [string, string][] {
    return [...this.#entries].map(([key, entry]) => [
      key,
      (isSettingKey(key) && setting(key).secret) || SECRET_NAME.test(key) ? '(hidden)' : entry.value,
    ]);
  }

  /** What holds for the settings that the file does not have: default, a path as it is used, or undefined where there is no fixed one. */
  shownDefaults(): [SettingKey, string | undefined][] {
    const rows: [SettingKey, string | undefined][] = [];
    for (const key of settingKeys()) {
      const { kind, default: value } = setting(key);
      if (this.has(key) || kind === 'ignored') continue;
      rows.push([key, kind === 'path' && value !== undefined ? this.#absolute(value) : value]);
    }
    return rows;
  }

  /** 16 hexadecimal digits that change with any value: for stores whose content depends on the configuration. */
  fingerprint(): string {
    let text = '';
    for (const [key, entry] of this.#entries) text += `${key}=${entry.value}\n`;
    return shortHash(text);
  }

  /** Text, command or choice. */
  text(key: SettingKeyOf<'text' | 'command' | 'choice'>): string | undefined {
    return this.#value(key);
  }

  /** A yes-or-no setting. */
  flag(key: SettingKeyOf<'flag'>): boolean {
    return this.#flag(key) ?? false;
  }

  /** A whole number; undefined if there is neither a value nor a default. */
  integer(key: SettingKeyOf<'integer'>): number | undefined {
    return this.#number(key, parseInteger, 'a whole number');
  }

  /** A duration in seconds. */
  seconds(key: SettingKeyOf<'seconds'>): number | undefined {
    return this.#number(key, parseSeconds, "a duration such as '90 s' or '2 d'");
  }

  /** A number of bytes. */
  bytes(key: SettingKeyOf<'bytes'>): number | undefined {
    return this.#number(key, parseBytes, "a size such as '500 MB' or '5 GiB'");
  }

  /** Words separated by blanks. */
  words(key: SettingKeyOf<'words'>): readonly string[] {
    return (this.#value(key) ?? '').split(/\s+/).filter((word) => word !== '');
  }

  /** An absolute path. */
  path(key: SettingKeyOf<'path'>): string | undefined {
    const value = this.#value(key);
    return value === undefined ? undefined : this.#absolute(value);
  }

  /** An absolute path without which the program cannot do its work; missing is a `configuration` error. */
  requiredPath(key: SettingKeyOf<'path'>): string {
    const path = this.path(key);
    if (path === undefined) throw configurationError(`${this.file}: ${key} is not set`);
    return path;
  }

  /** Absolute paths of a `:`-separated list. */
  paths(key: SettingKeyOf<'paths'>): readonly string[] {
    const value = this.#value(key);
    if (value === undefined) return [];
    const parts = value.split(':').map((part) => part.trim());
    return parts.filter((part) => part !== '').map((part) => this.#absolute(part));
  }

  /** A list of addresses and ranges. */
  addresses(key: SettingKeyOf<'addresses'>): AddressList {
    let list = this.#addresses.get(key);
    if (list === undefined) {
      list = parseAddressList(this.#value(key) ?? '', this.#place(key));
      this.#addresses.set(key, list);
    }
    return list;
  }

  /** True if the file itself has a value for the key. */
  has(key: SettingKey): boolean {
    return this.#entries.has(key);
  }

  #value(key: SettingKey): string | undefined {
    return this.#entries.get(key)?.value ?? setting(key).default;
  }

  #place(key: SettingKey): string {
    const entry = this.#entries.get(key);
    return entry === undefined ? key : `${this.file}:${entry.line}: ${key}`;
  }

  #flag(key: SettingKey): boolean | undefined {
    const value = this.#value(key)?.toLowerCase();
    if (value === undefined) return undefined;
    if (TRUE.has(value)) return true;
    if (FALSE.has(value)) return false;
    throw configurationError(`${this.#place(key)}: '${value}' is neither true nor false`);
  }

  #number(key: SettingKey, parse: (text: string) => number | undefined, wanted: string): number | undefined {
    const value = this.#value(key);
    if (value === undefined || value.toLowerCase() === 'none') return undefined;
    const number = parse(value);
    if (number === undefined) throw configurationError(`${this.#place(key)}: '${value}' is not ${wanted}`);
    return number;
  }

  #absolute(value: string): string {
    return resolve(dirname(this.file), value.startsWith('$') ? this.#filled(value) : value);
  }

  /** A path with its variable replaced. */
  #filled(value: string): string {
    return value.replace(/^\$(PREFIX|ETC|STATE_ROOT)(?=\/|$)/, (_all, name: string) => {
      if (name === 'PREFIX') return this.prefix;
      return name === 'ETC' ? dirname(this.file) : (this.path('STATE_ROOT') ?? this.prefix);
    });
  }

  #check(key: SettingKey): void {
    const { kind, values } = setting(key);
    if (kind === 'flag') this.#flag(key);
    else if (kind === 'integer') this.integer(key as SettingKeyOf<'integer'>);
    else if (kind === 'seconds') this.seconds(key as SettingKeyOf<'seconds'>);
    else if (kind === 'bytes') this.bytes(key as SettingKeyOf<'bytes'>);
    else if (kind === 'addresses') this.addresses(key as SettingKeyOf<'addresses'>);
    else if (kind === 'choice' && values !== undefined && !values.includes(this.#value(key) ?? '')) {
      throw configurationError(`${this.#place(key)}: must be one of ${values.join(', ')}`);
    }
  }
}

/** Keys unknown to us whose values are better not shown. */
const SECRET_NAME = /PASS(WORD|PHRASE)|SECRET|TOKEN|CREDENTIAL/i;

function parseInteger(text: string): number | undefined {
  for (const character of text) if (character < '0' || character > '9') return undefined;
  return text !== '' && text.length <= 15 ? Number(text) : undefined;
}

/** Puts values given under another spelling where they belong. Most files use none: the table is not walked for known keys. */
function renameSynonyms(entries: Map<string, Entry>, file: string, warn: (line: string) => void): void {
  for (const [name, entry] of entries) {
    const key = isSettingKey(name) ? undefined : keyOfSynonym(name);
    if (key === undefined) continue;
    if (!entries.has(key)) entries.set(key, entry);
    else warn(`${file}:${entry.line}: ${name} is another name of ${key}, which is set as well and wins`);
  }
}

function warnAbout(key: string, place: string, warn: (line: string) => void): void {
  if (key.startsWith('HANDLE_') || key.startsWith('TASK_') || key === 'HAPI_INFO_CACHE') {
    warn(`${place}: ${key} has no effect; handlers are part of the program and cannot be replaced`);
  }
}

/** Parent of the folder of the executable, links resolved. */
function installedTree(executable = process.execPath): string {
  let file = executable;
  try {
    file = realpathSync(executable);
  } catch {
    // Run from a deleted file: its old name still tells the folder.
  }
  return dirname(dirname(file));
}

/**
 * Top of the tree that a configuration file belongs to: the parent of its folder when that is called `etc`, as in every
 * installed tree, so that one program can serve several instances with a state of their own; else where the program is.
 * (The parent of /etc is no tree.)
 */
function prefixOf(file: string, executable: string | undefined): string {
  const folder = dirname(file);
  const parent = dirname(folder);
  return folder.endsWith('/etc') && parent !== '/' ? parent : installedTree(executable);
}

function unreadable(file: string, cause: unknown): Error {
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
    return configurationError(`${file}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'})`, cause);
  }
  const example = `${file}.example`;
  const hint =
    statSync(example, { throwIfNoEntry: false }) === undefined
      ? '; say where it is with --config or DAS2_SERVER_CONF'
      : `; copy ${example} to it and edit it`;
  return configurationError(`${file}: the configuration file is missing${hint}`, cause);
}
