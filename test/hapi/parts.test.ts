/** Times, keys, parameters, sub-sources, titles and open ranges of HAPI, each by itself (server-internals 6.2, 6.3, 6.4, 6.8). */
import fc from 'fast-check';
import t from 'tap';
import { Configuration } from '../../lib/conf/configuration.js';
import { Das2Error } from '../../lib/error.js';
import type { HapiParameter } from '../../lib/filter/hapi/parameters.js';
import { openPart } from '../../lib/hapi/access.js';
import { hapiVersion, isSince } from '../../lib/hapi/offer.js';
import { selectParameters } from '../../lib/hapi/parameters.js';
import { type HapiEndpoint, readHapiQuery } from '../../lib/hapi/query.js';
import { subSources } from '../../lib/hapi/sub-source.js';
import { hapiDuration, hapiTimeText, parseHapiTime } from '../../lib/hapi/time-text.js';
import { shortTitle } from '../../lib/routes/hapi/facts.js';
import { parseDsdf } from '../../lib/source/definition/dsdf.js';
import { formatTime, parseTime } from '../../lib/stream/time.js';
import { testRequest } from '../tools/make-test-request.js';

const configuration = (text = ''): Configuration => new Configuration(text, { file: '/x/etc/conf', prefix: '/x' });

function codeOf(work: () => unknown): unknown {
  try {
    work();
    return 'no error';
  } catch (error) {
    return error instanceof Das2Error ? error.data.hapiCode : error;
  }
}

t.test('times', (t) => {
  const shown = (text: string): string | undefined => {
    const time = parseHapiTime(text);
    return time && formatTime(time, { decimals: 'shortest' });
  };
  for (const [text, meaning] of [
    ['2020Z', '2020-01-01T00:00:00'],
    ['2020', '2020-01-01T00:00:00'],
    ['2020-02Z', '2020-02-01T00:00:00'],
    ['2020-060', '2020-02-29T00:00:00'],
    ['2020-02-29Z', '2020-02-29T00:00:00'],
    ['2020-366T23Z', '2020-12-31T23:00:00'],
    ['2020-01-02T03:04', '2020-01-02T03:04:00'],
    ['2020-01-02T03:04:05.', '2020-01-02T03:04:05'],
    ['2020-01-02T03:04:05.000000001Z', '2020-01-02T03:04:05.000000001'],
    ['2020-01-02T24:00:00Z', '2020-01-03T00:00:00'],
    ['2020-01-02T24:00:00.000Z', '2020-01-03T00:00:00'],
    ['2016-12-31T23:59:60.5Z', '2017-01-01T00:00:00.5'],
  ] as const) {
    t.equal(shown(text), meaning, text);
  }
  for (const text of [
    '',
    'Z',
    'now',
    '20',
    '2020-13',
    '2020-00',
    '2019-366',
    '2020-000',
    '2019-02-29',
    '2020-01-02T',
    '2020-01-02 03:04',
    '2020-01-02T24:00',
    '2020-01-02T24:00:01',
    '2020-01-02T24:00:00.1',
    '2020-01-02T25',
    '2020-01-02T23:60',
    '2020-01-02T23:59:60',
    '1971-12-31T23:59:60',
    '2020-01-02T03:04:05+01:00',
    '2020-01-02T03:04:05.1234567890',
    '2020-01-02T03:04:05ZZ',
    '2020-01T03',
    '2020-1-2',
    '+2020-01-02',
    '2020-01-02T03:04:05Z\n',
    '２０２０',
  ]) {
    t.equal(parseHapiTime(text), undefined, JSON.stringify(text));
  }
  t.end();
});

t.test('whatever a document says can be asked for', (t) => {
  const day = fc.integer({ min: -700_000, max: 2_900_000 });
  const nanosecond = fc.integer({ min: 0, max: 86_399_999_999_999 });
  fc.assert(
    fc.property(day, nanosecond, (day, nanosecond) => {
      const time = { day, nanosecond };
      t.strictSame(parseHapiTime(hapiTimeText(time, 9)), time);
      t.strictSame(parseHapiTime(hapiTimeText(time)), { day, nanosecond: nanosecond - (nanosecond % 1e6) });
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      // A time of the strict grammar is one of the free grammar, too, and means the same but for hour 24 and leap seconds.
      const time = parseHapiTime(text);
      if (time !== undefined && !/T24|:60/.test(text)) t.strictSame(time, parseTime(text));
    }),
  );
  t.end();
});

t.test('durations', (t) => {
  t.equal(hapiDuration(60), 'PT60S');
  t.equal(hapiDuration(0.0499999), 'PT0.05S');
  t.equal(hapiDuration(86_400), 'PT86400S');
  t.equal(hapiDuration(86_412), 'PT86400S');
  t.equal(hapiDuration(86_412, true), 'PT86412S');
  t.equal(hapiDuration(1e-7), 'PT0.0000001S');
  t.end();
});

t.test('keys', (t) => {
  const read = (endpoint: HapiEndpoint, query: string, settings = ''): Record<string, string> =>
    Object.fromEntries(readHapiQuery(testRequest({ query }), endpoint, configuration(settings)));
  t.strictSame(read('data', 'id=a&time.min=b&time.max=c&parameters=&format=csv'), {
    dataset: 'a',
    start: 'b',
    stop: 'c',
    format: 'csv',
  });
  t.strictSame(read('data', 'dataset=a%2Fb&start=c&stop=d&include=header'), {
    dataset: 'a/b',
    start: 'c',
    stop: 'd',
    include: 'header',
  });
  t.strictSame(read('about', ''), {});
  t.strictSame(read('catalog', 'depth=all&resolve_references=true'), { depth: 'all', resolve_references: 'true' });
  const code = (endpoint: HapiEndpoint, query: string, settings = ''): unknown =>
    codeOf(() => read(endpoint, query, settings));
  for (const query of ['foo=1', 'foo', 'foo=', 'Dataset=x', 'dataset=x&bar=2', 'time.min=1&resolution=3', 'a%00b=1']) {
    t.equal(code('data', query), 1401, query);
  }
  for (const query of ['dataset=x&dataset=x', 'id=x&dataset=x', 'start=1&time.min=1', 'stop=1&time.max=', 'id=&id=']) {
    t.equal(code('data', query), 1400, query);
  }
  t.equal(code('capabilities', 'x=1'), 1401);
  t.throws(
    () => read('data', 'dataset=x&begin=1'),
    { message: /unknown request key; data takes dataset/ },
    'not repeated',
  );
  t.equal(code('catalog', 'id=1'), 1401);
  t.equal(code('info', 'start=1'), 1401);
  const older = 'HAPI_VERSION = 2.1';
  t.equal(code('data', 'dataset=x', older), 1401, 'version 2 knows the older names only');
  t.equal(code('info', 'resolve_references=true', older), 1401);
  t.equal(code('catalog', 'depth=all', 'HAPI_VERSION = 3.1'), 1401);
  t.strictSame(read('info', 'id=x', older), { dataset: 'x' });
  t.end();
});

t.test('versions', (t) => {
  t.equal(hapiVersion(configuration()), '3.3');
  t.equal(hapiVersion(configuration('HAPI_VERSION = 2.0')), '2.0');
  t.equal(hapiVersion(configuration('HAPI_VERSION = 9.9')), '3.3');
  t.equal(isSince(configuration('HAPI_VERSION = 3.1'), '3.0'), true);
  t.equal(isSince(configuration('HAPI_VERSION = 3.1'), '3.2'), false);
  t.end();
});

t.test('parameters', (t) => {
  const all = ['Time', 'B', 'xB', 'time_of_day'].map(
    (name, i) => ({ name, ...(i === 0 ? { x_das2_name: 'epoch' } : {}) }) as HapiParameter,
  );
  const names = (list?: string): string[] => selectParameters(all, list).map(({ name }) => name);
  t.strictSame(names(), ['Time', 'B', 'xB', 'time_of_day']);
  t.strictSame(names('B'), ['Time', 'B'], 'whole names');
  t.strictSame(names('Time'), ['Time']);
  t.strictSame(names('time'), ['Time']);
  t.strictSame(names('epoch,xB'), ['Time', 'xB']);
  t.strictSame(names('Time,B,time_of_day'), ['Time', 'B', 'time_of_day']);
  for (const list of ['b', 'B,', ',B', 'B ', 'nothing', 'B,nothing,B', '']) {
    t.equal(
      codeOf(() => names(list)),
      1407,
      list,
    );
  }
  for (const list of ['xB,B', 'B,B', 'B,Time', 'Time,time', 'Time,epoch']) {
    t.equal(
      codeOf(() => names(list)),
      1411,
      list,
    );
  }
  t.end();
});

t.test('sub-sources', (t) => {
  const warnings: string[] = [];
  const read = (text: string) => subSources(parseDsdf(text), (line) => warnings.push(line));
  t.equal(read('reader = x\n'), undefined);
  t.strictSame(
    read(
      "subSource_02 = 'b | Second'\nSUBSOURCE_01 = 'a | First | 0.5 | -x y'\nsubSource_10 = 'c | |  | '\n" +
        "subSource_11 = 'only'\nsubSource_12 = 'a,b | Comma'\nsubSource_13 = 'd | x | fast'\nsubSource_14 = 'd | x | -1'\n" +
        "subSource_15 = 'a | twice'\nsubSource_16 = 'e | x | 1 | y | z'\n",
    )?.map(({ key, title, step, params }) => [key, title, step?.text, params]),
    [
      ['a', 'First', '0.5', '-x y'],
      ['b', 'Second', undefined, ''],
      ['c', 'c', undefined, ''],
    ],
  );
  t.equal(warnings.length, 6);
  t.strictSame(read('subSource_00 = none\n'), [], 'divided, though into nothing');
  t.end();
});

t.test('titles of the catalog', (t) => {
  t.equal(shortTitle('A  short\ttitle '), 'A short title');
  t.equal(
    shortTitle('Positions of the planets, heliocentric, ecliptic of J2000'),
    'Positions of the planets, heliocentric',
    'cut between words, without marks at the end',
  );
  t.equal(shortTitle('x'.repeat(50)), 'x'.repeat(40));
  t.equal(shortTitle(`${'x'.repeat(40)} y`), 'x'.repeat(40));
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 90 }), (text) => [...shortTitle(text)].length <= 40));
  t.end();
});

t.test('what is open', (t) => {
  const validRange = { begin: parseTime('2000-01-01'), end: parseTime('2026-06-01') };
  const now = Date.UTC(2026, 4, 10, 12);
  const open = (readAccess: string | undefined) => {
    const source = { readAccess } as Parameters<typeof openPart>[0]['source'];
    const { range, isClosed } = openPart({ source, validRange }, now);
    return [formatTime(range.end, { decimals: 0 }), isClosed];
  };
  t.strictSame(open(undefined), ['2026-06-01T00:00:00', false]);
  t.strictSame(open('GROUP:g'), ['2026-06-01T00:00:00', true]);
  t.strictSame(open('AGE:1y'), ['2025-05-10T00:00:00', false], 'rounded down to a day');
  t.strictSame(open('GROUP:g | AGE:2y | AGE:1m'), ['2026-04-10T00:00:00', false], 'the latest edge counts');
  t.strictSame(open('AGE:80y'), ['2026-06-01T00:00:00', true], 'all of it is too young');
  t.strictSame(open('AGE:nonsense'), ['2026-06-01T00:00:00', true]);
  t.strictSame(open('AGE:12h'), ['2026-05-09T00:00:00', false], 'at the edge itself nothing is open');
  t.end();
});
