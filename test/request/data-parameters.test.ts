/** Parameters of data requests: synonyms, families, numbers, forbidden characters (server-protocol 4.1, 4.3, 6.5). */
import fc from 'fast-check';
import t from 'tap';
import { isDas2Error } from '../../lib/error.js';
import { macroParameters, normaliseSteps, readDataParameters } from '../../lib/request/data-parameters.js';
import { testRequest } from '../tools/make-test-request.js';

const T1 = 'dataset=A&start_time=2017-01-01&end_time=2017-01-02';
const read = (query: string) => readDataParameters(testRequest({ query }));
const refused = (query: string): string => {
  try {
    read(query);
  } catch (error) {
    if (isDas2Error(error, 'illegalArgument')) return error.message;
    throw error;
  }
  return 'accepted';
};

t.test('synonyms', async (t) => {
  const families = [
    ['start_time', 'end_time'],
    ['start_time', 'stop_time'],
    ['time.min', 'time.max'],
    ['reader.x.min', 'reader.x.max'],
    ['read.time.min', 'read.time.max'],
    ['start', 'stop'],
  ];
  for (const [begin, end] of families) {
    const { start, end: stop } = read(`dataset=A&${begin}=2017-01-01&${end}=2017-01-02`);
    t.same([start, stop], ['2017-01-01', '2017-01-02'], `${begin} ${end}`);
  }
  for (const key of ['resolution', 'time.res', 'reducer.x.resolution', 'bin.time.max']) {
    t.same(read(`${T1}&${key}=60.50`).resolution, { value: 60.5, text: '60.50' }, key);
  }
  for (const key of ['interval', 'time.int', 'reader.x.interval', 'read.time.inter']) {
    t.same(read(`${T1}&${key}=1e1`).interval, { value: 10, text: '1e1' }, key);
  }
  for (const key of ['params', 'reader.params', 'read.opts']) t.equal(read(`${T1}&${key}=a+b`).params, 'a b', key);
  for (const key of ['ascii', 'text']) t.equal(read(`${T1}&${key}=1`).form, 'text', key);
});

t.test('mixed and doubled spellings', async (t) => {
  t.match(refused('dataset=A&time.min=2017-01-01&end_time=2017-01-02'), /time\.min.*end_time/);
  t.match(refused('dataset=A&start=2017-01-01&end_time=2017-01-02'), /start.*end_time/);
  t.match(refused(`${T1}&time.min=2017-01-01`), /start_time and time\.min/, 'also with the same value');
  t.match(refused(`${T1}&stop_time=2017-01-02`), /end_time and stop_time/);
  t.match(refused(`${T1}&start_time=2017-01-03`), /twice/);
  t.equal(refused(`${T1}&start_time=2017-01-01`), 'accepted', 'identical repetition');
  t.match(refused(`${T1}&resolution=1&time.res=2`), /resolution and time\.res/);
  t.equal(refused(`${T1}&resolution=1&time.res=1`), 'accepted');
  t.equal(refused(`${T1}&nitems=1&nitems=2`), 'accepted', 'ignored keys may repeat');
});

t.test('missing', async (t) => {
  t.match(refused('start_time=2017-01-01&end_time=2017-01-02'), /dataset/);
  t.match(refused('dataset=A&end_time=2017-01-02'), /start_time/);
  t.match(refused('dataset=A&start_time=2017-01-02'), /end_time/);
  t.match(refused('dataset=A&start_time=&end_time=2017-01-02'), /start_time/, 'empty is absent');
  t.match(
    refused('dataset=A&starttime=2017-01-01&endtime=2017-01-02'),
    /start_time .* is missing; not known here: starttime, endtime$/,
  );
  t.match(
    refused('dataset=A&%3Cb%3E=1&resolution=60&end_time=2017-01-02'),
    /is missing$/,
    'what can be no key is not repeated',
  );
  t.match(refused(`${T1}&resolution=1h`), /^resolution is not a number of seconds such as 60 or 0\.5$/);
});

t.test('numbers', async (t) => {
  for (const good of ['1', '0.1', '.5', '5.', '1e3', '1.5E-3', '1e%2B3', '%2B2']) {
    t.equal(refused(`${T1}&resolution=${good}`), 'accepted', good);
  }
  for (const bad of [
    'abc',
    'nan',
    'NaN',
    'inf',
    'Infinity',
    '1_0',
    '0x10',
    '-1',
    '1e999',
    '1,5',
    '1 2',
    '1%0A',
    '--1',
    '.',
    'e5',
    '1e+3',
  ]) {
    t.match(refused(`${T1}&resolution=${bad}`), /resolution/, bad);
  }
  t.equal(read(`${T1}&resolution=0`).resolution, undefined);
  t.equal(read(`${T1}&resolution=0.000`).resolution, undefined);
  for (const bad of ['0', '-5', '0e5']) t.match(refused(`${T1}&interval=${bad}`), /interval/, bad);
});

t.test('ascii', async (t) => {
  for (const no of ['0', 'false', 'NO', 'Off']) t.equal(read(`${T1}&ascii=${no}`).form, 'stream', no);
  for (const yes of ['1', 'true', 'yes', 'x', '00']) t.equal(read(`${T1}&ascii=${yes}`).form, 'text', yes);
  t.equal(read(`${T1}&ascii=`).form, 'stream');
  t.equal(read(T1).form, 'stream');
});

t.test('forbidden characters', async (t) => {
  const bad = [
    '%3B',
    '%7C',
    '..%2F',
    '..%5C',
    ':%5C',
    '%3E',
    '%26',
    '%3C',
    '%24',
    '%60',
    '%00',
    '%09',
    '%0A',
    '%0D',
    '%1F',
    '%7F',
  ];
  for (const piece of bad) {
    t.match(refused(`${T1}&params=a${piece}b`), /params/, `params ${piece}`);
    t.match(refused(`dataset=A&start_time=2017${piece}&end_time=2018`), /start_time/, `start_time ${piece}`);
    t.match(refused(`dataset=A&start_time=2017&end_time=2018${piece}`), /end_time/, `end_time ${piece}`);
    t.match(refused(`${T1}&resolution=1${piece}`), /resolution/, `resolution ${piece}`);
    t.match(refused(`${T1}&interval=1${piece}`), /interval/, `interval ${piece}`);
  }
  t.match(refused(`${T1}&params=${'x'.repeat(2049)}`), /params/);
  t.match(refused(`${T1}&params=${'%C2%B5'.repeat(1025)}`), /params/, 'bytes count');
});

t.test('only blanks are dropped around params', async (t) => {
  t.equal(read(`${T1}&params=%20+a+b%20+`).params, 'a b');
  t.equal(read(`${T1}&params=+%20+`).params, '');
  t.equal(read(`${T1}&params=a%5C%20++`).params, 'a\\ ', 'an escaped blank is a part of its word');
  // White space beyond ASCII is for the check of words to refuse.
  for (const space of ['\u00a0', '\u2003', '\u2028', '\ufeff']) {
    t.equal(read(`${T1}&params=${encodeURIComponent(space)}`).params, space);
    t.equal(read(`${T1}&params=a${encodeURIComponent(space)}`).params, `a${space}`);
  }
});

t.test('messages never repeat the text of the request', async (t) => {
  for (const query of [`${T1}&params=EVIL%0D%0A`, `${T1}&resolution=EVIL`, 'dataset=A&start_time=EVIL%60&end_time=2']) {
    t.notMatch(refused(query), /EVIL/);
  }
});

t.test('check boxes of forms', async (t) => {
  t.equal(read(`${T1}&params~BxBx=on&params~complex=on`).params, 'BxBx complex');
  t.equal(read(`${T1}&params=a&read.opts~b=TRUE&params~c=1&params~d=off&params~e=2&other~f=on`).params, 'a b c');
  t.match(refused(`${T1}&params~%60id%60=on`), /params/);
  t.equal(read(`${T1}&params~b=on&params~b=on`).params, 'b', 'the same said twice');
  t.match(refused(`${T1}&params~b=on&params~b=off`), 'params~b is given twice');
});

t.test('resolution and interval stand in for each other', async (t) => {
  const one = { value: 1, text: '1' };
  const two = { value: 2, text: '2' };
  t.same(normaliseSteps({ resolution: one, interval: two }, true), { interval: two, resolution: undefined });
  t.same(normaliseSteps({ resolution: one, interval: undefined }, true), { interval: one, resolution: undefined });
  t.same(normaliseSteps({ resolution: undefined, interval: undefined }, true), {
    interval: undefined,
    resolution: undefined,
  });
  t.same(normaliseSteps({ resolution: one, interval: two }, false), { resolution: one, interval: undefined });
  t.same(normaliseSteps({ resolution: undefined, interval: two }, false), { resolution: two, interval: undefined });
});

t.test('no reducer has bins that are shorter than any time is told', async (t) => {
  const tiny = { value: 1e-300, text: '1e-300' };
  t.throws(() => normaliseSteps({ resolution: tiny, interval: undefined }, false), { code: 'illegalArgument' });
  t.throws(() => normaliseSteps({ resolution: undefined, interval: tiny }, false), /leave it out/);
  t.match(normaliseSteps({ resolution: { value: 1e-12, text: '1e-12' }, interval: undefined }, false), {
    resolution: { text: '1e-12' },
  });
});

t.test('parameters for macros', async (t) => {
  const values = macroParameters(
    testRequest({ query: 'time.min=a&time.max=b&time.res=5&read.opts=x&params~y=on&other=1' }),
  );
  t.equal(values.get('start_time'), 'a');
  t.equal(values.get('end_time'), 'b');
  t.equal(values.get('resolution'), '5');
  t.equal(values.get('params'), 'x y');
  t.equal(values.get('other'), '1');
  t.equal(values.get('interval'), undefined);
});

t.test('any query is read or refused', async () => {
  const key = fc.constantFrom(
    'dataset',
    'start_time',
    'end_time',
    'time.min',
    'params',
    'params~x',
    'resolution',
    'ascii',
  );
  const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => encodeURIComponent(value.toString()));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, text), { maxLength: 10 }), (pairs) => {
      const query = pairs.map(([name, value]) => `${name}=${value}`).join('&');
      return refused(query).length > 0;
    }),
  );
});
