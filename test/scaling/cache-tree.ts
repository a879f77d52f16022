/**
 * Look-up in a cache of twenty years: blocks and side files are laid out as the worker would leave them, and then looked for, as each
 * request does it. The point of more than one source: a look-up must not cost more because others are there.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { blocksOf, countBlocks, nextBlockBegin } from '../../lib/cache/block/block.js';
import { Checksum } from '../../lib/cache/block/checksum.js';
import { sideName } from '../../lib/cache/block/look.js';
import { type BlockRecord, RECORD_FORMAT } from '../../lib/cache/block/record.js';
import { findBlocks } from '../../lib/cache/level/find-blocks.js';
import { blockFile, type LevelPlace, levelPlace } from '../../lib/cache/level/place.js';
import { type Configuration, loadConfiguration } from '../../lib/conf/configuration.js';
import { cacheLevelsOf } from '../../lib/source/source.js';
import { sourceOf } from '../../lib/source/source-definitions.js';
import type { TimeRange } from '../../lib/source/time-range.js';
import { SourceTree } from '../../lib/source/tree/source-tree.js';
import { formatTime, parseTime, type TimePoint } from '../../lib/stream/time.js';
import { Programs } from '../faults/engine/programs.js';
import { count, fastestMs, ms, type Point } from './points.js';

const LEVELS = ["'60 s | daily'", "'600 s | daily'", "'3600 s | monthly'", "'86400 s | yearly'"];
const FIRST = '2000-01-01';
const LAST = '2020-01-01';
/** A small block: what is measured here is how it is found. */
const BLOCK = blockBytes();
const CHECKSUM = checksumOf(BLOCK);
const RUNS = 25;

/** Lays out `sources` sources of twenty years below `folder` and measures. */
export async function measureCache(folder: string, sources: readonly number[], bin: string): Promise<Point[]> {
  const points: Point[] = [];
  const file = writeSite(folder, Math.max(...sources));
  const configuration = loadConfiguration({ file });
  let laid = 0;
  for (const wanted of sources) {
    let files = 0;
    for (; laid < wanted; laid++) for (const place of placesOf(configuration, laid)) files += layOut(place);
    const per = layOutTime(files);
    const [fine, , , coarse] = placesOf(configuration, 0);
    if (fine === undefined || coarse === undefined) throw new Error('the definition has no levels');
    const look = async (place: LevelPlace, end: string): Promise<string> => {
      const range = { begin: parseTime(FIRST), end: parseTime(end) };
      const blocks = countBlocks(range, place.level.period);
      const time = await fastestMs(RUNS, () => check(findBlocks(place, range, 1e6, Date.now())?.present, blocks));
      return `${ms(time)} (${ms(time / blocks)} a block)`;
    };
    points.push({
      what: 'look-up in the cache',
      size: `${count(wanted)} sources, ${count(wanted * filesOfSource())} files`,
      values: {
        '1 block': await look(fine, '2000-01-02'),
        '31 blocks': await look(fine, '2000-02-01'),
        '366 blocks': await look(fine, '2001-01-01'),
        '2,000 blocks': await look(fine, '2005-06-23'),
        '20 yearly blocks': await look(coarse, LAST),
        ...per,
      },
    });
  }
  const programs = new Programs(bin, file);
  const request = async (end: string, resolution: number): Promise<string> => {
    const query = `server=dataset&dataset=S0&start_time=${FIRST}&end_time=${end}&resolution=${resolution}`;
    let size = 0;
    const time = await fastestMs(9, async () => {
      const { status, bytes } = await programs.front(query);
      if (status !== 0) throw new Error('the front has failed');
      size = bytes.length;
    });
    return `${ms(time)} for ${count(size)} bytes`;
  };
  points.push({
    what: 'a request served from the cache, process and all',
    size: `${count(laid)} sources`,
    values: {
      '1 block': await request('2000-01-02', 60),
      '31 blocks': await request('2000-02-01', 60),
      '366 blocks': await request('2001-01-01', 60),
      '20 yearly blocks': await request(LAST, 86_400),
    },
  });
  return points;
}

function writeSite(folder: string, sources: number): string {
  mkdirSync(join(folder, 'datasets'), { recursive: true });
  mkdirSync(join(folder, 'log'));
  for (let i = 0; i < sources; i++) {
    const lines = ["description = 'twenty years'", 'das2Stream = 1', "reader = 'false'"];
    for (const [number, level] of LEVELS.entries()) lines.push(`cacheLevel_0${number} = ${level}`);
    writeFileSync(join(folder, `datasets/S${i}.dsdf`), `${lines.join('\n')}\n`);
  }
  const file = join(folder, 'site.conf');
  const settings = ['DSDF_ROOT = datasets', 'CACHE_ROOT = cache', 'STATE_ROOT = state', 'LOG_PATH = log'];
  writeFileSync(file, `${[...settings, 'WORK_QUEUE_BROKER = none'].join('\n')}\n`);
  return file;
}

function placesOf(configuration: Configuration, number: number): LevelPlace[] {
  const source = sourceOf(new SourceTree(configuration), `S${number}`);
  return cacheLevelsOf(source).levels.flatMap((level) => levelPlace(configuration, source, level) ?? []);
}

const SPAN: TimeRange = { begin: parseTime(FIRST), end: parseTime(LAST) };

/** Blocks and side files of one source. */
export function filesOfSource(): number {
  return 2 * (2 * countBlocks(SPAN, 'daily') + countBlocks(SPAN, 'monthly') + countBlocks(SPAN, 'yearly'));
}

let spent = 0;

/** Writes all blocks of a level with their side files; how many files. */
function layOut(place: LevelPlace): number {
  const begin = performance.now();
  let files = 0;
  let folder = '';
  for (const block of blocksOf(SPAN, place.level.period)) {
    const path = join(place.folder, blockFile(place, block));
    if (dirname(path) !== folder) {
      folder = dirname(path);
      mkdirSync(folder, { recursive: true });
    }
    writeFileSync(path, BLOCK);
    writeFileSync(join(folder, sideName(path.slice(folder.length + 1))), side(place, block));
    files += 2;
  }
  spent += performance.now() - begin;
  return files;
}

function layOutTime(files: number): Record<string, string> {
  const each = spent / Math.max(1, files);
  spent = 0;
  return { 'writing a file': ms(each) };
}

function side({ source, level, rules }: LevelPlace, begin: TimePoint): string {
  const record: BlockRecord = {
    format: RECORD_FORMAT,
    dataset: source.id,
    hash: rules.hash,
    params: level.params,
    begin: formatTime(begin, { decimals: 0 }),
    end: formatTime(nextBlockBegin(begin, level.period), { decimals: 0 }),
    builtAt: new Date().toISOString(),
    bytes: BLOCK.length,
    checksum: CHECKSUM,
    records: 0,
    plain: null,
    empty: false,
    final: true,
    recheckAfter: null,
    serverVersion: '0',
  };
  return JSON.stringify(record);
}

function blockBytes(): Buffer {
  const stream = '<stream version="2.2" />\n';
  const packet = '<packet><x type="time24" units="us2000" /><y type="ascii14" units="V" name="v" /></packet>\n';
  const header = (id: string, text: string): string => `[${id}]${String(text.length).padStart(6, '0')}${text}`;
  return Buffer.from(header('00', stream) + header('01', packet));
}

function checksumOf(bytes: Uint8Array): string {
  const sum = new Checksum();
  sum.add(bytes);
  return sum.text();
}

function check(got: number | undefined, wanted: number): void {
  if (got !== wanted) throw new Error(`${got} blocks found, there are ${wanted}`);
}
