/**
 * The free time parser on the forms of stream-format 6.5 and server-protocol 4.5, and the strict ISO grammar.
 */
import fc from 'fast-check';
import t from 'tap';
import { isDas2Error } from '../../lib/error.js';
import { formatTime, isIsoTime, parseTime, us2000FromTime } from '../../lib/stream/time.js';

const read = (text: string): string => formatTime(parseTime(text));

t.test('forms that are accepted', (t) => {
  const accepted: Readonly<Record<string, string>> = {
    '2000-01-02': '2000-01-02T00:00:00',
    '2000-002': '2000-01-02T00:00:00',
    '2000-1-2T3:4:5': '2000-01-02T03:04:05',
    '2000/01/02 03:04:05': '2000-01-02T03:04:05',
    '2000//002 03:04': '2000-01-02T03:04:00',
    '2000-01-02 (002) 03:04:05': '2000-01-02T03:04:05',
    '2 Jan 2000': '2000-01-02T00:00:00',
    '2 january 2000 3:4': '2000-01-02T03:04:00',
    'Jan 2, 2000': '2000-01-02T00:00:00',
    'Sept 2, 2000 03:04:05': '2000-09-02T03:04:05',
    '1/2/2000': '2000-01-02T00:00:00',
    '13/2/2000': '2000-02-13T00:00:00',
    '1/2/99': '1999-01-02T00:00:00',
    '2000-01-02T03:04:05.678Z': '2000-01-02T03:04:05.678',
    '2000-01-02T03:04:05,678': '2000-01-02T03:04:05.678',
    '2000-01-02T0304': '2000-01-02T03:04:00',
    '2000-01-02T0304:05': '2000-01-02T03:04:05',
    '2010_01_02 0304': '2010-01-02T03:04:00',
    '2010 01 02 03 04 05.25': '2010-01-02T03:04:05.25',
    '2010\t01/02-03_04:05.25': '2010-01-02T03:04:05.25',
    '2010 January 2 03:04': '2010-01-02T03:04:00',
    '2010/001 03:04:05': '2010-01-01T03:04:05',
    '2010-01': '2010-01-01T00:00:00',
    'Mar 2010': '2010-03-01T00:00:00',
    '2010-01-02T': '2010-01-02T00:00:00',
    '2010-01-02T03': '2010-01-02T03:00:00',
    '2010-001T12:30:05': '2010-01-01T12:30:05',
    '2000-366': '2000-12-31T00:00:00',
    '2000-045': '2000-02-14T00:00:00',
    '2000-012': '2000-01-12T00:00:00',
    '2010-01-02 03:04:05.5 UTC': '2010-01-02T03:04:05.5',
    '2010-01-02T03:04:05Z and more': '2010-01-02T03:04:05',
    '2010-01-02 5.5': '2010-01-02T00:00:05.5',
    '2016-12-31T23:59:60': '2017-01-01T00:00:00',
    '2016-12-31T23:59:61.5': '2017-01-01T00:00:01.5',
    '2010': '2010-01-01T00:00:00',
    '20000102': '2000-01-02T00:00:00',
    '20000102T030405': '2000-01-02T03:04:05',
    '20000102T030405.5Z': '2000-01-02T03:04:05.5',
    ' 2010-01-02 ': '2010-01-02T00:00:00',
    '2010-01-02T03:04:05.9999999999': '2010-01-02T03:04:06',
    '0001-01-01T00:00:00.000': '0001-01-01T00:00:00',
  };
  for (const [text, expected] of Object.entries(accepted)) t.equal(read(text), expected, text);
  t.equal(read(`2010-01-02${' '.repeat(70)}nonsense`), '2010-01-02T00:00:00', 'only 80 characters count');
  t.end();
});

t.test('forms that are refused', (t) => {
  const refused = [
    '',
    ' ',
    'Z',
    'now',
    '2000-13',
    '2000-00-01',
    '2000-02-30',
    '1999-02-29',
    '1999-366',
    '2000-367',
    '2000-01-32',
    '2000-01-02T24:00',
    '2000-01-02T03:60',
    '2000-01-02T03:04:62',
    '2000-01-02T030405',
    '2000-01-02T03:04:05+01:00',
    '2000-01-02T03:04:05-01:00',
    '2000-01-02T2460',
    '20001302',
    '20000102T250000',
    '-0001-01-01',
    ' -2000-01-02',
    '-2000-01-02T03:04',
    '-000001-12-31T00:00:00',
    '+010000-01-01',
    'Jan 2',
    '2 Ja 2000',
    'January February 2000',
    '2000 2001',
    '99',
    '12345-01-02',
    '2000-1e0-01',
    '2000-01-02T03:0x4',
    '$(id)',
  ];
  for (const text of refused) {
    t.throws(() => parseTime(text), { code: 'valueEncoding' }, JSON.stringify(text));
  }
  t.end();
});

t.test('any text is read or refused in an orderly way', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789 -/:TZ.,()JanFeb_e+') }), (text) => {
      try {
        const { day, nanosecond } = parseTime(text);
        return Number.isInteger(day) && nanosecond >= 0 && nanosecond < 86_400e9 && Number.isInteger(nanosecond);
      } catch (error) {
        return isDas2Error(error, 'valueEncoding');
      }
    }),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('us2000 of parts', (t) => {
  t.equal(us2000FromTime(parseTime('2000-01-01')), 0);
  t.equal(us2000FromTime(parseTime('2000-01-02T03:04:05.678')), (86400 + 3 * 3600 + 4 * 60 + 5.678) * 1e6);
  t.equal(us2000FromTime(parseTime('1999-12-31T23:59:59.999999')), -1);
  t.end();
});

t.test('the strict ISO grammar', (t) => {
  for (const text of [
    '2010-01',
    '2010-01-02',
    '2010-01-02T03',
    '2010-01-02T03:04',
    '2010-01-02T03:04:05',
    '2010-01-02T03:04:05.678Z',
    '2010-001',
    '2010-001T12:30:05',
    '2010-01-02Z',
  ]) {
    t.ok(isIsoTime(text), text);
  }
  for (const text of [
    '2010',
    '20100102',
    '2010-1-2',
    '2010-01-02 03:04',
    '2010/01/02',
    '2 Jan 2010',
    '2010-01T03',
    '2010-01-02T',
    '2010-01-02T03:04:05.',
    '2010-01-02T03:04:05+01:00',
    '2010-01-02\n',
    ' 2010-01-02',
    '2010-01-02;ls',
    '2010-01-02T03:04:05ZZ',
    '\u0662010-01-02',
  ]) {
    t.notOk(isIsoTime(text), JSON.stringify(text));
  }
  t.end();
});

t.test('the short way for plain times reads and refuses as the free grammar does', (t) => {
  const outcome = (text: string): unknown => {
    try {
      return parseTime(text);
    } catch (error) {
      return isDas2Error(error) ? error.code : error;
    }
  };
  const two = (most: number): fc.Arbitrary<string> =>
    fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(2, '0'));
  const times = fc
    .tuple(fc.integer({ min: 0, max: 9999 }), two(13), two(32), two(25), two(61), two(61), fc.constantFrom(10, 16, 19))
    .map(([year, month, day, hour, minute, second, length]) =>
      `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}`.slice(0, length),
    );
  const marked = fc
    .tuple(times, fc.nat(18), fc.constantFrom('', '/', 'T', ':', 'x', '.', ' ', '\uff11'))
    .map(([text, at, mark]) =>
      mark === '' || at >= text.length ? text : text.slice(0, at) + mark + text.slice(at + 1),
    );
  // A blank at the end means nothing, and takes the long way.
  fc.assert(
    fc.property(marked, (text) => {
      t.strictSame(outcome(text), outcome(`${text} `), text);
    }),
    { numRuns: 2000 },
  );
  t.end();
});
