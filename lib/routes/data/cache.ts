/**
 * The cache step of a data request (server-internals 2.5, 2.6, 2.8, 2.12): which level serves it, what of it is there, and how the
 * rest is made, so that the records are the same whatever the cache holds.
 *
 *   no level   as if there were no cache                                           undefined
 *   level      blocks and live runs at the level's resolution, one stream  [| REDUCER]  [| TO_TEXT]
 *   foreign    CACHE_READER DSDF DIR PARAMS BEGIN END RESOLUTION           [| REDUCER]  [| TO_TEXT]     all blocks there only
 *
 * Loaded only where there is a cache and the source has levels (routes/data/run.ts); then all of it is needed for a hit, which loads nothing else.
 *
 * Not cached though a level matches: commands that hold text of the request, Q streams without a cache reader of their own.
 */
import { coarsestLevel } from '../../cache/level/choose.js';
import { findBlocks, findParts, joinMissing, type Piece } from '../../cache/level/find-blocks.js';
import { isOnGrid, levelParts, nestsIn } from '../../cache/level/grid.js';
import { type LevelPlace, levelPlace } from '../../cache/level/place.js';
import { sentBlocks } from '../../cache/answer/sent-blocks.js';
import { settledBlocks } from '../../cache/answer/settled-blocks.js';
import type { Configuration } from '../../conf/configuration.js';
import type { Stage } from '../../pipeline/stage.js';
import type { Producer } from '../../pipeline/stage-producer.js';
import type { Header } from '../../reply/headers.js';
import type { Request } from '../../request/request.js';
import { type CacheLevel, cacheableParams, splitWords } from '../../source/cache-level.js';
import { cacheLevelsOf, readerOf, type Source } from '../../source/source.js';
import type { TimeRange } from '../../source/time-range.js';
import { compareTimes, type TimePoint } from '../../stream/time.js';
import type { ServerContext } from '../context.js';
import { levelProducer, type StandIn } from './cache-level.js';
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
  const { source } = question;
  const levels = await matchingLevels(context, question);
  const wanted = question.steps.resolution?.value ?? 0;
  const level = coarsestLevel(levels, wanted);
  if (level === undefined || (question.exactLevel && level.seconds !== wanted)) return undefined;
  const foreign = foreignReader(source, configuration);
  const reason = whyLive(question, foreign !== undefined);
  const place = levelPlace(configuration, source, level, request.receivedAt);
  if (reason !== undefined || place === undefined) {
    log.line(`Cache: not used: ${reason}`);
    return undefined;
  }
  const openUntil = question.openUntil === 'all' ? undefined : question.openUntil;
  const asked: TimeRange = { begin: question.range.begin.time, end: question.range.end.time };
  const now = Date.now();
  const most = configuration.integer('CACHE_MAX_BLOCKS') ?? MOST_BLOCKS;
  const needed = levelParts(level, asked, { valid: place.validRange, openUntil, most });
  if (needed === undefined) {
    log.line(`Cache: not used: the range has more than CACHE_MAX_BLOCKS blocks of level ${level.number}`);
    return undefined;
  }
  if (!isOnGrid(level)) await reportOffGrid(context, level, source);
  const found = findParts(place, needed.parts, now);
  // Of the level, and of finer ones that stand in for it.
  const toBuild = new Map<LevelPlace, TimePoint[]>([[place, [...found.wanted]]]);
  const blocks = found.pieces.filter(({ isCut }) => !isCut).length;
  const complete = found.present === blocks && blocks > 0;
  if (found.refused !== undefined) {
    log.line(
      `Cache: blocks below CACHE_ROOT cannot be read (${found.refused}): das2_srv_check --user says what the account lacks`,
    );
  }
  let isDamaged = false;
  const afterwards = async (): Promise<void> => {
    if ([...toBuild.values()].every(({ length }) => length === 0)) return;
    const [{ wantedJobs }, { queueBlocks }] = await Promise.all([
      import('../../cache/answer/wanted-jobs.js'),
      import('./cache-queue.js'),
    ]);
    const jobs = [...toBuild].flatMap(([at, begins]) => wantedJobs(at, inOrder(begins), Date.now()));
    await queueBlocks(context, request, jobs);
  };
  const common = {
    producer: undefined,
    cacheReader: undefined,
    reducer: undefined,
    isDamaged: () => isDamaged,
    validators(stages: readonly Stage[], factsOf: () => AnswerFacts): Header[] {
      const blocks = settledBlocks(place, found.pieces, now);
      return blocks === undefined ? [] : validatorHeaders({ blocks, range: question.range, stages }, factsOf(), now);
    },
    afterwards,
  };
  if (foreign !== undefined && !complete) {
    log.line(`Cache: not used: ${blocks - found.present} blocks of level ${level.number} are missing`);
    return { ...common, note: 'miss', via: 'live', runsReader: true, isLive: true };
  }
  const reducer = reduceAgain(
    { source, steps: question.steps, range: question.range },
    furtherReduction(configuration, question, level),
  );
  if (foreign !== undefined) {
    log.line(`Cache: level ${level.number}, all ${found.present} blocks, by a cache reader of its own`);
    const cacheReader = foreignStage(place, question, foreign);
    return { ...common, note: 'hit', via: `cache:${level.directory}`, cacheReader, reducer, runsReader: true };
  }
  const mostlyMissing = found.present * 2 < blocks || found.present === 0;
  const pieces = joinMissing(mostlyMissing && isOnGrid(level) ? found.pieces.map(withoutFile) : found.pieces);
  const finer = finerPieces(context, { place, pieces, levels, most, now });
  const runsReader = pieces.some((piece) => piece.file === undefined && !finer.has(piece));
  const note = !runsReader ? 'hit' : mostlyMissing ? 'miss' : 'partial';
  const standIns = finer.size > 0 ? `, ${finer.size} missing parts from a finer level` : '';
  log.line(`Cache: level ${level.number}: ${note}, ${found.present} of ${blocks} blocks are there${standIns}`);
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
      toBuild.set(at, [...(toBuild.get(at) ?? []), piece.block]);
      isDamaged = true;
    },
  });
  const material = (): readonly unknown[] | undefined => {
    const blocks = isDamaged ? undefined : sentBlocks(pieces);
    return blocks && [...blocks, needed.kept];
  };
  return { ...common, note, via: viaOf(level, pieces, finer), producer, reducer, runsReader, material };
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
  // A bin must not tell of data behind the edge.
  if (openUntil === undefined && goesByAge(source)) return 'access depends on the age of the data';
  if (openUntil !== 'all' && openUntil !== undefined && hasForeignReader)
    return 'its cache reader knows of no access by age';
  if (source.kind === 'qstream' && !hasForeignReader) return 'a Q stream needs a cache reader of its own';
  const commands = [readerOf(source), ...(source.reducer.kind === 'command' ? [source.reducer.command] : [])];
  if (commands.some(({ environment }) => Object.keys(environment).length > 0))
    return 'its commands hold text of the request';
  return undefined;
}

function goesByAge({ readAccess = '' }: Source): boolean {
  return /\bAGE\b/i.test(readAccess);
}

/** A cache reader that is not ours: that of the definition, or of the configuration if it names another program. */
function foreignReader(source: Source, configuration: Configuration): Stage | undefined {
  const { cacheReader } = source;
  const isOwn = source.entries.has('cacheReader') || source.kind === 'qstream' || configuration.has('D2S_CACHE_RDR');
  if (cacheReader === undefined || !isOwn || cacheReader.text.trim() === 'das2_cache_rdr') return undefined;
  return { role: 'cacheReader', command: cacheReader.text, args: [], environment: cacheReader.environment };
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

/** True if the level's records are reduced once more for this request. */
function furtherReduction(configuration: Configuration, { steps }: DataQuestion, level: CacheLevel): boolean {
  const wanted = steps.resolution?.value ?? 0;
  if (wanted <= 0 || !configuration.flag('CACHE_REREDUCE')) return false;
  return level.seconds === 0 || wanted >= MUCH_COARSER * level.seconds;
}

function withoutFile(piece: Piece): Piece {
  return { ...piece, file: undefined };
}

function inOrder(times: readonly TimePoint[]): TimePoint[] {
  return [...times].sort(compareTimes);
}

/** Says once for each change of a definition what is wrong with its levels (2.1). */
async function reportFaults(
  { configuration, log }: ServerContext,
  { id, changedAt = 0 }: Source,
  faults: readonly string[],
): Promise<void> {
  const state = configuration.path('STATE_ROOT');
  const { isFirstSince } = await import('../../log/rare-lines.js');
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
  const { isFirstToday } = await import('../../log/rare-lines.js');
  if (state !== undefined && !isFirstToday(state, `off-grid ${id} ${directory}`)) return;
  log.line(`Cache: ${id}: bins of ${directory} do not divide ${period} blocks: they begin anew with every block`);
}
