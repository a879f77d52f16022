/**
 * Brings the coverage of a source up to date: what it knows for good is kept, other days are counted from the cache, the rest by the
 * reader (server-internals 7.2).
 *
 * Contract: what was counted is kept in between and at the end, so a job that is cut short loses little. Days that cannot be counted stay
 * unknown, or as they were; the summary says why. Only files that cannot be written, and sources that have no range, throw.
 */
import type { Configuration } from '../../conf/configuration.js';
import { readerOf, type Source } from '../../source/source.js';
import { readTime, type TimeRange } from '../../source/time-range.js';
import { Turns } from '../../turns.js';
import { holdoffOf, unixTime } from '../level/place.js';
import { coverageDefinition, coveredRange } from './age.js';
import { countableLevels } from './cached.js';
import { type Coverage, type DayCount, type DayRange, daysOf, dayText } from './coverage.js';
import { countLive } from './live.js';
import { rangeToCount, union } from './range.js';
import { changeCoverage, readCoverage } from './store.js';

const SAVE_MS = 15_000;
const NINETY_DAYS_MS = 90 * 86_400_000;

/** Share of the work that the look at the cache is, for progress. */
const LOOK_SHARE = 0.05;

export interface UpdateOptions {
  readonly source: Source;
  /** The source for a run of the reader over this range; as it is if absent. */
  readonly sourceFor?: (range: TimeRange) => Source;
  readonly configuration: Configuration;
  /** Days to be counted even if they are known for good; undefined: all that is not known for good. */
  readonly range: TimeRange | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly log: (line: string) => void;
  /** What is being done, and how far it is, from 0 to 1. */
  readonly progress: (status: string, fraction: number) => void;
  /** Seconds for the reader, as in `LiveOptions`. */
  readonly seconds?: number | undefined;
}

export interface UpdateSummary {
  /** Days counted now, from the cache and by the reader. */
  readonly cached: number;
  readonly live: number;
  /** Days that were to be counted and could not be. */
  readonly failed: number;
  /** Why, of the last one. */
  readonly reason: string | undefined;
  /** There was no time for all, and days are known that were not: another job gets further. */
  readonly goesOn: boolean;
}

/** Counts what is to be counted and keeps it. */
export async function updateCoverage(options: UpdateOptions): Promise<UpdateSummary> {
  const { source, configuration, signal } = options;
  readerOf(source);
  const now = Date.now();
  const update = new Update(options, now);
  const wanted = update.wantedDays();
  const total = wanted.length;
  const rest: number[] = [];
  const levels = countableLevels(configuration, source, now);
  let cached = 0;
  const turns = new Turns();
  for (const [i, day] of wanted.entries()) {
    signal?.throwIfAborted();
    if (i % 32 === 0) {
      options.progress(`Counting: ${source.id} ${dayText(day)}, cache`, (LOOK_SHARE * i) / total);
    }
    await turns.next();
    const found = firstCount(levels, day);
    if (found === undefined) rest.push(day);
    else {
      cached++;
      update.set(day, found.records, found.resolution, found.asOf);
    }
  }
  update.save();
  let live = 0;
  const { reason, isTimeUp } = await countLive(rest, {
    source,
    sourceFor: options.sourceFor,
    configuration,
    seconds: options.seconds,
    signal,
    log: options.log,
    counted: (day, records, resolution) => {
      live++;
      update.set(day, records, resolution);
      update.saveNowAndThen();
    },
    progress: ({ begin }) => {
      const fraction = LOOK_SHARE + ((1 - LOOK_SHARE) * (cached + live)) / total;
      options.progress(`Counting: ${source.id} ${dayText(begin)}`, fraction);
    },
  }).finally(() => update.save());
  return { cached, live, failed: rest.length - live, reason, goesOn: isTimeUp && update.isFurther };
}

function firstCount(levels: ReturnType<typeof countableLevels>, day: number) {
  for (const { level, count } of levels) {
    const found = count(day);
    if (found !== undefined) return { ...found, resolution: level.seconds };
  }
  return undefined;
}

class Update {
  private readonly definition: string;
  private readonly range: DayRange;
  /** The days that were counted before. */
  private readonly known: ReadonlySet<number>;
  private readonly mine = new Map<number, DayCount>();
  private savedAt = Date.now();

  constructor(
    private readonly options: UpdateOptions,
    private readonly now: number,
  ) {
    const { source, configuration, range } = options;
    this.definition = coverageDefinition(source);
    const before = this.stored();
    this.range = rangeToCount(source, configuration, { asked: range, kept: () => before?.range, now });
    this.known = new Set(before?.days.keys());
  }

  /** True if a day was counted that nobody had counted before. */
  get isFurther(): boolean {
    for (const day of this.mine.keys()) if (!this.known.has(day)) return true;
    return false;
  }

  /** The days to be counted, in order. */
  wantedDays(): number[] {
    const known = this.stored()?.days;
    const asked = this.options.range && daysOf(this.options.range);
    const days: number[] = [];
    const begin = Math.max(this.range.begin, asked?.begin ?? Number.NEGATIVE_INFINITY);
    const end = Math.min(this.range.end, asked?.end ?? Number.POSITIVE_INFINITY);
    for (let day = begin; day < end; day++) {
      if (asked !== undefined || known?.get(day)?.final !== true) days.push(day);
    }
    return days;
  }

  /** Notes a day. `asOf`: what came later was not counted (milliseconds since 1970); default: now. */
  set(day: number, records: number, resolution: number, asOf = this.now): void {
    const { source, configuration } = this.options;
    const age = asOf - unixTime({ day: day + 1, nanosecond: 0 });
    // Data come late more often than never.
    const wait = records === 0 ? NINETY_DAYS_MS : 0;
    const final = age >= Math.max(wait, holdoffOf(configuration, source) * 1000);
    this.mine.set(day, { records, resolution, final });
  }

  saveNowAndThen(): void {
    if (Date.now() - this.savedAt > SAVE_MS) this.save();
  }

  save(): void {
    const { source, configuration } = this.options;
    this.savedAt = Date.now();
    changeCoverage(configuration, source.id, (found) => {
      // Another job may have added to it meanwhile.
      const kept = this.usable(found);
      return {
        dataset: source.id,
        title: source.description ?? source.id,
        definition: this.definition,
        madeAt: Math.max(this.now, kept?.madeAt ?? 0),
        range: coveredRange(source, this.now) ?? union(this.range, kept?.range) ?? this.range,
        days: new Map([...(kept?.days ?? []), ...this.mine]),
      };
    });
  }

  /** What is kept already. */
  private stored(): Coverage | undefined {
    const { source, configuration } = this.options;
    return this.usable(readCoverage(configuration, source.id));
  }

  private usable(stored: Coverage | undefined): Coverage | undefined {
    return stored?.definition === this.definition && !this.isInvalid(stored) ? stored : undefined;
  }

  private isInvalid({ madeAt }: Coverage): boolean {
    const before = readTime(this.options.source.entries.get('cacheInvalidBefore')?.trim() ?? '');
    return before !== undefined && madeAt < unixTime(before);
  }
}
