/** Blocks merged into one stream: header, definitions, cutting, damage. */
import t from 'tap';
import { PartCutter } from '../../../lib/cache/answer/cut-part.js';
import { BlockMerger, type MergeOptions } from '../../../lib/cache/answer/merge-blocks.js';
import { emptyStream } from '../../../lib/cache/builder/empty-block.js';
import { isDas2Error } from '../../../lib/error.js';
import { parseTime } from '../../../lib/stream/time.js';
import { assertValidStream } from '../../tools/assert-valid-stream.js';
import { headerPacket, packetHeader, record } from '../../tools/build-stream.js';
import { dataOf, propertiesOf, tagsOf } from '../../tools/run-filter.js';
import { splitStream } from '../../tools/split-stream.js';

const STREAM = headerPacket(
  '00',
  '<stream version="2.2"><properties Datum:xCacheResolution="5 s" xCacheRange="x" title="T" sourceId="reducer"/></stream>',
);
const ONE = packetHeader(1, '<x type="little_endian_real8" units="us2000"/><y type="sun_real4" name="a" units="V"/>');
const TWO = packetHeader(1, '<x type="little_endian_real8" units="us2000"/><y type="sun_real8" name="a" units="V"/>');
const one = (second: number): Buffer => record(1, ['little_endian_real8', 'sun_real4'], [second * 1e6, second]);
const two = (second: number): Buffer => record(1, ['little_endian_real8', 'sun_real8'], [second * 1e6, second]);
const COMMENT = headerPacket('xx', '<comment type="log:info" source="" value="x"/>');
const NO_DATA = headerPacket('xx', '<exception type="NoDataInInterval" message="x"/>');

function merge(options: Partial<MergeOptions>, ...files: readonly (readonly Uint8Array[])[]): Buffer {
  const pieces: Buffer[] = [];
  const merger = new BlockMerger(
    {
      program: 'test',
      level: { seconds: 60, directory: 'bin-60s' },
      begin: parseTime('2000-01-01T00:00:02'),
      end: parseTime('2000-01-01T00:00:05'),
      rangeText: 'B to E',
      ...options,
    },
    { write: (bytes) => pieces.push(Buffer.from(bytes)) },
    PartCutter,
  );
  try {
    for (const file of files) merger.file(file);
    merger.end();
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    pieces.push(Buffer.from(`!${error.code}`));
  }
  return Buffer.concat(pieces);
}

t.test('a block of a reader that said nothing gives no header to others', (t) => {
  const empty = [Buffer.from(emptyStream('das2'))];
  for (const files of [
    [empty, [STREAM, ONE, one(3)]],
    [[STREAM, ONE, one(3)], empty],
    [empty, [STREAM, NO_DATA], empty],
  ]) {
    const output = merge({}, ...files);
    assertValidStream(t, output, { allow: ['property-value'] });
    t.match(propertiesOf(splitStream(output)[0]?.root), { title: 'T', sourceId: 'reducer' });
  }
  const alone = merge({}, empty, empty);
  t.equal(tagsOf(alone), '[00][xx]');
  t.match(propertiesOf(splitStream(alone)[0]?.root), { 'DatumRange:xCacheRange': 'B to E UTC', sourceId: 'test' });
  const bare = merge({}, [headerPacket('00', '<stream version="2.2"/>'), ONE, one(3)]);
  t.equal(tagsOf(bare), '[00][01]:01:');
  t.end();
});

t.test('records of the range, one header, no messages', (t) => {
  const output = merge(
    {},
    [STREAM, ONE, one(0), one(1), one(2), COMMENT, one(3)],
    [STREAM, ONE, NO_DATA, one(4), one(5)],
  );
  t.equal(tagsOf(output), '[00][01]:01::01::01:');
  t.strictSame(
    dataOf(output).map(([, value]) => value),
    [2, 3, 4],
  );
  t.strictSame(propertiesOf(splitStream(output)[0]?.root), {
    'DatumRange:xCacheRange': 'B to E UTC',
    'Datum:xCacheResolution': '60.000000 s',
    title: 'T',
    sourceId: 'reducer',
  });
  t.end();
});

t.test('a definition is repeated only when it changes', (t) => {
  const output = merge({}, [STREAM, ONE, one(2)], [STREAM, TWO, two(3)], [STREAM, ONE, one(4)], [STREAM, ONE]);
  t.equal(tagsOf(output), '[00][01]:01:[01]:01:[01]:01:');
  t.strictSame(
    dataOf(output).map(([, value]) => value),
    [2, 3, 4],
  );
  t.end();
});

t.test('a definition without records changes nothing', (t) => {
  const other = packetHeader(
    2,
    '<x type="little_endian_real8" units="us2000"/><y type="sun_real4" name="b" units="V"/>',
  );
  // Those of a block from behind the range, or in front of it, would part a bin that goes on in the next one.
  t.equal(tagsOf(merge({}, [STREAM, ONE, one(2), TWO, two(9)], [STREAM, ONE, one(3)])), '[00][01]:01::01:');
  t.equal(tagsOf(merge({}, [STREAM, ONE, one(2)], [STREAM, TWO, two(0), ONE, one(3)])), '[00][01]:01::01:');
  const both = merge({}, [STREAM, ONE, one(2), TWO, other, two(3), two(4)]);
  t.equal(tagsOf(both), '[00][01]:01:[02][01]:01::01:');
  t.strictSame(
    dataOf(both).map(([, value]) => value),
    [2, 3, 4],
  );
  t.equal(tagsOf(merge({}, [STREAM, ONE, TWO])), '[00][01][xx]');
  t.end();
});

t.test('what stands in for a reader repeats the definitions that part bins', (t) => {
  const files = [
    [STREAM, ONE, one(0), ONE, one(2), ONE, one(3)],
    [STREAM, ONE, one(4)],
  ];
  t.equal(tagsOf(merge({}, ...files)), '[00][01]:01::01::01:');
  t.equal(tagsOf(merge({ plain: true }, ...files)), '[00][01]:01:[01]:01::01:', 'but not where files meet');
  const other = packetHeader(
    2,
    '<x type="little_endian_real8" units="us2000"/><y type="sun_real4" name="b" units="V"/>',
  );
  const late = [STREAM, other, record(2, ['little_endian_real8', 'sun_real4'], [3e6, 3]), ONE, one(3)];
  t.equal(
    tagsOf(merge({ plain: true }, [STREAM, ONE, one(2)], late)),
    '[00][01]:01:[02]:02::01:',
    'nor where it comes late',
  );
  t.end();
});

t.test('intrinsic levels keep a resolution that the file has', (t) => {
  const output = merge({ level: { seconds: 0, directory: 'intrinsic' } }, [STREAM, ONE, one(2)]);
  t.equal(propertiesOf(splitStream(output)[0]?.root)['Datum:xCacheResolution'], '5 s');
  t.end();
});

t.test('nothing in range, or no file at all: an exception says so', (t) => {
  for (const files of [[], [[STREAM, ONE, one(9)]]]) {
    const output = merge({}, ...files);
    t.match(
      output.toString('latin1'),
      /type="NoDataInInterval" message="No data in the interval 2000-01-01T00:00:02.000000 to .* at 60 s resolution"/,
    );
  }
  assertValidStream(t, merge({ rangeText: '2000-01-01T00:00:02 to 2000-01-01T00:00:05' }));
  t.end();
});

t.test('a record behind a pipe tag gets a plain one', (t) => {
  const values = one(2).subarray(4);
  const piped = Buffer.concat([Buffer.from(`|Pd|1|${values.length}|`), values]);
  const output = merge({}, [STREAM, ONE, piped, one(3)]);
  t.equal(tagsOf(output), '[00][01]:01::01:');
  t.strictSame(
    dataOf(output).map(([, value]) => value),
    [2, 3],
  );
  t.end();
});

t.test('a damaged file throws behind what was good', (t) => {
  const output = merge({}, [STREAM, ONE, one(2)], [STREAM, ONE, one(3).subarray(0, 9)]).toString('latin1');
  t.match(output, /!framing$/);
  t.equal(output.split(':01:').length, 2);
  t.end();
});
