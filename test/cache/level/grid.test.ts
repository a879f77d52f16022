/** What a range needs of a level, against a count of all bins one by one. */
import fc from 'fast-check';
import t from 'tap';
import { blockBegin, blocksOf, nextBlockBegin } from '../../../lib/cache/block/block.js';
import { isOnGrid, levelParts, nestsIn } from '../../../lib/cache/level/grid.js';
import { CACHE_PERIODS, type CachePeriod } from '../../../lib/source/cache-level.js';
import type { TimeRange } from '../../../lib/source/time-range.js';
import { type TimePoint, timeFromUs2000, us2000FromTime } from '../../../lib/stream/time.js';
import { range } from '../site.js';

const level = (seconds: number, period: CachePeriod) => ({ microseconds: seconds * 1e6, period });

interface Bin {
  readonly begin: number;
  /** Where its block ends, or the bin. */
  readonly end: number;
  readonly centre: number;
}

/** All bins of a level around a range, in us2000. */
function binsAround({ microseconds, period }: ReturnType<typeof level>, over: TimeRange): Bin[] {
  const [from, to] = [us2000FromTime(over.begin), us2000FromTime(over.end)];
  const bins: Bin[] = [];
  const around = { begin: timeFromUs2000(from - 2 * microseconds), end: timeFromUs2000(to + 2 * microseconds) };
  for (const block of blocksOf(around, period)) {
    const [zero, end] = [block, nextBlockBegin(block, period)].map(us2000FromTime) as [number, number];
    const first = Math.max(0, Math.floor((from - zero) / microseconds) - 3);
    for (let begin = zero + first * microseconds; begin < Math.min(end, to + 2 * microseconds); begin += microseconds) {
      bins.push({ begin, end: Math.min(begin + microseconds, end), centre: begin + microseconds / 2 });
    }
  }
  return bins;
}

const FIRST = us2000FromTime(range('2016-02-28', '2016-03-01').begin);
const anyLevel = fc
  .tuple(fc.constantFrom(1, 7, 45, 60, 90, 420, 3000, 3600, 5400, 7200, 86_400), fc.constantFrom(...CACHE_PERIODS))
  // Bins that are much longer than their blocks make too many blocks.
  .filter(
    ([seconds, period]) => !(period === 'persecond' && seconds > 60) && !(period === 'perminute' && seconds > 7200),
  )
  .map(([seconds, period]) => level(seconds, period));

t.test('every bin with its centre in the range, and no other', async () => {
  fc.assert(
    fc.property(
      anyLevel,
      fc.integer({ min: 0, max: 40_000 }),
      fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 4000 })),
      (one, offset, length) => {
        const asked: TimeRange = {
          begin: timeFromUs2000(FIRST + offset * 1e6),
          end: timeFromUs2000(FIRST + (offset + length) * 1e6),
        };
        const found = levelParts(one, asked, { most: 1e6 });
        if (found === undefined) return false;
        const bins = binsAround(one, asked);
        const [from, to] = [us2000FromTime(asked.begin), us2000FromTime(asked.end)];
        const inside = bins.filter(({ centre }) => centre >= from && centre < to);
        const holding = bins.filter(({ begin, end }) => begin <= from && from < end);
        const expected = inside.length > 0 ? inside : holding;
        const us = (time: TimePoint): number => us2000FromTime(time);
        const sent = bins.filter(({ begin, centre }) =>
          found.parts.some(
            ({ block, bounds }) =>
              us(block) <= begin &&
              begin < us(nextBlockBegin(block, one.period)) &&
              centre >= us(bounds.begin) &&
              centre < us(bounds.end) &&
              centre >= us(found.kept.begin) &&
              centre < us(found.kept.end),
          ),
        );
        // Whole bins are read, and nothing is read twice.
        const covered = expected.every(({ begin, end }) =>
          found.parts.some((part) => us(part.begin) <= begin && us(part.end) >= end),
        );
        const ordered = found.parts.every(
          (part, i) => i === 0 || us(found.parts[i - 1]?.end as TimePoint) <= us(part.begin),
        );
        return JSON.stringify(sent) === JSON.stringify(expected) && covered && ordered;
      },
    ),
    { numRuns: 100 },
  );
});

t.test('neighbouring ranges join without overlap, where each has a centre', async (t) => {
  const one = level(420, 'hourly');
  const centres = (begin: string, end: string): number[] => {
    const { kept } = levelParts(one, range(begin, end), { most: 1000 }) ?? { kept: range(begin, end) };
    const [from, to] = [us2000FromTime(kept.begin), us2000FromTime(kept.end)];
    return binsAround(one, range(begin, end))
      .map(({ centre }) => centre)
      .filter((centre) => centre >= from && centre < to);
  };
  t.strictSame(
    [...centres('2016-02-28T00:10', '2016-02-28T01:01'), ...centres('2016-02-28T01:01', '2016-02-28T03:00')],
    centres('2016-02-28T00:10', '2016-02-28T03:00'),
  );
});

t.test('limits', async (t) => {
  const valid = range('2016-02-28T06:30', '2016-02-28T08:10:20');
  const found = levelParts(level(420, 'hourly'), range('2016-02-28', '2016-02-29'), { valid, most: 100 });
  t.strictSame(found?.parts[0]?.begin, valid.begin);
  t.strictSame(found?.parts.at(-1)?.end, valid.end);
  t.strictSame(found?.parts[0]?.block, blockBegin(valid.begin, 'hourly'));
  t.equal(levelParts(level(420, 'hourly'), range('2016-02-28', '2016-02-29'), { most: 20 }), undefined);
  t.equal(levelParts(level(60, 'hourly'), range('2016-02-28', '2016-02-29'), { most: 20 }), undefined);
});

t.test('finer levels whose bins fit', async (t) => {
  t.ok(nestsIn(level(0, 'daily'), level(7, 'hourly')));
  t.ok(nestsIn(level(1, 'daily'), level(7, 'hourly')));
  t.notOk(nestsIn(level(7, 'hourly'), level(420, 'hourly')), 'which begin anew themselves');
  t.notOk(nestsIn(level(2400, 'daily'), level(7200, 'hourly')), 'blocks begin inside of them');
  t.notOk(nestsIn(level(60, 'daily'), level(90, 'daily')));
  t.ok(isOnGrid(level(2400, 'daily')));
});

t.test('data that are closed', async (t) => {
  const openUntil = range('2016-02-28T06:30:20', '2016-03-01').begin;
  const asked = range('2016-02-28T05:00', '2016-02-28T06:30:10');
  for (const period of ['hourly', 'daily'] as const) {
    const last = levelParts(level(60, period), asked, { openUntil, most: 100 })?.parts.slice(-2) ?? [];
    t.match(last, [{ ...range('2016-02-28', '2016-02-28T06:30'), begin: Object }, { isCut: true }]);
    t.strictSame([last[1]?.begin, last[1]?.end], [range('2016-02-28T06:30', '2016-02-29').begin, openUntil]);
    t.strictSame(last[1]?.bounds, range('2016-02-28T06:30', '2016-02-28T06:31'));
  }
  const whole = levelParts(level(20, 'hourly'), asked, { openUntil, most: 100 });
  t.notOk(
    whole?.parts.some(({ isCut }) => isCut),
    'bins that end in time are open',
  );
  const intrinsic = levelParts(level(0, 'hourly'), asked, { openUntil, most: 100 });
  t.strictSame(intrinsic?.parts.at(-1)?.end, asked.end);
});
