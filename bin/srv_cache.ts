/**
 * das2_srv_cache: fills, inspects and empties the cache of reduced data by hand (server-internals 2.9).
 *
 *     das2_srv_cache build DATASET BEGIN END [LEVEL | ALL]
 *     das2_srv_cache status [DATASET]      verify [DATASET]
 *     das2_srv_cache prune [DATASET] [--older-than AGE] [--max-size SIZE] [--orphans]
 *     das2_srv_cache invalidate DATASET [BEGIN END] [--level N]
 *
 * The work is done by lib/cache; here are words, numbers and exit statuses.
 */
import { writeSync } from 'node:fs';
import type { Command } from 'commander';
import type { FoundLevel, LevelStatus, Removed } from '../lib/cache/administration.js';
import type { BuildSummary } from '../lib/cache/build-blocks.js';
import type { Configuration } from '../lib/conf/configuration.js';
import { Das2Error, isDas2Error } from '../lib/error.js';
import { writeFully } from '../lib/reply/write-fully.js';
import type { CacheLevel } from '../lib/source/cache-level.js';
import type { SourceTree } from '../lib/source/source-tree.js';
import { COMMIT, VERSION } from '../lib/version.js';

const PROGRAM = 'das2_srv_cache';
const STATUS = { done: 0, faults: 1, usage: 13, refused: 15, configuration: 17, interrupted: 130 } as const;

interface Options {
  readonly json?: true;
  readonly dryRun?: true;
  readonly config?: string;
  readonly quiet?: true;
  readonly force?: true;
  readonly level?: string;
  readonly olderThan?: string;
  readonly maxSize?: string;
  readonly orphans?: true;
}

/** What every action works with. */
interface Site {
  readonly configuration: Configuration;
  readonly tree: SourceTree;
  readonly options: Options;
}

type Action = (site: Site, words: readonly string[]) => Promise<number>;

/** Runs the program; resolves with its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const { Command, CommanderError } = await import('commander');
  let job: { readonly action: Action; readonly options: Options; readonly words: readonly string[] } | undefined;
  const root = new Command(PROGRAM);
  describe(root, (action) => (...given: unknown[]) => {
    const command = given.at(-1) as Command;
    job = { action, options: command.optsWithGlobals<Options>(), words: command.args };
  });
  try {
    root.parse(args, { from: 'user' });
    if (job === undefined) throw new Das2Error('usage', 'nothing to do; see --help', { exitStatus: STATUS.usage });
    return await job.action(await openSite(job.options), job.words);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? STATUS.done : STATUS.usage;
    if (!isDas2Error(error)) throw error;
    say(`${PROGRAM}: ${String(error.data.detail ?? error.message)}`);
    return error.code === 'usage' || error.code === 'illegalArgument' ? STATUS.usage : statusOfFault(error);
  }
}

function statusOfFault(error: Das2Error): number {
  if (error.code === 'configuration') return STATUS.configuration;
  return error.code === 'noSuchSource' || error.code === 'sourceDefinition' ? STATUS.refused : STATUS.faults;
}

type Register = (action: Action) => (...given: unknown[]) => void;

function describe(root: Command, run: Register): void {
  root
    .description('Fills, inspects and empties the cache of reduced data.')
    .option('-c, --config <file>', 'configuration; default: DAS2_SERVER_CONF, else etc/das2server.conf')
    .option('--json', 'print one JSON document')
    .version(`${PROGRAM} ${VERSION} (${COMMIT})`, '--version')
    .configureOutput({ writeOut: print, writeErr: (text) => void writeFully(2, Buffer.from(text)) })
    .exitOverride()
    .addHelpText(
      'after',
      `
Status: 0 done; 1 some blocks failed or are bad; 13 wrong usage; 15 no such source or level;
17 configuration missing or bad; 130 interrupted.

Examples:
  ${PROGRAM} build Examples/OrbitField 2026-01-01 2027-01-01 ALL
  ${PROGRAM} status
  ${PROGRAM} invalidate Examples/OrbitField 2026-03-01 2026-04-01 --level 1 -n`,
    );
  const dry = ['-n, --dry-run', 'say what would be done, change nothing'] as const;
  root
    .command('build <dataset> <begin> <end> [level]')
    .description('make the missing blocks of a time range; LEVEL is a number or ALL (default)')
    .option(...dry)
    .option('--force', 'make valid blocks anew as well')
    .option('-q, --quiet', 'no line of progress')
    .action(run(build));
  root.command('status [dataset]').description('blocks, bytes, holes and age of each level').action(run(status));
  root.command('verify [dataset]').description('read all blocks and name those that are bad').action(run(verify));
  root
    .command('prune [dataset]')
    .description('remove old blocks and leftovers; without limits leftovers and empty folders only')
    .option(...dry)
    .option('--older-than <age>', "blocks that were not read or written for so long, as '90 d'")
    .option('--max-size <size>', "blocks unused longest, until no more than this is left, as '20 GB'")
    .option('--orphans', 'blocks of levels and sources that are no longer defined')
    .action(run(pruneAll));
  root
    .command('invalidate <dataset> [begin] [end]')
    .description('remove the blocks of a source, or those that touch a time range')
    .option(...dry)
    .option('--level <number>', 'of this level only')
    .action(run(invalidateSome));
}

async function openSite(options: Options): Promise<Site> {
  const [{ loadConfiguration }, { SourceTree }] = await Promise.all([
    import('../lib/conf/configuration.js'),
    import('../lib/source/source-tree.js'),
  ]);
  const configuration = loadConfiguration({ file: options.config });
  configuration.requiredPath('CACHE_ROOT');
  return { configuration, tree: new SourceTree(configuration, say), options };
}

async function build(site: Site, [dataset = '', begin = '', end = '', levelWord = 'ALL']: readonly string[]) {
  const { configuration, tree, options } = site;
  const [{ buildBlocks, countBlocks }, { cacheLevelsOf }] = await Promise.all([
    import('../lib/cache/build-blocks.js'),
    import('../lib/source/source.js'),
  ]);
  const range = await rangeOf(begin, end);
  const source = tree.source(dataset);
  const { levels, errors } = cacheLevelsOf(source, say);
  for (const { key, reason } of errors) say(`${source.id}: ${key}: ${reason}`);
  const chosen = chooseLevels(levels, levelWord, source.id);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const results: (BuildSummary & { level: number; blocks: number })[] = [];
  const showProgress = !options.quiet && !options.json && (await import('node:tty')).isatty(2);
  try {
    for (const level of chosen) {
      const blocks = countBlocks(range, level.period);
      const name = `${source.id}, level ${level.number} (${level.directory}, ${level.period})`;
      if (options.dryRun) {
        results.push({ level: level.number, blocks, built: 0, skipped: 0, empty: 0, failed: 0, bytes: 0 });
        if (!options.json) print(`${name}: ${blocks} blocks\n`);
        continue;
      }
      const summary = await buildBlocks({
        source,
        level,
        range,
        configuration,
        signal: stop.signal,
        force: options.force === true,
        log: (line) => say(`${showProgress ? '\r\u001b[K' : ''}${line}`),
        progress: ({ done, total, file }) => {
          if (showProgress) writeFully(2, Buffer.from(`\r\u001b[K${done}/${total} Writing: ${file}`));
        },
      });
      if (showProgress) writeFully(2, Buffer.from('\r\u001b[K'));
      results.push({ level: level.number, blocks, ...summary });
      const { built, skipped, empty, failed, bytes } = summary;
      const line = `${name}: ${built} built (${empty} empty), ${skipped} valid already, ${failed} failed, ${bytes} bytes`;
      if (!options.json) print(`${line}\n`);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    say(`${PROGRAM}: interrupted`);
    return STATUS.interrupted;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt);
  }
  if (options.json) printJson({ dataset: source.id, dryRun: options.dryRun === true, levels: results });
  return results.some(({ failed }) => failed > 0) ? STATUS.faults : STATUS.done;
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

async function status(site: Site, [dataset]: readonly string[]): Promise<number> {
  const { statusOf } = await import('../lib/cache/administration.js');
  const now = Date.now();
  const rows = (await levelsOnDisk(site, dataset)).map((found) => statusOf(found, now));
  if (site.options.json) printJson({ levels: rows });
  else print(rows.length === 0 ? 'The cache is empty.\n' : table(rows, now));
  return STATUS.done;
}

const HEADINGS = [
  'source',
  'level',
  'params',
  'folder',
  'blocks',
  'usable',
  'empty',
  'holes',
  'bytes',
  'from',
  'to',
  'age',
];

function table(rows: readonly LevelStatus[], now: number): string {
  const lines = rows.map((row) => [
    row.dataset,
    row.level === null ? 'stale' : String(row.level),
    row.params,
    row.directory,
    ...[row.blocks, row.valid, row.empty, row.holes, row.bytes].map(String),
    row.begin ?? '-',
    row.end ?? '-',
    row.oldest === null ? '-' : `${((now - Date.parse(row.oldest)) / 86_400_000).toFixed(1)} d`,
  ]);
  const all = [HEADINGS, ...lines];
  const widths = HEADINGS.map((_heading, i) => Math.max(...all.map((line) => (line[i] ?? '').length)));
  const shown = all.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${shown.join('\n')}\n`;
}

async function verify(site: Site, [dataset]: readonly string[]): Promise<number> {
  const { verifyLevel } = await import('../lib/cache/administration.js');
  const root = site.configuration.requiredPath('CACHE_ROOT');
  const found = await levelsOnDisk(site, dataset);
  const faults = found.flatMap((level) => [...verifyLevel(level, root, Date.now())]);
  if (site.options.json) printJson({ faults });
  else for (const { file, reason } of faults) print(`${file}: ${reason}\n`);
  if (!site.options.json && faults.length === 0) print('All blocks are good.\n');
  return faults.length > 0 ? STATUS.faults : STATUS.done;
}

async function pruneAll(site: Site, [dataset]: readonly string[]): Promise<number> {
  const { options } = site;
  const [{ prune }, { parseBytes, parseSeconds }] = await Promise.all([
    import('../lib/cache/administration.js'),
    import('../lib/conf/quantity.js'),
  ]);
  const age = options.olderThan === undefined ? undefined : parseSeconds(options.olderThan);
  if (options.olderThan !== undefined && age === undefined) throw usage("--older-than must be a time such as '90 d'");
  const maxBytes = options.maxSize === undefined ? undefined : parseBytes(options.maxSize);
  if (options.maxSize !== undefined && maxBytes === undefined) throw usage("--max-size must be a size such as '20 GB'");
  const limits = { olderThanMs: age === undefined ? undefined : age * 1000, maxBytes, orphans: options.orphans };
  return tellRemoved(site, prune(await levelsOnDisk(site, dataset), limits, removalOf(options)));
}

async function invalidateSome(site: Site, [dataset = '', begin, end]: readonly string[]): Promise<number> {
  const { invalidate } = await import('../lib/cache/administration.js');
  const { options } = site;
  if (begin !== undefined && end === undefined) throw usage('END is missing');
  const range = begin === undefined || end === undefined ? undefined : await rangeOf(begin, end);
  if (options.level !== undefined && !/^\d{1,6}$/.test(options.level)) throw usage('--level must be a number');
  const levels = (await levelsOnDisk(site, dataset)).filter(
    ({ place }) => options.level === undefined || place?.level.number === Number(options.level),
  );
  if (levels.length === 0) throw new Das2Error('noSuchSource', `the cache holds no such level of ${dataset}`);
  return tellRemoved(site, invalidate(levels, range, removalOf(options)));
}

function removalOf(options: Options): { dryRun: boolean; now: number } {
  return { dryRun: options.dryRun === true, now: Date.now() };
}

function tellRemoved({ options }: Site, removed: Removed): number {
  const { blocks, bytes, leftovers } = removed;
  if (options.json) printJson({ dryRun: options.dryRun === true, ...removed });
  else
    print(
      `${options.dryRun ? 'Would remove' : 'Removed'} ${blocks} blocks (${bytes} bytes), ${leftovers} leftovers.\n`,
    );
  return STATUS.done;
}

async function levelsOnDisk({ configuration, tree }: Site, dataset: string | undefined): Promise<FoundLevel[]> {
  const { findLevels } = await import('../lib/cache/administration.js');
  return findLevels(configuration, tree, dataset?.replace(/^\/+|\/+$/g, '').replace(/\.dsdf$/, ''));
}

async function rangeOf(begin: string, end: string) {
  const { compareTimes, parseTime } = await import('../lib/stream/time.js');
  const time = (text: string, name: string) => {
    try {
      return parseTime(text);
    } catch (error) {
      if (!isDas2Error(error)) throw error;
      throw usage(`${name}: '${text.slice(0, 80)}' is no time`);
    }
  };
  const range = { begin: time(begin, 'BEGIN'), end: time(end, 'END') };
  if (compareTimes(range.begin, range.end) >= 0) throw usage('END must be later than BEGIN');
  return range;
}

function usage(text: string): Das2Error {
  return new Das2Error('usage', `${text}; see --help`);
}

function printJson(value: unknown): void {
  print(`${JSON.stringify(value, undefined, 2)}\n`);
}

function print(text: string): void {
  writeFully(1, Buffer.from(text));
}

/** One line to people. */
function say(text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch {
    // Nobody listens.
  }
}
