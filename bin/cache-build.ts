/**
 * `das2_srv_cache build` and `rebuild`: words, progress and the way to an end for the builder of lib/cache.
 */

import type { BuildSummary } from '../lib/cache/builder/build.js';
import { failureWords } from '../lib/cache/failure/block-failure.js';
import { Das2Error } from '../lib/error.js';
import { writeFully } from '../lib/reply/write-fully.js';
import type { CacheLevel } from '../lib/source/cache-level.js';
import type { Source } from '../lib/source/source.js';
import { sourceOf } from '../lib/source/source-definitions.js';
import type { TimeRange } from '../lib/source/time-range.js';
import type { TimePoint } from '../lib/stream/time.js';
import { print, printJson, rangeOf, type Site, STATUS, say, usage } from './cache-site.js';

/** What is to be made. */
interface Work {
  readonly source: Source;
  readonly levels: readonly CacheLevel[];
  readonly range: TimeRange;
  readonly force: boolean;
  readonly only?: (level: CacheLevel, begin: TimePoint) => boolean;
}

/** `build DATASET BEGIN END [LEVEL | ALL]` */
export async function build(site: Site, words: readonly string[]): Promise<number> {
  const [dataset = '', begin = '', end = '', levelWord = 'ALL'] = words;
  const asked = await rangeOf(begin, end);
  const { source, levels } = await levelsOf(site, dataset, levelWord);
  const { buildableRange } = await import('../lib/cache/builder/buildable-range.js');
  const range = buildableRange(source, asked, Date.now());
  return make(site, { source, levels, range, force: site.options.force === true });
}

/** `rebuild DATASET [BEGIN END] [--level N]`: the blocks that are there, made anew; each one serves until it is replaced. */
export async function rebuild(site: Site, [dataset = '', begin, end]: readonly string[]): Promise<number> {
  if (begin !== undefined && end === undefined) throw usage('END is missing');
  const given = begin === undefined || end === undefined ? undefined : await rangeOf(begin, end);
  const { source, levels } = await levelsOf(site, dataset, site.options.level ?? 'ALL');
  const [{ blocksOnDisk }, { formatTime }] = await Promise.all([
    import('../lib/cache/administration/levels-on-disk.js'),
    import('../lib/stream/time.js'),
  ]);
  const { range, begins } = blocksOnDisk(site.configuration, source, levels);
  if (range === undefined) throw new Das2Error('noSuchSource', `the cache holds no block of ${source.id}`);
  const key = (level: CacheLevel, time: TimePoint): string => `${level.number} ${formatTime(time, { decimals: 0 })}`;
  const there = new Set(begins.map(({ level, begin: time }) => key(level, time)));
  const only = (level: CacheLevel, time: TimePoint): boolean => there.has(key(level, time));
  return make(site, { source, levels, range: given ?? range, force: true, only });
}

async function levelsOf({ tree }: Site, dataset: string, word: string) {
  const { cacheLevelsOf } = await import('../lib/source/source.js');
  const source = sourceOf(tree, dataset);
  const { levels, errors } = cacheLevelsOf(source, say);
  for (const { key, reason } of errors) say(`${source.id}: ${key}: ${reason}`);
  return { source, levels: chooseLevels(levels, word, source.id) };
}

async function make(site: Site, work: Work): Promise<number> {
  const { configuration, options } = site;
  const { source, levels, range, only } = work;
  const [{ buildLevels }, { blocksOf, countBlocks }, { staleFolders }] = await Promise.all([
    import('../lib/cache/builder/levels.js'),
    import('../lib/cache/block/block.js'),
    import('../lib/cache/administration/stale-folders.js'),
  ]);
  for (const line of staleFolders(configuration, source)) say(line);
  const blocksOfLevel = (level: CacheLevel): number => {
    if (only === undefined) return countBlocks(range, level.period);
    let count = 0;
    for (const begin of blocksOf(range, level.period)) if (only(level, begin)) count++;
    return count;
  };
  const nameOf = ({ number, directory, period }: CacheLevel) =>
    `${source.id}, level ${number} (${directory}, ${period})`;
  if (options.dryRun) {
    const counts = levels.map((level) => ({ level: level.number, blocks: blocksOfLevel(level) }));
    if (options.json) printJson({ dataset: source.id, dryRun: true, levels: counts });
    else for (const level of levels) print(`${nameOf(level)}: ${blocksOfLevel(level)} blocks\n`);
    return STATUS.done;
  }
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const showProgress = !options.quiet && !options.json && (await import('node:tty')).isatty(2);
  const clear = showProgress ? '\r\u001b[K' : '';
  try {
    const summaries = await buildLevels({
      ...work,
      configuration,
      signal: stop.signal,
      log: (line) => say(`${clear}${line}`),
      progress: ({ done, total, file }) => {
        if (showProgress) writeFully(2, Buffer.from(`${clear}${done}/${total} Writing: ${file}`));
      },
    });
    if (showProgress) writeFully(2, Buffer.from(clear));
    if (options.json) {
      const rows = summaries.map(({ level, ...sum }) => ({
        level: level.number,
        blocks: blocksOfLevel(level),
        ...sum,
      }));
      printJson({ dataset: source.id, dryRun: false, levels: rows });
    } else for (const sum of summaries) print(`${nameOf(sum.level)}: ${summaryWords(sum)}\n`);
    return summaries.some(({ failed }) => failed > 0) ? STATUS.faults : STATUS.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    say(`${clear}das2_srv_cache: interrupted`);
    return STATUS.interrupted;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt);
  }
}

function summaryWords({ built, skipped, empty, failed, failures, bytes }: BuildSummary): string {
  const kinds = failures.length === 0 ? '' : ` (${failureWords(failures)})`;
  return `${built} built (${empty} empty), ${skipped} valid already, ${failed} failed${kinds}, ${bytes} bytes`;
}

function chooseLevels(levels: readonly CacheLevel[], word: string, id: string): readonly CacheLevel[] {
  const refused = (text: string) => new Das2Error('sourceDefinition', text);
  if (levels.length === 0) throw refused(`${id} has no usable cacheLevel`);
  if (word.toUpperCase() === 'ALL') return levels;
  if (!/^\d{1,6}$/.test(word)) throw usage(`LEVEL must be a number or ALL, not '${word.slice(0, 40)}'`);
  const level = levels.find(({ number }) => number === Number(word));
  if (level === undefined) throw refused(`${id} has no level ${Number(word)}`);
  return [level];
}
