/**
 * das2_cache_rdr: serves a time range from the files of a cache, as a program for scripts (stream-format 13.8). The server
 * itself does this in its own process, on the same functions of lib/cache.
 */
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PartCutter } from '../lib/cache/answer/cut-part.js';
import { BlockMerger } from '../lib/cache/answer/merge-blocks.js';
import { blockPath, blocksOf } from '../lib/cache/block/block.js';
import { coarsestLevel, levelsOfFolder } from '../lib/cache/level/choose.js';
import { isOnGrid } from '../lib/cache/level/grid.js';
import { Das2Error, isDas2Error } from '../lib/error.js';
import { parseCommandLine, positiveNumber } from '../lib/filter/arguments.js';
import { type CacheLevel, normalizeParams, parseCacheLevels } from '../lib/source/cache-level.js';
import { parseDsdf } from '../lib/source/definition/dsdf.js';
import { addNanoseconds, compareTimes, parseTime, type TimePoint } from '../lib/stream/time.js';
import { COMMIT, VERSION } from '../lib/version.js';
import { printAll, readSome, say, standardOutput } from './standard-streams.js';

const NAME = 'das2_cache_rdr';
const USAGE_STATUS = 13;
const REFUSED = 92;
const CHUNK_BYTES = 256 * 1024;

const HELP = `Usage: ${NAME} [-p SECONDS] DSDF CACHE_DIR PARAMSET BEGIN END RESOLUTION

Writes the part from BEGIN to END of a data source's cache to standard output, as one das2 stream.

  DSDF           file with the cacheLevel keywords of the source
  CACHE_DIR      folder of the source in the cache: CACHE_ROOT/data/SOURCE
  PARAMSET       folder of the reader parameters below it; _noparam for none
  BEGIN, END     time range, END not included
  RESOLUTION     seconds: the coarsest level is read that is not coarser than this. 0 or 'intrinsic'
                 means full resolution
  -p, --pad SECONDS  widen the range on both sides, for data that are sparse
  -h, --help     print this text
  -v, --version  print version and commit

The names of the files that were read go to standard error. Missing files are skipped.

Status: 0 done; ${USAGE_STATUS} wrong usage; ${REFUSED} no such level, or END is not later than BEGIN; others tell
what is wrong with the files (docs/filters.md).

Example: January in hours, from the cache of the examples

  ${NAME} datasets/Examples/OrbitField.dsdf cache/data/Examples/OrbitField _noparam \\
    2026-01-01 2026-02-01 3600
`;

interface Task {
  readonly level: CacheLevel;
  readonly folder: string;
  readonly begin: TimePoint;
  readonly end: TimePoint;
  readonly rangeText: string;
}

/** Runs the program; returns its exit status. */
export function main(args: readonly string[]): number {
  for (const word of args) {
    if (word === '--') break;
    if (word === '--help' || word === '-h') return printAll(HELP);
    if (word === '--version' || word === '-v') return printAll(`${NAME} ${VERSION} (${COMMIT})\n`);
  }
  try {
    serve(taskOf(args));
    return 0;
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    if (error.code === 'outputClosed') return 0;
    const hint =
      error.code === 'usage' && error.exitStatus === USAGE_STATUS
        ? `\n${HELP.split('\n', 1)[0]}\nTry '${NAME} --help'.`
        : '';
    say(`${NAME}: ${error.message}${hint}`);
    return error.exitStatus;
  }
}

function taskOf(args: readonly string[]): Task {
  let line: ReturnType<typeof parseCommandLine>;
  let pad = 0;
  try {
    line = parseCommandLine(optionsFirst(args), {
      options: { pad: { takes: 'value', short: 'p' } },
      words: ['DSDF', 'CACHE_DIR', 'PARAMSET', 'BEGIN', 'END', 'RESOLUTION'],
    });
    const padding = line.value('pad');
    pad = padding === undefined || /^\+?0+(?:\.0*)?$/.test(padding) ? 0 : positiveNumber(padding, 'option --pad');
  } catch (error) {
    throw new Das2Error('usage', (error as Error).message, { exitStatus: USAGE_STATUS });
  }
  const [dsdf, cache, paramset, beginText, endText, resolutionText] = line.words as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const beginWords = beginText.replace(/Z$/, '');
  const endWords = endText.replace(/Z$/, '');
  const begin = timeOf(beginWords, 'BEGIN');
  const end = timeOf(endWords, 'END');
  if (compareTimes(begin, end) >= 0) throw refused('END must be later than BEGIN');
  const level = levelOf(dsdf, paramset, resolutionOf(resolutionText));
  // A folder with a slip in its name must not look like a cache without data.
  if (statSync(cache, { throwIfNoEntry: false })?.isDirectory() !== true) throw refused(`${cache} is not a folder`);
  return {
    level,
    folder: join(cache, paramset, level.directory),
    begin: addNanoseconds(begin, -Math.round(pad * 1e9)),
    end: addNanoseconds(end, Math.round(pad * 1e9)),
    rangeText: `${beginWords} to ${endWords}`,
  };
}

/**
 * The arguments with all options in front and `--` behind them. Words may begin with a hyphen: a resolution below zero, which is a wrong number
 * and no unknown option, and the third word, which older scripts write like the reader's own options (`-r_no-spikes`).
 */
function optionsFirst(args: readonly string[]): string[] {
  const options: string[] = [];
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] as string;
    if (argument === '--') {
      words.push(...args.slice(i + 1));
      break;
    }
    if (argument === '-p' || argument === '--pad') {
      // Nothing stands behind it, so nothing may be put there.
      if (i === args.length - 1) return [argument];
      options.push(...args.slice(i, i + 2));
      i++;
    } else if (/^-p[\d.+]|^--pad=/.test(argument)) options.push(argument);
    else if (/^-./.test(argument) && !/^-[\d.]/.test(argument) && words.length !== 2) options.push(argument);
    else words.push(argument);
  }
  return [...options, '--', ...words];
}

function levelOf(dsdf: string, paramset: string, resolution: number): CacheLevel {
  let text: string;
  try {
    text = readFileSync(dsdf, 'utf8');
  } catch (error) {
    throw refused(`cannot read ${dsdf}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
  const { entries } = parseDsdf(text, { name: dsdf });
  // Whoever asks for a level of this source knows that it may have one; what it is reduced by does not matter here.
  const { levels, errors } = parseCacheLevels(entries, { reducible: true, requiresInterval: false, counts: false });
  for (const { key, reason } of errors) say(`${dsdf}: ${key}: ${reason}`);
  const known = levelsOfFolder(levels, paramset);
  if (known.length === 0) {
    const sets = [...new Set(levels.map(({ params }) => normalizeParams(params)))].join(', ');
    throw refused(`${dsdf} has no cacheLevel for the parameters ${paramset}; it has ${sets || 'none at all'}`);
  }
  const level = coarsestLevel(known, resolution);
  if (level !== undefined) return level;
  const finest = Math.min(...known.map(({ seconds }) => seconds));
  throw refused(`${dsdf} has no cacheLevel of ${resolution} seconds or less; its finest has ${finest}`);
}

function resolutionOf(text: string): number {
  if (text === 'intrinsic') return 0;
  const value = /^\+?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value))
    throw refused(`RESOLUTION must be a number of seconds, 0 or more, not '${text.slice(0, 80)}'`);
  return value;
}

function timeOf(text: string, name: string): TimePoint {
  try {
    return parseTime(text);
  } catch (error) {
    throw refused(`${name}: '${text.slice(0, 80)}' is no time`, error);
  }
}

function refused(message: string, cause?: unknown): Das2Error {
  return new Das2Error('usage', message, { exitStatus: REFUSED, ...(cause === undefined ? {} : { cause }) });
}

function serve({ level, folder, begin, end, rangeText }: Task): void {
  const merger = new BlockMerger({ program: NAME, level, begin, end, rangeText }, standardOutput, PartCutter);
  // The last bin of a block may have its centre behind the block.
  const from = isOnGrid(level) ? begin : addNanoseconds(begin, -level.microseconds * 500);
  for (const block of blocksOf({ begin: from, end }, level.period)) {
    const file = join(folder, blockPath(block, level.period, level.directory));
    const descriptor = open(file);
    if (descriptor === undefined) continue;
    say(file);
    try {
      merger.file(chunksOf(descriptor));
    } catch (error) {
      merger.fault(error);
      throw error;
    } finally {
      closeSync(descriptor);
    }
  }
  merger.end();
}

/** The file if it is there; one that cannot be opened is told and skipped. */
function open(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') say(`${file}: cannot be opened (${code}), skipped`);
    return undefined;
  }
}

function* chunksOf(descriptor: number): Generator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const count = readSome(buffer, descriptor);
    if (count === 0) return;
    yield buffer.subarray(0, count);
  }
}
