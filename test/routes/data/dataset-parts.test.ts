/** Parts of the data route that need no reader: the grid of the bins, media types and file names. */
import fc from 'fast-check';
import t from 'tap';
import { binOrigin, knowsOrigin } from '../../../lib/data/bin-origin.js';
import { dataMedia } from '../../../lib/routes/data/media.js';
import { parseTime, us2000FromTime } from '../../../lib/stream/time.js';

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

t.test('media types and names', async (t) => {
  const base = {
    id: 'A/B/Src',
    kind: 'das2',
    text: false,
    isBrowser: false,
    begin: '2017-01-01',
    end: '2017-01-02',
  } as const;
  const media = (facts: Partial<Parameters<typeof dataMedia>[0]>) => dataMedia({ ...base, ...facts });
  const rows: [Partial<Parameters<typeof dataMedia>[0]>, string, string, string][] = [
    [{}, 'application/vnd.das2.das2stream', 'attachment', 'd2s'],
    [{ isBrowser: true }, 'application/vnd.das2.das2stream', 'attachment', 'd2s'],
    [{ kind: 'das1' }, 'application/vnd.das2.das2stream', 'attachment', 'd2s'],
    [{ text: true }, 'text/vnd.das2.das2stream; charset=utf-8', 'inline', 'd2t'],
    [{ text: true, isBrowser: true }, 'text/plain; charset=utf-8', 'inline', 'd2t'],
    [{ kind: 'qstream' }, 'application/vnd.das2.qstream', 'attachment', 'qds'],
    [{ kind: 'qstream', text: true }, 'text/vnd.das2.qstream; charset=utf-8', 'inline', 'qdt'],
    [{ kind: 'qstream', text: true, isBrowser: true }, 'text/plain; charset=utf-8', 'inline', 'qdst'],
  ];
  for (const [facts, type, disposition, ext] of rows) {
    const { contentType, disposition: header, fileName } = media(facts);
    t.equal(contentType, type);
    t.equal(fileName, `Src_2017-01-01_2017-01-02.${ext}`);
    t.same(header, ['Content-Disposition', `${disposition}; filename="${fileName}"`]);
  }
  const name = (begin: string, end: string, id = 'X') => media({ begin, end, id }).fileName;
  t.equal(name('2014-03-28T00:00:00.000Z', '2014-03-29T00:00:00.000Z'), 'X_2014-03-28_2014-03-29.d2s');
  t.equal(name('2014-03-28T01:02:03.000Z', '2014-087T00:00:00'), 'X_2014-03-28T01-02-03_2014-087.d2s');
  t.equal(name('2014-03-28T00:00:00.500000', '2014-03-29Z'), 'X_2014-03-28.500000_2014-03-29Z.d2s');
  t.equal(name('a b"c', 'd', 'Ä/É x'), '__x_a_b_c_d.d2s');
  const long = name('2014-03-28', '2014-03-29', 'x'.repeat(255));
  t.equal(long.length, 150);
  t.ok(long.endsWith('_2014-03-28_2014-03-29.d2s'));
});
