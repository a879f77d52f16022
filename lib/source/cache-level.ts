/**
 * `cacheLevel` keywords and the naming of reader parameters: pure parsing (server-internals 2.1, 2.2). Blocks, paths and the
 * choice of a level for a request belong to the cache.
 *
 *   cacheLevel_NN = 'RESOLUTION | PERIOD [| PARAMS]'     RESOLUTION: `intrinsic`, or NUMBER UNIT
 *
 * Read but deprecated: `RESOLUTION ; PERIOD [; PARAMS]`, several of them separated by bars. A bad level disables itself alone.
 */

export const CACHE_PERIODS = ['persecond', 'perminute', 'hourly', 'daily', 'monthly', 'yearly'] as const;

export type CachePeriod = (typeof CACHE_PERIODS)[number];

export interface CacheLevel {
  readonly number: number;
  /** The key it came from. */
  readonly key: string;
  /** Whole microseconds of a bin; 0 for `intrinsic`. */
  readonly microseconds: number;
  /** Seconds of a bin; 0 for `intrinsic`. */
  readonly seconds: number;
  /** Folder of the level: `intrinsic`, `bin-60s`, `bin-250ms`, `bin-1500us`. */
  readonly directory: string;
  readonly period: CachePeriod;
  /** Parameters for the reader as given; '' if none. */
  readonly params: string;
  /** Their blank-separated words, in order. */
  readonly words: readonly string[];
  /** Folder name of the parameters, by rule N1. */
  readonly normalizedParams: string;
}

export interface CacheLevelError {
  readonly key: string;
  readonly reason: string;
}

export interface CacheLevels {
  /** Usable levels in ascending order of number. */
  readonly levels: readonly CacheLevel[];
  readonly errors: readonly CacheLevelError[];
}

/** Stands for "no parameters" in paths. */
const NO_PARAMS = '_noparam';

const MICROSECONDS: Readonly<Record<string, number>> = {
  s: 1e6,
  sec: 1e6,
  secs: 1e6,
  second: 1e6,
  seconds: 1e6,
  ms: 1e3,
  millisec: 1e3,
  millisecs: 1e3,
  millsecond: 1e3,
  millisecond: 1e3,
  milliseconds: 1e3,
  us: 1,
  '\u00b5s': 1,
  '\u03bcs': 1,
  microsec: 1,
  microsecond: 1,
  microseconds: 1,
  ns: 1e-3,
  nanosec: 1e-3,
  nanosecond: 1e-3,
  nanoseconds: 1e-3,
  min: 6e7,
  minute: 6e7,
  minutes: 6e7,
  h: 3.6e9,
  hr: 3.6e9,
  hour: 3.6e9,
  hours: 3.6e9,
  d: 8.64e10,
  day: 8.64e10,
  days: 8.64e10,
};

/** What of a source decides about its levels. */
export interface LevelFacts {
  readonly reducible: boolean;
  readonly requiresInterval: boolean;
  /**
   * The reducer counts records. Counts that are counted again are wrong, and the zeros that it writes from the first bin with records to the
   * last are not there between two blocks.
   */
  readonly counts: boolean;
}

/**
 * The levels of a definition. `reducible` false and `counts` true refuse binned levels, `requiresInterval` true refuses all. A keyword
 * that uses a deprecated form is told to `warn`.
 */
export function parseCacheLevels(
  entries: ReadonlyMap<string, string>,
  source: LevelFacts,
  warn?: (reason: string) => void,
): CacheLevels {
  const levels = new Map<number, CacheLevel>();
  const errors: CacheLevelError[] = [];
  for (const [key, value] of entries) {
    if (!key.startsWith('cacheLevel')) continue;
    const first = levelNumber(key);
    if (first === undefined) {
      // Keys such as cacheLevels are not ours; a second underscore is a slip that must not go unseen.
      if (key.startsWith('cacheLevel_')) errors.push({ key, reason: 'the key must be cacheLevel_NN' });
      continue;
    }
    for (const [i, parts] of splitLevels(value, key, warn).entries()) {
      const number = first + i;
      const level = parseLevel(parts, { key, number, ...source });
      if (typeof level === 'string') errors.push({ key, reason: level });
      else if (levels.has(number)) errors.push({ key, reason: `level ${number} is defined twice` });
      else levels.set(number, level);
    }
  }
  const sorted: CacheLevel[] = [];
  for (const level of levels.values()) sorted.push(level);
  sorted.sort((a, b) => a.number - b.number);
  return { levels: withoutCollisions(sorted, errors), errors };
}

/** The number that a key gives to its level; undefined if it is no key of levels. */
function levelNumber(key: string): number | undefined {
  if (key === 'cacheLevel') return 0;
  const digits = key.slice('cacheLevel_'.length);
  if (key[10] !== '_' || digits === '' || digits.length > 6) return undefined;
  for (let i = 0; i < digits.length; i++) if (!'0123456789'.includes(digits[i] as string)) return undefined;
  return Number(digits);
}

/** Rule N1: the folder name of a parameter text. Never empty. */
export function normalizeParams(params: string | undefined): string {
  const words = splitWords(params ?? '');
  if (words.length === 0) return NO_PARAMS;
  return words
    .map((word) => word.replaceAll('-', '_'))
    .sort(compareWords)
    .join('_');
}

/** The folder name of a parameter text if blocks may be kept under it; undefined where the request is served live. */
export function cacheableParams(params: string | undefined): string | undefined {
  return params === undefined || params === '' ? NO_PARAMS : folderName(params);
}

function folderName(params: string): string | undefined {
  const name = normalizeParams(params);
  if (name === NO_PARAMS) return splitWords(params).length === 0 ? name : undefined;
  if (Buffer.byteLength(name) > 200 || name.startsWith('.')) return undefined;
  return /[/\\'"`\u0000-\u001f\u007f-\u009f]/.test(name) ? undefined : name;
}

/** Words between blanks; quotes mean nothing here. */
export function splitWords(params: string): string[] {
  if (params === '') return [];
  return params.split(/\s+/).filter((word) => word !== '');
}

/** The fields of each level in a value. */
function splitLevels(value: string, key: string, warn: ((reason: string) => void) | undefined): string[][] {
  const bars = value.split('|');
  if (!bars.every((part) => part.includes(';'))) return [bars.map((part) => part.trim())];
  warn?.(`${key}: levels written with ';' are deprecated; write 'RESOLUTION | PERIOD | PARAMS', one level a keyword`);
  return bars.map((part) => part.split(';').map((field) => field.trim()));
}

/** The level, or the reason why it is none. */
function parseLevel(
  parts: readonly string[],
  facts: LevelFacts & { readonly key: string; readonly number: number },
): CacheLevel | string {
  if (facts.requiresInterval) return 'a source with requiresInterval cannot be cached';
  const [resolution = '', periodText = '', params = ''] = parts;
  if (parts.length < 2 || parts.length > 3) return "must be 'RESOLUTION | PERIOD [| PARAMS]'";
  const period = CACHE_PERIODS.find((name) => name === periodText);
  if (period === undefined) return `'${periodText}' is not a period (${CACHE_PERIODS.join(', ')})`;
  const microseconds = resolution === 'intrinsic' ? 0 : parseMicroseconds(resolution);
  if (microseconds === undefined) {
    return `'${resolution}' is neither 'intrinsic' nor a number and a unit of time in whole microseconds`;
  }
  if (microseconds > 0 && !facts.reducible) return 'a source that is not reducible can have intrinsic levels only';
  if (microseconds > 0 && facts.counts) return 'a source whose reducer counts can have intrinsic levels only';
  const normalizedParams = cacheableParams(params);
  if (normalizedParams === undefined) return `the parameters '${params}' cannot be part of a path`;
  return {
    number: facts.number,
    key: facts.key,
    microseconds,
    seconds: microseconds / 1e6,
    directory: binDirectory(microseconds),
    period,
    params,
    words: splitWords(params),
    normalizedParams,
  };
}

/** Whole microseconds of `NUMBER UNIT`; exact in decimals, since 0.1 ms must not fail by a rounding. */
function parseMicroseconds(text: string): number | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,12}))?\s*([A-Za-z\u00b5\u03bc]+)$/.exec(text);
  const unit = match?.[3] ?? '';
  if (match === null || !Object.hasOwn(MICROSECONDS, unit)) return undefined;
  const factor = MICROSECONDS[unit] ?? 0;
  const whole = Number(match[1]) * factor;
  if (match[2] === undefined && factor >= 1 && whole > 0 && Number.isSafeInteger(whole)) return whole;
  return exactMicroseconds(match[1] ?? '', match[2] ?? '', Math.round(factor * 1000));
}

function exactMicroseconds(digits: string, fraction: string, nanoseconds: number): number | undefined {
  const decimals = fraction.replace(/0+$/, '');
  const scaled = BigInt(digits + decimals) * BigInt(nanoseconds);
  const divisor = 1000n * 10n ** BigInt(decimals.length);
  const microseconds = scaled / divisor;
  if (scaled % divisor !== 0n || microseconds <= 0n || microseconds > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return Number(microseconds);
}

function binDirectory(microseconds: number): string {
  if (microseconds === 0) return 'intrinsic';
  if (microseconds % 1e6 === 0) return `bin-${microseconds / 1e6}s`;
  return microseconds % 1e3 === 0 ? `bin-${microseconds / 1e3}ms` : `bin-${microseconds}us`;
}

/** Of levels whose different parameters share a folder name only the one with the lowest number stays. */
function withoutCollisions(levels: readonly CacheLevel[], errors: CacheLevelError[]): CacheLevel[] {
  const paramsOfName = new Map<string, string>();
  return levels.filter((level) => {
    const words = level.words.join(' ');
    const earlier = paramsOfName.get(level.normalizedParams) ?? words;
    paramsOfName.set(level.normalizedParams, earlier);
    if (earlier === words) return true;
    errors.push({ key: level.key, reason: `its parameters share a folder name with those of a lower level` });
    return false;
  });
}

function compareWords(a: string, b: string): number {
  // Bytes of UTF-8 sort as code points do.
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
