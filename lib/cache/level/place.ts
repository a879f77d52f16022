/**
 * Where the blocks of a level of a source lie, and by which rules they count: everything that builders and readers of the cache must
 * see alike (server-internals 2.3, 2.9, 2.10).
 */
import { join } from 'node:path';
import type { Configuration } from '../../conf/configuration.js';
import { parseSeconds } from '../../conf/quantity.js';
import { shortHash } from '../../short-hash.js';
import type { CacheLevel } from '../../source/cache-level.js';
import { type Source, validRangeOf } from '../../source/source.js';
import { readTime, type TimeRange } from '../../source/time-range.js';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import { blockPath, nextBlockBegin } from '../block/block.js';
import type { BlockRules } from '../block/record.js';

export interface LevelPlace {
  readonly source: Source;
  readonly level: CacheLevel;
  /** `CACHE_ROOT`. */
  readonly root: string;
  /** Folder of the level as parts below the root. */
  readonly parts: readonly string[];
  /** The same as an absolute path. */
  readonly folder: string;
  readonly suffix: 'd2s' | 'qds';
  readonly rules: BlockRules;
  readonly validRange: TimeRange | undefined;
}

const DAY_2000_MS = Date.UTC(2000, 0, 1);

/** Milliseconds since 1970 of a time, without leap seconds. */
export function unixTime(time: TimePoint): number {
  return DAY_2000_MS + time.day * 86_400_000 + time.nanosecond / 1e6;
}

/** The place of a level; undefined where the site has no cache. `now` in milliseconds since 1970. */
export function levelPlace(
  configuration: Configuration,
  source: Source,
  level: CacheLevel,
  now = Date.now(),
): LevelPlace | undefined {
  const root = configuration.path('CACHE_ROOT');
  if (root === undefined) return undefined;
  const parts = ['data', ...source.id.split('/'), level.normalizedParams, level.directory];
  const before = source.entries.get('cacheInvalidBefore');
  const invalidBefore = before === undefined ? undefined : readTime(before.trim());
  return {
    source,
    level,
    root,
    parts,
    folder: join(root, ...parts),
    suffix: source.kind === 'qstream' ? 'qds' : 'd2s',
    rules: {
      dataset: source.id,
      hash: definitionHash(source, level),
      holdoffSeconds: holdoffOf(configuration, source),
      trustForeign: configuration.flag('CACHE_TRUST_FOREIGN'),
      invalidBefore: invalidBefore === undefined ? undefined : unixTime(invalidBefore),
    },
    validRange: validRangeOf(source, now),
  };
}

/** True if data may still come in for the block that begins here (2.10). */
export function isYoung({ level, rules }: LevelPlace, begin: TimePoint, now: number): boolean {
  return unixTime(nextBlockBegin(begin, level.period)) > now - rules.holdoffSeconds * 1000;
}

/** True if nothing more is expected for the block that begins here: old enough, and inside the valid range (2.10). */
export function isSettled(place: LevelPlace, begin: TimePoint, now: number): boolean {
  if (isYoung(place, begin, now)) return false;
  const end = nextBlockBegin(begin, place.level.period);
  const { validRange } = place;
  return (
    validRange === undefined || (compareTimes(begin, validRange.begin) >= 0 && compareTimes(end, validRange.end) <= 0)
  );
}

/** Path of a block's file below the folder of the level. */
export function blockFile(place: LevelPlace, begin: TimePoint): string {
  return blockPath(begin, place.level.period, place.level.directory, place.suffix);
}

/** Everything in a definition that the records of a block depend on. An intrinsic level has no reducer. */
function definitionHash(source: Source, level: CacheLevel): string {
  const reducer = level.microseconds > 0 && source.reducer.kind === 'command' ? source.reducer.command.text : '';
  const facts = [
    source.kind,
    source.entries.get('reader') ?? '',
    source.reader?.text ?? '',
    reducer,
    level.microseconds,
    level.period,
    level.params,
    // The site says by it that the data have changed.
    ...(source.entries.has('version') ? [source.entries.get('version')] : []),
  ];
  return shortHash(JSON.stringify(facts));
}

/** Seconds after which nothing more is expected to come in for a time of this source (2.10). */
export function holdoffOf(configuration: Configuration, source: Source): number {
  const own = source.entries.get('cacheHoldoff');
  return (own === undefined ? undefined : parseSeconds(own)) ?? configuration.seconds('CACHE_HOLDOFF') ?? 0;
}
