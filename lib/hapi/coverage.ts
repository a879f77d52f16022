/**
 * The HAPI dataset `SOURCE:coverage`: on which days a source has data, and how many records (server-internals 7.2).
 *
 *   Time  begin of a day      end  its end      count  records      resolution  of what length, in seconds; 0: as the reader sends them
 *
 * Contract: one for each source with datasets, listed as soon as somebody has counted its days. A day that nobody has counted has no record, one
 * without data has a count of 0. Open to whom the data of the whole day are open. No reader runs for it.
 */
import { type Coverage, timesOf } from '../cache/coverage/coverage.js';
import { hasCoverage, readCoverage } from '../cache/coverage/store.js';
import { COVERAGE_TABLE } from '../cache/coverage/stream.js';
import type { Configuration } from '../conf/configuration.js';
import { hapiTable, parametersOf } from '../filter/hapi/table.js';
import type { TimeRange } from '../source/time-range.js';
import { addNanoseconds } from '../stream/time.js';
import { openPart } from './access.js';
import type { HapiDataset, HeaderRecord } from './model.js';
import { hapiTimeText } from './time-text.js';

/** What stands behind the id of the source. A `subSource` of that name goes before it. */
export const COVERAGE_KEY = 'coverage';

const DAY_SECONDS = 86_400;
/** Days of the sample: a year says more than a thousand records. */
const SAMPLE_DAYS = 366;

/** The coverage of the source that has these datasets; undefined without any, where the site keeps none, if it has no day, or if another has its name. */
export function coverageDataset(configuration: Configuration, of: readonly HapiDataset[]): HapiDataset | undefined {
  const [first] = of;
  const id = coverageId(of);
  if (first === undefined || id === undefined || !configuration.has('CACHE_ROOT')) return undefined;
  const kept = readCoverage(configuration, first.file.id);
  if (kept !== undefined && kept.range.begin >= kept.range.end) return undefined;
  const { source, file, sourceFor, validRange } = first;
  return {
    id,
    file,
    source,
    sourceFor,
    title: `Days: ${source.description ?? file.id}`,
    params: '',
    words: [],
    steps: { resolution: undefined, interval: undefined },
    validRange: kept === undefined ? validRange : timesOf(kept.range),
    related: of.map((dataset) => ({ relation: 'coverageOf', dataset: dataset.id })),
    coverage: { kept, of },
  };
}

/** The datasets of a source and its coverage, if that can be listed. */
export function withCoverage(configuration: Configuration, datasets: readonly HapiDataset[]): readonly HapiDataset[] {
  const coverage = coverageDataset(configuration, datasets);
  return coverage?.coverage?.kept === undefined ? datasets : [...datasets, coverage];
}

/** The datasets of a source, which name its coverage where that is kept. */
export function relatedToCoverage(configuration: Configuration, all: readonly HapiDataset[]): HapiDataset[] {
  const id = coverageId(all);
  const [first] = all;
  if (first === undefined || id === undefined || !hasCoverage(configuration, first.file.id)) return [...all];
  return all.map((dataset) => ({ ...dataset, related: [...dataset.related, { relation: 'coverage', dataset: id }] }));
}

function coverageId(of: readonly HapiDataset[]): string | undefined {
  const id = `${of[0]?.file.id}:${COVERAGE_KEY}`;
  return of.length === 0 || of.some((dataset) => dataset.id === id) ? undefined : id;
}

/** What is known of the table, as if a look at the data had told it. */
export function coverageHeader(configuration: Configuration, dataset: HapiDataset, kept: Coverage): HeaderRecord {
  const open = openPart(dataset, Date.now()).range;
  const sample = sampleOf(kept, open, configuration.seconds('HAPI_MAX_SPAN') || Number.POSITIVE_INFINITY);
  return {
    key: '',
    builtAt: kept.madeAt,
    tables: [
      {
        parameters: PARAMETERS,
        decimals: 3,
        cadence: DAY_SECONDS,
        sampleStart: hapiTimeText((sample ?? open).begin),
        sampleStop: hapiTimeText((sample ?? open).end),
        ...(sample === undefined ? { unlisted: 'none of its days was counted' } : {}),
      },
    ],
  };
}

const PARAMETERS = parametersOf(
  hapiTable(COVERAGE_TABLE.header, { version: '2.2', compressed: false, properties: [] }, 3),
);

/** From the first day on that is known, no longer than a request may be; undefined if none is. */
function sampleOf({ days }: Coverage, { begin, end }: TimeRange, longest: number): TimeRange | undefined {
  let first = begin.day;
  while (first < end.day && !days.has(first)) first++;
  if (first >= end.day) return undefined;
  const count = Math.min(SAMPLE_DAYS, end.day - first, Math.floor(longest / DAY_SECONDS));
  const sample = timesOf({ begin: first, end: first + count });
  // A day counts as soon as its begin is in the range.
  return count > 0 ? sample : { ...sample, end: addNanoseconds(sample.begin, Math.floor(longest * 1e9)) };
}
