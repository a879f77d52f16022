/**
 * Looks at the data of a HAPI dataset and says what tables they are (server-internals 6.4): runs its reader, and its reducer if it has a
 * resolution, over the first example that gives something, and ends them after a thousand records.
 *
 * Contract: only the open part of the data is looked at. What fails becomes a record with the reason; only faults of the definition throw.
 */
import type { Configuration } from '../conf/configuration.js';
import { pipelineFault } from '../data/outcome.js';
import { dataStages } from '../data/stages.js';
import { asDas2Error } from '../error.js';
import { HapiSample, type SampledTable } from '../filter/hapi/sample.js';
import type { PipelineResult, Stage } from '../pipeline/stage/stage.js';
import { textRange } from '../request/time-text.js';
import { exampleRangesOf } from '../source/source.js';
import { intersection, type TimeRange } from '../source/time-range.js';
import { compareTimes, type TimePoint, us2000FromTime } from '../stream/time.js';
import type { OpenPart } from './access.js';
import { builtSince, headerKey } from './header.js';
import type { HapiDataset, HapiTable, HeaderRecord } from './model.js';
import { hapiTimeText } from './time-text.js';

export interface BuildSurroundings {
  readonly configuration: Configuration;
  readonly open: OpenPart;
  /** Runs the stages of one look to their end; `write` takes the output and may stop them. */
  run(stages: readonly Stage[], write: (bytes: Uint8Array, stop: () => void) => void): Promise<PipelineResult>;
  log(line: string): void;
}

/** Records of a sample. */
const SAMPLE_RECORDS = 1000;
/** Fewer say little about their spacing, and clients that check servers ask for more. */
const LEAST_STEPS = 10;
const MILLISECOND = 1_000_000n;

/** The record of a dataset. */
export async function buildHeader(dataset: HapiDataset, surroundings: BuildSurroundings): Promise<HeaderRecord> {
  const head = { key: headerKey(surroundings.configuration, dataset), builtAt: Date.now() };
  let failure = 'none of its examples gives data';
  for (const range of sampleRanges(dataset, surroundings.open.range)) {
    const found = await look(dataset, range, surroundings);
    if (typeof found === 'string') {
      failure = found;
      continue;
    }
    if (found.length === 0) continue;
    const changing = found.find(({ changes }) => changes);
    if (changing !== undefined) {
      const reason = 'the channels of its packets change, which no table can follow';
      surroundings.log(`HAPI: ${dataset.id} is not offered: ${reason}`);
      return { ...head, tables: [], failure: reason };
    }
    const tables = found.map((table) => sampledTable(dataset, range, table, found.length > 1));
    for (const { unlisted, packet } of tables) {
      if (unlisted !== undefined) {
        const id = packet === undefined ? dataset.id : `${dataset.id}:pkt${packet}`;
        surroundings.log(`HAPI: ${id} is not listed: ${unlisted}`);
      }
    }
    return { ...head, builtAt: builtSince(surroundings.configuration, dataset, tables), tables };
  }
  surroundings.log(`HAPI: ${dataset.id}: no header: ${failure}`);
  return { ...head, tables: [], failure };
}

/**
 * Where data may be found, best first: the examples, then the first and the last day. Where the spacing of records is known, examples that hold
 * more than a few of them come before those that do not: the five seconds that show a waveform well hold no mean of an hour.
 */
function sampleRanges(dataset: HapiDataset, open: TimeRange): TimeRange[] {
  const step = askedStep(dataset) ?? 0;
  const isLong = ({ begin, end }: TimeRange): boolean =>
    us2000FromTime(end) - us2000FromTime(begin) > LEAST_STEPS * step * 1e6;
  const inside = exampleRangesOf(dataset.source).flatMap(({ range }) => intersection(range, open) ?? []);
  const examples = [...inside.filter(isLong), ...inside.filter((range) => !isLong(range))];
  const { begin, end } = open;
  const dayAfter: TimePoint = { day: begin.day + 1, nanosecond: begin.nanosecond };
  const dayBefore: TimePoint = { day: end.day - 1, nanosecond: end.nanosecond };
  const edges = [
    { begin, end: dayAfter },
    { begin: dayBefore, end },
  ].flatMap((range) => intersection(range, open) ?? []);
  return [...examples, ...edges];
}

/** The tables in a range, or why it cannot be told. */
async function look(
  dataset: HapiDataset,
  range: TimeRange,
  { run }: BuildSurroundings,
): Promise<SampledTable[] | string> {
  const { steps, words } = dataset;
  const source = dataset.sourceFor(range);
  const stages = dataStages({ source, range: textRange(range), steps, words });
  const sample = new HapiSample(range);
  let fault: unknown;
  let isSeen = false;
  const result = await run(stages, (bytes, stop) => {
    if (isSeen) return;
    try {
      sample.push(bytes);
      isSeen = sample.isFull;
    } catch (error) {
      fault = error;
      isSeen = true;
    }
    if (isSeen) stop();
  });
  try {
    // A reader that prints nothing says that there are no data; only half a packet at the end is a fault.
    if (!isSeen && result.ok && result.bytes > 0) sample.end();
  } catch (error) {
    fault = error;
  }
  if (fault !== undefined) return asDas2Error(fault).message;
  if (!isSeen) {
    const failed = pipelineFault(result);
    if (failed !== undefined) return failed.message;
    if (sample.fault !== undefined && sample.tables().length === 0) return sample.fault.message;
  }
  return sample.tables();
}

function sampledTable(dataset: HapiDataset, range: TimeRange, table: SampledTable, isOneOfMany: boolean): HapiTable {
  const { parameters, decimals, times, leastStep } = table;
  const cadence = cadenceOf(dataset, table);
  const next = times[SAMPLE_RECORDS];
  const isLonger = next !== undefined && compareTimes(next, range.begin) > 0;
  return {
    ...(isOneOfMany ? { packet: String(table.packetIds[0] ?? 0).padStart(2, '0') } : {}),
    parameters,
    decimals,
    ...(cadence === undefined ? {} : { cadence }),
    sampleStart: hapiTimeText(range.begin, decimals),
    sampleStop: hapiTimeText(isLonger ? next : range.end, decimals),
    ...(leastStep !== undefined && leastStep < MILLISECOND
      ? { unlisted: 'it has records less than a millisecond apart' }
      : {}),
  };
}

/** Seconds between records: what was asked of the reader or the reducer, else the median of what was seen. */
function cadenceOf(dataset: HapiDataset, { medianStep }: SampledTable): number | undefined {
  const asked = askedStep(dataset);
  if (asked !== undefined) return asked;
  return medianStep === undefined ? undefined : Number(medianStep) / 1e9;
}

/** Seconds between records that the reader or the reducer is asked for. */
function askedStep({ steps }: HapiDataset): number | undefined {
  return steps.interval?.value ?? steps.resolution?.value;
}
