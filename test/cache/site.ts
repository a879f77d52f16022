/**
 * A site with a cache for tests: a folder with configuration, one definition and a reader whose records depend on their own time
 * alone. Each run of the reader adds its arguments to the file `calls`.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Configuration } from '../../lib/conf/configuration.js';
import { type RequestLog, SILENT_LOG } from '../../lib/log/request-log.js';
import { dataset } from '../../lib/routes/data/dataset.js';
import { makeContext, makeServer } from '../../lib/server/context.js';
import type { CacheLevel } from '../../lib/source/cache-level.js';
import { cacheLevelsOf, type Source } from '../../lib/source/source.js';
import { sourceOf } from '../../lib/source/source-definitions.js';
import type { TimeRange } from '../../lib/source/time-range.js';
import { SourceTree } from '../../lib/source/tree/source-tree.js';
import { parseTime } from '../../lib/stream/time.js';
import { testRequest } from '../tools/make-test-request.js';
import { readStream } from '../tools/read-stream.js';

/** Records at every whole multiple of STEP seconds since 2000 (default 7); none in hours 12 to 18 of each day if GAP is set. */
const READER = `#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
test -f "$here/fail" && { echo "tape broke" >&2; exit 3; }
from=$(date -u -d "$1" +%s.%N)
to=$(date -u -d "$2" +%s.%N)
exec awk -v from="$from" -v to="$to" -v step="\${STEP:-7}" -v gap="\${GAP:-0}" 'BEGIN {
  printf "[00]000025<stream version=\\"2.2\\" />\\n"
  body = "<packet><x type=\\"ascii24\\" units=\\"us2000\\" /><y type=\\"ascii14\\" units=\\"V\\" name=\\"v\\" /></packet>\\n"
  from -= 946684800
  to -= 946684800
  k = int(from / step)
  while (k * step > from) k--
  while (k * step < from) k++
  for (; k * step < to; k++) {
    t = k * step
    if (gap && int(t / 3600) % 24 >= 12 && int(t / 3600) % 24 < 18) continue
    if (!headed++) printf "[01]%06d%s", length(body), body
    printf ":01:%23.0f %13.6f\\n", t * 1e6, (k * 7919 % 1000) / 8 + k % 13
  }
  if (!headed) {
    body = "<exception type=\\"NoDataInInterval\\" message=\\"none\\" />\\n"
    printf "[xx]%06d%s", length(body), body
  }
}'
`;

export interface TestSite {
  readonly folder: string;
  readonly cacheRoot: string;
  readonly configuration: Configuration;
  source(): Source;
  level(number: number): CacheLevel;
  /** Writes the definition anew. */
  define(lines: readonly string[]): void;
  /** Adds a program. */
  program(name: string, text: string): void;
  /** The arguments of the reader's runs so far, a line each. */
  calls(): string[];
}

/** A site whose source `T/S` has these lines besides its reader. */
export function cacheSite(
  t: { teardown(action: () => void): unknown },
  lines: readonly string[],
  settings: readonly string[] = [],
): TestSite {
  const folder = mkdtempSync(join(tmpdir(), 'das2-cache-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const cacheRoot = join(folder, 'cache');
  for (const name of ['datasets/T', 'bin', 'log']) mkdirSync(join(folder, name), { recursive: true });
  const program = (name: string, text: string): void => {
    writeFileSync(join(folder, 'bin', name), text);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  program('test_reader', READER);
  const define = (content: readonly string[]): void => {
    const text = ["description = 'test'", 'das2Stream = 1', ...content];
    if (!content.some((line) => line.startsWith('reader'))) text.push("reader = 'test_reader'");
    writeFileSync(join(folder, 'datasets/T/S.dsdf'), `${text.join('\n')}\n`);
  };
  define(lines);
  const text = [
    `DSDF_ROOT = ${folder}/datasets`,
    `BIN_PATH = ${folder}/bin`,
    `CACHE_ROOT = ${cacheRoot}`,
    `LOG_PATH = ${folder}/log`,
    `STATE_ROOT = ${folder}/state`,
    ...settings,
  ];
  const file = join(folder, 'das2server.conf');
  writeFileSync(file, `${text.join('\n')}\n`);
  const configuration = new Configuration(`${text.join('\n')}\n`, { file, prefix: folder });
  const source = (): Source => sourceOf(new SourceTree(configuration), 'T/S');
  return {
    folder,
    cacheRoot,
    configuration,
    source,
    define,
    program,
    level(number) {
      const level = cacheLevelsOf(source()).levels.find((one) => one.number === number);
      if (level === undefined) throw new Error(`no level ${number}`);
      return level;
    },
    calls() {
      const calls = join(folder, 'bin/calls');
      return existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : [];
    },
  };
}

export function range(begin: string, end: string): TimeRange {
  return { begin: parseTime(begin), end: parseTime(end) };
}

/** What a client gets, and what the access log says of the cache. */
export interface Answer {
  readonly bytes: Buffer;
  readonly cache: string | undefined;
  readonly aborted: boolean;
}

/** Asks for data through the whole route. `begun` is called between the first byte and the others. */
export async function ask(
  site: TestSite,
  query: string,
  begun: () => void = () => {},
  log: RequestLog = SILENT_LOG,
): Promise<Answer> {
  const context = makeContext(makeServer(site.configuration), log);
  const request = testRequest({ query: `server=dataset&dataset=T/S&${query}` });
  const reply = await dataset(context, request);
  begun();
  const pieces: Buffer[] = [];
  let aborted = false;
  if (reply.body.kind === 'stream') {
    await reply.body.run({
      gone: false,
      onGone() {},
      abort() {
        aborted = true;
      },
      write(bytes) {
        pieces.push(Buffer.from(bytes));
      },
    });
  }
  return { bytes: Buffer.concat(pieces), cache: context.notes.cache, aborted };
}

/** Everything that a client takes from a stream. */
export function content(bytes: Uint8Array): { records: string[]; header: unknown; exceptions: string[] } {
  const packets = readStream(bytes);
  return {
    records: packets.flatMap((packet) =>
      packet.kind === 'data' ? [Buffer.from(packet.bytes).toString('latin1')] : [],
    ),
    header: packets.flatMap((packet) => (packet.kind === 'stream' ? [packet.header.properties] : [])),
    exceptions: packets.flatMap((packet) => (packet.kind === 'exception' ? [packet.exception.type] : [])),
  };
}

/** The blocks of das2 streams below a folder. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d2s'))
    .map((name) => join(folder, name))
    .sort();
}
