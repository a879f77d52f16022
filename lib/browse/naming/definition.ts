/**
 * The series that a source definition describes (browse-export 2.1, 4.3).
 *
 * Contract: pure. Throws `sourceDefinition` whose `detail` says which keyword keeps the source from being browsed.
 */
import type { Configuration } from '../../conf/configuration.js';
import { isDas2Error } from '../../error.js';
import { definitionError } from '../../source/definition/definition-error.js';
import { isFalse, isTrue } from '../../source/definition/definition-keys.js';
import { cacheLevelsOf, exampleRangesOf, type Source } from '../../source/source.js';
import { BLOCKS, type Block, blockNamed, blockSeconds } from '../record/block.js';
import { blockFault, type Epoch, parseEpoch } from '../record/epoch.js';
import { isKey, type Triad } from '../record/item-name.js';
import type { RecordGrid } from '../record/number.js';
import { arePartNames } from '../record/part.js';
import { cadenceSeconds, durationWords } from '../time/duration.js';
import type { Choice, Series } from './series.js';

/** What a line that somebody wrote into a naming table says about a triad. */
export type WrittenLine = (triad: Triad) => RecordGrid | undefined;

export interface DefinedSeries {
  readonly series: Series;
  /** What an administrator should look at, though the series is good. */
  readonly doubts: readonly string[];
}

const PERIOD_BLOCKS: Readonly<Record<string, Block>> = {
  perminute: '1min',
  hourly: '1hr',
  daily: '1day',
  monthly: '1month',
  yearly: '1year',
};
const SUFFIX_BLOCKS: Readonly<Record<string, Block>> = { _01h: '1hr', _06h: '6hr', _01d: '1day' };

/** The series of a source; undefined if the definition says `browse = 0`. */
export function seriesOf(
  source: Source,
  configuration: Configuration,
  written: WrittenLine,
): DefinedSeries | undefined {
  const { entries, id } = source;
  const text = (key: string): string | undefined => entries.get(key)?.trim() || undefined;
  const browse = text('browse');
  if (browse !== undefined && isFalse(browse)) return undefined;
  const slash = id.indexOf('/');
  const triad = {
    prog: keyOf(source, 'browseProg', text('browseProg') ?? (slash < 0 ? id : id.slice(0, slash))),
    level: keyOf(source, 'browseLevel', text('browseLevel') ?? 'na'),
    series: keyOf(source, 'browseSeries', text('browseSeries') ?? id.slice(slash + 1).replaceAll('/', '.')),
  };
  const line = written(triad);
  const { block, doubts } = blockOf(source, triad, line, configuration);
  const epoch = epochOf(source, text('browseEpoch'), line?.epoch, configuration);
  const fault = blockFault(block, epoch);
  if (fault !== undefined) throw definitionError(`${id}: ${fault}`);
  const kind = text('browseKind') ?? 'stream';
  if (kind !== 'stream' && kind !== 'files') throw definitionError(`${id}: browseKind must be stream or files`);
  const recordPath = text('recordPath');
  if (kind === 'files') requireTemplate(id, recordPath);
  const cadence = text('cadence');
  const series: Series = {
    ...triad,
    ...words(source, text),
    grid: { block, epoch },
    kind,
    dataset: id,
    ...given('hasTable', hasTable(entries) || undefined),
    isRestricted: source.readAccess !== undefined,
    ...given('cadence', cadence),
    ...given('expected', expectedOf(source, text('itemsPerRecord'), cadence, block)),
    ...given('validRange', text('validRange')),
    ...given('interval', source.requiresInterval ? intervalOf(source, block) : undefined),
    ...given('recordPath', recordPath),
    ...given('recordInventory', text('recordInventory')),
  };
  return { series, doubts };
}

/** What a template may name. */
const TEMPLATE_NAMES = new Set(['PROG', 'LEVEL', 'SERIES', 'REC', 'LABEL']);

/** The place of records of files must be a whole path that leads to another place for each of them. */
function requireTemplate(id: string, template: string | undefined): void {
  if (template === undefined) throw definitionError(`${id}: browseKind = files needs recordPath`);
  const names = [...template.matchAll(/\$\(([^)]*)\)/g)].map(([, name = '']) => name);
  const unknown = names.find((name) => !TEMPLATE_NAMES.has(name));
  if (unknown !== undefined)
    throw definitionError(`${id}: recordPath knows no $(${unknown}); use ${[...TEMPLATE_NAMES].join(', ')}`);
  if (!template.startsWith('/') || /(?:^|\/)\.\.?(?:\/|$)/.test(template))
    throw definitionError(`${id}: recordPath must be a whole path without . and ..`);
  if (!names.some((name) => name === 'REC' || name === 'LABEL'))
    throw definitionError(`${id}: recordPath must name the record: $(REC) or $(LABEL)`);
}

/** Names of parameters in words; more would fill a page. */
const MOST_PARAMETERS = 8;

/** Labels and units of `item_NN = 'name | label | units'`. */
function itemWords(entries: ReadonlyMap<string, string>): {
  parameters?: string;
  units?: string;
  planes?: readonly Choice[];
} {
  const items = numbered(entries, 'item').map(([, value]) => value.split('|').map((part) => part.trim()));
  const labels = items.map(([name, label]) => label || name || '').filter((label) => label !== '');
  const units = [...new Set(items.map(([, , unit]) => unit ?? '').filter((unit) => unit !== ''))];
  const planes = items.flatMap(([key = '', label]) => (arePartNames([key]) ? [{ key, label: label || key }] : []));
  const more = labels.length > MOST_PARAMETERS ? ', …' : '';
  return {
    ...given('parameters', labels.length === 0 ? undefined : labels.slice(0, MOST_PARAMETERS).join(', ') + more),
    ...given('units', units.length === 0 ? undefined : units.slice(0, MOST_PARAMETERS).join(', ')),
    ...(planes.length > 0 && { planes }),
  };
}

function words(source: Source, text: (key: string) => string | undefined) {
  const { entries, id } = source;
  const observable = text('observable');
  const coverage = text('spatialCoverage');
  return {
    label: text('browseLabel') ?? source.description ?? id,
    ...given('description', source.description),
    ...given('observable', observable === undefined ? undefined : choiceOf(source, 'observable', observable)),
    ...given('coverage', coverage === undefined ? undefined : choiceOf(source, 'spatialCoverage', coverage)),
    regions: numbered(entries, 'region').map(([key, value]) => keyOf(source, key, value)),
    groups: numbered(entries, 'browseGroup').map(([key, value]) => choiceOf(source, key, value)),
    ...given('instrumentType', text('instrumentType')),
    ...given('measurementType', text('measurementType')),
    ...given('spacecraft', text('spacecraft')),
    ...given('instrument', text('instrument')),
    ...given('imageSize', text('imageSize')),
    ...itemWords(entries),
    ...given('resolution', text('nominalResolution') ?? finestLevel(source)),
  };
}

/** True for a source that HAPI clients have as one table: sub-sources are tables under other names, of other options. */
function hasTable(entries: ReadonlyMap<string, string>): boolean {
  const keys = [...entries.keys()];
  const hapi = keys.find((key) => key.toLowerCase() === 'hapi');
  return isTrue(hapi === undefined ? undefined : entries.get(hapi)) && !keys.some((key) => /^subsource_\d/i.test(key));
}

/** An object with one member, or none where there is no value. */
function given<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}

/** Values of KEY_00, KEY_01 … in order of their numbers. */
function numbered(entries: ReadonlyMap<string, string>, base: string): [key: string, value: string][] {
  return [...entries]
    .filter(([key, value]) => new RegExp(`^${base}_\\d{1,4}$`).test(key) && value.trim() !== '')
    .map(([key, value]): [string, string] => [key, value.trim()])
    .sort(([a], [b]) => Number(a.slice(base.length + 1)) - Number(b.slice(base.length + 1)));
}

function keyOf({ id }: Source, keyword: string, text: string): string {
  if (isKey(text)) return text;
  throw definitionError(
    `${id}: ${keyword}: '${text.slice(0, 80)}' must be 1 to 64 characters A-Z a-z 0-9 . _ -; not browsable`,
  );
}

/** `key | label`; a key alone is its own label. */
function choiceOf(source: Source, keyword: string, text: string): Choice {
  const bar = text.indexOf('|');
  const key = keyOf(source, keyword, (bar < 0 ? text : text.slice(0, bar)).trim());
  return { key, label: (bar < 0 ? '' : text.slice(bar + 1).trim()) || key };
}

/** Block by the order of 4.3; a suffix of the name that says something else is a doubt. */
function blockOf(
  source: Source,
  triad: Triad,
  line: RecordGrid | undefined,
  configuration: Configuration,
): { block: Block; doubts: readonly string[] } {
  const keyword = source.entries.get('browseBlock')?.trim();
  if (keyword) {
    const block = blockNamed(keyword);
    if (block === undefined) throw definitionError(`${source.id}: browseBlock must be one of ${BLOCKS.join(', ')}`);
    return { block, doubts: doubtsOf(source, triad, block, 'browseBlock says') };
  }
  if (line !== undefined)
    return { block: line.block, doubts: doubtsOf(source, triad, line.block, 'its line in the naming table says') };
  const level = cacheLevelsOf(source).levels.find(({ microseconds }) => microseconds === 0);
  const stored = level === undefined ? undefined : PERIOD_BLOCKS[level.period];
  if (stored !== undefined) return { block: stored, doubts: doubtsOf(source, triad, stored, `${level?.key} says`) };
  const block = suffixBlock(triad.series) ?? blockNamed(configuration.text('BROWSE_DEFAULT_BLOCK') ?? '1day');
  if (block === undefined) throw definitionError(`BROWSE_DEFAULT_BLOCK must be one of ${BLOCKS.join(', ')}`);
  return { block, doubts: [] };
}

function suffixBlock(name: string): Block | undefined {
  return SUFFIX_BLOCKS[name.slice(-4)];
}

function doubtsOf({ id }: Source, { series }: Triad, block: Block, why: string): readonly string[] {
  const suffix = suffixBlock(series);
  if (suffix === undefined || suffix === block) return [];
  return [`${id}: ${why} ${block}, but its name ${series} ends like one of ${suffix}; ${block} is used`];
}

function epochOf(
  { id }: Source,
  keyword: string | undefined,
  written: Epoch | undefined,
  configuration: Configuration,
): Epoch {
  if (keyword === undefined && written !== undefined) return written;
  try {
    return parseEpoch(keyword ?? configuration.text('BROWSE_DEFAULT_EPOCH') ?? '');
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    throw definitionError(`${keyword === undefined ? 'BROWSE_DEFAULT_EPOCH' : `${id}: browseEpoch`}: ${error.message}`);
  }
}

function expectedOf(
  { id }: Source,
  items: string | undefined,
  cadence: string | undefined,
  block: Block,
): number | undefined {
  if (items !== undefined) {
    if (!/^[1-9]\d{0,9}$/.test(items)) throw definitionError(`${id}: itemsPerRecord must be a whole number`);
    return Number(items);
  }
  const seconds = cadence === undefined ? undefined : cadenceSeconds(cadence);
  const count = seconds === undefined ? 0 : Math.round(blockSeconds(block) / seconds);
  return count >= 1 ? count : undefined;
}

function finestLevel(source: Source): string | undefined {
  const bins = cacheLevelsOf(source)
    .levels.map(({ seconds }) => seconds)
    .filter((seconds) => seconds > 0);
  return bins.length === 0 ? undefined : durationWords(Math.min(...bins));
}

/** The interval of the first example, else one that gives a thousand times in a record. */
function intervalOf(source: Source, block: Block): string {
  const example = exampleRangesOf(source).find(({ interval }) => interval !== undefined)?.interval;
  return example ?? String(Math.max(1, Math.round(blockSeconds(block) / 1000)));
}
