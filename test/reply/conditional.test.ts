/** Conditions of requests: dates in their three forms, and which of two conditions counts. */
import fc from 'fast-check';
import t from 'tap';
import { httpTime, isUnchanged } from '../../lib/reply/conditional.js';
import type { Header } from '../../lib/reply/headers.js';
import { testRequest } from '../tools/make-test-request.js';

t.test('dates', async (t) => {
  const moment = Date.UTC(1994, 10, 6, 8, 49, 37);
  for (const text of ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']) {
    t.equal(httpTime(text), moment, text);
  }
  t.equal(httpTime('Friday, 01-Jan-27 00:00:00 GMT'), Date.UTC(2027, 0, 1));
  t.equal(httpTime('Saturday, 31-Dec-16 23:59:60 GMT'), Date.UTC(2017, 0, 1), 'a leap second');
  for (const text of [
    undefined,
    '',
    '1994',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT; length=12',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Thu, 31 Apr 2090 00:00:00 GMT',
  ]) {
    t.equal(httpTime(text), undefined, String(text));
  }
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1000, 0, 1) / 1000, max: Date.UTC(9999, 11, 31) / 1000 }), (second) => {
      return httpTime(new Date(second * 1000).toUTCString()) === second * 1000;
    }),
  );
});

t.test('conditions', async (t) => {
  const [older, time, newer] = [1, 2, 3].map((second) => new Date(second * 1000).toUTCString()) as [
    string,
    string,
    string,
  ];
  const both: Header[] = [
    ['ETag', 'W/"a"'],
    ['Last-Modified', time],
  ];
  const cases: [readonly Header[], Record<string, string>, boolean][] = [
    [both, {}, false],
    [both, { 'If-Modified-Since': older }, false],
    [both, { 'If-Modified-Since': time }, true],
    [both, { 'If-Modified-Since': newer }, true],
    [both, { 'If-None-Match': '"a"' }, true],
    [both, { 'If-None-Match': 'W/"b", W/"a"', 'If-Modified-Since': older }, true],
    [both, { 'If-None-Match': '"b"', 'If-Modified-Since': newer }, false],
    [both.slice(0, 1), { 'If-Modified-Since': newer }, false],
    [both.slice(1), { 'If-Modified-Since': newer }, true],
    [both.slice(1), { 'If-None-Match': '*', 'If-Modified-Since': newer }, false],
    [[], { 'If-None-Match': '*' }, false],
    [[], { 'If-Modified-Since': newer }, false],
  ];
  for (const [validators, headers, expected] of cases) {
    t.equal(isUnchanged(testRequest({ headers }), validators), expected, JSON.stringify([validators, headers]));
  }
});
