/** Which reducers get an origin of bins, and where it lies. */
import fc from 'fast-check';
import t from 'tap';
import { binOrigin, knowsOrigin } from '../../lib/data/bin-origin.js';
import { parseTime, us2000FromTime } from '../../lib/stream/time.js';

t.test('who gets -b', async (t) => {
  for (const yes of [
    'das2_bin_avgsec',
    'das2_bin_peakavgsec -p',
    '/opt/bin/das2_bin_ratesec',
    'das2_bin_minmaxavgsec',
  ]) {
    t.equal(knowsOrigin(yes), true, yes);
  }
  for (const no of [
    'stub_red',
    'das2_bin_avg',
    'X=1 das2_bin_avgsec',
    'das2_bin_avgsec | cat',
    'das2_bin_avgsec -b 2000-01-01',
  ]) {
    t.equal(knowsOrigin(no), false, no);
  }
});

t.test('the begin of a bin', async (t) => {
  const text = (time: string, seconds: number) => binOrigin(parseTime(time), seconds).text;
  t.equal(text('2017-01-01T00:00:59', 60), '2017-01-01T00:00:00');
  t.equal(text('2017-01-01T00:01:00', 60), '2017-01-01T00:01:00', 'an edge begins its own bin');
  t.equal(text('2000-01-01', 7), '2000-01-01T00:00:00');
  t.equal(text('1999-12-31T23:59:59', 7), '1999-12-31T23:59:53', 'bins count down before 2000');
  t.equal(text('2000-01-01T00:00:01', 60.5), '2000-01-01T00:00:00');
  t.equal(text('2000-01-01T00:01:01', 60.5), '2000-01-01T00:01:00.5');
  t.equal(text('2000-01-01T00:00:01', 0.3), '2000-01-01T00:00:00.9');
  t.equal(text('0005-01-01', 1e12), undefined, 'beyond what ISO text can say');
  t.equal(binOrigin(parseTime('2000-01-01T00:00:01'), 0.3).us2000, 900_000);
  fc.assert(
    fc.property(
      fc.integer({ min: -20_000, max: 20_000 }),
      fc.integer({ min: 0, max: 86_399_999 }),
      fc.double({ min: 1e-3, max: 1e7, noNaN: true }),
      (day, millisecond, seconds) => {
        const time = { day, nanosecond: millisecond * 1e6 };
        const { us2000, text } = binOrigin(time, seconds);
        const at = us2000FromTime(time);
        const width = seconds * 1e6;
        const slack = Math.max(1e-3, Math.abs(at) * 1e-15);
        return us2000 <= at + slack && at < us2000 + width + slack && /^\d{4}-[\dT:.-]+$/.test(text ?? '');
      },
    ),
  );
});
