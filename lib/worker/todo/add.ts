/**
 * New jobs from the command line (server-internals 3.5): what the operator typed is checked against the sources, so that mistakes
 * show now and not in a worker. Cache jobs of a long range are cut into pieces along the blocks of the longest period, so that several
 * workers can share them and a lost one costs little.
 */

import { hostname } from 'node:os';
import {
  blockBegin,
  blocksOf,
  blockTimeText,
  countBlocks,
  longerPeriod,
  nextBlockBegin,
} from '../../cache/block/block.js';
import { buildableRange } from '../../cache/builder/buildable-range.js';
import type { Configuration } from '../../conf/configuration.js';
import { type Category, categoryByWord, categoryRule } from '../../queue/category.js';
import { ALL, checkField, isAll, isInOrder } from '../../queue/field.js';
import { makeJob, plainText, waitingText } from '../../queue/item.js';
import { ownAccount } from '../../queue/own-account.js';
import type { CacheLevel, CachePeriod } from '../../source/cache-level.js';
import { definitionOf } from '../../source/definition/definition-file.js';
import { cacheLevelsOf, makeSource, type Source } from '../../source/source.js';
import { SourceTree } from '../../source/tree/source-tree.js';
import { compareTimes, parseTime, type TimePoint } from '../../stream/time.js';
import { DONE_CATEGORIES } from '../task/tasks.js';
import { usage } from '../wrong-usage.js';
import { refused } from './words.js';

const REQUESTER = 'das2_srv_todo';
/** Blocks of one job, unless one piece has more or that would make more than `MOST_JOBS` of them. */
const BLOCKS_PER_JOB = 32;
const MOST_JOBS = 500;
const MOST_BLOCKS = 1_000_000;

/** What is to be queued. */
export interface Plan {
  readonly items: readonly string[];
  /** One line for the operator. */
  readonly summary: string;
  /** What was meant, too, and gets no job. */
  readonly leftOut?: readonly { readonly dataset: string; readonly reason: string }[];
}

/** Jobs for the words behind a category. Throws `illegalArgument` with status 13, or 15 for what no worker would do. */
export async function planJobs(
  category: Category,
  words: readonly string[],
  configuration: Configuration,
): Promise<Plan> {
  if (category === 'TASK_CACHE') return planCache(words, configuration);
  const { fields } = categoryRule(category);
  if (words.length > fields.length)
    throw usage(`${describe(category)} takes ${fields.length} values, not ${words.length}`);
  const values = fields.map((_field, i) => words[i] ?? '');
  checkWords(category, values);
  if (category === 'HAPI_INFO_CACHE' && (values[0] === '' || isAll(values[0] ?? ''))) return planHeaders(configuration);
  return category === 'TASK_COVERAGE' ? planCoverage(values, configuration) : one(category, values);
}

/** The task that a person means. Throws. */
export function taskNamed(word: string): Category {
  const known = DONE_CATEGORIES.map((each) => describe(each).split(' ', 1)[0]).join(', ');
  const category = categoryByWord(word);
  if (category === undefined) throw usage(`there is no task '${word.slice(0, 40)}'; there are ${known}`);
  return category;
}

/** Throws `illegalArgument` for words that no job may have, by the names that the help has for them. Whether there is such a source comes later. */
function checkWords(category: Category, words: readonly string[]): void {
  const { fields } = categoryRule(category);
  const time = (name: string): string => words[fields.findIndex(([field]) => field === name)] ?? '';
  for (const [i, [name, kind]] of fields.entries()) {
    if (category !== 'TASK_CACHE' || kind === 'time') checkField(name.toUpperCase(), kind, words[i] ?? '');
  }
  if (!isInOrder(time('begin'), time('end'))) throw usage('END must be later than BEGIN');
}

/** One job a source, so that several workers share all of them. */
async function planCoverage(values: readonly string[], configuration: Configuration): Promise<Plan> {
  const [dataset = '', begin = '', end = ''] = values;
  if (!configuration.has('CACHE_ROOT')) throw refused('CACHE_ROOT is not set: there is no place for coverage');
  const tree = new SourceTree(configuration);
  if (dataset !== '' && !isAll(dataset)) {
    if (tree.find(dataset) === undefined) throw noSource(dataset);
    return one('TASK_COVERAGE', values);
  }
  const { rangeOfBounds, sourcesToCount } = await import('../../cache/coverage/sources.js');
  const { ids, leftOut } = await sourcesToCount(tree, configuration, rangeOfBounds(begin, end));
  const items = ids.flatMap((id) => one('TASK_COVERAGE', [id, begin, end]).items);
  const rest = leftOut.length === 0 ? '' : `; ${count(leftOut.length, 'data source')} left out`;
  return {
    items,
    summary: `${count(items.length, 'TASK_COVERAGE job')}, one a data source${rest}`,
    leftOut: leftOut.map(({ id, reason }) => ({ dataset: id, reason })),
  };
}

/** One job a dataset that has no header yet. */
async function planHeaders(configuration: Configuration): Promise<Plan> {
  const [{ offeredDatasets }, { hasHeader }] = await Promise.all([
    import('../../hapi/dataset.js'),
    import('../task/hapi.js'),
  ]);
  const leftOut: { dataset: string; reason: string }[] = [];
  const line = (text: string): void => {
    const [, dataset, reason] = /^HAPI: (.*?) is left out: (.*)$/s.exec(text) ?? [];
    if (dataset !== undefined && reason !== undefined) leftOut.push({ dataset, reason });
  };
  const place = { configuration, sources: new SourceTree(configuration), log: { line } };
  const request = { baseUrl: configuration.text('SERVER_URL') ?? '', receivedAt: Date.now() };
  const datasets = await offeredDatasets(place, request, { coverage: false });
  if (datasets.length === 0) throw refused('there is no HAPI dataset');
  const missing = datasets.filter((dataset) => !hasHeader(configuration, dataset));
  const items = missing.flatMap(({ id }) => one('HAPI_INFO_CACHE', [id, '']).items);
  const valid = datasets.length - missing.length;
  const parts = [`${count(items.length, 'HAPI_INFO_CACHE job')}, one a dataset`];
  if (valid > 0) parts.push(`${count(valid, 'header')} valid already`);
  if (leftOut.length > 0) parts.push(`${count(leftOut.length, 'data source')} left out`);
  return { items, summary: parts.join('; '), leftOut };
}

function noSource(dataset: string): Error {
  return refused(`there is no data source '${dataset.slice(0, 255)}'`);
}

/** Who asks, in a job of this program. */
export function operator(): { readonly requester: string; readonly requesterExtra: string; readonly user: string } {
  return { requester: REQUESTER, requesterExtra: hostname(), user: ownAccount().fullName };
}

/** The job of `-g`: nothing is looked at, the words are the fields. */
export function plainJob(name: string, words: readonly string[]): Plan {
  const head = [new Date().toISOString().slice(0, -1), REQUESTER, hostname(), '', '', ownAccount().fullName];
  const category = name.toUpperCase().startsWith('TASK_') ? name.toUpperCase() : `TASK_${name.toUpperCase()}`;
  const item = [...head, category, ...words].map(plainText).join('|');
  return { items: [item], summary: `1 ${category} job, unchecked` };
}

/** Name and values of a category, for help: `cache DATASET BEGIN END LEVEL`. */
export function describe(category: Category): string {
  const word =
    category === 'HAPI_INFO_CACHE' ? 'hapi-info' : category.replace('TASK_', '').toLowerCase().replaceAll('_', '-');
  const parts = categoryRule(category).fields.map(([name, kind]) => {
    const upper = name.toUpperCase();
    return kind === 'text' || kind.startsWith('optional') || kind === 'datasets' ? `[${upper}]` : upper;
  });
  return [word, ...parts].join(' ');
}

function planCache(words: readonly string[], configuration: Configuration): Plan {
  const [dataset, begin, end, levelText] = words;
  if (
    dataset === undefined ||
    begin === undefined ||
    end === undefined ||
    levelText === undefined ||
    words.length > 4
  ) {
    throw usage('cache takes four values: DATASET BEGIN END LEVEL (a number or ALL)');
  }
  checkWords('TASK_CACHE', words);
  const asked = { begin: parseTime(begin), end: parseTime(end) };
  const { source, levels } = wantedLevels(dataset, levelText, configuration);
  const { id } = source;
  if (!configuration.has('CACHE_ROOT')) throw refused('CACHE_ROOT is not set: there is no cache to fill');
  const range = buildableRange(source, asked, Date.now());
  const periods = levels.map(({ period }) => period);
  const blocks = periods.reduce((sum, period) => sum + countBlocks(range, period), 0);
  if (blocks > MOST_BLOCKS) throw refused(`that is more than ${MOST_BLOCKS} blocks; take a shorter range`);
  // All levels of a piece are one job, so that one run of the reader can make them. No block lies in two pieces.
  const unit = periods.reduce(longerPeriod);
  const shortest = periods.reduce((a, b) => (longerPeriod(a, b) === a ? b : a));
  const begins = [...blocksOf(range, unit)];
  const perJob = Math.max(
    Math.floor((BLOCKS_PER_JOB * begins.length) / blocks),
    Math.ceil(begins.length / MOST_JOBS),
    1,
  );
  const level = levels.length > 1 ? ALL : String(levels[0]?.number);
  const items: string[] = [];
  for (let i = 0; i < begins.length; i += perJob) {
    const from = i === 0 ? blockBegin(range.begin, shortest) : (begins[i] as TimePoint);
    const to = begins[i + perJob] ?? lastEnd(range.end, shortest);
    items.push(...one('TASK_CACHE', [id, blockTimeText(from, shortest), blockTimeText(to, shortest), level]).items);
  }
  const numbers = levels.map(({ number }) => number).join(', ');
  return { items, summary: `${count(blocks, 'block')} of ${id}, level ${numbers}, in ${count(items.length, 'job')}` };
}

function wantedLevels(
  dataset: string,
  text: string,
  configuration: Configuration,
): { readonly source: Source; readonly levels: readonly CacheLevel[] } {
  const tree = new SourceTree(configuration);
  const file = tree.find(dataset);
  if (file === undefined) throw noSource(dataset);
  const source = makeSource(definitionOf(tree, file), { id: file.id, file: file.file, configuration });
  const { levels, errors } = cacheLevelsOf(source);
  if (levels.length === 0) {
    const why = errors.map(({ key, reason }) => `; ${key}: ${reason}`).join('');
    throw refused(`'${file.id}' has no usable cacheLevel${why}`);
  }
  if (isAll(text)) return { source, levels };
  const level = /^\d{1,6}$/.test(text) ? levels.find(({ number }) => number === Number(text)) : undefined;
  if (level === undefined) {
    throw refused(
      `'${file.id}' has no cache level '${text.slice(0, 20)}'; it has ${levels.map((l) => l.number).join(', ')}, or ALL`,
    );
  }
  return { source, levels: [level] };
}

/** End of the block that holds the last instant before `end`. */
function lastEnd(end: TimePoint, period: CachePeriod): TimePoint {
  const begin = blockBegin(end, period);
  return compareTimes(begin, end) === 0 ? end : nextBlockBegin(begin, period);
}

function one(category: Category, fields: readonly string[]): Plan {
  const job = makeJob({ category, fields, ...operator() });
  return { items: [waitingText(job)], summary: `1 ${category} job` };
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
