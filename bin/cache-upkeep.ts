/**
 * `das2_srv_cache status`, `verify`, `prune`, `gc`, `invalidate`: words and tables around lib/cache/administration.
 */
import type { Removed } from '../lib/cache/administration/remove.js';
import type { LevelStatus } from '../lib/cache/administration/status.js';
import { Das2Error } from '../lib/error.js';
import type { TimeRange } from '../lib/source/time-range.js';
import {
  levelsAskedFor,
  levelsOnDisk,
  type Options,
  print,
  printJson,
  rangeOf,
  type Site,
  STATUS,
  usage,
} from './cache-site.js';

/** `status [DATASET]` */
export async function status(site: Site, [dataset]: readonly string[]): Promise<number> {
  const { statusOf } = await import('../lib/cache/administration/status.js');
  const now = Date.now();
  const rows = (await levelsAskedFor(site, dataset)).flatMap((found) => statusOf(found, now));
  if (site.options.json) printJson({ levels: rows });
  else
    print(
      rows.length === 0
        ? 'The cache is empty.\n'
        : `${table(rows, now)}${rows.map(edgeWords).join('')}${rows.map(failedWords).join('')}`,
    );
  return STATUS.done;
}

const HEADINGS = [
  'source',
  'level',
  'params',
  'folder',
  'blocks',
  'usable',
  'due',
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
    ...[row.blocks, row.valid, row.stale, row.empty, row.holes, row.bytes].map(String),
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

/** What to know of blocks at the ends of the valid range; nothing without such blocks. */
function edgeWords({ dataset, level, edges }: LevelStatus): string {
  if (edges.length === 0) return '';
  const lines = edges.map(({ begin, end, state, servesUntil }) => {
    const how = state === 'missing' ? 'missing' : servesUntil === null ? 'there' : `there, serves until ${servesUntil}`;
    return `  ${begin}: ${how}; das2_srv_cache build ${dataset} ${begin} ${end} ${level}`;
  });
  return `${dataset}, level ${level}: blocks only partly inside validRange. No request asks for them; make them by hand:\n${lines.join('\n')}\n`;
}

/** Failed blocks that are named; the rest is counted. */
const MOST_FAILED = 5;

/** What to know of blocks that could not be made; nothing where there are none. */
function failedWords({ dataset, level, failed }: LevelStatus): string {
  if (failed.length === 0) return '';
  const lines = failed
    .slice(0, MOST_FAILED)
    .map(
      ({ begin, end, attempts, tryAfter, reason }) =>
        `  ${begin}: failed ${attempts} times, ${reason}; not asked for before ${tryAfter}; ` +
        `das2_srv_cache build ${dataset} ${begin} ${end} ${level}\n`,
    );
  const rest = failed.length - lines.length;
  if (rest > 0) lines.push(`  and ${rest} more (--json names them)\n`);
  return `${dataset}, level ${level}: ${failed.length} blocks that could not be made. Requests leave them alone for a while; to try at once:\n${lines.join('')}`;
}

/** `verify [DATASET]` */
export async function verify(site: Site, [dataset]: readonly string[]): Promise<number> {
  const { verifyLevel } = await import('../lib/cache/administration/verify.js');
  const root = site.configuration.requiredPath('CACHE_ROOT');
  const found = await levelsAskedFor(site, dataset);
  const faults = found.flatMap((level) => [...verifyLevel(level, root, Date.now())]);
  if (site.options.json) printJson({ faults });
  else for (const { file, reason } of faults) print(`${file}: ${reason}\n`);
  if (!site.options.json && faults.length === 0) print('All blocks are good.\n');
  return faults.length > 0 ? STATUS.faults : STATUS.done;
}

/** `prune [DATASET] [--older-than AGE] [--max-size SIZE] [--orphans]` */
export async function pruneAll(site: Site, [dataset]: readonly string[]): Promise<number> {
  const { options } = site;
  const [{ prune }, { parseBytes, parseSeconds }] = await Promise.all([
    import('../lib/cache/administration/remove.js'),
    import('../lib/conf/quantity.js'),
  ]);
  const age = options.olderThan === undefined ? undefined : parseSeconds(options.olderThan);
  if (options.olderThan !== undefined && age === undefined) throw usage("--older-than must be a time such as '90 d'");
  const maxBytes = options.maxSize === undefined ? undefined : parseBytes(options.maxSize);
  if (options.maxSize !== undefined && maxBytes === undefined) throw usage("--max-size must be a size such as '20 GB'");
  const limits = { olderThanMs: age === undefined ? undefined : age * 1000, maxBytes, orphans: options.orphans };
  return tellRemoved(site, prune(await levelsAskedFor(site, dataset), limits, removalOf(options)));
}

/**
 * `gc [DATASET] [--max-size SIZE] [--yes]`: names what belongs to no level of a definition and what is above the limit; removes it when it is
 * told so.
 */
export async function collect(site: Site, [dataset]: readonly string[]): Promise<number> {
  const { options } = site;
  const [{ prune }, { statusOf }, { parseBytes }] = await Promise.all([
    import('../lib/cache/administration/remove.js'),
    import('../lib/cache/administration/status.js'),
    import('../lib/conf/quantity.js'),
  ]);
  const maxBytes = options.maxSize === undefined ? undefined : parseBytes(options.maxSize);
  if (options.maxSize !== undefined && maxBytes === undefined) throw usage("--max-size must be a size such as '20 GB'");
  const now = Date.now();
  const found = await levelsAskedFor(site, dataset);
  const orphans = found.flatMap((one) => statusOf(one, now)).filter(({ level }) => level === null);
  const dryRun = options.dryRun === true || options.yes !== true;
  const removed = prune(found, { maxBytes, orphans: true }, { dryRun, now });
  if (options.json) {
    const folders = orphans.map(({ dataset: id, params, directory, blocks, bytes }) => ({
      dataset: id,
      params,
      directory,
      blocks,
      bytes,
    }));
    printJson({ dryRun, orphans: folders, ...removed });
    return STATUS.done;
  }
  for (const { dataset: id, params, directory, blocks, bytes } of orphans) {
    print(`orphan: ${id} ${params} ${directory}: ${blocks} blocks, ${bytes} bytes\n`);
  }
  tell(dryRun, removed);
  if (dryRun && removed.blocks > 0) print("Nothing was changed; 'gc --yes' removes them.\n");
  return STATUS.done;
}

/** `invalidate DATASET [BEGIN END] [--level N]` */
export async function invalidateSome(site: Site, [dataset = '', begin, end]: readonly string[]): Promise<number> {
  const { invalidate } = await import('../lib/cache/administration/remove.js');
  const { options } = site;
  if (begin !== undefined && end === undefined) throw usage('END is missing');
  const range = begin === undefined || end === undefined ? undefined : await rangeOf(begin, end);
  if (options.level !== undefined && !/^\d{1,6}$/.test(options.level)) throw usage('--level must be a number');
  const levels = (await levelsOnDisk(site, dataset)).filter(
    ({ place }) => options.level === undefined || place?.level.number === Number(options.level),
  );
  // A level alone says that its blocks are wrong, not that the data have changed.
  const days = options.level === undefined ? await forgetCounts(site, dataset, range) : 0;
  if (levels.length === 0 && days === 0) {
    throw new Das2Error('noSuchSource', `the cache holds no such level of ${dataset}`);
  }
  const removed = invalidate(levels, range, removalOf(options));
  if (options.json) printJson({ dryRun: options.dryRun === true, ...removed, days });
  else {
    tell(options.dryRun === true, removed);
    if (days > 0) print(`${options.dryRun ? 'Would forget' : 'Forgot'} how many records there are on ${days} days.\n`);
  }
  return STATUS.done;
}

/** Forgets the coverage of days whose data have changed; the number of days. */
async function forgetCounts({ configuration, options }: Site, id: string, range: TimeRange | undefined) {
  const [{ daysOf }, { forgetDays }, { normalizeId }] = await Promise.all([
    import('../lib/cache/coverage/coverage.js'),
    import('../lib/cache/coverage/store.js'),
    import('../lib/source/definition/source-id.js'),
  ]);
  const days = range === undefined ? undefined : daysOf(range);
  return forgetDays(configuration, normalizeId(id), { range: days, dryRun: options.dryRun === true });
}

function removalOf(options: Options): { dryRun: boolean; now: number } {
  return { dryRun: options.dryRun === true, now: Date.now() };
}

function tellRemoved({ options }: Site, removed: Removed): number {
  if (options.json) printJson({ dryRun: options.dryRun === true, ...removed });
  else tell(options.dryRun === true, removed);
  return STATUS.done;
}

function tell(dryRun: boolean, { blocks, bytes, leftovers }: Removed): void {
  print(`${dryRun ? 'Would remove' : 'Removed'} ${blocks} blocks (${bytes} bytes), ${leftovers} leftovers.\n`);
}
