/**
 * Which stages a data request runs, with their arguments (server-protocol 4.6.1, 4.6.2).
 *
 *   READER [INTERVAL] BEGIN END [WORD …]  |  REDUCER [-b ORIGIN] RESOLUTION
 *
 * Only arguments come from the request. RESOLUTION and INTERVAL go on as the client wrote them.
 */
import type { Configuration } from '../conf/configuration.js';
import { readerStages } from '../pipeline/stage/reader-stages.js';
import type { Stage } from '../pipeline/stage/stage.js';
import type { RequestSteps } from '../request/data-parameters.js';
import type { TextRange } from '../request/time-text.js';
import type { Command } from '../source/definition/macros.js';
import { cacheLevelsOf, type Source } from '../source/source.js';
import { type BinOrigin, binOrigin, knowsOrigin } from './bin-origin.js';

export interface StageFacts {
  readonly source: Source;
  /** As it is served: after trimming. */
  readonly range: TextRange;
  readonly steps: RequestSteps;
  /** Words of `params`. */
  readonly words: readonly string[];
}

/** The stages in order, but for a converter; the first one is the reader. */
export function dataStages(facts: StageFacts): Stage[] {
  const stages = stagesOfReader(facts);
  const reducer = reducerStage(facts);
  if (reducer !== undefined) stages.push(reducer);
  return stages;
}

/** The command that turns the stream of a source into text; undefined if there is none (Q streams). */
export function textConverter({ kind }: Pick<Source, 'kind'>, configuration: Configuration): string | undefined {
  return configuration.text(kind === 'qstream' ? 'QDS_TO_UTF8' : 'D2S_TO_UTF8');
}

/**
 * Reader and reducer of a run at the resolution of a cache level, which begins at the begin of a bin (server-internals 2.12, rule 4).
 * `seconds` 0: full resolution, no reducer.
 */
export function levelStages(
  facts: StageFacts,
  { seconds, origin }: { readonly seconds: number; readonly origin: BinOrigin | undefined },
): Stage[] {
  const stages = stagesOfReader(facts);
  const { reducer } = facts.source;
  if (origin === undefined || reducer.kind !== 'command') return stages;
  return [...stages, withOrigin(reducer.command, origin, seconds.toFixed(6))];
}

/** The reducer that makes cached data coarser; undefined if `wanted` is false or there is none. */
export function reduceAgain(
  { source, steps, range }: Pick<StageFacts, 'source' | 'steps' | 'range'>,
  wanted: boolean,
): Stage | undefined {
  if (!wanted || steps.resolution === undefined || source.reducer.kind !== 'command') return undefined;
  const { value, text } = steps.resolution;
  return withOrigin(source.reducer.command, binOrigin(range.begin.time, value), text);
}

function withOrigin(reducer: Command, origin: BinOrigin, resolution: string): Stage {
  return {
    role: 'reducer',
    command: reducer.text,
    environment: reducer.environment,
    args: origin.text === undefined ? [resolution] : ['-b', origin.text, resolution],
    inProcessArgs: ['-b', `us2000:${origin.us2000}`, resolution],
  };
}

/** A definition with `dropParams` keeps the words of the request from its reader. */
function stagesOfReader({ source, range, steps, words }: StageFacts): Stage[] {
  return readerStages(source, {
    interval: source.requiresInterval ? steps.interval?.text : undefined,
    begin: range.begin.text,
    end: range.end.text,
    words: source.dropParams ? [] : words,
  });
}

function reducerStage(facts: StageFacts): Stage | undefined {
  const { source, steps, range } = facts;
  if (steps.resolution === undefined || source.reducer.kind !== 'command') return undefined;
  const { text: command, environment } = source.reducer.command;
  const { value, text: resolution } = steps.resolution;
  if (!knowsOrigin(command) && !hasBinnedLevel(source)) {
    return { role: 'reducer', command, args: [resolution], environment };
  }
  return withOrigin(source.reducer.command, binOrigin(range.begin.time, value), resolution);
}

/** A foreign reducer that fills a binned cache level is called with `-b` there, so it knows it (rule 2). */
function hasBinnedLevel(source: Source): boolean {
  for (const key of source.entries.keys()) {
    if (key.startsWith('cacheLevel')) return cacheLevelsOf(source).levels.some((level) => level.seconds > 0);
  }
  return false;
}
