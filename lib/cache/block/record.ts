/**
 * What is known of a block besides its bytes: the side file `.<block file>.json`, and from it whether the block may be used
 * (server-internals 2.9, 2.10).
 *
 * Pure: files are read and written elsewhere. A block without a side file was made by an older server program.
 */
import type { CacheLevel, CachePeriod } from '../../source/cache-level.js';
import type { PlainData } from './check.js';

/** Version of the form below; a side file of another form says nothing. */
export const RECORD_FORMAT = 2;
const NINETY_DAYS_MS = 90 * 86_400_000;
const HOUR_MS = 3_600_000;
const SHORT_RECHECK_MS: Readonly<Partial<Record<CachePeriod, number>>> = {
  persecond: 1000,
  perminute: 60_000,
  hourly: HOUR_MS,
};

/** The content of a side file. Times are ISO text in UTC. */
export interface BlockRecord {
  readonly format: number;
  readonly dataset: string;
  /** Changes with everything that the records of the block depend on. */
  readonly hash: string;
  /** Parameters of the reader as given in the level. */
  readonly params: string;
  readonly begin: string;
  readonly end: string;
  readonly builtAt: string;
  /** Size of the block file. */
  readonly bytes: number;
  /** Of the block file (checksum.ts). */
  readonly checksum: string;
  readonly records: number;
  /** Where the records are, if they are all that follows the headers; else null. */
  readonly plain: PlainData | null;
  /** The reader has no data for this time. */
  readonly empty: boolean;
  /** Nothing more is expected for this time. */
  readonly final: boolean;
  /** When a block that is not final is to be made anew; null for a final one. */
  readonly recheckAfter: string | null;
  readonly serverVersion: string;
}

/** The rules of a source and site that decide about blocks. */
export interface BlockRules {
  /** Id of the source. */
  readonly dataset: string;
  /** The hash that a block of the present definition has. */
  readonly hash: string;
  /** Seconds after which nothing more is expected to come in for a time. */
  readonly holdoffSeconds: number;
  /** Blocks without a side file count. */
  readonly trustForeign: boolean;
  /** `cacheInvalidBefore`, in milliseconds since 1970; undefined if there is none. */
  readonly invalidBefore: number | undefined;
}

/** What is known of the bytes of a block. */
export type BlockContent = Pick<BlockRecord, 'checksum' | 'records' | 'plain'>;

/** What to think of a block. `stale` means missing, though it may be served while it is made anew. */
export interface BlockState {
  readonly kind: 'valid' | 'stale' | 'missing';
  readonly empty: boolean;
  /** Nothing more is expected for this time, as far as whoever built the block knew. */
  readonly final: boolean;
  /** What is known of the bytes; undefined for blocks of older servers. */
  readonly content?: BlockContent;
  /** Why it is not valid. */
  readonly reason?: string;
}

const VALID: BlockState = { kind: 'valid', empty: false, final: true };

/** The side file as text read from disk; undefined if it is damaged or of another form. */
export function parseRecord(text: string): BlockRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const record = value as Record<string, unknown>;
    const right =
      record.format === RECORD_FORMAT &&
      typeof record.hash === 'string' &&
      typeof record.bytes === 'number' &&
      typeof record.checksum === 'string' &&
      typeof record.records === 'number' &&
      (record.plain === null || isPlain(record.plain)) &&
      typeof record.empty === 'boolean' &&
      typeof record.final === 'boolean' &&
      Number.isFinite(Date.parse(String(record.builtAt))) &&
      (record.recheckAfter === null || Number.isFinite(Date.parse(String(record.recheckAfter))));
    return right ? (value as BlockRecord) : undefined;
  } catch {
    return undefined;
  }
}

function isPlain(value: unknown): boolean {
  const { at, first, last } = (value ?? {}) as Record<string, unknown>;
  return [at, first, last].every((one) => typeof one === 'number');
}

/**
 * The state of a block file of `size` bytes, last changed at `changedAt`. `sideText` is what its side file says, undefined if there is
 * none. Times in milliseconds since 1970. `begin` is where the block must begin, as ISO text, where that is known.
 */
export function blockState(
  file: { readonly size: number; readonly changedAt: number; readonly sideText: string | undefined },
  rules: BlockRules,
  now: number,
  begin?: string,
): BlockState {
  if (file.size === 0) return missing('the file is empty');
  if (file.sideText === undefined) {
    if (!rules.trustForeign) return missing('it has no side file');
    return isOutdated(file.changedAt, rules) ? missing('it was built before cacheInvalidBefore') : VALID;
  }
  const record = parseRecord(file.sideText);
  if (record === undefined) return missing('its side file cannot be read');
  if (record.bytes !== file.size) return missing('its size is not that of its side file');
  if (record.hash !== rules.hash) return missing('the definition has changed');
  if (record.dataset !== rules.dataset || (begin !== undefined && record.begin !== begin)) {
    return missing('its side file is that of another block');
  }
  const builtAt = Date.parse(record.builtAt);
  if (isOutdated(builtAt, rules)) return missing('it was built before cacheInvalidBefore');
  if (!record.final && record.recheckAfter !== null && Date.parse(record.recheckAfter) <= now) {
    const reason = 'it is due to be made anew';
    const young = now - builtAt < 10 * rules.holdoffSeconds * 1000;
    return young ? { kind: 'stale', empty: record.empty, final: false, content: record, reason } : missing(reason);
  }
  return { kind: 'valid', empty: record.empty, final: record.final, content: record };
}

function missing(reason: string): BlockState {
  return { kind: 'missing', empty: false, final: false, reason };
}

function isOutdated(builtAt: number, { invalidBefore }: BlockRules): boolean {
  return invalidBefore !== undefined && builtAt < invalidBefore;
}

/**
 * The marks of a block built now. `settled` says that its end is old enough and inside the valid range; `end` is its end in milliseconds
 * since 1970. Empty blocks are looked at again until they are 90 days old: data come late more often than never.
 */
export function finality(
  block: { readonly settled: boolean; readonly empty: boolean; readonly end: number },
  level: Pick<CacheLevel, 'period'>,
  now: number,
): Pick<BlockRecord, 'final' | 'recheckAfter'> {
  if (block.settled && !(block.empty && now - block.end < NINETY_DAYS_MS)) return { final: true, recheckAfter: null };
  const wait = SHORT_RECHECK_MS[level.period] ?? HOUR_MS;
  return { final: false, recheckAfter: new Date(now + wait).toISOString() };
}
