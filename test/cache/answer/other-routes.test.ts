/** The cache behind plots, and blocks of QStreams. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { buildLevels } from '../../../lib/cache/builder/levels.js';
import { SILENT_LOG } from '../../../lib/log/request-log.js';
import { image } from '../../../lib/routes/image/image.js';
import { makeContext, makeServer } from '../../../lib/server/context.js';
import { cacheLevelsOf } from '../../../lib/source/source.js';
import { validateStream } from '../../../lib/stream/validator/validator.js';
import { testRequest } from '../../tools/make-test-request.js';
import { ask, cacheSite, range, type TestSite } from '../site.js';

const DAY = range('2017-03-01', '2017-03-02');
const QUERY = 'start_time=2017-03-01&end_time=2017-03-02&resolution=60';

async function fill(site: TestSite) {
  const source = site.source();
  const { levels } = cacheLevelsOf(source);
  return buildLevels({ source, levels, range: DAY, configuration: site.configuration });
}

t.test('a plot program gets its stream from the cache', async (t) => {
  const site = cacheSite(t, ["cacheLevel_00 = '1 min | hourly'"], ['PNG_MAKER = plot', 'PNG_MAKER_MODE = filter']);
  site.program('plot', `#!/bin/sh\ncat > "$(dirname "$0")/shown"\nprintf '\\211PNG\\r\\n\\032\\n'\n`);
  await fill(site);
  const before = site.calls().length;
  const context = makeContext(makeServer(site.configuration), SILENT_LOG);
  const reply = await image(context, testRequest({ query: `server=image&dataset=T/S&${QUERY}` }));
  t.equal(reply.status, 200);
  t.equal(context.notes.cache, 'hit');
  t.equal(site.calls().length, before, 'no reader ran');
  const { bytes } = await ask(site, QUERY);
  t.ok(readFileSync(join(site.folder, 'bin/shown')).equals(bytes), 'the same stream as for data');
});

/** A QStream with a record every ten minutes of its range: seconds since 2000 and a number. */
const Q_READER = `
const fs = require('fs');
fs.appendFileSync(__dirname + '/calls', process.argv.slice(2).join(' ') + '\\n');
const [begin, end] = process.argv.slice(2, 4).map((text) => Date.parse(text.length > 10 ? text.slice(0, 16) + ':00Z' : text + 'T00:00:00Z') / 1000 - 946684800);
const out = [];
const packet = (id, text) => out.push(Buffer.from('[' + id + ']' + String(Buffer.byteLength(text)).padStart(6, '0') + text));
packet('00', '<stream dataset_id="ds" byte_order="little_endian"/>\\n');
packet('01', '<packet><qdataset id="t" rank="1"><properties><property name="UNITS" type="units" value="seconds since 2000-01-01T00:00"/></properties><values encoding="double" length=""/></qdataset><qdataset id="ds" rank="1"><properties><property name="DEPEND_0" type="qdataset" value="t"/></properties><values encoding="double" length=""/></qdataset></packet>\\n');
for (let time = Math.ceil(begin / 600) * 600; time < end; time += 600) {
  const record = Buffer.alloc(20, ':01:');
  record.writeDoubleLE(time, 4);
  record.writeDoubleLE(time / 600 % 6, 12);
  out.push(record);
}
process.stdout.write(Buffer.concat(out));
`;

t.test('blocks of QStreams', async (t) => {
  const site = cacheSite(
    t,
    [
      'das2Stream = 0',
      'qstream = 1',
      "cacheLevel_00 = 'intrinsic | hourly'",
      "cacheLevel_01 = '1 hour | daily'",
      "reader = 'q_reader'",
    ],
    ['QDS_REDUCER = das2_bin_avgsec', 'QDS_CACHE_RDR = q_cache'],
  );
  site.program('q_reader.cjs', Q_READER);
  site.program('q_reader', `#!/bin/sh\nexec "${process.execPath}" "$(dirname "$0")/q_reader.cjs" "$@"\n`);
  site.program(
    'q_cache',
    `#!/bin/sh\necho "$@" > "$(dirname "$0")/read"\nfind "$2/$3/intrinsic" -name '*.qds' | sort | head -1 | xargs cat\n`,
  );
  const sums = await fill(site);
  t.match(sums, [
    { built: 24, failed: 0 },
    { built: 1, failed: 0, empty: 0 },
  ]);
  t.equal(site.calls().length, 25, 'block by block');
  const file = (name: string): Buffer => readFileSync(join(site.cacheRoot, 'data/T/S/_noparam', name));
  const hour = file('intrinsic/2017/03/01/2017-03-01T05_intrinsic.qds');
  t.equal(hour.length - hour.indexOf(':01:'), 6 * 20);
  const day = file('bin-3600s/2017/03/2017-03-01_bin-3600s.qds');
  const first = day.indexOf(':01:');
  t.equal(day.length - first, 24 * 20, 'a record an hour');
  t.equal(day.readDoubleLE(first + 12), 2.5, 'the mean of six');
  for (const bytes of [hour, day]) {
    const validator = validateStream();
    validator.push(bytes);
    t.strictSame(
      validator.end().findings.filter(({ severity }) => severity === 'violation'),
      [],
    );
  }
  t.match(JSON.parse(file('bin-3600s/2017/03/.2017-03-01_bin-3600s.qds.json').toString()), {
    records: 24,
    final: true,
  });

  const answer = await ask(site, 'start_time=2017-03-01&end_time=2017-03-02');
  t.equal(answer.cache, 'hit');
  t.ok(answer.bytes.equals(file('intrinsic/2017/03/01/2017-03-01T00_intrinsic.qds')));
  t.match(readFileSync(join(site.folder, 'bin/read'), 'utf8'), / _noparam 2017-03-01 2017-03-02 0\.00000e\+00\n$/);
});

t.test('QStreams without a cache reader are sent live', async (t) => {
  const site = cacheSite(t, [
    'das2Stream = 0',
    'qstream = 1',
    "cacheLevel_00 = 'intrinsic | hourly'",
    "reader = 'q_reader'",
  ]);
  site.program('q_reader.cjs', Q_READER);
  site.program('q_reader', `#!/bin/sh\nexec "${process.execPath}" "$(dirname "$0")/q_reader.cjs" "$@"\n`);
  await fill(site);
  t.equal((await ask(site, 'start_time=2017-03-01&end_time=2017-03-02')).cache, 'off');
  t.notOk(existsSync(join(site.folder, 'bin/read')));
});
