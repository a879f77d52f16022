import fc from 'fast-check';
import t from 'tap';
import {
  type Coverage,
  clippedCoverage,
  coverageJson,
  parseCoverage,
  stretches,
} from '../../../lib/cache/coverage/coverage.js';
import { DayCounter } from '../../../lib/cache/coverage/day-counter.js';
import { coverageStream } from '../../../lib/cache/coverage/stream.js';
import { parseTime } from '../../../lib/stream/time.js';
import { assertValidStream } from '../../tools/assert-valid-stream.js';

const DAY = parseTime('2017-03-01').day;

function coverageOf(days: Coverage['days'], length = 10): Coverage {
  const range = { begin: DAY, end: DAY + length };
  return { dataset: 'A/b', title: 'x <y>', definition: 'd', madeAt: Date.UTC(2020, 0, 1), range, days };
}

const anyCoverage = fc
  .array(
    fc.option(
      fc.record(
        { records: fc.nat(100_000), resolution: fc.constantFrom(0, 60, 0.01), final: fc.boolean() },
        { noNullPrototype: true },
      ),
    ),
    { maxLength: 60 },
  )
  .map((list) =>
    coverageOf(new Map(list.flatMap((count, i) => (count === null ? [] : [[DAY + i, count] as const]))), list.length),
  );

t.test('the JSON form holds everything; every day is in one stretch', async (t) => {
  fc.assert(
    fc.property(anyCoverage, (coverage) => {
      t.strictSame(parseCoverage(JSON.stringify(coverageJson(coverage))), coverage);
      let day = coverage.range.begin;
      for (const { begin, end } of stretches(coverage)) {
        t.equal(begin, day);
        day = end;
      }
      t.equal(day, coverage.range.end);
    }),
    { numRuns: 60 },
  );
  const one = { records: 3, resolution: 0, final: true };
  const json = coverageJson(
    coverageOf(
      new Map([
        [DAY, one],
        [DAY + 1, { ...one, records: 0 }],
        [DAY + 3, one],
      ]),
      4,
    ),
  );
  t.match(json, {
    dataset: 'A/b',
    begin: '2017-03-01',
    end: '2017-03-05',
    days: { withData: 2, withoutData: 1, unknown: 1 },
    data: [
      ['2017-03-01', '2017-03-02'],
      ['2017-03-04', '2017-03-05'],
    ],
    gaps: [['2017-03-02', '2017-03-03']],
    unknown: [['2017-03-03', '2017-03-04']],
    counts: [
      { begin: '2017-03-01', resolution: 0, final: true, records: [3, 0] },
      { begin: '2017-03-04', records: [3] },
    ],
  });
  for (const text of ['', 'null', '{}', '{"format":1}', JSON.stringify({ ...json, begin: '0001-01-01' })]) {
    t.equal(parseCoverage(text), undefined, text.slice(0, 30));
  }
  t.equal(clippedCoverage(coverageOf(new Map([[DAY, one]])), { begin: DAY + 2, end: DAY + 99 }).days.size, 0);
});

t.test('the stream is valid and has a record for each day that was counted', async (t) => {
  fc.assert(
    fc.property(anyCoverage, (coverage) => {
      const bytes = Buffer.from(coverageStream(coverage));
      assertValidStream(t, bytes);
      const counter = new DayCounter('das2', coverage.range);
      counter.push(bytes);
      counter.end();
      t.equal(counter.fault, undefined);
      t.strictSame([...counter.counts.keys()], [...coverage.days.keys()]);
    }),
    { numRuns: 40 },
  );
  const text = Buffer.from(
    coverageStream(coverageOf(new Map([[DAY, { records: 86400, resolution: 0.25, final: true }]]), 1)),
  ).toString();
  t.match(text, /:01:2017-03-01T00:00:00 {6}86400 2017-03-02T00:00:00 {9}0\.25\n$/);
  t.match(text, 'title="x &lt;y&gt; (coverage)"');
  t.match(Buffer.from(coverageStream(coverageOf(new Map()))).toString(), /NoDataInInterval/);
});

t.test('what a stream may hold while it is counted', async (t) => {
  const count = (text: string) => {
    const counter = new DayCounter('das2', { begin: DAY, end: DAY + 1 });
    // In small pieces: nothing depends on where chunks end.
    for (const byte of Buffer.from(text)) counter.push(Uint8Array.of(byte));
    counter.end();
    return counter.fault ?? counter.counts.get(DAY) ?? 0;
  };
  const packet = (tag: string, body: string) => `[${tag}]${String(body.length).padStart(6, '0')}${body}`;
  const head = packet('00', '<stream version="2.2"/>\n');
  const timed = packet('01', '<packet><x type="time20" units="us2000"/></packet>\n');
  t.equal(count(`${head}${timed}:01:2017-03-01T12:00:00\n:01:2017-03-02T00:00:00\n:01:2017-03-01T00:00:00\n`), 2);
  t.equal(count(head), 0);
  t.equal(count(`${head}${packet('xx', '<exception type="NoDataInInterval" message="x"/>')}`), 0);
  t.match(count(`${head}${packet('xx', '<exception type="ServerError" message="tape"/>')}`), /ServerError: tape/);
  t.match(count(`${head}${timed}:01:2017`), /ends inside a packet/);
  t.match(count(`${head}${timed}:01:it is never a time!\n`), /no time/);
  t.match(count(''), /empty/);
});
