/** Which files of a record a page ticks (browse-export 10). */
import fc from 'fast-check';
import t from 'tap';
import { pickFiles, readFilePicks } from '../../../lib/browse/find/file-picks.js';
import type { RecordFile } from '../../../lib/browse/inventory/record-files.js';
import { isDas2Error } from '../../../lib/error.js';

const file = (name: string): RecordFile => ({ name, path: '', bytes: 1, changedAt: 0 });
const at = (time: string): RecordFile => file(`sky_20200601_${time}.fits`);
const FILES = ['0000', '0010', '0050', '0100', '0230', '0240', '0250'].map(at).concat(file('README'));

function picked(parameters: Readonly<Record<string, string>>): string[] {
  const files = pickFiles(FILES, readFilePicks(new Map(Object.entries(parameters))));
  return [...files].map(({ name }) => /_(\d{4})\./.exec(name)?.[1] ?? name).sort();
}

t.test('by number, by time, by hour', async (t) => {
  t.same(picked({}), []);
  t.same(picked({ every: '3' }), ['0000', '0100', '0250']);
  t.equal(picked({ every: '1' }).length, 8);
  t.same(picked({ near: '00:12' }), ['0010']);
  t.same(picked({ near: '23:59, 1:05:00' }), ['0100', '0250']);
  t.same(picked({ ends: 'hour' }), ['0000', '0050', '0100', '0230', '0250']);
  t.same(picked({ every: '4', near: '02:41' }), ['0000', '0230', '0240'], 'those of each wish');
});

t.test('of files that are as good as each other, the first one, and the last one of an hour', async (t) => {
  const twins = ['sky_20200601_0100_a', 'sky_20200601_0100_b', 'sky_20200601_0120_a', 'sky_20200601_0120_b'].map(file);
  const names = (parameters: Readonly<Record<string, string>>) =>
    [...pickFiles(twins, readFilePicks(new Map(Object.entries(parameters))))].map(({ name }) => name.slice(13));
  t.same(names({ near: '01:00' }), ['0100_a']);
  t.same(names({ near: '01:10' }), ['0100_a'], 'the same way off');
  t.same(names({ ends: 'hour' }), ['0100_a', '0120_b']);
});

t.test('what cannot be read names its field', async (t) => {
  for (const [name, text] of [
    ['every', '0'],
    ['every', 'x'],
    ['near', '25:00'],
    ['near', '12:60'],
    ['near', 'noon'],
    ['near', '12:00 '.repeat(101)],
    ['ends', 'day'],
  ] as const)
    t.throws(
      () => picked({ [name]: text }),
      { code: 'illegalArgument', data: { field: name } },
      `${name} ${text.slice(0, 10)}`,
    );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('every', 'near', 'ends'), fc.string()), (parameters) => {
      try {
        picked(parameters);
      } catch (error) {
        if (!isDas2Error(error, 'illegalArgument')) throw error;
      }
    }),
  );
});
