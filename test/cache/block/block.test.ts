/** Blocks of the cache: their edges, their number, their paths. */
import t from 'tap';
import { blockBegin, blockPath, blocksOf, nextBlockBegin } from '../../../lib/cache/block/block.js';
import { CACHE_PERIODS, type CachePeriod } from '../../../lib/source/cache-level.js';
import { formatTime, parseTime } from '../../../lib/stream/time.js';

const begins = (begin: string, end: string, period: CachePeriod): string[] =>
  [...blocksOf({ begin: parseTime(begin), end: parseTime(end) }, period)].map((time) => formatTime(time));

t.test('paths of all periods', (t) => {
  const time = parseTime('2013-10-31T01:05:57.9');
  const paths = CACHE_PERIODS.map((period) => blockPath(blockBegin(time, period), period, 'bin-1s'));
  t.strictSame(paths, [
    '2013/10/31/01/05/2013-10-31T01-05-57_bin-1s.d2s',
    '2013/10/31/01/2013-10-31T01-05_bin-1s.d2s',
    '2013/10/31/2013-10-31T01_bin-1s.d2s',
    '2013/10/2013-10-31_bin-1s.d2s',
    '2013/2013-10_bin-1s.d2s',
    '2013_bin-1s.d2s',
  ]);
  const voyager = blockBegin(parseTime('1979-03-01T12:26:11'), 'hourly');
  t.equal(blockPath(voyager, 'hourly', 'bin-250ms'), '1979/03/01/1979-03-01T12_bin-250ms.d2s');
  t.equal(blockPath(voyager, 'hourly', 'intrinsic', 'qds'), '1979/03/01/1979-03-01T12_intrinsic.qds');
  t.end();
});

t.test('an end on an edge adds no block, a moment behind it does', (t) => {
  t.strictSame(begins('2013-10-31T23:00', '2013-11-01T00:00', 'daily'), ['2013-10-31T00:00:00']);
  t.equal(begins('2013-10-31T23:00', '2013-11-01T00:00:00.001', 'daily').length, 2);
  t.strictSame(begins('2013-10-31T12:00:59.7', '2013-10-31T12:01:01', 'persecond'), [
    '2013-10-31T12:00:59',
    '2013-10-31T12:01:00',
  ]);
  t.end();
});

t.test('calendar steps', (t) => {
  t.strictSame(begins('2012-01-31T12:00', '2012-04-01', 'monthly'), [
    '2012-01-01T00:00:00',
    '2012-02-01T00:00:00',
    '2012-03-01T00:00:00',
  ]);
  t.strictSame(begins('2012-02-28', '2012-03-02', 'daily').length, 3, 'leap year');
  t.strictSame(begins('1999-12-31', '2001-01-01T00:00:01', 'yearly'), [
    '1999-01-01T00:00:00',
    '2000-01-01T00:00:00',
    '2001-01-01T00:00:00',
  ]);
  t.equal(formatTime(nextBlockBegin(parseTime('2011-12-01'), 'monthly')), '2012-01-01T00:00:00');
  t.equal(formatTime(nextBlockBegin(parseTime('2011-12-31T23:59:59'), 'persecond')), '2012-01-01T00:00:00');
  t.end();
});

t.test('a range of centuries in seconds costs nothing until it is walked', (t) => {
  const blocks = blocksOf({ begin: parseTime('1900-01-01'), end: parseTime('2100-01-01') }, 'persecond');
  t.equal(formatTime(blocks.next().value as ReturnType<typeof parseTime>), '1900-01-01T00:00:00');
  t.end();
});
