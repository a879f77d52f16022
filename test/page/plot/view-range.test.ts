import fc from 'fast-check';
import t from 'tap';
import { askedStep, panned, rangeFromText, rangeToText, selected, zoomed } from '../../../lib/page/plot/view-range.js';

const DAY = { begin: 0, end: 86400e6 };

t.test('texts', async (t) => {
  t.same(rangeFromText('2000-01-01', '2000-01-02'), DAY);
  t.equal(rangeFromText('2000-01-02', '2000-01-01'), undefined);
  t.equal(rangeFromText('x', '2000-01-01'), undefined);
  t.equal(rangeFromText('', ''), undefined);
  t.same(rangeToText(DAY), { begin: '2000-01-01', end: '2000-01-02' });
  t.same(rangeToText({ begin: 1234567.891, end: 3234567.891 }), {
    begin: '2000-01-01T00:00:01.2346',
    end: '2000-01-01T00:00:03.2346',
  });
  t.same(rangeToText({ begin: 60e6, end: 7200e6 }), { begin: '2000-01-01T00:01', end: '2000-01-01T02:00' });
});

t.test('any range survives its texts', async () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 1e15 }), fc.double({ min: 1, max: 15, noNaN: true }), (begin, power) => {
      const range = { begin, end: begin + 10 ** power };
      const texts = rangeToText(range);
      const read = rangeFromText(texts.begin, texts.end);
      const limit = 10 ** power / 1000 + 1;
      return (
        read !== undefined && Math.abs(read.begin - range.begin) <= limit && Math.abs(read.end - range.end) <= limit
      );
    }),
  );
});

t.test('moving', async (t) => {
  t.same(zoomed(DAY, 0.5), { begin: 21600e6, end: 64800e6 });
  t.same(zoomed(DAY, 2), { begin: -43200e6, end: 129600e6 });
  t.same(panned(DAY, -0.5), { begin: -43200e6, end: 43200e6 });
  t.same(selected(5e6, 1e6), { begin: 1e6, end: 5e6 });
  t.equal(selected(1, 2), undefined, 'a click is no selection');
  const narrow = zoomed({ begin: 0, end: 12 }, 0.001);
  t.ok(narrow.end - narrow.begin >= 10, 'there is a narrowest range');
  const wide = zoomed(DAY, 1e12);
  t.ok(rangeToText(wide).begin.startsWith('0001') && rangeToText(wide).end.startsWith('9999'), 'and a widest');
});

t.test('what the server is asked for', async (t) => {
  const form = { resolution: '', interval: '', needsInterval: false };
  t.same(askedStep(DAY, 864, form), { resolution: '100', interval: '' });
  t.same(askedStep(DAY, 864, { ...form, resolution: '600' }), { resolution: '600', interval: '' }, 'coarser by choice');
  t.same(
    askedStep(DAY, 864, { ...form, resolution: '1' }),
    { resolution: '100', interval: '' },
    'never finer than a pixel',
  );
  t.same(askedStep(DAY, 864, { ...form, resolution: 'x' }), { resolution: '100', interval: '' });
  const needs = { ...form, needsInterval: true };
  t.same(askedStep(DAY, 864, { ...needs, interval: '300' }), { resolution: '', interval: '300' });
  t.same(askedStep(DAY, 864, { ...needs, interval: '1' }), { resolution: '', interval: '50' });
  t.same(askedStep(DAY, 864, { ...needs, interval: '86400' }), { resolution: '', interval: '1728' });
});
