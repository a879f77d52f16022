/** One answer, whatever the cache holds: the same records from full, partial and empty caches, for any range and resolution. */
import { cpSync, renameSync } from 'node:fs';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { readStream } from '../../tools/read-stream.js';
import { fill, LEVELS } from '../filled-levels.js';
import { ask, cacheSite, content, filesBelow } from '../site.js';

const at = (second: number): string => new Date(Date.UTC(2017, 2, 1) + second * 1000).toISOString().replace('Z', '');
const MOST = 30 * 3_600_000;

/**
 * Two packet types at whole multiples of 37 s. The first is defined anew 20 minutes into each hour, as another one in every second hour;
 * the second has a definition in front of its first record. What is defined does not depend on the range.
 */
const CHANGING = `#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
exec awk -v from="$(date -u -d "$1" +%s.%N)" -v to="$(date -u -d "$2" +%s.%N)" '
function packet(id, text) { printf "[%s]%06d%s", id, length(text), text }
function define(id, name) {
  packet(id, "<packet><x type=\\"ascii24\\" units=\\"us2000\\"/><y type=\\"ascii14\\" units=\\"V\\" name=\\"" name "\\"/></packet>")
}
function phase(time) { return int((time - 1200) / 3600) }
BEGIN {
  packet("00", "<stream version=\\"2.2\\"/>")
  from -= 946684800
  to -= 946684800
  k = int(from / 37)
  while (k * 37 < from) k++
  for (; k * 37 < to; k++) {
    time = k * 37
    id = k % 3 == 0 ? "02" : "01"
    now = phase(time)
    if (!one || now != last) { define("01", "a" now % 4 % 3); one = 1 }
    if (id == "02" && !two) { define("02", "b"); two = 1 }
    last = now
    printf ":%s:%23.0f %13.6f\\n", id, time * 1e6, (k * 7919 % 1000) / 8
  }
}'
`;

for (const [name, levels, resolutions, reader] of [
  // No binned level is a multiple of another: averages of averages would be other numbers.
  [
    'bins on the grid',
    [...LEVELS.slice(0, 2), "cacheLevel_02 = '90 s | daily'"],
    ['', '10', '60', '61.5', '89', '90', '359', '360', '600', '3600', '86400'],
    undefined,
  ],
  [
    'bins that begin anew with every block',
    [LEVELS[0], "cacheLevel_01 = '7 min | hourly'", "cacheLevel_02 = '50 min | daily'"],
    ['', '300', '420', '500', '1679', '1680', '2999', '3000', '11999', '12000', '86400'],
    undefined,
  ],
  [
    'packet types that are defined anew',
    [...LEVELS.slice(0, 2), "cacheLevel_02 = '90 s | daily'"],
    ['', '10', '60', '90', '240', '5000', '7200', '86400'],
    CHANGING,
  ],
] as const) {
  t.test(`one answer, whatever the cache holds: ${name}`, async (t) => oneAnswer(t, levels, resolutions, reader));
}

/** The records of each packet type with what they mean: types may change places where blocks meet. */
function byType(bytes: Uint8Array): unknown {
  const types = new Map<number, string[]>();
  const others: unknown[] = [];
  for (const packet of readStream(bytes)) {
    if (packet.kind === 'stream') others.push(packet.header.properties);
    if (packet.kind === 'exception') others.push(packet.exception.type);
    if (packet.kind !== 'data') continue;
    const records = types.get(packet.id) ?? [];
    types.set(packet.id, records);
    records.push(`${JSON.stringify(packet.header)} ${Buffer.from(packet.bytes).toString('latin1')}`);
  }
  return { types: [...types].sort(([a], [b]) => a - b), others };
}

async function oneAnswer(
  t: Test,
  levels: readonly (string | undefined)[],
  resolutions: readonly string[],
  reader: string | undefined,
) {
  const command = reader === undefined ? 'STEP=37 GAP=1 test_reader' : 'changing_reader';
  const lines = [...levels.filter((line) => line !== undefined), `reader = '${command}'`];
  const [none, full, some] = [cacheSite(t, lines), cacheSite(t, lines), cacheSite(t, lines)];
  for (const site of [none, full, some]) if (reader !== undefined) site.program('changing_reader', reader);
  await fill(full);
  cpSync(full.cacheRoot, some.cacheRoot, { recursive: true, preserveTimestamps: true });
  const blocks = filesBelow(some.cacheRoot);
  t.equal(blocks.length, 30 + 30 + 2);
  const notes = new Set<string | undefined>();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: MOST - 1 }),
      fc.oneof(
        fc.integer({ min: 1, max: 90_000 }),
        fc.integer({ min: 1, max: 50_000_000 }),
        fc.integer({ min: 1, max: MOST }),
      ),
      fc.constantFrom(...resolutions),
      fc.constantFrom(0, 0.2, 0.5, 0.9),
      fc.nat(),
      async (first, length, resolution, share, seed) => {
        const last = Math.min(first + length, MOST);
        const query = `start_time=${at(first / 1000)}&end_time=${at(last / 1000)}${resolution && `&resolution=${resolution}`}`;
        const hidden = blocks.filter((_block, i) => (Math.abs(Math.sin(seed + i)) * 1000) % 1 < share);
        for (const file of hidden) renameSync(file, `${file}.off`);
        try {
          const answers = await Promise.all([none, full, some].map((site) => ask(site, query)));
          const [live, cached, mixed] = answers.map(({ bytes }) => byType(bytes));
          t.strictSame([answers[0]?.cache, answers[1]?.cache], ['miss', 'hit']);
          notes.add(answers[2]?.cache);
          return JSON.stringify(live) === JSON.stringify(cached) && JSON.stringify(mixed) === JSON.stringify(cached);
        } finally {
          for (const file of hidden) renameSync(`${file}.off`, file);
        }
      },
    ),
    // Chance alone would leave out one of the three outcomes now and then.
    { numRuns: 40, examples: [0, 0.2, 0.9].map((share) => [0, MOST, resolutions[2] ?? '', share, 1]) },
  );
  t.strictSame([...notes].sort(), ['hit', 'miss', 'partial']);
}

t.test('one answer where the valid range cuts bins of blocks that hold all the reader has', async (t) => {
  for (const widths of [
    ['1 min', '10 min'],
    ['7 min', '50 min'],
  ]) {
    const lines = [
      LEVELS[0] ?? '',
      ...widths.map((width, i) => `cacheLevel_0${i + 1} = '${width} | ${i === 0 ? 'hourly' : 'daily'}'`),
      "validRange = '2017-03-01T02:08:20 to 2017-03-02T04:51:07'",
      "reader = 'STEP=37 test_reader'",
    ];
    const [none, full] = [cacheSite(t, lines), cacheSite(t, lines)];
    await fill(full);
    for (const [begin, end] of [
      ['01T00:00', '02T06:00'],
      ['01T02:08:30', '01T02:09'],
      ['01T01:00', '01T03:00'],
      ['01T02:30', '02T04:51'],
      ['02T04:50:50', '02T05:00'],
    ]) {
      for (const resolution of ['', '420', '600', '3000', '12000']) {
        const query = `start_time=2017-03-${begin}&end_time=2017-03-${end}${resolution && `&resolution=${resolution}`}`;
        const [live, cached] = await Promise.all(
          [none, full].map(async (site) => content((await ask(site, query)).bytes)),
        );
        t.strictSame(cached, live, query);
        t.ok((live?.records.length ?? 0) > 0, query);
      }
    }
    const calls = full.calls().length;
    const inside = 'start_time=2017-03-01T04:00&end_time=2017-03-02T04:00&resolution=600';
    t.equal((await ask(full, inside)).cache, 'hit', 'away from the edges nothing is read');
    t.equal(full.calls().length, calls);
  }
});

t.test('one answer where the reader says more than it is asked for', async (t) => {
  // Three records more at each end; the last bin of each block ends with the block, and the valid range cuts two.
  const generous = `#!/bin/sh
begin=$(date -u -d "@$(($(date -u -d "$1" +%s) - 60))" +%FT%T)
end=$(date -u -d "@$(($(date -u -d "$2" +%s) + 60))" +%FT%T)
STEP=20 exec "$(dirname "$0")/test_reader" "$begin" "$end"
`;
  const lines = [
    LEVELS[0] ?? '',
    "cacheLevel_01 = '7 min | hourly'",
    "cacheLevel_02 = '1 h | daily'",
    "validRange = '2017-03-01T02:08:20 to 2017-03-02T04:51:07'",
    "reader = 'generous'",
  ];
  const [none, full] = [cacheSite(t, lines), cacheSite(t, lines)];
  for (const site of [none, full]) site.program('generous', generous);
  await fill(full);
  for (const [begin, end] of [
    ['01T02:30', '01T06:00'],
    ['01T04:55', '01T05:05'],
    ['01T23:00', '02T04:51'],
  ]) {
    for (const resolution of ['420', '1680', '3600']) {
      const query = `start_time=2017-03-${begin}&end_time=2017-03-${end}&resolution=${resolution}`;
      const [live, cached] = await Promise.all(
        [none, full].map(async (site) => byType((await ask(site, query)).bytes)),
      );
      t.strictSame(cached, live, query);
    }
  }
});
