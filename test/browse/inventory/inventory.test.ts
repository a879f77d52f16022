/** Inventories: damaged and unfinished lines, what is appended to them, and what they say about a series as a whole (browse-export 5.2, 8). */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readCoverage } from '../../../lib/browse/inventory/coverage.js';
import { readInventory } from '../../../lib/browse/inventory/inventory.js';
import { notePresent } from '../../../lib/browse/inventory/note-record.js';
import { namelessSeries } from '../../../lib/browse/naming/series.js';
import { makeEpoch } from '../../../lib/browse/record/epoch.js';
import { temporaryFolder } from '../../tools/temporary-folder.js';

const SERIES = namelessSeries(
  { prog: 'p', level: 'l', series: 's' },
  '1day',
  makeEpoch('time', '2020.01.01_00:00:00_UTC'),
);

function site(t: Test, files: Readonly<Record<string, string>>) {
  const folder = temporaryFolder(t);
  for (const [year, text] of Object.entries(files)) folder.write(`p/l/s/${year}.inv`, text);
  return { root: folder.path, file: join(folder.path, 'p/l/s/2020.inv') };
}

t.test('a damaged line takes nothing away from the one before it', (t) => {
  const { root } = site(t, {
    2020: '0^present^10\n0^pres\n1^present^20\n1^absent\n2^absent\r\n2^present^30\r\nx^present\n^present\n3\n4^present^12x^5\n5^present^40',
  });
  const { lines, meanBytes } = readInventory(root, SERIES, { first: 0, last: 9 }, undefined);
  t.same(
    [...lines],
    [
      [0, { state: 'present', bytes: 10 }],
      [1, { state: 'absent' }],
      [2, { state: 'present', bytes: 30 }],
      [4, { state: 'present', have: 5 }],
      [5, { state: 'present', bytes: 40 }],
    ],
  );
  t.equal(meanBytes(), Math.round((10 + 30 + 40) / 3), 'of records that are there');
  t.end();
});

t.test('what is appended stands on a line of its own', (t) => {
  const { root, file } = site(t, { 2020: '0^present^10\n1^present^20' });
  notePresent(root, SERIES, 2, 30, 0);
  notePresent(root, SERIES, 3, 40, 0);
  t.equal(
    readFileSync(file, 'utf8'),
    '0^present^10\n1^present^20\n2^present^30^^^^^1970-01-01T00:00:00Z^\n3^present^40^^^^^1970-01-01T00:00:00Z^\n',
  );
  notePresent(root, SERIES, 3, 40, 1e12);
  writeFileSync(file, '0^present^10^5\n');
  notePresent(root, SERIES, 0, 11, 0);
  t.equal(readFileSync(file, 'utf8'), '0^present^10^5\n', 'who has counted knows more');
  notePresent(root, SERIES, 400, 50, 0);
  t.match(readFileSync(file.replace('2020', '2021'), 'utf8'), /^400\^present\^50/);
  t.end();
});

t.test('an inventory is for both accounts of the server, whatever the umask of the one that begins it', (t) => {
  const { root, file } = site(t, {});
  const umask = process.umask(0o027);
  t.teardown(() => process.umask(umask));
  notePresent(root, SERIES, 2, 30, 0);
  t.equal(statSync(file).mode & 0o777, 0o660);
  t.end();
});

t.test('coverage of a series', (t) => {
  const { root } = site(t, {
    2020: '0^present^10\n0^present^12\n1^partial^4\n2^present\n3^absent^9\n4^present^1\n4^absent\n5^offline^7\n6^nonsense\n400^present^1000\n',
    2021: '366^present^20\n',
  });
  t.same(readCoverage(root, SERIES), {
    years: [
      { year: 2020, present: 3, possible: 366 },
      { year: 2021, present: 1, possible: 365 },
    ],
    smallest: 4,
    typical: 12,
    largest: 20,
    gaps: [{ first: 3, last: 4 }],
    gapCount: 1,
  });
  t.same(readCoverage(join(root, 'none'), SERIES), { years: [], gaps: [], gapCount: 0 });
  const minutes = { ...SERIES, grid: { ...SERIES.grid, block: '1min' as const } };
  const many = site(t, { 2020: Array.from({ length: 250_000 }, (_one, i) => `${i}^present^${i}\n`).join('') });
  const { years, smallest, typical = 0, largest } = readCoverage(many.root, minutes) ?? { years: [] };
  t.same(years, [{ year: 2020, present: 250_000, possible: 366 * 1440 }]);
  t.same([smallest, largest], [0, 249_999]);
  t.ok(Math.abs(typical - 125_000) < 100, `${typical} is about the middle`);
  t.end();
});
