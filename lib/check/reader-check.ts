/**
 * Runs a source on its example ranges in each of the ways in which clients can ask for it, and checks what comes out:
 * full resolution, reduced as live requests are (`-b`), reduced as a filter in a shell is (without `-b`), as text.
 *
 * Contract: runs what a request would run, from the same parts of the program, so a success here is one there. Streams are
 * checked by the validator as they pass; nothing is kept of them.
 */

import type { Configuration } from '../conf/configuration.js';
import { errorDetail } from '../conf/configuration-error.js';
import { dataStages, textConverter } from '../data/stages.js';
import { startPipeline } from '../pipeline/run.js';
import type { Stage } from '../pipeline/stage/stage.js';
import { macroParameters, normaliseSteps, readDataParameters } from '../request/data-parameters.js';
import { makeRequest } from '../request/make-request.js';
import { encodeQueryValue } from '../request/query-string.js';
import { splitReaderWords } from '../request/reader-words.js';
import { parseTimeRange } from '../request/time-text.js';
import type { ExampleRange } from '../source/example-range.js';
import type { Source } from '../source/source.js';
import { sourceOf } from '../source/source-definitions.js';
import type { SourceTree } from '../source/tree/source-tree.js';
import { PacketBoundary } from '../stream/packet-boundary.js';
import { validateStream } from '../stream/validator/validator.js';
import { checkerEnvironment } from './configuration-check.js';
import type { Findings } from './findings.js';
import { judgeRun } from './run-verdict.js';
import type { RunnableSource } from './source-check.js';

/** How a source was run. */
export type Way = 'full' | 'reduced' | 'reduced-without-origin' | 'text';

/** Figures of one run. */
export interface Run {
  readonly source: string;
  readonly example: string;
  readonly way: Way;
  readonly ok: boolean;
  readonly seconds: number;
  readonly firstByteSeconds: number | undefined;
  readonly bytes: number;
  readonly records: number;
}

export interface ReaderCheck {
  readonly tree: SourceTree;
  readonly configuration: Configuration;
  /** Longest time for a run, in seconds. */
  readonly timeout: number;
}

/** Runs the source on all its examples, one after the other. */
export async function checkReader(
  { source, examples, canReduce }: RunnableSource,
  facts: ReaderCheck,
  findings: Findings,
): Promise<Run[]> {
  const runs: Run[] = [];
  for (const example of examples) {
    // A reducer that cannot be started need not be tried to say so again.
    for (const way of canReduce ? waysOf(source, facts.configuration) : (['full'] as const)) {
      let stages: Stage[];
      try {
        stages = stagesFor(source.id, example, way, facts);
      } catch (error) {
        findings.error('example-request', `example${example.suffix}: ${errorDetail(error)}`, {
          clients: 'who ask for the example get this error',
        });
        break;
      }
      const run = await runOnce({ source, example, way, stages }, facts, findings);
      runs.push(run);
      // What fails at full resolution fails in every other way.
      if (!run.ok && way === 'full') break;
    }
  }
  return runs;
}

function waysOf(source: Source, configuration: Configuration): Way[] {
  const ways: Way[] = ['full'];
  if (source.reducer.kind === 'command') ways.push('reduced', 'reduced-without-origin');
  if (textConverter(source, configuration) !== undefined) ways.push('text');
  return ways;
}

/** The stages of the request that a client would make for the example. */
function stagesFor(id: string, example: ExampleRange, way: Way, { tree, configuration }: ReaderCheck): Stage[] {
  const pairs = Object.entries({
    server: 'dataset',
    dataset: id,
    start_time: example.beginText,
    end_time: example.endText,
    params: example.params ?? '',
    interval: example.interval ?? '',
    resolution: way === 'full' || example.interval !== undefined ? '' : String(example.resolution),
    ascii: way === 'text' ? '1' : '',
  });
  const query = pairs.flatMap(([key, value]) => (value === '' ? [] : [`${key}=${encodeQueryValue(value)}`])).join('&');
  const request = makeRequest({ ...NO_REQUEST, query });
  if (request.fault !== undefined) throw request.fault;
  const parameters = readDataParameters(request);
  const source = sourceOf(tree, id, macroParameters(request));
  const stages = dataStages({
    source,
    range: parseTimeRange(parameters),
    steps: normaliseSteps(
      // An example of a source with an interval may name a resolution only.
      { ...parameters, interval: parameters.interval ?? (source.requiresInterval ? resolutionOf(example) : undefined) },
      source.requiresInterval,
    ),
    words: splitReaderWords(parameters.params, { utf8: source.paramCharsetUtf8 }),
  });
  const converter = parameters.form === 'text' ? textConverter(source, configuration) : undefined;
  if (converter !== undefined) stages.push({ role: 'converter', command: converter, args: [] });
  return way === 'reduced-without-origin' ? stages.map(withoutOrigin) : stages;
}

function resolutionOf({ resolution }: ExampleRange): { value: number; text: string } {
  return { value: resolution, text: String(resolution) };
}

const NO_REQUEST = {
  method: 'GET',
  httpVersion: '1.1',
  scheme: 'http',
  serverName: 'localhost',
  serverPort: undefined,
  peerAddress: '127.0.0.1',
  mountPath: '/das/server',
  path: '',
  headers: new Map<string, string>(),
} as const;

function withoutOrigin(stage: Stage): Stage {
  if (stage.role !== 'reducer') return stage;
  const { inProcessArgs: _inProcessArgs, ...rest } = stage;
  return { ...rest, args: stage.args.slice(-1) };
}

interface OneRun {
  readonly source: Source;
  readonly example: ExampleRange;
  readonly way: Way;
  readonly stages: readonly Stage[];
}

async function runOnce(one: OneRun, { configuration, timeout }: ReaderCheck, findings: Findings): Promise<Run> {
  const { source, example, way, stages } = one;
  const pipeline = await startPipeline({
    stages,
    environment: checkerEnvironment(configuration),
    limits: { firstByteSeconds: timeout, runSeconds: timeout },
  });
  const validator = validateStream({ findingsPerRule: 3 });
  const boundary = new PacketBoundary();
  const hasBytes = await pipeline.firstByte;
  const result = hasBytes
    ? await pipeline.deliver({
        write(bytes) {
          validator.push(bytes);
          boundary.push(bytes);
        },
      })
    : await pipeline.result;
  const report = validator.end();
  const records = Object.values(report.summary.records).reduce((sum, count) => sum + count, 0);
  const before = findings.list.filter(({ severity }) => severity === 'error').length;
  const what = `example${example.suffix} ${example.beginText} to ${example.endText} ${WAY_TEXT[way]}`;
  const { endsWithException } = boundary;
  const { kind } = source;
  const isFull = way === 'full';
  judgeRun({ what, isFull, kind, range: example.range, timeout, result, report, records, endsWithException }, findings);
  return {
    source: source.id,
    example: `${example.beginText} to ${example.endText}`,
    way,
    ok: findings.list.filter(({ severity }) => severity === 'error').length === before,
    seconds: result.durationMs / 1000,
    firstByteSeconds: result.firstByteMs === undefined ? undefined : result.firstByteMs / 1000,
    bytes: result.bytes,
    records,
  };
}

const WAY_TEXT: Readonly<Record<Way, string>> = {
  full: 'at full resolution',
  reduced: 'reduced as live requests are',
  'reduced-without-origin': 'reduced without -b',
  text: 'as text',
};
