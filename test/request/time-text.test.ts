/** Times of requests and the text that readers get for them (server-protocol 4.5). */
import t from 'tap';
import { parseTimeBound, parseTimeRange, readerTimeText } from '../../lib/request/time-text.js';
import { parseTime } from '../../lib/stream/time.js';

t.test('text for the reader', async (t) => {
  const same = [
    '2010-01',
    '2010-01-02',
    '2010-01-02T03',
    '2010-01-02T03:04',
    '2010-01-02T03:04:05.678Z',
    '2010-001',
    '2010-001T12:30:05',
  ];
  for (const text of same) t.equal(parseTimeBound(text, 'x').text, text);
  const written: [string, string][] = [
    ['2010', '2010-01-01T00:00:00'],
    ['2010-01-02 03:04', '2010-01-02T03:04:00'],
    ['2010/001 03:04:05', '2010-01-01T03:04:05'],
    ['2 Jan 2010', '2010-01-02T00:00:00'],
    ['2010 January 2 03:04', '2010-01-02T03:04:00'],
    ['2010_01_02 0304', '2010-01-02T03:04:00'],
    ['2010-13-01', '2010-01-13T00:00:00'],
    ['2010 1 2 3 4 5.25', '2010-01-02T03:04:05.250000'],
  ];
  for (const [text, wanted] of written) t.equal(parseTimeBound(text, 'x').text, wanted, text);
  t.equal(readerTimeText(parseTime('2017-01-01T00:00:00.5')), '2017-01-01T00:00:00.500000');
  t.equal(
    readerTimeText(parseTime('2017-01-01T00:00:59.9999999')),
    '2017-01-01T00:00:59.999999',
    'never rounded into the next minute',
  );
  t.equal(readerTimeText(parseTime('2017-01-01T00:00:00.0000001')), '2017-01-01T00:00:00');
});

t.test('times that have no text of four digits', async (t) => {
  t.equal(parseTimeBound('9999-12-31 23:59:60', 'x').text, '9999-12-31T23:59:60');
  const nextYear = parseTime('9999-12-31T23:59:60');
  t.equal(readerTimeText(nextYear), '9999-12-31T23:59:60');
  t.equal(readerTimeText({ day: nextYear.day + 5, nanosecond: 0 }), '9999-12-31T23:59:60', 'the end of a wide bin');
  t.equal(readerTimeText({ day: parseTime('0000-01-01').day - 1, nanosecond: 0 }), '0000-01-01T00:00:00');
});

t.test('ranges', async (t) => {
  const { begin, end } = parseTimeRange({ start: '2017-01-01', end: '2017-032' });
  t.same([begin.text, end.text], ['2017-01-01', '2017-032']);
  t.throws(() => parseTimeRange({ start: '2017-01-02', end: '2017-01-01' }), {
    code: 'illegalArgument',
    message: /end_time/,
  });
  t.throws(() => parseTimeRange({ start: '2017-01-02', end: '2017-002' }), { code: 'illegalArgument' }, 'empty range');
  t.throws(() => parseTimeRange({ start: '2017-13-01', end: '2017-01-02' }), {
    message: 'end_time must be later than start_time; they were read as 2017-01-02T00:00:00 and 2017-01-13T00:00:00',
  });
  t.throws(() => parseTimeRange({ start: 'junk', end: '2017-002' }), {
    code: 'illegalArgument',
    message: /start_time/,
  });
  t.throws(() => parseTimeRange({ start: '2017-02-30', end: '2018' }), {
    code: 'illegalArgument',
    message: /start_time/,
  });
  t.throws(() => parseTimeRange({ start: '2017', end: "2020'$(id)'" }), {
    code: 'illegalArgument',
    message: /end_time/,
  });
});
