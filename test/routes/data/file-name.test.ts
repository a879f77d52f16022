/** Names of files with data: short, and in letters that need no quoting. */
import t from 'tap';
import { dataFileName } from '../../../lib/routes/data/file-name.js';

t.test('file names', async (t) => {
  const name = (begin: string, end: string, id = 'X') => dataFileName({ begin, end, id }, 'd2s');
  t.equal(name('2017-01-01', '2017-01-02', 'A/B/Src'), 'Src_2017-01-01_2017-01-02.d2s');
  t.equal(name('2014-03-28T00:00:00.000Z', '2014-03-29T00:00:00.000Z'), 'X_2014-03-28_2014-03-29.d2s');
  t.equal(name('2014-03-28T01:02:03.000Z', '2014-087T00:00:00'), 'X_2014-03-28T01-02-03_2014-087.d2s');
  t.equal(name('2014-03-28T00:00:00.500000', '2014-03-29Z'), 'X_2014-03-28.500000_2014-03-29Z.d2s');
  t.equal(name('a b"c', 'd', 'Ä/É x'), '__x_a_b_c_d.d2s');
  const long = name('2014-03-28', '2014-03-29', 'x'.repeat(255));
  t.equal(long.length, 150);
  t.ok(long.endsWith('_2014-03-28_2014-03-29.d2s'));
});
