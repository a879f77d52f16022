/** Time and record numbers: the numbers of browse-export 3.4 and the test cases B01 to B22 and B58 of its section 15. */
import fc from 'fast-check';
import t from 'tap';
import type { Block } from '../../../lib/browse/record/block.js';
import { blockFault, epochText, makeEpoch, parseEpoch } from '../../../lib/browse/record/epoch.js';
import {
  type Edge,
  instantsOf,
  parseInterval,
  requireOrder,
  touchedRecords,
} from '../../../lib/browse/record/interval.js';
import { intervalWords, recordLabel } from '../../../lib/browse/record/label.js';
import { civilStart, recordAt, recordStart } from '../../../lib/browse/record/number.js';
import { BUILT_IN } from '../../../lib/browse/time/leap-table.js';
import { parseTimeText } from '../../../lib/browse/time/parse-time.js';
import {
  civilOf,
  exists,
  type Instant,
  instantOf,
  isoText,
  type Scale,
  secondsBetween,
} from '../../../lib/browse/time/scales.js';

const MDI = makeEpoch('t_obs', '1993.01.01_00:00:00_TAI');
const DAS = parseEpoch('TS_EQ time 2000.01.01_00:00:00_UTC');
const grid = (block: Block, epoch = MDI) => ({ block, epoch });

function at(text: string): Instant {
  const read = parseTimeText(text, { field: 't' });
  if (read.kind !== 'time') throw new Error('not a time');
  return instantOf(read.civil, read.scale ?? 'UTC', BUILT_IN);
}

const rec = (text: string, block: Block, epoch = MDI) => recordAt(at(text), grid(block, epoch), BUILT_IN);
const recs = (text: string) => (['1hr', '6hr', '1day'] as const).map((block) => rec(text, block));
const show = (instant: Instant, scale: Scale) => isoText(civilOf(instant, scale, BUILT_IN), scale);
const startUtc = (record: number, block: Block) => show(recordStart(record, grid(block), BUILT_IN), 'UTC');

function touched(start: string, stop: string, scale: 'UTC' | 'TAI' | 'series', edge: Edge) {
  const interval = parseInterval({ start, stop, scale, grid: undefined }, BUILT_IN);
  requireOrder(interval, BUILT_IN);
  return (['1hr', '6hr', '1day'] as const).map((block) => touchedRecords(interval, grid(block), edge, BUILT_IN));
}
const spans = (found: ReturnType<typeof touched>) => found.map(({ first, last }) => [first, last]);

t.test('B01, B02: the first and last moment of the listing', (t) => {
  t.same(recs('1999.10.09_00:00:00_TAI'), [59328, 9888, 2472]);
  t.same(recs('1999.10.09_17:59:00_TAI'), [59345, 9890, 2472]);
  t.end();
});

t.test('B03: a record, its label and its time', (t) => {
  t.equal(recordLabel(59333, grid('1hr')), '1999.10.09_05');
  t.equal(startUtc(59333, '1hr'), '1999-10-09T04:59:28Z');
  t.equal(startUtc(59334, '1hr'), '1999-10-09T05:59:28Z');
  t.end();
});

t.test('B04: quarters of a day', (t) => {
  const labels = [9888, 9889, 9890, 9891].map((record) => recordLabel(record, grid('6hr')));
  t.same(labels, ['1999.10.09.00', '1999.10.09.25', '1999.10.09.50', '1999.10.09.75']);
  t.end();
});

t.test('B05 to B08: published and far numbers', (t) => {
  t.equal(rec('2000.05.27_23:00:00_TAI', '1hr'), 64895);
  t.same(recs('1993.01.01_00:00:00_TAI'), [0, 0, 0]);
  t.same(recs('1992.12.31_23:00:00_TAI'), [-1, -1, -1]);
  t.same(recs('2000.02.29_12:00:00_TAI'), [62772, 10462, 2615]);
  t.equal(recordLabel(10462, grid('6hr')), '2000.02.29.50');
  t.same(recs('1999.12.31_18:00:00_TAI'), [61338, 10223, 2555]);
  t.equal(recordLabel(10223, grid('6hr')), '1999.12.31.75');
  t.end();
});

t.test('the sums of 3.4', (t) => {
  const labels = (['1day', '6hr', '1hr'] as const).map((block, i) =>
    recordLabel([2472, 9888, 59328][i] ?? 0, grid(block)),
  );
  t.same(labels, ['1999.10.09', '1999.10.09.00', '1999.10.09_00']);
  t.equal(recordLabel(59345, grid('1hr')), '1999.10.09_17');
  t.equal(recordLabel(64895, grid('1hr')), '2000.05.27_23');
  t.end();
});

t.test('B09: starts in UTC', (t) => {
  t.equal(startUtc(59328, '1hr'), '1999-10-08T23:59:28Z');
  t.equal(startUtc(9889, '6hr'), '1999-10-09T05:59:28Z');
  t.equal(startUtc(2473, '1day'), '1999-10-09T23:59:28Z');
  t.end();
});

const LISTING = [
  [59328, 59345],
  [9888, 9890],
  [2472, 2472],
];

t.test('B10, B11: an interval on the scale of the series, half-open', (t) => {
  t.same(spans(touched('1999.10.09_00:00', '1999.10.09_17:59', 'TAI', 'auto')), LISTING);
  t.same(spans(touched('1999.10.09_00:00', '1999.10.09_18:00', 'TAI', 'auto')), LISTING);
  t.same(spans(touched('1999.10.09_00:00', '1999.10.09_18:00', 'series', 'auto')), LISTING);
  t.same(spans(touched('1999-10-09_TAI'.replace('-10-09', '.10.09'), '1999.10.09_18_TAI', 'UTC', 'auto')), LISTING);
  t.end();
});

t.test('B12 to B15: an interval in UTC, and the edge rule', (t) => {
  t.same(spans(touched('1999-10-09', '1999-10-09T18:00', 'UTC', 0)), [
    [59328, 59346],
    [9888, 9891],
    [2472, 2472],
  ]);
  const auto = touched('1999-10-09', '1999-10-09T18:00', 'UTC', 'auto');
  t.same(spans(auto), LISTING);
  t.same(
    auto.map(({ leftOut }) => leftOut),
    [[{ record: 59346, seconds: 32 }], [{ record: 9891, seconds: 32 }], []],
  );
  t.same(spans(touched('1999-10-09', '', 'UTC', 0)), [
    [59328, 59352],
    [9888, 9892],
    [2472, 2473],
  ]);
  const day = touched('1999-10-09', '', 'UTC', 'auto');
  t.same(
    day.map(({ first, last }) => last - first + 1),
    [24, 4, 1],
  );
  t.ok(day.every(({ leftOut }) => leftOut.length === 1 && leftOut[0]?.seconds === 32));
  t.same(spans(touched('1999-10-09', '1999-10-09T18:00', 'UTC', 33)), LISTING, 'edge=N for all series');
  t.same(spans(touched('1999-10-09T17:59:50', '1999-10-09T18:00', 'UTC', 'auto'))[0], [59346, 59346], 'never all');
  t.end();
});

t.test('the edge rule on days with a leap second, both ways', (t) => {
  const day = touched('1998-12-31', '', 'UTC', 'auto');
  t.same(
    day.map(({ first, last }) => last - first + 1),
    [24, 4, 1],
  );
  t.ok(day.every(({ leftOut }) => leftOut.length === 1 && leftOut[0]?.seconds === 32));
  const interval = parseInterval({ start: '1999-01-01', stop: '', scale: 'TAI', grid: undefined }, BUILT_IN);
  const utc = touchedRecords(interval, grid('1day', DAS), 'auto', BUILT_IN);
  t.same(utc, { first: -365, last: -365, leftOut: [{ record: -366, seconds: 32 }] });
  t.end();
});

t.test('B16, B17: leap seconds', (t) => {
  t.equal(show(at('1998-12-31T23:59:60'), 'TAI'), '1999-01-01T00:00:31');
  t.equal(show(at('1998-12-31T23:59:60'), 'UTC'), '1998-12-31T23:59:60Z');
  t.same([rec('1998-12-31T23:59:60', '1hr'), rec('1998-12-31T23:59:60', '1day')], [52584, 2191]);
  t.equal(show(at('2016-12-31T23:59:60'), 'TAI'), '2017-01-01T00:00:36');
  t.same([rec('2016-12-31T23:59:60', '1hr'), rec('2016-12-31T23:59:60', '1day')], [210384, 8766]);
  t.end();
});

t.test('B18, B19: 24 hours after start', (t) => {
  const length = (scale: 'UTC' | 'TAI') => {
    const interval = parseInterval({ start: '1998-12-31', stop: '', scale, grid: undefined }, BUILT_IN);
    const { begin, end } = instantsOf(interval, 'UTC', BUILT_IN);
    return [show(end, scale), secondsBetween(begin, end)];
  };
  t.same(length('UTC'), ['1999-01-01T00:00:00Z', 86_401]);
  t.same(length('TAI'), ['1999-01-01T00:00:00', 86_400]);
  t.end();
});

t.test('B20: a UTC epoch follows the calendar', (t) => {
  t.equal(rec('2014-04-08', '1day', DAS), 5211);
  const leap = at('2016-12-31T23:59:60');
  for (const block of ['1day', '6hr', '1hr', '1min', '1month', '1year'] as const) {
    const record = recordAt(leap, grid(block, DAS), BUILT_IN);
    t.equal(recordAt(at('2016-12-31T23:59:59'), grid(block, DAS), BUILT_IN), record, block);
    t.equal(recordAt(at('2017-01-01'), grid(block, DAS), BUILT_IN), record + 1, block);
  }
  t.equal(rec('2000-03-31T12:00', '1month', DAS), 2);
  t.equal(rec('1999-12-31', '1month', DAS), -1);
  t.equal(recordLabel(-1, grid('1month', DAS)), '1999.12');
  t.equal(recordLabel(14, grid('1year', DAS)), '2014');
  t.end();
});

t.test('B21: forms of times', (t) => {
  const clock = (text: string) => show(at(text), 'UTC').slice(11, 16);
  t.same(['1999.10.09.25', '1999.10.09.5', '1999-282T06:00', '1999.10.09_06'].map(clock), [
    '06:00',
    '12:00',
    '06:00',
    '06:00',
  ]);
  for (const text of [
    '1999',
    '1999-10',
    '1999.10',
    ' 1999-10-09T05:30:00.25Z ',
    '1999-10-09 05:30',
    '1999.10.09_05:30_ut',
  ]) {
    t.equal(parseTimeText(text, { field: 't' }).kind, 'time', text);
  }
  t.same(parseTimeText('+90m', { field: 'stop', relative: true }), { kind: 'relative', seconds: 5400 });
  t.same(parseTimeText(' 90m', { field: 'stop', relative: true }), { kind: 'relative', seconds: 5400 });
  t.same(parseTimeText('#-3', { field: 'start', record: true }), { kind: 'record', record: -3 });
  t.end();
});

t.test('B22: what is refused names its field', (t) => {
  for (const text of [
    '99.10.09',
    '1999.13.01',
    '1999-02-29',
    '1999.10.09_24:30',
    '',
    '1999.10.09_23:58:60',
    '+1d',
    '#7',
    '<b>',
  ]) {
    t.throws(
      () => parseTimeText(text, { field: 'start' }),
      { code: 'illegalArgument', data: { field: 'start' }, message: /^start: / },
      text,
    );
  }
  const swap = { start: '1999-10-09T12:00', scale: 'UTC', grid: undefined } as const;
  t.throws(() => requireOrder(parseInterval({ ...swap, stop: '1999-10-09' }, BUILT_IN), BUILT_IN), {
    code: 'illegalArgument',
    data: { field: 'stop' },
  });
  t.throws(() => parseInterval({ ...swap, stop: '1999-10-08T23:59:60' }, BUILT_IN), {
    code: 'illegalArgument',
    data: { field: 'stop' },
  });
  t.throws(() => parseInterval({ ...swap, start: '#12', stop: '' }, BUILT_IN), {
    code: 'illegalArgument',
    data: { field: 'start' },
  });
  t.throws(() => civilStart(9_999_999_999, grid('1day')), /years 1 to 9999/);
  t.end();
});

t.test('B58: numbers and starts are inverse', (t) => {
  const blocks = fc.constantFrom<Block>('1min', '10min', '1hr', '6hr', '1day');
  const property = fc.property(
    fc.integer({ min: -200_000, max: 2_000_000 }),
    blocks,
    fc.constantFrom(MDI, DAS),
    (n, block, epoch) => {
      const own = grid(block, epoch);
      const start = recordStart(n, own, BUILT_IN);
      const before = { ...start, second: start.second - 1 };
      return recordAt(start, own, BUILT_IN) === n && recordAt(before, own, BUILT_IN) === n - 1;
    },
  );
  fc.assert(property, { numRuns: 1000 });
  t.end();
});

t.test('both scales lead back to where one came from', (t) => {
  const property = fc.property(
    fc.integer({ min: -2e9, max: 2e9 }),
    fc.constantFrom<Scale>('TAI', 'UTC'),
    (second, scale) => {
      const civil = civilOf({ second, nanosecond: 5 }, scale, BUILT_IN);
      const back = instantOf(civil, scale, BUILT_IN);
      return exists(civil, scale, BUILT_IN) && back.second === second && back.nanosecond === 5;
    },
  );
  fc.assert(property, { numRuns: 1000 });
  t.end();
});

t.test('epochs', (t) => {
  t.equal(epochText(MDI), 'TS_EQ t_obs 1993.01.01_00:00:00_TAI');
  t.equal(blockFault('1hr', MDI), undefined);
  t.match(blockFault('1month', MDI), /TAI/);
  t.equal(blockFault('1year', DAS), undefined);
  t.match(blockFault('1year', makeEpoch('time', '2000.02.01_UTC')), /begin of a year/);
  for (const bad of [
    '',
    'TS_EQ',
    'TS time 2000',
    'TS_EQ time 2000 x',
    'TS_EQ t^ 2000',
    'TS_EQ time 2000.01.01_00:00:00.5_UTC',
  ]) {
    t.throws(() => parseEpoch(bad), /^epoch: /, bad);
  }
  t.end();
});

t.test('words for intervals', (t) => {
  const words = (start: string, stop: string) => {
    const { start: a, stop: b } = parseInterval({ start, stop, scale: 'TAI', grid: undefined }, BUILT_IN);
    return intervalWords(a.civil, b.civil, 'TAI');
  };
  t.equal(words('1999-10-09T06:00', '1999-10-09T12:00'), '9 Oct 1999, 06:00–12:00 TAI');
  t.equal(words('1999-10-09T18:00', '1999-10-10'), '9 Oct 1999, 18:00–24:00 TAI');
  t.equal(words('1999-10-09', ''), '9 Oct 1999 TAI');
  t.equal(words('1999-10-01', '1999-11-01'), 'Oct 1999 TAI');
  t.equal(words('1999', '2000'), '1999 TAI');
  t.equal(words('1999-10-09T18:00:30', '1999-10-11T01:00'), '9 Oct 1999, 18:00:30–11 Oct 1999 01:00 TAI');
  t.end();
});
