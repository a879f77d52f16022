/**
 * A site with a filled cache, for tests of validators: sources whose records an hour depend on their own time and on the file `value`
 * alone; none on the third day. Times of blocks and definitions are what a test says.
 */
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildLevels } from '../../lib/cache/builder/levels.js';
import { loadConfiguration } from '../../lib/conf/configuration.js';
import { cacheLevelsOf } from '../../lib/source/source.js';
import { sourceOf } from '../../lib/source/source-definitions.js';
import { SourceTree } from '../../lib/source/tree/source-tree.js';
import { parseTime } from '../../lib/stream/time.js';
import { layOutProtocolFixture, type ProtocolFixture } from './protocol-fixture.js';

const READER = `value=$(cat "$(dirname "$0")/value")
awk -v from="$(date -u -d "$1" +%s)" -v to="$(date -u -d "$2" +%s)" -v value="$value" 'BEGIN {
  printf "[00]000025<stream version=\\"2.2\\" />\\n"
  body = "<packet><x type=\\"ascii24\\" units=\\"us2000\\" /><y type=\\"ascii14\\" units=\\"V\\" name=\\"v\\" /></packet>\\n"
  for (t = from; t < to; t += 3600) {
    if (int((t - 1483228800) / 86400) == 2) continue
    if (!headed++) printf "[01]%06d%s", length(body), body
    printf ":01:%23.0f %13.6f\\n", (t - 946684800) * 1e6, value + t % 86400 / 3600
  }
  if (!headed) {
    body = "<exception type=\\"NoDataInInterval\\" message=\\"none\\" />\\n"
    printf "[xx]%06d%s", length(body), body
  }
}'
`;

const LEVELS = "cacheLevel_00 = 'intrinsic | daily'\ncacheLevel_01 = '2 hours | daily'\n";
const definition = (more: string): string =>
  `description = 'Hourly'\ndas2Stream = 1\nreader = 'hourly'\nhapi = 1\n${LEVELS}` +
  `exampleRange_00 = '2017-01-01 to 2017-01-02'\n${more}`;

export interface SettledSite extends ProtocolFixture {
  readonly cacheRoot: string;
  /** What the reader adds to its values. */
  setValue(value: number): void;
  /** Makes the blocks of all levels that are missing in these days. */
  fill(id: string, begin: string, end: string): Promise<void>;
  /** The blocks whose path below the cache holds `part`. */
  blocks(part?: string): string[];
  /** Gives these blocks this time. */
  date(part: string, time: string): string[];
  /** Gives what the server keeps of a HAPI dataset this time. */
  dateHeader(id: string, time: string): void;
  /** Gives a definition this time. */
  dateDefinition(id: string, time: string): void;
}

/** `T/Open` for everybody, up to now; `T/Fixed` up to 2018; `T/Closed` for account `u`; `T/Aged` open after a year. */
export async function layOutSettledSite(settings: Readonly<Record<string, string>> = {}): Promise<SettledSite> {
  const toNow = "validRange = '2017-01-01 to now'\n";
  const site = layOutProtocolFixture({
    settings: {
      ENABLE_HAPI_SUBSYS: 'true',
      D2S_REDUCER: undefined,
      D2S_TO_UTF8: undefined,
      CACHE_ROOT: '../cache',
      ...settings,
    },
    sources: {
      'T/Open': definition(toNow),
      'T/Fixed': definition("validRange = '2017-01-01 to 2018-01-01'\n"),
      'T/Closed': definition(`${toNow}readAccess = 'GROUP:g'\n`),
      'T/Aged': definition(`${toNow}readAccess = 'AGE:1y | GROUP:g'\n`),
    },
  });
  site.writeProgram('hourly', READER);
  const cacheRoot = join(site.root, 'cache');
  const configuration = loadConfiguration({ file: site.configurationFile, environment: {} });
  const setValue = (value: number): void => writeFileSync(join(site.binPath, 'value'), `${value}\n`);
  setValue(0);
  const blocks = (part = ''): string[] =>
    readdirSync(cacheRoot, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.d2s') && name.includes(part))
      .map((name) => join(cacheRoot, name))
      .sort();
  return {
    ...site,
    cacheRoot,
    setValue,
    async fill(id, begin, end) {
      const source = sourceOf(new SourceTree(configuration), id);
      const range = { begin: parseTime(begin), end: parseTime(end) };
      await buildLevels({ source, levels: cacheLevelsOf(source).levels, range, configuration });
    },
    blocks,
    date(part, time) {
      const found = blocks(part);
      for (const block of found) utimesSync(block, new Date(time), new Date(time));
      return found;
    },
    dateHeader(id, time) {
      const file = join(site.stateRoot, `hapi/${id}.json`);
      const record: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
      writeFileSync(file, JSON.stringify({ ...record, builtAt: Date.parse(time) }));
    },
    dateDefinition(id, time) {
      utimesSync(join(site.dsdfRoot, `${id}.dsdf`), new Date(time), new Date(time));
    },
  };
}
