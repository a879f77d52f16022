/**
 * Makes the records of a cache level for a request: what blocks there are, and live runs for the rest (server-internals 2.6, 2.12 rules 4, 5).
 */
import { assemble } from '../cache/answer/assemble.js';
import type { Piece } from '../cache/level/find-blocks.js';
import type { LevelPlace } from '../cache/level/place.js';
import type { Pipeline } from '../pipeline/run.js';
import type { Producer } from '../pipeline/running/producer-stage.js';
import type { PipelineResult, Stage } from '../pipeline/stage/stage.js';
import type { Request } from '../request/request.js';
import { readerTimeText, type TextRange, type TimeBound } from '../request/time-text.js';
import type { ServerContext } from '../server/context.js';
import type { CacheLevel } from '../source/cache-level.js';
import type { TimeRange } from '../source/time-range.js';
import { compareTimes, formatTime, type TimePoint, us2000FromTime } from '../stream/time.js';
import { type BinOrigin, binOrigin } from './bin-origin.js';
import { logResult } from './outcome.js';
import type { DataQuestion } from './question.js';
import { levelStages } from './stages.js';
import { startStages } from './start-stages.js';

const NO_STEPS = { resolution: undefined, interval: undefined };

/** A finer level that has all of a missing piece. */
export interface StandIn {
  readonly place: LevelPlace;
  readonly pieces: readonly Piece[];
}

/** What there is, and what is asked for. */
export interface LevelMaterial {
  readonly question: DataQuestion;
  readonly place: LevelPlace;
  readonly pieces: readonly Piece[];
  readonly finer: ReadonlyMap<Piece, StandIn>;
  readonly kept: TimeRange;
  readonly now: number;
  /** The request has its place among those that run readers. */
  readonly runsReader: boolean;
  /** Told of a block of the level, or of one that stands in for it, that lies there and cannot be used. */
  readonly damaged: (place: LevelPlace, piece: Piece) => void;
}

/** The first stage of an answer. Nothing runs before it is started. */
export function levelProducer(context: ServerContext, request: Request, material: LevelMaterial): Producer {
  const { question, place, pieces, finer, kept, now, damaged } = material;
  const { notes, log } = context;
  const { source, range, words } = question;
  const rangeText = `${range.begin.text} to ${range.end.text}`;
  const stagesOf = (piece: Piece, { seconds }: CacheLevel): Stage[] => {
    const part: TextRange = { begin: bound(piece.begin, range), end: bound(piece.end, range) };
    const origin = seconds > 0 ? originOf(piece, seconds) : undefined;
    const facts = { source, words, range: part, steps: NO_STEPS };
    return levelStages(facts, { seconds, origin });
  };
  const ended = (result: PipelineResult): void => {
    const first = result.stages[0];
    if (first?.role === 'reader') {
      if (first.status !== undefined) notes.readerExit = first.status;
      // A block was damaged, or has vanished: nobody shall count this as an answer that needed no reader.
      if (notes.cache === 'hit') notes.cache = 'partial';
    }
    logResult(log, result);
  };
  const run = async (stages: readonly Stage[], producer?: Producer): Promise<Pipeline> =>
    // A hit has no place in the row of those that run readers; a block that has vanished may need one.
    (
      await startStages(context, request, stages, {
        uncounted: material.runsReader || producer !== undefined,
        producer,
      })
    ).pipeline;
  return assemble({
    place,
    pieces,
    kept,
    now,
    rangeText,
    damaged: (piece) => damaged(place, piece),
    ended,
    start: async (piece) => {
      const stages = stagesOf(piece, place.level);
      const standIn = finer.get(piece);
      if (standIn === undefined) return run((await cutsBins(piece, place)) ? withinPart(stages, piece) : stages);
      const start = (part: Piece): Promise<Pipeline> => run(stagesOf(part, standIn.place.level));
      const damagedFiner = (part: Piece): void => damaged(standIn.place, part);
      const parts = { ...standIn, kept: piece, now, rangeText, plain: true, damaged: damagedFiner, ended, start };
      const inner = assemble(parts);
      return run(
        stages.filter(({ role }) => role === 'reducer'),
        inner,
      );
    },
  });
}

/**
 * True for a part that ends within a bin, or begins there, if a record outside of it must not count in that bin: no block has it, or the client must
 * not see it. Blocks of reducers that are programs of the site's own count what their reader says.
 */
async function cutsBins({ isCut, origin }: Piece, place: LevelPlace): Promise<boolean> {
  if (isCut || origin === undefined) return isCut === true;
  const { sharingRules } = await import('../cache/builder/sharing.js');
  return (await sharingRules(place.source)).of(place) !== 'none';
}

/** The stages of a live run with nothing for the reducer but what lies in the part. */
function withinPart(stages: readonly Stage[], part: TimeRange): Stage[] {
  const cut: Stage = {
    role: 'selection',
    command: 'part',
    args: [part.begin, part.end].map((time) => formatTime(time, { decimals: 'shortest' })),
    filter: async () => (await import('../cache/answer/part-filter.js')).partProgram(part),
  };
  return stages.flatMap((stage) => (stage.role === 'reducer' ? [cut, stage] : [stage]));
}

/** Where the bins of a live run begin. */
function originOf({ begin, origin }: Piece, seconds: number): BinOrigin {
  if (origin === undefined) return binOrigin(begin, seconds);
  return { us2000: us2000FromTime(origin), text: formatTime(origin, { decimals: 'shortest' }) };
}

/** A time as the reader gets it: the client's own text where it is the client's time. */
function bound(time: TimePoint, { begin, end }: TextRange): TimeBound {
  if (compareTimes(time, begin.time) === 0) return begin;
  return compareTimes(time, end.time) === 0 ? end : { time, text: readerTimeText(time) };
}
