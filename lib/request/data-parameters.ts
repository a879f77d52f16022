/**
 * The parameters of a data request under all their names (server-protocol 4.1, 4.3, 6.5).
 *
 * Contract: one reading of the query for every route that runs a reader, so that authorisation, trimming and reader see the
 * same range. Done here: synonyms, presence, characters, numbers. Not done here: times (`parseTimeRange`) and words
 * (`splitReaderWords`), which come later in the order of 4.2 because the answer to an unknown source goes first.
 */
import { hasMoreBytesThan } from '../bytes.js';
import { Das2Error } from '../error.js';
import {
  ASCII_KEYS,
  BOUND_FAMILIES,
  CSV_KEYS,
  flagOf,
  INTERVAL_KEYS,
  isRecognisedKey,
  PARAMS_KEYS,
  PLANES_KEYS,
  RESOLUTION_KEYS,
} from './data-keys.js';
import { type NumberText, parseNumberText } from './number-text.js';
import { refuseRepeatedKeys } from './query-string.js';
import { PARAMS_LIMIT } from './reader-words.js';
import type { Request } from './request.js';

/** A form of data: the stream as it is, the stream as text, delimited text. */
export type WantedForm = 'stream' | 'text' | 'csv';

/** What a data request asks for, source definition not yet looked at. */
export interface DataParameters {
  /** The source as the client wrote it: path form if there is one, else `dataset`. */
  readonly dataset: string;
  readonly start: string;
  readonly end: string;
  /** In seconds; zero means intrinsic and is left out. */
  readonly resolution: NumberText | undefined;
  /** In seconds, above zero. */
  readonly interval: NumberText | undefined;
  /** Reader parameters as sent (flags of a form added); '' if none. */
  readonly params: string;
  readonly form: WantedForm;
  /** Names of the planes that are wanted besides x, each once; undefined for all. */
  readonly planes: readonly string[] | undefined;
}

const FORBIDDEN = /[;|><&$`\0-\x1f\x7f]|\.\.[/\\]|:\\/;
const FALSE_WORDS = new Set(['0', 'false', 'no', 'off']);
const TRUE_FLAGS = new Set(['on', 'true', '1']);

/**
 * Collects, completes and checks the parameters. `pathDataset` is the source of the path form `/data/<id>`.
 * Throws `illegalArgument` naming the parameter that is missing, given twice or not allowed.
 */
export function readDataParameters(request: Request, pathDataset?: string): DataParameters {
  refuseRepeatedKeys(request.pairs, isRecognisedKey);
  const { parameters } = request;
  const dataset = pathDataset ?? parameters.get('dataset');
  if (dataset === undefined) throw missingParameter(parameters, 'dataset', 'the id of a data source');
  const bounds = readBounds(parameters);
  const resolution = readNumber(parameters, RESOLUTION_KEYS);
  if (resolution !== undefined && resolution.value < 0) {
    throw new Das2Error('illegalArgument', 'resolution must not be negative');
  }
  const interval = readNumber(parameters, INTERVAL_KEYS);
  if (interval !== undefined && interval.value <= 0) {
    throw new Das2Error('illegalArgument', 'interval must be greater than zero');
  }
  const form = readForm(parameters);
  return {
    dataset,
    ...bounds,
    resolution: resolution?.value === 0 ? undefined : resolution,
    interval,
    params: readParams(request),
    form,
    planes: readPlanes(parameters),
  };
}

function readForm(parameters: Request['parameters']): WantedForm {
  const isText = isTrue(oneValue(parameters, ASCII_KEYS)?.value);
  const isCsv = isTrue(oneValue(parameters, CSV_KEYS)?.value);
  if (isText && isCsv) throw new Das2Error('illegalArgument', 'ascii and csv are two forms of text; give one of them');
  return isCsv ? 'csv' : isText ? 'text' : 'stream';
}

/**
 * The request parameters as macros of source definitions see them (5.4): under canonical names (`start_time`, whatever family the
 * client used), others under their own. Nothing is checked here; a macro checks what it takes.
 */
export function macroParameters(request: Request): ReadonlyMap<string, string> {
  const values = new Map(request.parameters);
  const add = (name: string, keys: readonly string[]): void => {
    const key = keys.find((candidate) => values.has(candidate));
    const value = key === undefined ? undefined : values.get(key);
    if (value !== undefined && !values.has(name)) values.set(name, value);
  };
  for (const family of BOUND_FAMILIES) {
    add('start_time', family.begin);
    add('end_time', family.end);
  }
  add('resolution', RESOLUTION_KEYS);
  add('interval', INTERVAL_KEYS);
  const params = readParams(request);
  if (params !== '') values.set('params', params);
  return values;
}

/** The steps in time that a request names, in seconds. */
export interface RequestSteps {
  readonly resolution: NumberText | undefined;
  readonly interval: NumberText | undefined;
}

/** A picosecond: no time of a stream is told so finely, and bins much shorter than this cannot be counted. */
const SHORTEST_RESOLUTION = 1e-12;

/**
 * `resolution` and `interval` stand in for each other (4.1): a source with `requiresInterval` has an interval only, any other
 * a resolution only. A missing interval stays undefined: that is refused later in the order of 4.2. Throws `illegalArgument` for a
 * resolution that no reducer can have bins for.
 */
export function normaliseSteps({ resolution, interval }: RequestSteps, requiresInterval: boolean): RequestSteps {
  if (requiresInterval) return { interval: interval ?? resolution, resolution: undefined };
  const bins = resolution ?? interval;
  if (bins !== undefined && bins.value < SHORTEST_RESOLUTION) {
    throw new Das2Error(
      'illegalArgument',
      'resolution is below 1e-12 seconds: leave it out for data that are not averaged',
    );
  }
  return { resolution: bins, interval: undefined };
}

function readBounds(parameters: ReadonlyMap<string, string>): { start: string; end: string } {
  const begin = givenBound(parameters, 'begin');
  const end = givenBound(parameters, 'end');
  if (begin === undefined) throw missingParameter(parameters, 'start_time', 'the begin of the time range');
  if (end === undefined) throw missingParameter(parameters, 'end_time', 'the end of the time range');
  if (begin.family !== end.family) {
    throw new Das2Error(
      'illegalArgument',
      `${begin.key} and ${end.key} do not belong together; use start_time and end_time`,
    );
  }
  return { start: checkCharacters(begin.value, begin.key), end: checkCharacters(end.value, end.key) };
}

/** A bound in the one spelling that is given, and the family of that; two spellings are refused, whatever their values. */
function givenBound(
  parameters: ReadonlyMap<string, string>,
  side: 'begin' | 'end',
): { key: string; value: string; family: number } | undefined {
  let given: { key: string; value: string; family: number } | undefined;
  for (const [family, names] of BOUND_FAMILIES.entries()) {
    for (const key of names[side]) {
      const value = parameters.get(key);
      if (value === undefined) continue;
      if (given !== undefined) throw twoSpellings(given.key, key);
      given = { key, value, family };
    }
  }
  return given;
}

function readNumber(parameters: ReadonlyMap<string, string>, keys: readonly string[]): NumberText | undefined {
  const found = oneValue(parameters, keys);
  return found === undefined ? undefined : parseNumberText(checkCharacters(found.value, found.key), found.key);
}

/** `params` and the check boxes of forms, `params~FLAG=on`, which add FLAG (6.5). */
function readParams(request: Request): string {
  const found = oneValue(request.parameters, PARAMS_KEYS);
  const parts = found === undefined ? [] : [checkCharacters(found.value, found.key)];
  for (const [key, value] of request.parameters) {
    const flag = flagOf(key);
    if (flag !== undefined && TRUE_FLAGS.has(value.toLowerCase())) parts.push(checkCharacters(flag, 'params'));
  }
  const text = withoutOuterBlanks(parts.join(' '));
  if (hasMoreBytesThan(text, PARAMS_LIMIT)) {
    throw new Das2Error('illegalArgument', `params is longer than ${PARAMS_LIMIT} bytes`);
  }
  return text;
}

/** Names of planes; undefined where none is given. */
function readPlanes(parameters: ReadonlyMap<string, string>): readonly string[] | undefined {
  const found = oneValue(parameters, PLANES_KEYS);
  if (found === undefined) return undefined;
  if (hasMoreBytesThan(found.value, PARAMS_LIMIT)) {
    throw new Das2Error('illegalArgument', `planes is longer than ${PARAMS_LIMIT} bytes`);
  }
  const names = new Set<string>();
  for (const name of checkCharacters(found.value, found.key).split(',')) if (name.trim() !== '') names.add(name.trim());
  return names.size === 0 ? undefined : [...names];
}

/** Blanks mean nothing around words. Other white space stays, to be refused with the words, and so does a blank with a backslash. */
function withoutOuterBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (text[start] === ' ') start++;
  while (end > start && text[end - 1] === ' ' && text[end - 2] !== '\\') end--;
  return text.slice(start, end);
}

/** The value of a parameter with several names; unequal values under two names are refused. */
function oneValue(
  parameters: ReadonlyMap<string, string>,
  keys: readonly string[],
): { key: string; value: string } | undefined {
  let found: { key: string; value: string } | undefined;
  for (const key of keys) {
    const value = parameters.get(key);
    if (value === undefined) continue;
    if (found !== undefined && found.value !== value) throw twoSpellings(found.key, key);
    found ??= { key, value };
  }
  return found;
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && !FALSE_WORDS.has(value.trim().toLowerCase());
}

function checkCharacters(value: string, name: string): string {
  if (FORBIDDEN.test(value)) {
    throw new Das2Error('illegalArgument', `${name} has a character or sequence that is not allowed in a request`);
  }
  return value;
}

function twoSpellings(a: string, b: string): Das2Error {
  return new Das2Error('illegalArgument', `${a} and ${b} mean the same parameter; give one of them`);
}

/**
 * The error for a parameter that is missing. A word that nobody reads is probably what is missing, in other letters; only such are repeated as
 * could be keys.
 */
export function missingParameter(parameters: ReadonlyMap<string, string>, name: string, meaning: string): Das2Error {
  const unread = [...parameters.keys()]
    .filter((key) => !isRecognisedKey(key) && /^[\w.-]{1,30}$/.test(key))
    .slice(0, 3);
  return new Das2Error(
    'illegalArgument',
    `the parameter ${name} (${meaning}) is missing${unread.length === 0 ? '' : `; not known here: ${unread.join(', ')}`}`,
  );
}
