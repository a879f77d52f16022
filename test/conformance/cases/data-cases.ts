/** Conformance cases 30 to 71: data, and why there are none. */
import type { ConformanceCase } from '../expected.js';
import {
  asBrowser,
  attachment,
  BEGIN,
  DATA,
  data,
  END,
  ERROR,
  failed,
  get,
  illegal,
  nothing,
  random,
  range,
  secret,
  T1,
  TEXT,
} from './words.js';

/** In the order of server-protocol 12.2. */
export const DATA_CASES: readonly ConformanceCase[] = [
  { number: 30, request: data('Random'), expected: random },
  {
    number: 31,
    request: get(`server=compactdataset&nitems=5&dataset=Examples/Random&${T1}`),
    expected: random,
  },
  {
    number: 32,
    request: get(
      'server=dataset&dataset=Examples%2FRandom&start_time=2014-03-28T00%3A00%3A00.000Z&end_time=2014-03-29T00%3A00%3A00.000Z',
    ),
    expected: {
      status: 200,
      headers: attachment('Random_2014-03-28_2014-03-29.d2s'),
      stages: [['rdr', 'fixed', '2014-03-28T00:00:00.000Z', '2014-03-29T00:00:00.000Z']],
    },
  },
  {
    number: 33,
    request: data('Random', `${T1}&params=a%20'b%20c'`),
    expected: { status: 200, stages: [['rdr', 'fixed', BEGIN, END, 'a', 'b c']] },
  },
  { number: 34, request: data('Random', `${T1}&params=%60id%60`), expected: illegal },
  ...['a%3Bb', 'a%7Cb', 'a%3Eb', 'a%26b', '%24x', '..%2F'].map(
    (params): ConformanceCase => ({
      number: 35,
      request: data('Random', `${T1}&params=${params}`),
      expected: illegal,
    }),
  ),
  {
    number: 36,
    request: data('Random', `${T1}&params=*`),
    expected: { status: 200, stages: [['rdr', 'fixed', BEGIN, END, '*']] },
  },
  {
    number: 37,
    request: data('Random', `${T1}&resolution=60`),
    expected: { status: 200, stages: [['rdr', 'fixed', BEGIN, END]] },
  },
  {
    number: 38,
    request: data('Range', `${T1}&resolution=60.5`),
    expected: {
      status: 200,
      stages: [
        ['rdr', BEGIN, END],
        ['red', '60.5'],
      ],
    },
  },
  { number: 39, request: data('Range', `${T1}&resolution=0`), expected: range },
  ...['abc', 'nan', '-1'].map(
    (resolution): ConformanceCase => ({
      number: 40,
      request: data('Range', `${T1}&resolution=${resolution}`),
      expected: illegal,
    }),
  ),
  ...([41, 42] as const).map(
    (number): ConformanceCase => ({
      number,
      request:
        number === 41
          ? data('Range', `${T1}&resolution=60.5&ascii=1`)
          : asBrowser(`server=dataset&dataset=Examples/Range&${T1}&resolution=60.5&ascii=1`),
      expected: {
        status: 200,
        type: number === 41 ? ERROR : TEXT,
        headers: { 'Content-Disposition': 'inline; filename="Range_2017-01-01_2017-01-02.d2t"' },
        stages: [['rdr', BEGIN, END], ['red', '60.5'], ['txt']],
      },
    }),
  ),
  { number: 43, request: data('Random', `${T1}&ascii=0`), expected: random },
  {
    number: 44,
    request: data('Random', `${T1}&ascii=yes`),
    expected: { status: 200, type: ERROR, stages: [['rdr', 'fixed', BEGIN, END], ['txt']] },
  },
  {
    number: 45,
    request: data('Range', 'start_time=2016-12-01&end_time=2017-01-02'),
    expected: {
      status: 200,
      headers: attachment('Range_2017-01-01_2017-01-02.d2s'),
      stages: [['rdr', '2017-01-01T00:00:00', END]],
    },
  },
  { number: 46, request: data('Range', 'start_time=2015-01-01&end_time=2015-01-02'), expected: nothing },
  {
    number: 47,
    request: asBrowser('server=dataset&dataset=Examples/Range&start_time=2015-01-01&end_time=2015-01-02'),
    expected: { status: 200, type: TEXT, excludes: ['<exception'] },
  },
  { number: 48, request: data('Range', 'start_time=2017-01-02&end_time=2017-01-01'), expected: illegal },
  { number: 49, request: data('Range', 'start_time=junk&end_time=2017-01-02'), expected: illegal },
  { number: 50, request: data('Random', 'end_time=2017-01-02'), expected: illegal },
  { number: 51, request: data('Range', 'time.min=2017-01-01&time.max=2017-01-02'), expected: range },
  { number: 51, request: data('Range', 'time.min=2017-01-01&end_time=2017-01-02'), expected: illegal },
  {
    number: 52,
    request: data('Range', 'start_time=2017-032T00:00&end_time=2017-033'),
    expected: { status: 200, stages: [['rdr', '2017-032T00:00', '2017-033']] },
  },
  { number: 53, request: data('Orbit'), expected: illegal },
  {
    number: 54,
    request: data('Orbit', `${T1}&interval=60`),
    expected: { status: 200, stages: [['rdr', '60', BEGIN, END]] },
  },
  {
    number: 55,
    request: data('Orbit', `${T1}&resolution=30`),
    expected: { status: 200, stages: [['rdr', '30', BEGIN, END]] },
  },
  { number: 56, request: data('Orbit', `${T1}&interval=0`), expected: illegal },
  {
    number: 57,
    request: data('Range', `${T1}&interval=30`),
    expected: {
      status: 200,
      stages: [
        ['rdr', BEGIN, END],
        ['red', '30'],
      ],
    },
  },
  { number: 58, request: data('Quiet'), expected: nothing },
  {
    number: 59,
    request: data('Broken'),
    expected: { ...failed, message: { contains: 'no such file', excludes: ['stub_fail', '/'] } },
  },
  {
    number: 60,
    request: data('Broken', `${T1}&resolution=60`),
    expected: { ...failed, message: { contains: 'no such file', excludes: ['stub_fail', '/'] } },
  },
  {
    number: 61,
    request: data('Half'),
    expected: { status: 200, type: DATA, contains: ['<exception type="ServerError"'], exception: 'ServerError' },
  },
  {
    number: 62,
    site: 'more',
    request: data('Cut'),
    expected: { status: 200, type: DATA, aborted: true, excludes: ['<exception'] },
  },
  {
    number: 63,
    request: data('Qs'),
    expected: { status: 500, type: 'text/vnd.das2.qstream; charset=utf-8', exception: 'ServerError', qstream: true },
  },
  {
    number: 64,
    request: data('Old', `${T1}&params=a%20b`),
    expected: {
      status: 301,
      headers: {
        Location: `http://das.example.org/das/server?server=dataset&dataset=Examples/Random&${T1}&params=a%20b`,
      },
    },
  },
  {
    number: 65,
    request: data('Far'),
    expected: {
      status: 301,
      headers: { Location: `http://far.example.org/das/server?server=dataset&dataset=Examples/Far&${T1}` },
    },
  },
  { number: 66, site: 'ignoreRedirect', request: data('Far'), expected: failed },
  {
    number: 67,
    site: 'more',
    request: data('Home'),
    expected: { status: 200, absent: ['Location'], stages: [['rdr', BEGIN, END]] },
  },
  { number: 68, request: data('Secret'), expected: secret },
  {
    number: 69,
    request: get(`server=dataset&dataset=Examples/Secret&${T1}`, { Authorization: 'Basic dTpw' }),
    expected: {
      status: 200,
      headers: { 'Cache-Control': 'private', Vary: 'Authorization' },
      absent: ['Access-Control-Allow-Origin'],
      stages: [['rdr', BEGIN, END]],
    },
  },
  {
    number: 70,
    request: get(`server=dataset&dataset=Examples/Secret&${T1}`, { Authorization: 'Basic dTpxcXE=' }),
    expected: secret,
  },
  { number: 71, site: 'noAccounts', request: data('Secret'), expected: failed },
  // 3.3.2: a source renamed to itself is a fault, not a loop.
  { number: 64, site: 'more', request: data('Self'), expected: failed },
];
