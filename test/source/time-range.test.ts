import fc from 'fast-check';
import t from 'tap';
import { parseDsdf } from '../../lib/source/definition/dsdf.js';
import { exampleRanges } from '../../lib/source/example-range.js';
import { intersection, splitRange, timeFromUnix } from '../../lib/source/time-range.js';
import { parseValidRange } from '../../lib/source/valid-range.js';
import { compareTimes, formatTime, parseTime } from '../../lib/stream/time.js';

const NOW = Date.UTC(2024, 1, 28, 13, 30);

function range(text: string): string | undefined {
  const found = parseValidRange(text, NOW);
  return found && `${formatTime(found.begin, { decimals: 0 })} ${formatTime(found.end, { decimals: 0 })}`;
}

t.test('validRange', async (t) => {
  const table: [text: string, expected: string | undefined][] = [
    ['2017-01-01 to 2018-01-01', '2017-01-01T00:00:00 2018-01-01T00:00:00'],
    ['2017-01-01 UTC TO 2018-001T03:00 utc | some text to read', '2017-01-01T00:00:00 2018-01-01T03:00:00'],
    ['1 October 2010 to 2 October 2010', '2010-10-01T00:00:00 2010-10-02T00:00:00'],
    ['2017-01-01  to  now', '2017-01-01T00:00:00 2024-02-29T00:00:00'],
    ['2017-01-01 to NOW', '2017-01-01T00:00:00 2024-02-29T00:00:00'],
    ['2031-01-01 to now', '2031-01-01T00:00:00 2024-02-29T00:00:00'],
    ['2017-01-01', undefined],
    ['2017-01-01to2018-01-01', undefined],
    ['to 2018-01-01', undefined],
    ['2017-01-01 to', undefined],
    ['now to 2018-01-01', undefined],
    ['2018-01-01 to 2017-01-01', undefined],
    ['2017-01-01 to 2017-01-01', undefined],
    ['a to b', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of table) t.equal(range(text), expected, text);
  const warnings: string[] = [];
  parseValidRange('nonsense', NOW, (reason) => warnings.push(reason));
  t.equal(warnings.length, 1);
});

t.test('splitting', async (t) => {
  t.same(splitRange('a to b | x \\| y | z'), { begin: 'a', end: 'b', label: 'x | y | z' });
  t.same(splitRange('a to b |'), { begin: 'a', end: 'b' });
  t.equal(splitRange('a to b to c'), undefined);
  t.same(splitRange('a to b|x'), { begin: 'a', end: 'b', label: 'x' });
  // Two blanks mean what one does, and take the long way.
  const word = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom('2017-01-01', 'utc', 'UTC', 'to', 'a|b', '\u00a0', 'a\\|b', ''),
  );
  fc.assert(
    fc.property(word, word, (begin, end) => {
      t.strictSame(splitRange(`${begin} to ${end}`), splitRange(`${begin}  to  ${end}`));
    }),
  );
});

t.test('trimming', async (t) => {
  const at = (begin: string, end: string) => ({ begin: parseTime(begin), end: parseTime(end) });
  const valid = at('2017-01-01', '2018-01-01');
  t.same(intersection(at('2016-12-01', '2017-01-02'), valid), at('2017-01-01', '2017-01-02'));
  t.same(intersection(at('2017-06-01', '2019-01-01'), valid), at('2017-06-01', '2018-01-01'));
  t.same(intersection(at('2017-06-01', '2017-07-01'), valid), at('2017-06-01', '2017-07-01'));
  t.equal(intersection(at('2015-01-01', '2017-01-01'), valid), undefined);
  t.equal(intersection(at('2018-01-01', '2019-01-01'), valid), undefined);
});

t.test('moments', async (t) => {
  t.equal(compareTimes(timeFromUnix(Date.UTC(2000, 0, 1)), { day: 0, nanosecond: 0 }), 0);
  t.same(timeFromUnix(Date.UTC(1999, 11, 31, 23, 59, 59, 999)), { day: -1, nanosecond: 86_399_999_000_000 });
});

t.test('examples', async (t) => {
  const warnings: string[] = [];
  const { entries } = parseDsdf(
    [
      `exampleRange_02 = '2017-01-01 to 2017-01-02'`,
      `exampleResolution_02 = 60`,
      `exampleRange = '2016-01-01 to 2016-01-02 UTC | bare'`,
      `exampleParams = 'b'`,
      `exampleRange_00 = '2017-01-01 to 2017-03-01 UTC | Demo'`,
      `exampleParams_00 = 'a'`,
      `exampleInterval_02 = 30`,
      `exampleRange_03 = 'x to y'`,
      `exampleRange_04 = '2017-01-02 to 2017-01-01'`,
      `exampleRanges = 'no key of ours'`,
    ].join('\n'),
  );
  const found = exampleRanges(entries, (reason) => warnings.push(reason));
  t.same(
    found.map(({ suffix, number, label, params, interval, resolution, resolutionGiven }) => [
      suffix,
      number,
      label,
      params,
      interval,
      resolution,
      resolutionGiven,
    ]),
    [
      ['', 0, 'bare', 'b', undefined, 43.2, false],
      ['_00', 0, 'Demo', 'a', undefined, 2548.8, false],
      ['_02', 2, undefined, undefined, '30', 60, true],
    ],
  );
  t.equal(found[0]?.beginText, '2016-01-01');
  t.equal(warnings.length, 2);
  const mixed = exampleRanges(parseDsdf(`exampleRange = '2016-01-01 to 2016-01-02'\nexampleInterval_00 = 5`).entries);
  t.equal(mixed[0]?.interval, '5', 'bare and 00 are one number');
});
