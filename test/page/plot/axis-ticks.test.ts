import fc from 'fast-check';
import t from 'tap';
import { linearTicks, logTicks, niceStep, timeTicks } from '../../../lib/page/plot/axis-ticks.js';
import { rangeFromText } from '../../../lib/page/plot/view-range.js';

function labels(begin: string, end: string, count: number): string[] {
  const range = rangeFromText(begin, end);
  return timeTicks(range?.begin ?? 0, range?.end ?? 0, count).map(
    ({ label, dayLabel }) => `${label}${dayLabel && ` ${dayLabel}`}`,
  );
}

t.test('times', async (t) => {
  t.same(labels('2026-01-01', '2026-01-02', 5), ['00:00 2026-01-01', '06:00', '12:00', '18:00', '00:00 2026-01-02']);
  t.same(labels('2026-01-01T23:59:58', '2026-01-02T00:00:02', 4), [
    '23:59:58 2026-01-01',
    '23:59:59',
    '00:00:00 2026-01-02',
    '00:00:01',
    '00:00:02',
  ]);
  t.same(labels('2026-01-01T00:00:00', '2026-01-01T00:00:00.004', 4), [
    '00:00:00.000 2026-01-01',
    '00:00:00.001',
    '00:00:00.002',
    '00:00:00.003',
    '00:00:00.004',
  ]);
  t.same(labels('2025-12-30', '2026-01-03', 5), ['12-30 2025', '12-31', '01-01 2026', '01-02', '01-03']);
  t.same(labels('2026-01-15', '2026-04-15', 3), ['2026-02', '2026-03', '2026-04']);
  t.same(labels('1990-06-01', '2026-01-01', 8), ['1995', '2000', '2005', '2010', '2015', '2020', '2025']);
  t.same(
    timeTicks(2, 86_400e6, 2).map(({ at }) => at),
    [43_200e6, 86_400e6],
    'a tick before the begin is outside, by however little',
  );
  t.same(timeTicks(5, 5, 4), []);
  t.same(timeTicks(0, Number.POSITIVE_INFINITY, 4), []);
});

t.test('any range has few ticks, inside it and in order', async () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e15, max: 2e15, noNaN: true }),
      fc.double({ min: 2, max: 17, noNaN: true }),
      fc.integer({ min: 2, max: 20 }),
      (begin, power, count) => {
        const end = begin + 10 ** power;
        const ticks = timeTicks(begin, end, count);
        return (
          ticks.length <= 2 * count + 3 &&
          ticks.every(({ at }, i) => at >= begin - 1 && at <= end && (i === 0 || at > (ticks[i - 1]?.at ?? 0)))
        );
      },
    ),
  );
});

t.test('numbers', async (t) => {
  t.same(linearTicks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  t.same(linearTicks(-1, 1, 4), [-1, -0.5, 0, 0.5, 1]);
  t.same(linearTicks(3, 3, 4), [3]);
  t.same(linearTicks(Number.NaN, 1, 4), []);
  t.same(logTicks(0.5, 2000, 10), [1, 10, 100, 1000]);
  t.same(logTicks(1e-12, 1e12, 5), [1e-12, 1e-7, 1e-2, 1e3, 1e8]);
  t.same(logTicks(20, 60, 4), [20, 30, 40, 50, 60], 'less than a decade');
  t.same(logTicks(0, 10, 4), []);
  t.same([0.011, 0.02, 0.03, 7].map(niceStep), [0.02, 0.02, 0.05, 10]);
});
