/**
 * What is known of a HAPI dataset from a look at its data, kept in a file a dataset (server-internals 6.6).
 *
 * Contract: a record holds for one definition file, one way to run its commands and one program version: its key. A failure is kept too, for a
 * while, so that a source that gives nothing is not asked again by every request. The server keeps records under STATE_ROOT, the worker
 * under CACHE_ROOT; of two good ones the newer counts. Where nothing can be written everything works, with more runs of readers.
 */
import { closeSync, constants, existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { ensureFolders, parseUmask, replaceFile } from '../cache/safe-files.js';
import type { Configuration } from '../conf/configuration.js';
import { shortHash } from '../short-hash.js';
import { COMMIT, VERSION } from '../version.js';
import { coverageHeader } from './coverage.js';
import type { HapiDataset, HapiTable, HeaderRecord } from './model.js';

/** Full id of a table of a dataset. */
export function tableId({ id }: Pick<HapiDataset, 'id'>, { packet }: Pick<HapiTable, 'packet'>): string {
  return packet === undefined ? id : `${id}:pkt${packet}`;
}

const FORMAT = 2;
const LARGEST = 64 << 20;

/** What a record depends on. */
export function headerKey(configuration: Configuration, { id, file, source, steps, words }: HapiDataset): string {
  const { mtimeMs, size } = file;
  const commands = [source.reader, source.das1Reader, source.reducer];
  const paths = [
    configuration.paths('BIN_PATH'),
    configuration.paths('LIB_PATH'),
    configuration.words('PASS_ENV'),
    configuration.text('D2S_REDUCER'),
  ];
  const entries = [...source.entries];
  return shortHash(
    JSON.stringify([FORMAT, VERSION, COMMIT, id, mtimeMs, size, entries, commands, paths, steps, words]),
  );
}

/** The newest record that still holds; undefined if there is none. That of a coverage is no file: it follows from the counts. */
export function readHeader(configuration: Configuration, dataset: HapiDataset): HeaderRecord | undefined {
  const { coverage } = dataset;
  if (coverage !== undefined)
    return coverage.kept === undefined ? undefined : coverageHeader(configuration, dataset, coverage.kept);
  return newestRecord(configuration, dataset, headerKey(configuration, dataset));
}

/** Since when a dataset has these tables: since the last record if they are the same there, whatever that one held for, else since now. */
export function builtSince(configuration: Configuration, dataset: HapiDataset, tables: readonly HapiTable[]): number {
  const last = newestRecord(configuration, dataset);
  const isSame = last !== undefined && JSON.stringify(last.tables) === JSON.stringify(tables);
  return isSame ? Math.min(last.builtAt, Date.now()) : Date.now();
}

/** The newest of the kept records, or of those with a key. */
function newestRecord(configuration: Configuration, dataset: HapiDataset, key?: string): HeaderRecord | undefined {
  let newest: HeaderRecord | undefined;
  for (const root of ['STATE_ROOT', 'CACHE_ROOT'] as const) {
    const folder = configuration.path(root);
    const record = folder === undefined ? undefined : readRecord(`${folder}/hapi/${dataset.id}.json`, key);
    if (record !== undefined && record.builtAt > (newest?.builtAt ?? Number.NEGATIVE_INFINITY)) newest = record;
  }
  return newest;
}

/** Keeps a record below one of the two folders; false if it cannot, which is told to `log`. */
export function writeHeader(
  configuration: Configuration,
  place: { readonly root: 'STATE_ROOT' | 'CACHE_ROOT'; readonly log: (line: string) => void },
  dataset: HapiDataset,
  record: HeaderRecord,
): boolean {
  const folder = configuration.path(place.root);
  // A folder that nobody has asked for is not made.
  if (folder === undefined || !(existsSync(folder) || (configuration.has(place.root) && makeOne(folder)))) return false;
  const parts = ['hapi', ...dataset.id.split('/')];
  const name = `${parts.pop()}.json`;
  const umask = parseUmask(configuration.text('CACHE_UMASK'));
  try {
    const bytes = Buffer.from(`${JSON.stringify({ format: FORMAT, ...record })}\n`);
    replaceFile(ensureFolders(folder, parts, umask), name, bytes, umask);
    return true;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : 'error');
    place.log(`HAPI: ${place.root}: the header of ${dataset.id} cannot be kept (${reason})`);
    return false;
  }
}

/** Makes a folder; one above it that is missing is a fault of the configuration. */
function makeOne(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o2770 });
    return true;
  } catch {
    return false;
  }
}

function readRecord(path: string, key: string | undefined): HeaderRecord | undefined {
  try {
    const value: unknown = JSON.parse(readPlainFile(path));
    return isRecord(value) && (key === undefined || value.key === key) ? value : undefined;
  } catch {
    // Not there, half of it, or not ours: it is made anew.
    return undefined;
  }
}

function readPlainFile(path: string): string {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > LARGEST || (stats.mode & 0o002) !== 0) return '';
    const bytes = Buffer.alloc(stats.size);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = readSync(file, bytes, length, bytes.length - length, null);
    }
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}

/** Whoever can write there is trusted with the content of answers, but not with their form. */
function isRecord(value: unknown): value is HeaderRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { format, key, builtAt, tables, failure } = value as Record<string, unknown>;
  if (format !== FORMAT || typeof key !== 'string' || typeof builtAt !== 'number') return false;
  if (failure !== undefined && typeof failure !== 'string') return false;
  return Array.isArray(tables) && tables.every(isTable);
}

function isTable(value: unknown): value is HapiTable {
  if (typeof value !== 'object' || value === null) return false;
  const { parameters, decimals, sampleStart, sampleStop } = value as Record<string, unknown>;
  return (
    Array.isArray(parameters) &&
    parameters.length > 0 &&
    parameters.every((item) => typeof item === 'object' && item !== null && typeof item.name === 'string') &&
    (decimals === 3 || decimals === 6 || decimals === 9) &&
    typeof sampleStart === 'string' &&
    typeof sampleStop === 'string'
  );
}
