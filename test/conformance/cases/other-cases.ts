/** Conformance cases 72 to 84: files, addresses, clients and sources with oddities. */
import type { ConformanceCase } from '../expected.js';
import {
  BEGIN,
  data,
  END,
  failed,
  folder,
  get,
  illegal,
  JSON_TYPE,
  notProvided,
  random,
  T1,
  unknown,
} from './words.js';

/** In the order of server-protocol 12.2. */
export const OTHER_CASES: readonly ConformanceCase[] = [
  { number: 72, request: get(`server=image&dataset=Examples/Random&${T1}`), expected: notProvided },
  { number: 73, request: get('server=authenticator&user=a&passwd=b'), expected: notProvided },
  { number: 74, request: get('server=bogus'), expected: illegal },
  {
    number: 75,
    request: { path: '/static/das2server.css' },
    expected: { status: 200, type: 'text/css', contains: ['body'] },
  },
  { number: 76, request: { path: '/static/nope.css' }, expected: { status: 404 } },
  { number: 76, request: { path: '/static/%2e%2e/etc/x' }, expected: { status: 404 } },
  { number: 77, request: { path: '/nope' }, expected: { status: 404 } },
  // 6.3: a folder without its slash.
  { number: 77, request: { path: '/source/Examples' }, expected: folder('Examples/') },
  {
    number: 77,
    request: { path: '/source/Examples.html', query: 'find=a%20b' },
    expected: folder('Examples/index.html?find=a%20b'),
  },
  { number: 77, request: { path: '/source/Nope' }, expected: { status: 404, type: JSON_TYPE } },
  { number: 78, request: { path: '/hapi' }, expected: { status: 404, excludes: ['<exception'] } },
  { number: 79, request: get('server=debug'), expected: { status: 404, excludes: ['DSDF_ROOT'] } },
  {
    number: 80,
    request: { ...data('Random'), httpVersion: '1.0' },
    expected: { ...random, absent: ['Transfer-Encoding'] },
  },
  {
    number: 81,
    request: get(`server=dataset&dataset=Examples/Nope&${T1}`, {
      'User-Agent': 'Autoplot-v2023a Java/1.8.0_252',
      Accept: 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
    }),
    expected: unknown,
  },
  {
    number: 82,
    request: { path: '/data/Examples/Range', query: `${T1}&params~x=on&params~y=on` },
    expected: { status: 200, stages: [['rdr', BEGIN, END, 'x', 'y']] },
  },
  {
    number: 83,
    site: 'more',
    request: data('Macro', `${T1}&params=q`),
    expected: { status: 200, stages: [['rdr', 'q', BEGIN, END]] },
  },
  {
    number: 83,
    site: 'more',
    request: data('Macro'),
    expected: { status: 200, stages: [['rdr', 'all', BEGIN, END]] },
  },
  { number: 84, site: 'more', request: data('Bad'), expected: failed },
  { number: 84, site: 'more', request: get('server=dsdf&dataset=Examples/Bad'), expected: failed },
  {
    number: 84,
    site: 'more',
    request: get('server=list'),
    expected: { status: 200, contains: ['Examples/Bad\r\n'] },
  },
];
