/** Keys of requests: the values of the reference (citation 3), and the hash they are made with. */
import fc from 'fast-check';
import t from 'tap';
import {
  canonicalRequest,
  type RequestFacts,
  requestFromQuery,
  requestKey,
  requestToQuery,
} from '../../lib/cite/request-key.js';
import { sha256OfText } from '../../lib/cite/sha256.js';
import { parseTime } from '../../lib/stream/time.js';
import { sha256 } from './digest/vectors.js';

const FACTS: RequestFacts = {
  dataset: 'juno/fgm/MagComponentsSCSE',
  begin: parseTime('2014-04-08'),
  end: parseTime('2014-04-08T01:00'),
  resolution: undefined,
  interval: undefined,
  params: '',
};
const keyOf = (facts: Partial<RequestFacts>): string => requestKey(canonicalRequest({ ...FACTS, ...facts }));

t.test('the keys of the reference', async (t) => {
  t.equal(keyOf({}), '6143c17c21952911337aa7603a8bbc3069975d8d50b3ad43ea36bdb0544ad4d5');
  t.equal(keyOf({ resolution: 60 }), '4c0587da8d00259f5d03ad8703a6ebc51adc3c36694b54480906e1ed72d99bc6');
  t.equal(keyOf({ resolution: 0 }), keyOf({}));
});

t.test('C09, C11: forms of times and parameters', async (t) => {
  for (const begin of ['2014-098', '2014-04-08', '2014-04-08T00:00:00.000Z']) {
    t.equal(keyOf({ begin: parseTime(begin) }), keyOf({}), begin);
  }
  t.not(keyOf({ params: '5 10' }), keyOf({ params: '10 5' }));
  t.equal(keyOf({ params: '5  10 ' }), keyOf({ params: '5 10' }));
  t.equal(canonicalRequest({ ...FACTS, end: parseTime('2014-04-08T01:00:00.250') }).end, '2014-04-08T01:00:00.25');
});

t.test('numbers are the shortest decimal digits, without an exponent', async (t) => {
  const res = (resolution: number): string => canonicalRequest({ ...FACTS, resolution }).res;
  t.equal(res(60), '60');
  t.equal(res(0.1), '0.1');
  t.equal(res(1.5e-9), '0.0000000015');
  t.equal(res(1e21), '1000000000000000000000');
  t.equal(res(1.25e22), '12500000000000000000000');
  fc.assert(
    fc.property(
      fc.double({ min: 1e-300, noNaN: true, noDefaultInfinity: true }),
      (value) => Number(res(value)) === value,
    ),
  );
});

t.test('a request survives the log', async (t) => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(text, text, fc.option(fc.array(text), { nil: undefined }), (dataset, params, planes) => {
      const request = canonicalRequest({ ...FACTS, dataset, params, planes });
      const query = requestToQuery(request);
      t.notMatch(query, /[\t\n ]/);
      const again = requestFromQuery(query);
      return again !== undefined && requestKey(again) === requestKey(request);
    }),
    { numRuns: 50 },
  );
  t.equal(requestFromQuery('dataset=a'), undefined);
  t.equal(requestFromQuery('dataset=%zz'), undefined);
});

t.test('SHA-256 is that of the system', async (t) => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 300, unit: 'grapheme' }),
      (text) => sha256OfText(text) === sha256(Buffer.from(text)),
    ),
  );
  for (const length of [0, 55, 56, 63, 64, 119, 120]) {
    t.equal(sha256OfText('x'.repeat(length)), sha256(Buffer.alloc(length, 'x')), `${length} bytes`);
  }
});
