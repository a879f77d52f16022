/**
 * HAPI datasets behind source definitions: which there are, and which one an id means (server-internals 6.1, 6.4).
 *
 *   PATH              a source with `hapi`                        PATH:KEY          one of its `subSource_NN`
 *   …:PT60S           a cache level of it (`HAPI_LEVELS`)          …:pkt01           one packet type, where a stream holds several tables
 *   PATH:coverage     on which days the source has data (hapi/coverage.ts)
 *
 * Contract: what is not offered looks like what does not exist: redirected and renamed sources, Q streams, sources without a valid range or
 * without `hapi`, folders whose `_dirinfo_` says no. A comma in place of the first colon is the form of older clients.
 */

import { readFileSync } from 'node:fs';
import { isDas2Error } from '../error.js';
import type { RequestSteps } from '../request/data-parameters.js';
import type { NumberText } from '../request/number-text.js';
import { splitReaderWords } from '../request/reader-words.js';
import type { Request } from '../request/request.js';
import { readerTimeText } from '../request/time-text.js';
import type { ServerContext } from '../server/context.js';
import { foreignServer } from '../server/redirect.js';
import { splitWords } from '../source/cache-level.js';
import { definitionOf } from '../source/definition/definition-file.js';
import { isFalse, isTrue } from '../source/definition/definition-keys.js';
import type { Dsdf } from '../source/definition/dsdf.js';
import { cacheLevelsOf, makeSource, type Source, validRangeOf } from '../source/source.js';
import { folderInfoOf } from '../source/source-definitions.js';
import type { TimeRange } from '../source/time-range.js';
import type { SourceFile } from '../source/tree/source-tree.js';
import { compareTimes } from '../stream/time.js';
import { COVERAGE_KEY, coverageDataset, relatedToCoverage, withCoverage } from './coverage.js';
import { hapiError } from './error.js';
import type { HapiDataset } from './model.js';
import { type SubSource, subSources } from './sub-source.js';
import { hapiDuration } from './time-text.js';

/** Where datasets are looked for. */
export type HapiPlace = Pick<ServerContext, 'configuration' | 'sources'> & {
  readonly log: Pick<ServerContext['log'], 'line'>;
};

/** What may decide whether a source is this server's own. */
export type OwnUrl = Pick<Request, 'baseUrl' | 'receivedAt'>;

const NO_STEPS: RequestSteps = { resolution: undefined, interval: undefined };

/** The dataset that a client names, and the packet type behind it if the id says one. Error: 1406. */
export function findDataset(
  place: HapiPlace,
  request: OwnUrl,
  text: string,
): { readonly dataset: HapiDataset; readonly packet: string | undefined } {
  for (const [path, rest] of splits(text)) {
    const file = place.sources.find(path);
    // Ids are compared as they are listed: other spellings of a path are no ids.
    if (file === undefined || file.id !== path) continue;
    const all = datasetsOf(place, request, file);
    const wanted = rest === '' ? path : `${path}:${rest}`;
    const whole = all.find(({ id }) => id === wanted);
    if (whole !== undefined) return { dataset: whole, packet: undefined };
    const [, base, packet] = /^(.*):pkt(\d\d)$/.exec(wanted) ?? [];
    const part = all.find(({ id }) => id === base);
    if (part !== undefined) return { dataset: part, packet };
    const coverage = rest === COVERAGE_KEY ? coverageDataset(place.configuration, all) : undefined;
    if (coverage !== undefined) return { dataset: coverage, packet: undefined };
  }
  throw hapiError(1406, 'there is no such dataset; the catalog lists those of this server');
}

/** The text as a path alone, and cut at each mark behind which a key could stand. */
function* splits(text: string): Generator<readonly [path: string, rest: string]> {
  yield [text, ''];
  for (let at = 1; at < text.length - 1; at++) {
    if (text[at] === ':' || text[at] === ',') yield [text.slice(0, at), text.slice(at + 1)];
  }
}

/** The datasets of a definition; none if it is not offered. Errors of the definition: `sourceDefinition`. */
export function datasetsOf(place: HapiPlace, request: OwnUrl, file: SourceFile): HapiDataset[] {
  const definition = definitionOf(place.sources, file);
  if (!isTrue(keyword(definition, 'hapi')) || isPruned(place, file.id)) return [];
  const subs = subSources(definition, (reason) => place.log.line(`HAPI: ${file.id}: ${reason}`));
  const found: HapiDataset[] = [];
  for (const sub of subs ?? [undefined]) {
    const dataset = makeDataset(place, request, { file, definition, sub });
    if (typeof dataset === 'string') {
      place.log.line(`HAPI: ${sub === undefined ? file.id : `${file.id}:${sub.key}`} is not offered: ${dataset}`);
      continue;
    }
    const levels = place.configuration.flag('HAPI_LEVELS') ? levelsOf(dataset) : [];
    const related = levels.map(({ id }) => ({ relation: 'reduced', dataset: id }) as const);
    found.push({ ...dataset, related }, ...levels);
  }
  return relatedToCoverage(place.configuration, found);
}

/** The datasets of all listed sources, with their coverages or without. Definitions with errors are told and left out. */
export async function offeredDatasets(
  place: HapiPlace,
  request: OwnUrl,
  { coverage }: { readonly coverage: boolean },
): Promise<HapiDataset[]> {
  const found: HapiDataset[] = [];
  for (const { path, isFolder } of (await place.sources.list()).records) {
    const file = isFolder ? undefined : place.sources.find(path);
    if (file === undefined || !mentionsHapi(file.file)) continue;
    try {
      const all = datasetsOf(place, request, file);
      found.push(...(coverage ? withCoverage(place.configuration, all) : all));
    } catch (error) {
      if (!isDas2Error(error)) throw error;
      place.log.line(`HAPI: ${path} is left out: ${String(error.data.detail ?? error.message)}`);
    }
  }
  return found;
}

/** Most definitions do not, and reading a file is cheaper than understanding it. What cannot be read is left to who says so. */
function mentionsHapi(file: string): boolean {
  try {
    return /hapi/i.test(readFileSync(file, 'latin1'));
  } catch {
    return true;
  }
}

/** Keywords that concern HAPI are read whatever the case of their letters. */
function keyword(definition: Dsdf, name: string): string | undefined {
  for (const [key, value] of definition.entries) if (key.toLowerCase() === name) return value;
  return undefined;
}

/** True if a folder above says `hapi = false`. */
function isPruned({ sources }: HapiPlace, id: string): boolean {
  for (let slash = id.lastIndexOf('/'); ; slash = id.lastIndexOf('/', slash - 1)) {
    const info = folderInfoOf(sources, slash < 0 ? '' : id.slice(0, slash));
    if (info !== undefined && isFalse(keyword(info, 'hapi'))) return true;
    if (slash <= 0) return false;
  }
}

/** The dataset, or why there is none. */
function makeDataset(
  place: HapiPlace,
  request: OwnUrl,
  made: { readonly file: SourceFile; readonly definition: Dsdf; readonly sub: SubSource | undefined },
): HapiDataset | string {
  const { configuration, log } = place;
  const { file, definition, sub } = made;
  const params = sub?.params ?? '';
  const step = sub?.step;
  const sourceFor = (range: TimeRange | undefined): Source => {
    const macros = new Map<string, string>(params === '' ? [] : [['params', params]]);
    if (range !== undefined) {
      macros.set('start_time', readerTimeText(range.begin));
      macros.set('end_time', readerTimeText(range.end));
    }
    if (step !== undefined) macros.set('resolution', step.text).set('interval', step.text);
    return makeSource(definition, {
      id: file.id,
      file: file.file,
      changedAt: file.mtimeMs,
      configuration,
      request: macros,
    });
  };
  const source = sourceFor(PLACEHOLDER);
  if (source.kind === 'qstream') return 'Q streams cannot be made into tables';
  if (source.redirect.rename !== undefined) return 'it has moved';
  if (foreignServer({ configuration }, request, source) !== undefined) return 'another server has its data';
  if (source.reader === undefined) return 'there is no reader';
  const validRange = validRangeOf(source, request.receivedAt, (line) => log.line(line));
  if (validRange === undefined) return 'it has no validRange';
  if (compareTimes(validRange.begin, validRange.end) >= 0) return 'its validRange is empty';
  const steps = stepsOf(source, step);
  if (steps === undefined) return 'its reader needs an interval, which a subSource has to give';
  return {
    id: sub === undefined ? file.id : `${file.id}:${sub.key}`,
    file,
    source,
    sourceFor,
    title: sub?.title ?? source.description ?? file.id,
    params,
    words: splitReaderWords(params, { utf8: source.paramCharsetUtf8 }),
    steps,
    validRange,
    related: [],
  };
}

/** Stands for the range where a definition is looked at without one; commands with macros are made anew for each run. */
const PLACEHOLDER: TimeRange = { begin: { day: 0, nanosecond: 0 }, end: { day: 1, nanosecond: 0 } };

function stepsOf(source: Source, step: NumberText | undefined): RequestSteps | undefined {
  if (source.requiresInterval) {
    return step === undefined || step.value <= 0 ? undefined : { ...NO_STEPS, interval: step };
  }
  return step === undefined || step.value === 0 ? NO_STEPS : { ...NO_STEPS, resolution: step };
}

/** Binned cache levels of a dataset at full resolution. */
function levelsOf(dataset: HapiDataset): HapiDataset[] {
  const { source, steps, words } = dataset;
  if (steps.resolution !== undefined || steps.interval !== undefined) return [];
  return cacheLevelsOf(source)
    .levels.filter(({ seconds, params }) => seconds > 0 && splitWords(params).join(' ') === words.join(' '))
    .map(({ seconds }) => ({
      ...dataset,
      id: `${dataset.id}:${hapiDuration(seconds, true)}`,
      title: `${seconds} s: ${dataset.title}`,
      steps: { ...NO_STEPS, resolution: { value: seconds, text: String(seconds) } },
      related: [{ relation: 'reducedFrom', dataset: dataset.id }],
    }));
}
