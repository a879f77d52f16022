/**
 * Which cache level may serve a data request, or why none does (server-internals 2.2, 2.5): the coarsest one that is fine enough for the
 * resolution and has the same parameters. Not cached though one matches: commands that hold text of the request, Q streams without a cache
 * reader of their own.
 *
 * Contract: a source with levels that gets none says in the log why, and what is wrong with its definition, but not with every request.
 */
import { coarsestLevel } from '../cache/level/choose.js';
import { isOnGrid } from '../cache/level/grid.js';
import { type LevelPlace, levelPlace } from '../cache/level/place.js';
import type { Configuration } from '../conf/configuration.js';
import type { Stage } from '../pipeline/stage/stage.js';
import type { ServerContext } from '../server/context.js';
import { type CacheLevel, cacheableParams, splitWords } from '../source/cache-level.js';
import { cacheLevelsOf, readerOf, type Source } from '../source/source.js';
import type { DataQuestion } from './question.js';

export interface LevelChoice {
  readonly place: LevelPlace;
  /** All levels for these parameters. */
  readonly levels: readonly CacheLevel[];
  /** A cache reader that is not ours. */
  readonly foreign: Stage | undefined;
}

/** The level for a question; undefined if none serves it. `now` in milliseconds since 1970. */
export async function chooseLevel(
  context: ServerContext,
  question: DataQuestion,
  now: number,
): Promise<LevelChoice | undefined> {
  const { configuration, log } = context;
  const { source } = question;
  const levels = await matchingLevels(context, question);
  const wanted = question.steps.resolution?.value ?? 0;
  const level = coarsestLevel(levels, wanted);
  if (level === undefined || (question.exactLevel && level.seconds !== wanted)) return undefined;
  const place = levelPlace(configuration, source, level, now);
  if (place === undefined) return undefined;
  const foreign = foreignReader(source, configuration);
  const reason = whyLive(question, foreign !== undefined);
  if (reason !== undefined) {
    log.line(`Cache: not used: ${reason}`);
    return undefined;
  }
  if (!isOnGrid(level)) await reportOffGrid(context, level, source);
  return { place, levels, foreign };
}

/** The levels for these parameters (2.2). */
async function matchingLevels(context: ServerContext, { source, parameters }: DataQuestion): Promise<CacheLevel[]> {
  const faults: string[] = [];
  const { levels, errors } = cacheLevelsOf(source, (line) => faults.push(line));
  for (const { key, reason } of errors) faults.push(`${source.id}: ${key}: ${reason}`);
  if (faults.length > 0) await reportFaults(context, source, faults);
  if (cacheableParams(parameters.params) === undefined) return [];
  const order = (words: readonly string[]): string => (source.paramOrderAny ? [...words].sort() : words).join(' ');
  const wanted = order(splitWords(parameters.params));
  return levels.filter(({ words }) => order(words) === wanted);
}

/** Why no block can serve this source. */
function whyLive({ source, openUntil }: DataQuestion, hasForeignReader: boolean): string | undefined {
  if (openUntil !== 'all' && hasForeignReader) return 'its cache reader knows of no access by age';
  if (source.kind === 'qstream' && !hasForeignReader) return 'a Q stream needs a cache reader of its own';
  const commands = [readerOf(source), ...(source.reducer.kind === 'command' ? [source.reducer.command] : [])];
  if (commands.some(({ environment }) => Object.keys(environment).length > 0))
    return 'its commands hold text of the request';
  return undefined;
}

/** A cache reader that is not ours: that of the definition, or of the configuration if it names another program. */
function foreignReader(source: Source, configuration: Configuration): Stage | undefined {
  const { cacheReader } = source;
  const isOwn = source.entries.has('cacheReader') || source.kind === 'qstream' || configuration.has('D2S_CACHE_RDR');
  if (cacheReader === undefined || !isOwn || cacheReader.text.trim() === 'das2_cache_rdr') return undefined;
  return { role: 'cacheReader', command: cacheReader.text, args: [], environment: cacheReader.environment };
}

/** Says once for each change of a definition what is wrong with its levels (2.1). */
async function reportFaults(
  { configuration, log }: ServerContext,
  { id, changedAt = 0 }: Source,
  faults: readonly string[],
): Promise<void> {
  const state = configuration.path('STATE_ROOT');
  const { isFirstSince } = await import('../log/rare-lines.js');
  if (state !== undefined && !isFirstSince(changedAt, state, `cache levels of ${id}`)) return;
  for (const fault of faults) log.line(`Cache: ${fault}`);
}

/** Says once a day that the bins of a level begin anew with every block. */
async function reportOffGrid(
  { configuration, log }: ServerContext,
  { directory, period }: CacheLevel,
  { id }: Source,
): Promise<void> {
  const state = configuration.path('STATE_ROOT');
  const { isFirstToday } = await import('../log/rare-lines.js');
  if (state !== undefined && !isFirstToday(state, `off-grid ${id} ${directory}`)) return;
  log.line(`Cache: ${id}: bins of ${directory} do not divide ${period} blocks: they begin anew with every block`);
}
