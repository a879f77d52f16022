/**
 * The cache step of a data request (server-internals 2.5, 2.6, 2.8, 2.12): which level serves it, what of it is there, and how the
 * rest is made, so that the records are the same whatever the cache holds.
 *
 *   no level   as if there were no cache                                           undefined
 *   level      blocks and live runs at the level's resolution, one stream  [| REDUCER]  [| TO_TEXT]
 *   foreign    CACHE_READER DSDF DIR PARAMS BEGIN END RESOLUTION           [| REDUCER]  [| TO_TEXT]     all blocks there only
 *
 * Loaded only where there is a cache and the source has levels (data/run.ts); then all of it is needed for a hit, which loads nothing else.
 */

import { sentBlocks } from '../cache/answer/sent-blocks.js';
import { settledBlocks } from '../cache/answer/settled-blocks.js';
import { findBlocks, findParts, joinMissing, type Piece } from '../cache/level/find-blocks.js';
import { isOnGrid, levelParts, nestsIn } from '../cache/level/grid.js';
import { type LevelPlace, levelPlace } from '../cache/level/place.js';
import type { Configuration } from '../conf/configuration.js';
import type { Producer } from '../pipeline/running/producer-stage.js';
import type { Stage } from '../pipeline/stage/stage.js';
import type { Header } from '../reply/headers.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import type { CacheLevel } from '../source/cache-level.js';
import type { TimeRange } from '../source/time-range.js';
import { compareTimes, type TimePoint } from '../stream/time.js';
import { levelProducer, type StandIn } from './cache-level.js';
import { chooseLevel, type LevelChoice } from './choose-level.js';
import type { DataQuestion } from './question.js';
import { reduceAgain } from './stages.js';
import { type AnswerFacts, validatorHeaders } from './validators.js';

/** How a request is answered with the cache. */
export interface CachePlan {
  /** For the access log. */
  readonly note: 'hit' | 'partial' | 'miss';
  /** How the records are made, for the log of citations: `live`, `live:<level>`, `cache:<level>`, `cache:<level>+<finer level>` (citation 5.1). */
  readonly via: string;
  /** What goes first: made inside the process, or a foreign cache reader. */
  readonly producer: Producer | undefined;
  readonly cacheReader: Stage | undefined;
  readonly reducer: Stage | undefined;
  /** A reader has to run. */
  readonly runsReader: boolean;
  /** Everything is made as if there were no cache; only the missing blocks are asked for. */
  readonly isLive?: true;
  /** True once a block was there and could not be used. */
  isDamaged(): boolean;
  /** What tells this answer, made by these stages, from another of its address; none unless it is settled and comes from blocks alone. */
  validators(stages: readonly Stage[], factsOf: () => AnswerFacts): Header[];
  /** What its bytes came from, asked behind the last of them, as values for JSON; undefined, or not there, unless that was blocks alone. */
  material?(): readonly unknown[] | undefined;
  /** To be done after the last byte of an answer that went well. */
  afterwards(): Promise<void>;
}

/** Factor between request and level from which cached data are reduced once more. */
const MUCH_COARSER = 4;
const MOST_BLOCKS = 2000;

/** The plan for a question; undefined if it is to be answered as if there were no cache. */
export async function cachePlan(
  context: ServerContext,
  request: Request,
  question: DataQuestion,
): Promise<CachePlan | undefined> {
  const { configuration, log } = context;
  const choice = await chooseLevel(context, question, request.receivedAt);
  if (choice === undefined) return undefined;
  const { place, foreign } = choice;
  const { level } = place;
  const openUntil = question.openUntil === 'all' ? undefined : question.openUntil;
  const asked: TimeRange = { begin: question.range.begin.time, end: question.range.end.time };
  const most = configuration.integer('CACHE_MAX_BLOCKS') ?? MOST_BLOCKS;
  const needed = levelParts(level, asked, { valid: place.validRange, openUntil, most });
  if (needed === undefined) {
    log.line(`Cache: not used: the range has more than CACHE_MAX_BLOCKS blocks of level ${level.number}`);
    return undefined;
  }
  const now = Date.now();
  const found = findParts(place, needed.parts, now);
  if (found.refused !== undefined) {
    log.line(
      `Cache: blocks below CACHE_ROOT cannot be read (${found.refused}): das2_srv_check --user says what the account lacks`,
    );
  }
  const blocks = found.pieces.filter(({ isCut }) => !isCut).length;
  const look: CacheLook = { needed, found, blocks, most, now, missing: new MissingBlocks(place, found.wanted) };
  return foreign === undefined
    ? ownPlan(context, request, question, choice, look)
    : foreignPlan(context, request, question, { ...choice, foreign }, look);
}

/** What the cache has for a question, and which of it is looked at. */
interface CacheLook {
  readonly needed: NonNullable<ReturnType<typeof levelParts>>;
  readonly found: ReturnType<typeof findParts>;
  /** Whole blocks that the range touches. */
  readonly blocks: number;
  /** `CACHE_MAX_BLOCKS`. */
  readonly most: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly missing: MissingBlocks;
}

/** What the worker is to build: blocks of the level, and of finer ones that stand in for it. */
class MissingBlocks {
  /** True once a block was there and could not be used. */
  isDamaged = false;
  private readonly begins: Map<LevelPlace, TimePoint[]>;

  constructor(place: LevelPlace, wanted: readonly TimePoint[]) {
    this.begins = new Map([[place, [...wanted]]]);
  }

  addDamaged(place: LevelPlace, begin: TimePoint): void {
    this.isDamaged = true;
    this.begins.set(place, [...(this.begins.get(place) ?? []), begin]);
  }

  /** Asks for them, if there are any. */
  async queue(context: ServerContext, request: Request): Promise<void> {
    let isNone = true;
    for (const begins of this.begins.values()) isNone &&= begins.length === 0;
    if (isNone) return;
    const [{ wantedJobs }, { queueBlocks }] = await Promise.all([
      import('../cache/answer/wanted-jobs.js'),
      import('./cache-queue.js'),
    ]);
    const now = Date.now();
    const jobs = [...this.begins].flatMap(([place, begins]) => wantedJobs(place, begins.sort(compareTimes), now));
    await queueBlocks(context, request, jobs);
  }
}

/** What plans of both kinds have: nothing that runs yet. */
function emptyPlan(
  context: ServerContext,
  request: Request,
  { range }: DataQuestion,
  place: LevelPlace,
  { found, missing, now }: CacheLook,
) {
  return {
    producer: undefined,
    cacheReader: undefined,
    reducer: undefined,
    isDamaged: () => missing.isDamaged,
    validators(stages: readonly Stage[], factsOf: () => AnswerFacts): Header[] {
      const blocks = settledBlocks(place, found.pieces, now);
      return blocks === undefined ? [] : validatorHeaders({ blocks, range, stages }, factsOf(), now);
    },
    afterwards: () => missing.queue(context, request),
  };
}

/** A cache reader of the site's own reads whole levels: all blocks must be there. */
function foreignPlan(
  context: ServerContext,
  request: Request,
  question: DataQuestion,
  { place, foreign }: { readonly place: LevelPlace; readonly foreign: Stage },
  look: CacheLook,
): CachePlan {
  const { configuration, log } = context;
  const { level } = place;
  const { present } = look.found;
  const common = emptyPlan(context, request, question, place, look);
  if (present < look.blocks || look.blocks === 0) {
    log.line(`Cache: not used: ${look.blocks - present} blocks of level ${level.number} are missing`);
    return { ...common, note: 'miss', via: 'live', runsReader: true, isLive: true };
  }
  log.line(`Cache: level ${level.number}, all ${present} blocks, by a cache reader of its own`);
  return {
    ...common,
    note: 'hit',
    via: `cache:${level.directory}`,
    cacheReader: foreignStage(place, question, foreign),
    reducer: furtherReducer(configuration, question, level),
    runsReader: true,
  };
}

/** Blocks are read inside the process, and what is missing is made whole by finer levels or the reader. */
function ownPlan(
  context: ServerContext,
  request: Request,
  question: DataQuestion,
  { place, levels }: LevelChoice,
  look: CacheLook,
): CachePlan {
  const { configuration, log } = context;
  const { level } = place;
  const { found, blocks, needed, most, now, missing } = look;
  const { present } = found;
  const mostlyMissing = present * 2 < blocks || present === 0;
  const pieces = joinMissing(mostlyMissing && isOnGrid(level) ? found.pieces.map(withoutFile) : found.pieces);
  const finer = finerPieces(context, { place, pieces, levels, most, now });
  const runsReader = pieces.some((piece) => piece.file === undefined && !finer.has(piece));
  const note = !runsReader ? 'hit' : mostlyMissing ? 'miss' : 'partial';
  const standIns = finer.size > 0 ? `, ${finer.size} missing parts from a finer level` : '';
  log.line(`Cache: level ${level.number}: ${note}, ${present} of ${blocks} blocks are there${standIns}`);
  const producer = levelProducer(context, request, {
    question,
    place,
    pieces,
    finer,
    kept: needed.kept,
    now,
    runsReader,
    damaged: (at, piece) => {
      log.line(`Cache: a block of level ${at.level.number} is damaged; its part is read`);
      missing.addDamaged(at, piece.block);
    },
  });
  return {
    ...emptyPlan(context, request, question, place, look),
    note,
    via: viaOf(level, pieces, finer),
    producer,
    reducer: furtherReducer(configuration, question, level),
    runsReader,
    material() {
      const sent = missing.isDamaged ? undefined : sentBlocks(pieces);
      return sent && [...sent, needed.kept];
    },
  };
}

function viaOf({ directory }: CacheLevel, pieces: readonly Piece[], finer: ReadonlyMap<Piece, StandIn>): string {
  if (finer.size > 0) {
    const others = new Set([...finer.values()].map(({ place }) => place.level.directory));
    return `cache:${[directory, ...others].join('+')}`;
  }
  return pieces.some(({ file }) => file !== undefined) ? `cache:${directory}` : `live:${directory}`;
}

/** For each missing piece the coarsest finer level that is complete there and whose bins fit (2.5). */
function finerPieces(
  { configuration }: ServerContext,
  facts: {
    readonly place: LevelPlace;
    readonly pieces: readonly Piece[];
    readonly levels: readonly CacheLevel[];
    readonly most: number;
    readonly now: number;
  },
): ReadonlyMap<Piece, StandIn> {
  const { source, level } = facts.place;
  const found = new Map<Piece, StandIn>();
  // Mostly nothing is missing.
  if (facts.pieces.every(({ file }) => file !== undefined)) return found;
  const candidates = facts.levels
    .filter((other) => nestsIn(other, level))
    .sort((a, b) => b.seconds - a.seconds)
    .flatMap((finer) => levelPlace(configuration, source, finer, facts.now) ?? []);
  for (const piece of facts.pieces) {
    if (piece.file !== undefined) continue;
    for (const place of candidates) {
      // Bins of the finer level reach over the same edge.
      if (piece.isCut && place.level.seconds > 0) continue;
      const blocks = findBlocks(place, piece, facts.most, facts.now);
      // Stale blocks would go stale for ever: it is not for them that the worker is asked.
      if (blocks === undefined || blocks.wanted.length > 0 || blocks.refused !== undefined) continue;
      found.set(piece, { place, pieces: blocks.pieces });
      break;
    }
  }
  return found;
}

function foreignStage({ root, source, level }: LevelPlace, { range, steps }: DataQuestion, reader: Stage): Stage {
  const resolution = (steps.resolution?.value ?? 0).toExponential(5).replace(/e([+-])(\d)$/, 'e$10$2');
  const args = [
    source.file,
    `${root}/data/${source.id}`,
    level.normalizedParams,
    range.begin.text,
    range.end.text,
    resolution,
  ];
  return { ...reader, args };
}

/** The reducer, if the level's records are reduced once more for this request. */
function furtherReducer(configuration: Configuration, question: DataQuestion, level: CacheLevel): Stage | undefined {
  const { source, steps, range } = question;
  const wanted = steps.resolution?.value ?? 0;
  const isWanted =
    wanted > 0 &&
    configuration.flag('CACHE_REREDUCE') &&
    (level.seconds === 0 || wanted >= MUCH_COARSER * level.seconds);
  return reduceAgain({ source, steps, range }, isWanted);
}

function withoutFile(piece: Piece): Piece {
  return { ...piece, file: undefined };
}
