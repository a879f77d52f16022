/** Record sets, names and filters of DRMS clients (browse-export 9.6). */
import fc from 'fast-check';
import t from 'tap';
import { nameFilter } from '../../../lib/browse/drms/name-filter.js';
import { parseRecordSet, rangeOfFilter } from '../../../lib/browse/drms/record-set.js';
import { SeriesNames } from '../../../lib/browse/drms/series-names.js';
import { namelessSeries } from '../../../lib/browse/naming/series.js';
import { parseEpoch } from '../../../lib/browse/record/epoch.js';
import type { RecordGrid } from '../../../lib/browse/record/number.js';
import { BUILT_IN } from '../../../lib/browse/time/leap-table.js';
import { isDas2Error } from '../../../lib/error.js';

const EPOCH = parseEpoch('TS_EQ t_obs 1993.01.01_00:00:00_TAI');
const HOURLY: RecordGrid = { block: '1hr', epoch: EPOCH };
const WHOLE = { first: 10, last: 20 };

/** The ranges of a set of the hourly series. */
function ranges(brackets: string): unknown[] {
  return parseRecordSet(`mdi.fd_V_01h${brackets}`).filters.map((filter) =>
    rangeOfFilter(filter, HOURLY, BUILT_IN, () => WHOLE),
  );
}

t.test('records of a set: spans without their end, ranges with it', async (t) => {
  const every = 1;
  for (const [brackets, expected] of [
    ['[1999.10.09/1d]', [{ first: 59328, last: 59351, every }]],
    ['[1999.10.09_00:00:00_TAI/18h]', [{ first: 59328, last: 59345, every }]],
    ['[1999.10.09_TAI-1999.10.09_17_TAI]', [{ first: 59328, last: 59345, every }]],
    ['[1999-10-09-1999-10-10]', [{ first: 59328, last: 59352, every }]],
    ['[1999-282T06:00]', [{ first: 59334, last: 59334, every }]],
    ['[1999.10.09_05:59:59]', [{ first: 59333, last: 59333, every }]],
    ['[1999-10-09T00:00:00Z]', [{ first: 59328, last: 59328, every }]],
    ['[1999.10.09/1d@6h]', [{ first: 59328, last: 59351, every: 6 }]],
    ['[1999.10.09/90m@1m]', [{ first: 59328, last: 59329, every }]],
    ['[#59333]', [{ first: 59333, last: 59333, every }]],
    ['[#-3-#59333]', [{ first: -3, last: 59333, every }]],
    ['[#20-$]', [{ first: 20, last: 20, every }]],
    ['[^-#12]', [{ first: 10, last: 12, every }]],
    ['[#30-$]', [undefined]],
    ['', [{ ...WHOLE, every }]],
    ['[]', [{ ...WHOLE, every }]],
    [
      '[#1, 1999.10.09]',
      [
        { first: 1, last: 1, every },
        { first: 59328, last: 59328, every },
      ],
    ],
  ] as const) {
    t.same(ranges(brackets), expected, brackets);
  }
  t.same(parseRecordSet(' a.b [1999]{d2t, x.png} '), {
    name: 'a.b',
    filters: parseRecordSet('a.b[1999]').filters,
    segments: ['d2t', 'x.png'],
  });
});

t.test('what is no record set', async (t) => {
  for (const bad of [
    '',
    'a b',
    'a-b[1999]',
    'a.b[1999',
    'a.b[1999][2000]',
    'a.b[? x > 1 ?]',
    'a.b[1999/x]',
    'a.b[1999/0d]',
    'a.b[#1/1d]',
    'a.b[1999@1h@2h]',
    'a.b[99.1.1]',
    'a.b[1999--2000]',
    'a.b[+6h]',
    `a.b[${'1999,'.repeat(300)}]`,
    `a.b[${'x'.repeat(3000)}]`,
  ]) {
    t.throws(() => parseRecordSet(bad), { code: 'illegalArgument', data: { field: 'ds' } }, bad.slice(0, 40));
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        for (const filter of parseRecordSet(`a.b[${text}]`).filters)
          rangeOfFilter(filter, HOURLY, BUILT_IN, () => WHOLE);
      } catch (error) {
        if (!isDas2Error(error, 'illegalArgument')) throw error;
      }
    }),
  );
});

t.test('names: no minus sign, capitals do not count, the level where it must', async (t) => {
  const series = (prog: string, level: string, name: string) =>
    namelessSeries({ prog, level, series: name }, '1hr', EPOCH);
  const all = [
    series('mdi', 'lev1', 'a-b'),
    series('x', 'l1', 'V'),
    series('X', 'l2', 'v'),
    series('p', 'a-1', 'q'),
    series('p', 'a_1', 'q'),
  ];
  const names = new SeriesNames(all);
  t.same(
    [...names.all].map(({ name }) => name),
    ['mdi.a_b', 'x.l1.V', 'X.l2.v', 'p.a_1.q'],
  );
  t.equal(names.named('MDI.A_B')?.series, all[0]);
  t.equal(names.of({ prog: 'X', level: 'l2', series: 'v' })?.name, 'X.l2.v');
  t.equal(names.named('x.v'), undefined);
});

t.test('filters of names, as regular expressions have them', async (t) => {
  const takes = (filter: string, name: string) => nameFilter(filter)(name);
  t.ok(takes('', 'anything'));
  // The same as an expression of the language, for all filters of these parts.
  const part = fc.constantFrom('a', 'b', '.', '\\.', '[ab]', '[^a]', '[a-b]', '\\d', '\\w', '_', '1');
  const step = fc.tuple(part, fc.constantFrom('', '', '*', '+', '?')).map(([one, often]) => one + often);
  const alternative = fc
    .tuple(fc.constantFrom('', '^'), fc.array(step, { maxLength: 5 }), fc.constantFrom('', '$'))
    .map(([begin, steps, end]) => begin + steps.join('') + end);
  const filter = fc.array(alternative, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|'));
  const name = fc.array(fc.constantFrom('a', 'B', '.', '_', '1'), { maxLength: 8 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(filter, name, (filter, name) => {
      t.equal(takes(filter, name), new RegExp(filter, 'i').test(name), `${filter} ${name}`);
    }),
  );
  for (const bad of ['(a)', 'a{2}', '*', 'a**', '[a', '\\', 'a'.repeat(300)])
    t.throws(() => nameFilter(bad), { code: 'illegalArgument', data: { field: 'filter' } }, bad.slice(0, 20));
  t.notOk(takes(`${'.*'.repeat(90)}x`, 'a'.repeat(140)), 'and comes to an end');
});
