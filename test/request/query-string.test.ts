/** Query strings: pairs, limits, repeated keys, and that no text can break the decoder (server-protocol 1.2). */
import fc from 'fast-check';
import t from 'tap';
import { isDas2Error } from '../../lib/error.js';
import {
  decodePercent,
  encodeQueryValue,
  PAIR_LIMIT,
  parseQuery,
  QUERY_LIMIT,
  refuseRepeatedKeys,
  splitQuery,
} from '../../lib/request/query-string.js';

t.test('pairs', async (t) => {
  const table: [query: string, pairs: [string, string][]][] = [
    ['', []],
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1;b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1;b.c~d=2;e',
      [
        ['a', '1'],
        ['b.c~d', '2;e'],
      ],
    ],
    [
      'a=x;y&b=1',
      [
        ['a', 'x;y'],
        ['b', '1'],
      ],
    ],
    ['a=x;1y=2', [['a', 'x;1y=2']]],
    ['a=x%3Bb=2', [['a', 'x;b=2']]],
    ['a=b+c%20d', [['a', 'b c d']]],
    ['a=%2B', [['a', '+']]],
    ['a=%C2%B5', [['a', 'µ']]],
    ['a=%C2x', [['a', '\ufffdx']]],
    ['a=%ff%41', [['a', '\ufffdA']]],
    ['a=%', [['a', '%']]],
    ['a=%4', [['a', '%4']]],
    ['a=%zz%41', [['a', '%zzA']]],
    ['a=%2541', [['a', '%41']]],
    ['a=', []],
    ['=b', [['', 'b']]],
    ['a', []],
    ['&&a=1&', [['a', '1']]],
    [
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['a=b=c', [['a', 'b=c']]],
    ['dataset=A%00B', [['dataset', 'A\0B']]],
  ];
  for (const [query, pairs] of table) t.same(parseQuery(query), pairs, query);
});

t.test('limits', async (t) => {
  t.equal(parseQuery(`a=${'x'.repeat(QUERY_LIMIT - 2)}`).length, 1);
  t.throws(() => parseQuery(`a=${'x'.repeat(QUERY_LIMIT - 1)}`), { code: 'queryTooLong' });
  t.throws(
    () => parseQuery(`a=${'µ'.repeat(QUERY_LIMIT / 2)}`),
    { code: 'queryTooLong' },
    'bytes count, not characters',
  );
  const pairs = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}=v`).join('&');
  t.equal(parseQuery(pairs(PAIR_LIMIT)).length, PAIR_LIMIT);
  t.throws(() => parseQuery(pairs(PAIR_LIMIT + 1)), { code: 'illegalArgument' });
  t.throws(() => parseQuery(`a=1${';b=2'.repeat(PAIR_LIMIT)}`), { code: 'illegalArgument' }, 'pieces behind ; count');
});

t.test('repeated keys', async (t) => {
  const known = new Set(['a']);
  const repeated = (query: string): void => refuseRepeatedKeys(parseQuery(query), (key) => known.has(key));
  t.doesNotThrow(() => repeated('a=1&a=1'));
  t.doesNotThrow(() => repeated('b=1&b=2'));
  t.throws(() => repeated('a=1&b=1&a=2'), { code: 'illegalArgument', message: /\ba\b/ });
});

t.test('any text survives', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (text) => {
      const encoded = encodeQueryValue(text);
      t.equal(/^[!-~]*$/.test(encoded), true);
      return text === '' || parseQuery(`a=${encoded}`)[0]?.[1] === text;
    }),
  );
});

t.test('never fails but by the two limits', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (query) => {
      try {
        for (const [key, value] of parseQuery(query)) if (key === undefined || value === '') return false;
      } catch (error) {
        return isDas2Error(error, 'illegalArgument');
      }
      return splitQuery(query).every((piece) => piece !== '') && typeof decodePercent(query) === 'string';
    }),
  );
});
