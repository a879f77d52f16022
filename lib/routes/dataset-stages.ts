/**
 * Which stages a data request runs, with their arguments (server-protocol 4.6.1, 4.6.2).
 *
 *   READER [INTERVAL] BEGIN END [WORD …]  |  REDUCER [-b ORIGIN] RESOLUTION  |  CONVERTER
 *
 * Only arguments come from the request. RESOLUTION and INTERVAL go on as the client wrote them.
 */
import type { Configuration } from '../conf/configuration.js';
import type { Stage } from '../pipeline/stage.js';
import type { RequestSteps } from '../request/data-parameters.js';
import type { TimeRange } from '../request/time-text.js';
import { cacheLevelsOf, readerOf, type Source } from '../source/source.js';
import { binOrigin, knowsOrigin } from './dataset-grid.js';

export interface StageFacts {
  readonly source: Source;
  readonly configuration: Configuration;
  /** As it is served: after trimming. */
  readonly range: TimeRange;
  readonly steps: RequestSteps;
  /** Words of `params`. */
  readonly words: readonly string[];
  readonly ascii: boolean;
}

/** The stages in order; the first one is the reader. */
export function dataStages(facts: StageFacts): Stage[] {
  const stages = [readerStage(facts)];
  const reducer = reducerStage(facts);
  if (reducer !== undefined) stages.push(reducer);
  const converter = textConverter(facts);
  if (converter !== undefined) stages.push({ role: 'converter', command: converter, args: [] });
  return stages;
}

/** The command that turns the stream into text; undefined if none is asked for, or there is none (Q streams). */
export function textConverter(facts: Pick<StageFacts, 'source' | 'configuration' | 'ascii'>): string | undefined {
  if (!facts.ascii) return undefined;
  return facts.source.kind === 'qstream'
    ? facts.configuration.text('QDS_TO_UTF8')
    : facts.configuration.text('D2S_TO_UTF8');
}

function readerStage({ source, range, steps, words }: StageFacts): Stage {
  const { text, environment } = readerOf(source);
  return {
    role: 'reader',
    command: text,
    args: [
      ...source.readerArguments,
      ...(source.requiresInterval && steps.interval !== undefined ? [steps.interval.text] : []),
      range.begin.text,
      range.end.text,
      ...(source.dropParams ? [] : words),
    ],
    environment,
  };
}

function reducerStage(facts: StageFacts): Stage | undefined {
  const { source, steps, range } = facts;
  if (steps.resolution === undefined || source.reducer.kind !== 'command') return undefined;
  const { text: command, environment } = source.reducer.command;
  const { value, text: resolution } = steps.resolution;
  const plain: Stage = { role: 'reducer', command, args: [resolution], environment };
  if (!knowsOrigin(command) && !hasBinnedLevel(source)) return plain;
  const origin = binOrigin(range.begin.time, value);
  return {
    ...plain,
    args: origin.text === undefined ? [resolution] : ['-b', origin.text, resolution],
    inProcessArgs: ['-b', `us2000:${origin.us2000}`, resolution],
  };
}

/** A foreign reducer that fills a binned cache level is called with `-b` there, so it knows it (rule 2). */
function hasBinnedLevel(source: Source): boolean {
  for (const key of source.entries.keys()) {
    if (key.startsWith('cacheLevel')) return cacheLevelsOf(source).levels.some((level) => level.seconds > 0);
  }
  return false;
}
