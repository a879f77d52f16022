import t from 'tap';
import { BUILT_IN, parseLeapTable } from '../../../lib/browse/time/leap-table.js';
import { readLeapTable } from '../../../lib/browse/time/read-leap-table.js';
import {
  civilOf,
  instantOf,
  isApproximate,
  isoText,
  isProvisional,
  secondsOfDay,
} from '../../../lib/browse/time/scales.js';
import { Configuration } from '../../../lib/conf/configuration.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

const BEFORE = Date.UTC(2026, 5, 27);
const AFTER = Date.UTC(2026, 5, 29);

const LIST = `# a comment
#$ 3676924800
#@ 3991593600
2272060800      10      # 1 Jan 1972
2287785600      11      # 1 Jul 1972
3692217600	12	# made up
`;

t.test('reads a list of the IERS', (t) => {
  const table = parseLeapTable(LIST);
  t.same(table.entries.slice(0, 2), BUILT_IN.entries.slice(0, 2));
  t.equal(table.entries.length, 3);
  t.equal(table.expires, BUILT_IN.expires);
  t.end();
});

t.test('refuses what is none', (t) => {
  for (const text of [
    '',
    '2272060800 10\n',
    '#@ 3991593600\n',
    `${LIST}2272060800 13\n`,
    `${LIST}x\n`,
    `${LIST}3723753600 20\n`,
    '#@ 1\n5 10\n',
  ]) {
    t.throws(() => parseLeapTable(text), { code: 'configuration', data: { detail: /LEAP_SECONDS_FILE/ } }, text);
  }
  t.end();
});

t.test('a second that is taken away', (t) => {
  const table = {
    entries: [
      { day: 0, offset: 10 },
      { day: 10, offset: 9 },
    ],
    expires: 20,
  };
  t.equal(secondsOfDay(9, table), 86_399);
  const last = instantOf({ day: 9, second: 86_398, nanosecond: 0 }, 'UTC', table);
  const next = { ...last, second: last.second + 1 };
  t.equal(isoText(civilOf(last, 'UTC', table), 'UTC'), '2000-01-10T23:59:58Z');
  t.equal(isoText(civilOf(next, 'UTC', table), 'UTC'), '2000-01-11T00:00:00Z');
  t.ok(isProvisional(20, table) && !isProvisional(19, table));
  t.ok(isApproximate(-1, table) && !isApproximate(0, table));
  t.end();
});

t.test('without LEAP_SECONDS_FILE', (t) => {
  const folder = temporaryFolder(t);
  const configuration = new Configuration('', { file: '/x', prefix: '/' });
  const expiresWith = (list: string, now: number): { expires: number; warnings: number } => {
    folder.write('list', list);
    const warnings: string[] = [];
    const { expires } = readLeapTable(configuration, now, (line) => warnings.push(line), `${folder.path}/list`);
    return { expires, warnings: warnings.length };
  };
  const later = LIST.replace('#@ 3991593600', '#@ 4007491200');
  t.same(expiresWith(later, BEFORE), { expires: BUILT_IN.expires, warnings: 0 }, 'the built-in one while it holds');
  t.same(expiresWith(later, AFTER), { expires: BUILT_IN.expires + 184, warnings: 0 }, 'then that of the system');
  t.same(expiresWith(LIST, AFTER), { expires: BUILT_IN.expires, warnings: 1 }, 'unless it reaches no further');
  t.same(expiresWith('nonsense', AFTER), { expires: BUILT_IN.expires, warnings: 1 }, 'or is none');
  t.end();
});
