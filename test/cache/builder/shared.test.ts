/**
 * One run of the reader for the blocks of all levels: the same bytes as with a run for each block, whatever the levels, the stream and
 * the range; how often the reader runs; what happens when runs fail.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { buildAlone } from '../../../lib/cache/builder/alone.js';
import { BlockBuilder } from '../../../lib/cache/builder/block-builder.js';
import type { BuildOptions } from '../../../lib/cache/builder/build.js';
import { buildLevels } from '../../../lib/cache/builder/levels.js';
import { levelGroups, unitsOf } from '../../../lib/cache/builder/plan-runs.js';
import { levelPlace } from '../../../lib/cache/level/place.js';
import { cacheLevelsOf } from '../../../lib/source/source.js';
import type { TimeRange } from '../../../lib/source/time-range.js';
import { buildProgram } from '../../tools/program.js';
import { readStream } from '../../tools/read-stream.js';
import { cacheSite, range, type TestSite } from '../site.js';

async function build(site: TestSite, over: TimeRange, more: Partial<BuildOptions> = {}) {
  const lines: string[] = [];
  const { levels } = cacheLevelsOf(site.source());
  const { configuration } = site;
  const sums = await buildLevels({
    source: site.source(),
    levels,
    range: over,
    configuration,
    log: (line) => lines.push(line),
    ...more,
  });
  return { sums, lines };
}

/** The old way: a run for each block of each level. */
async function buildOneByOne(site: TestSite, over: TimeRange): Promise<void> {
  const builder = new BlockBuilder({ configuration: site.configuration });
  const source = site.source();
  for (const level of cacheLevelsOf(source).levels) {
    const place = levelPlace(site.configuration, source, level);
    if (place === undefined) throw new Error('no cache');
    for (const group of levelGroups([place], () => 'none')) {
      for (const tasks of unitsOf(group, over)) for (const task of tasks) await buildAlone(builder, task);
    }
  }
}

/** Every block with its bytes, and what its side file says about its content. */
function blocks(site: TestSite): Record<string, string> {
  const root = join(site.cacheRoot, 'data');
  const found: Record<string, string> = {};
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.d2s')) found[name] = readFileSync(join(root, name), 'latin1');
    if (!name.endsWith('.json')) continue;
    const { records, empty, bytes, begin, end } = JSON.parse(readFileSync(join(root, name), 'utf8'));
    found[name] = JSON.stringify({ records, empty, bytes, begin, end });
  }
  return found;
}

/**
 * Records of three packet types at whole multiples of STEP seconds since 2000: type 01 on top of the stream, 02 from its first record on, 01
 * defined anew at every full hour. Nothing in hours 12 to 18. With SLOPPY some records come a little late, over block borders, and nothing is
 * defined anew: a definition between records of one bin parts it, and a run for that block alone would not have it.
 */
const MANY_TYPES = `#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
from=$(date -u -d "$1" +%s) to=$(date -u -d "$2" +%s)
exec awk -v from="$from" -v to="$to" -v step="$STEP" -v sloppy="\${SLOPPY:-0}" '
function packet(id, text) { printf "[%s]%06d%s", id, length(text), text }
function define(name) {
  return "<packet><x type=\\"ascii24\\" units=\\"us2000\\"/><y type=\\"ascii14\\" units=\\"V\\" name=\\"" name "\\"/></packet>"
}
BEGIN {
  packet("00", "<stream version=\\"2.2\\"/>")
  packet("01", define("a"))
  from -= 946684800
  to -= 946684800
  count = 0
  for (k = int((from + step - 1) / step); k * step < to; k++) records[count++] = k
  if (sloppy) for (i = 1; i < count; i++) if (records[i] % 5 == 0) {
    late = records[i - 1]
    records[i - 1] = records[i]
    records[i] = late
  }
  hour = -1
  for (i = 0; i < count; i++) {
    k = records[i]
    time = k * step
    now = int(time / 3600)
    if (now % 24 >= 12 && now % 24 < 18) continue
    any = 1
    if (!sloppy && hour >= 0 && now != hour) packet("01", define("a"))
    hour = now
    id = k % 3 == 0 ? "02" : "01"
    if (id == "02" && !two) { packet("02", define("b")); two = 1 }
    printf ":%s:%23.0f %13.6f\\n", id, time * 1e6, (k * 7919 % 1000) / 8
  }
  if (!any) packet("xx", "<exception type=\\"NoDataInInterval\\" message=\\"none\\"/>")
}'
`;

/** The content of blocks: records of each type in order, whatever stands between them. */
function contents(all: Record<string, string>): Record<string, unknown> {
  const byType = (text: string) => {
    const records = text.match(/:\d\d:.{37}\n/g) ?? [];
    return [...new Set(records.map((record) => record.slice(0, 4)))]
      .sort()
      .map((tag) => records.filter((record) => record.startsWith(tag)));
  };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => name.endsWith('.d2s'))
      .map(([name, text]) => [name, byType(text)]),
  );
}

/** Blocks as streams: what headers say, the bytes of records, the types of exceptions. */
function streams(all: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => name.endsWith('.d2s'))
      .map(([name, text]) => [
        name,
        readStream(Buffer.from(text, 'latin1')).map((packet) => {
          if (packet.kind === 'data') return Buffer.from(packet.bytes).toString('latin1');
          return packet.kind === 'exception' ? packet.exception.type : JSON.stringify(packet);
        }),
      ]),
  );
}

const RESOLUTIONS = ['intrinsic', '1 s', '45 s', '1 min', '7 min', '10 min', '90 min', '1 hour', '1 day'];
const anyLevels = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom(...RESOLUTIONS), fc.constantFrom('perminute', 'hourly', 'daily', 'monthly', 'yearly')),
    { minLength: 1, maxLength: 4, selector: ([resolution]) => resolution },
  )
  .map((levels) => levels.map(([resolution, period], i) => `cacheLevel_0${i} = '${resolution} | ${period}'`));
const FIRST = Date.UTC(2016, 1, 28, 22);
const isoTime = (seconds: number): string => new Date(FIRST + seconds * 1000).toISOString().slice(0, 19);

t.test('the same blocks as one by one', async (t) => {
  let shared = 0;
  let single = 0;
  await fc.assert(
    fc.asyncProperty(
      anyLevels,
      fc.integer({ min: 0, max: 90_000 }),
      fc.integer({ min: 1, max: 8000 }),
      fc.constantFrom('test_reader', 'many_types'),
      fc.boolean(),
      async (lines, first, length, reader, sloppy) => {
        // A year of minutes is too much for a test.
        const step = lines.some((line) => /yearly|monthly/.test(line))
          ? 1800
          : lines.some((line) => /daily/.test(line))
            ? 97
            : 7;
        fc.pre(!(step > 7 && lines.some((line) => line.includes('perminute'))));
        const definition = [...lines, `reader = 'STEP=${step} ${sloppy ? 'SLOPPY=1 ' : ''}GAP=1 ${reader}'`];
        const [one, many] = [cacheSite(t, definition), cacheSite(t, definition)];
        for (const site of [one, many]) site.program('many_types', MANY_TYPES);
        const over = range(isoTime(first), isoTime(first + length));
        await buildOneByOne(one, over);
        const { sums, lines: log } = await build(many, over);
        t.ok(
          sums.every(({ failed }) => failed === 0),
          log.join('\n'),
        );
        shared += many.calls().length;
        single += one.calls().length;
        const [expected, found] = [blocks(one), blocks(many)];
        t.strictSame(Object.keys(found), Object.keys(expected));
        // Types that are defined where they are first used stand in other places in blocks, no more.
        if (reader === 'test_reader') t.strictSame(streams(found), streams(expected));
        else t.strictSame(contents(found), contents(expected));
        for (const site of [one, many]) rmSync(site.folder, { recursive: true, force: true });
      },
    ),
    { numRuns: 15 },
  );
  // How many there must be says the next test; chance may choose few blocks here.
  t.ok(shared <= single, `${shared} runs of the reader instead of ${single}`);
});

const NESTING = [
  "cacheLevel_00 = 'intrinsic | hourly'",
  "cacheLevel_01 = '1 min | daily'",
  "cacheLevel_02 = '1 hour | monthly'",
];
const YEAR = ["reader = 'STEP=3600 test_reader'"];

t.test('how often the reader runs', async (t) => {
  const calls = async (lines: readonly string[], ...over: [string, string]) => {
    const site = cacheSite(t, [...lines, ...YEAR]);
    await build(site, range(...over));
    return site.calls();
  };
  t.strictSame(await calls(NESTING, '2017-03-05', '2017-03-06'), ['2017-03-01 2017-04-01'], 'the month is touched');
  const coarse = ["cacheLevel_00 = '1 min | daily'", "cacheLevel_01 = '1 hour | monthly'"];
  t.strictSame(await calls(coarse, '2017-02-01', '2017-04-01'), ['2017-02-01 2017-03-01', '2017-03-01 2017-04-01']);
  const days = NESTING.slice(0, 2);
  t.strictSame(await calls(days, '2017-03-05T12:00', '2017-03-06T01:00'), [
    '2017-03-05 2017-03-06',
    '2017-03-06 2017-03-07',
  ]);
  t.strictSame(await calls(days.slice(0, 1), '2017-03-05T12:00', '2017-03-05T15:30'), [
    '2017-03-05T12:00 2017-03-05T16:00',
  ]);
  const others = ["cacheLevel_00 = 'intrinsic | hourly'", "cacheLevel_01 = '1 min | hourly | fast'"];
  t.strictSame(
    await calls(others, '2017-03-05T12:00', '2017-03-05T14:00'),
    ['2017-03-05T12:00 2017-03-05T14:00', '2017-03-05T12:00 2017-03-05T14:00 fast'],
    'other parameters, other runs',
  );
});

t.test('a long run tells how far it is', async (t) => {
  const site = cacheSite(t, [...NESTING.slice(0, 2), ...YEAR]);
  const told: number[] = [];
  await build(site, range('2017-03-01', '2017-03-02'), {
    progress: ({ done, total }) => {
      t.equal(total, 25);
      told.push(done);
    },
  });
  t.equal(site.calls().length, 1);
  t.strictSame(
    told.slice(1),
    Array.from({ length: 25 }, (_none, i) => i),
    'at each block, before the run has ended',
  );
});

t.test('only what is missing is read', async (t) => {
  const site = cacheSite(t, [...NESTING.slice(0, 2), ...YEAR]);
  const over = range('2017-03-01', '2017-03-03');
  await build(site, over);
  const hour = (text: string) => join(site.cacheRoot, `data/T/S/_noparam/intrinsic/2017/03/01/${text}_intrinsic.d2s`);
  for (const name of ['2017-03-01T04', '2017-03-01T05', '2017-03-01T09']) rmSync(hour(name));
  const before = site.calls().length;
  const { sums } = await build(site, over);
  t.match(sums, [
    { built: 3, skipped: 45 },
    { built: 0, skipped: 2 },
  ]);
  t.strictSame(site.calls().slice(before), ['2017-03-01T04:00 2017-03-01T06:00', '2017-03-01T09:00 2017-03-01T10:00']);
});

t.test('a run that fails keeps nothing, and is done in parts', async (t) => {
  const site = cacheSite(t, [...NESTING, "reader = 'STEP=3600 moody'"]);
  // Fails for every range with 2017-03-05T07:30 in it, when most has been written.
  site.program(
    'moody',
    `#!/bin/sh
"$(dirname "$0")/test_reader" "$@"
from=$(date -u -d "$1" +%s) to=$(date -u -d "$2" +%s)
test "$from" -le 1488699000 && test "$to" -gt 1488699000 && exit 7
exit 0
`,
  );
  const { sums, lines } = await build(site, range('2017-03-01', '2017-03-11'));
  t.match(sums, [
    {
      built: 239,
      failed: 1,
      failures: [{ kind: 'reader', count: 1, first: /2017-03-05T07_intrinsic.d2s: .* status 7/ }],
    },
    { built: 9, failed: 1, failures: [{ kind: 'reader', count: 1 }] },
    { built: 0, failed: 1, failures: [{ kind: 'reader', count: 1 }] },
  ]);
  t.match(lines.join('\n'), /T\/S: 2017-03-01T00:00:00 to 2017-04-01T00:00:00: .* in parts/);
  // The month, ten days, the hours of the bad one.
  t.equal(site.calls().length, 1 + 10 + 24);
  const leftovers = readdirSync(site.cacheRoot, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /tmp|lock/.test(name),
  );
  t.strictSame(leftovers, [], 'no temporary file, no lock');
});

t.test('reducers of the site are run block by block', async (t) => {
  const site = cacheSite(t, [
    "cacheLevel_00 = 'intrinsic | hourly'",
    "cacheLevel_01 = '1 min | hourly'",
    "reducer = 'own_reducer'",
  ]);
  site.program('own_reducer', `#!/bin/sh\necho "$@" >> "$(dirname "$0")/reduced"\nexec cat\n`);
  const { sums } = await build(site, range('2017-03-01T04:00', '2017-03-01T06:00'));
  t.match(sums, [{ built: 2 }, { built: 2 }]);
  t.strictSame(site.calls(), [
    '2017-03-01T04:00 2017-03-01T06:00',
    '2017-03-01T04:00 2017-03-01T05:00',
    '2017-03-01T05:00 2017-03-01T06:00',
  ]);
  t.equal(
    readFileSync(join(site.folder, 'bin/reduced'), 'utf8'),
    '-b 2017-03-01T04:00 60.000000\n-b 2017-03-01T05:00 60.000000\n',
  );
});

t.test('records that come far too late', async (t) => {
  const site = cacheSite(t, [...NESTING.slice(0, 2), "reader = 'backwards'"]);
  // The second half of the day first.
  site.program(
    'backwards',
    `#!/bin/sh
here=$(dirname "$0")
case "$1 $2" in
  *T*) exec "$here/test_reader" "$@" ;;
esac
echo all >> "$here/calls"
"$here/test_reader" "$1T12:00" "$2"
"$here/test_reader" "$1" "$1T12:00" | sed 's/.*<stream version="2.2" \\/>//' | tail -n +1
`,
  );
  const { sums, lines } = await build(site, range('2017-03-01', '2017-03-02'), {
    range: range('2017-03-01', '2017-03-02'),
  });
  t.match(
    sums,
    [
      { built: 24, failed: 0 },
      { built: 1, failed: 0 },
    ],
    lines.join('\n'),
  );
});

t.test('a reader that hangs', async (t) => {
  const limits = ['IDLE_TIMEOUT = 300 ms', 'FIRST_BYTE_TIMEOUT = 300 ms'];
  const site = cacheSite(t, [...NESTING.slice(0, 2), "reader = 'sleep 60; true'"], limits);
  const { sums } = await build(site, range('2017-03-01', '2017-03-03'));
  t.match(sums, [
    { built: 0, failed: 48, failures: [{ kind: 'timeout', count: 48, first: /FIRST_BYTE_TIMEOUT/ }] },
    { built: 0, failed: 2, failures: [{ kind: 'timeout', count: 2 }] },
  ]);
});

t.test('das1 sources and QStreams', async (t) => {
  const program = await buildProgram('das2_from_das1', 'bin/from_das1.ts');
  t.teardown(() => program.remove());
  const das1 = [
    'das2Stream = 0',
    "form = 'x_multi_y'",
    'items = 1',
    'requiresInterval = 0',
    "x_unit = 'seconds'",
    "cacheLevel_00 = 'intrinsic | hourly'",
    "cacheLevel_01 = '1 min | hourly'",
    "cacheLevel_02 = '1 min | daily'",
    "reader = 'tagged'",
  ];
  const site = cacheSite(t, das1);
  site.program(
    'tagged',
    `#!/bin/sh\necho "$@" >> "$(dirname "$0")/calls"\nexec "${process.execPath}" -e 'const v = [0, 1, 10, 2, 70, 3]; const b = Buffer.alloc(24); v.forEach((x, i) => b.writeFloatBE(x, 4 * i)); process.stdout.write(b)'\n`,
  );
  const { sums, lines } = await build(site, range('2017-03-01T04:00', '2017-03-01T05:00'));
  t.match(sums, [{ built: 1, failed: 0 }, { built: 1 }, { built: 1 }], lines.join('\n'));
  t.strictSame(
    site.calls(),
    ['2017-03-01T04:00 2017-03-01T05:00', '2017-03-01 2017-03-02'],
    'one run for blocks of the same bounds',
  );
});
