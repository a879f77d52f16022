import t from 'tap';
import { lineGroups, toColumns } from '../../../lib/page/plot/line-groups.js';
import { type PlotData, PlotDataCollector } from '../../../lib/page/plot/plot-data.js';
import { plotTable, summaryWords } from '../../../lib/page/plot/plot-summary.js';
import { StreamReader } from '../../../lib/stream/stream-reader.js';

function packet(id: string, xml: string): string {
  return `[${id}]${String(Buffer.byteLength(xml)).padStart(6, '0')}${xml}`;
}

function stream(...parts: string[]): PlotData {
  const collector = new PlotDataCollector();
  const reader = new StreamReader(collector);
  reader.push(Buffer.from(parts.join('')));
  reader.end();
  return collector.data();
}

const HEAD = packet(
  '00',
  '<stream version="2.2"><properties title="T%{xCacheResInfo}" xCacheResInfo=" (1 s Averages)" Datum:xTagWidth="60 s" yLabel="All (nT)"/></stream>',
);
const TIME = '<x type="time20" units="us2000"/>';

t.test('lines with fill, ranges and labels', async (t) => {
  const data = stream(
    HEAD,
    packet(
      '01',
      `<packet>${TIME}<y name="a" type="ascii8" units="nT"/><y name="a.min" type="ascii8" units="nT"><properties source="a" operation="BIN_MIN"/></y>` +
        '<y name="a.max" type="ascii8" units="nT"><properties source="a" operation="BIN_MAX"/></y>' +
        '<y name="b" type="ascii8" units="nT"><properties yFill="-1" yLabel="B!bz!n"/></y><y name="c" type="ascii8" units="m s**-1"/></packet>',
    ),
    ':01:2000-01-01T00:00:00     1.5     1.0     2.0    -1.0     7.0\n',
    ':01:2000-01-01T00:01:00  -1e31       x     2.0     4.0     8.0\n'.replace('  -1e31', '   -1e31'),
    ':01:2000-01-01T01:00:00     3.0     1.0     5.0     4.0     9.0\n',
  );
  t.equal(data.title, 'T (1 s Averages)');
  t.equal(data.recordCount, 3);
  t.equal(data.tagWidth, 60e6);
  t.same(
    data.lines.map(({ name }) => name),
    ['a', 'b', 'c'],
    'ranges are no lines of their own',
  );
  t.same(
    data.lines.map(({ label }) => label),
    ['a (nT)', 'Bz', 'c (m s⁻¹)'],
  );
  const [a, b] = data.lines;
  t.same([...(a?.y ?? [])], [1.5, Number.NaN, 3]);
  t.same([...(a?.low ?? [])], [1, Number.NaN, 1]);
  t.same([...(a?.high ?? [])], [2, 2, 5]);
  t.same([...(b?.y ?? [])], [Number.NaN, 4, 4]);
  t.same([...(a?.x ?? [])], [0, 60e6, 3600e6]);
  t.same(
    lineGroups(data).map(({ label, lines }) => [label, lines.length]),
    [
      ['nT', 2],
      ['c (m s⁻¹)', 1],
    ],
  );
  const columns = toColumns(a?.x ?? new Float64Array(), [a?.y ?? new Float64Array()], data.tagWidth);
  t.same(columns.y, [[1.5, null, null, 3]], 'an hour is a gap');
  t.match(summaryWords(data), [
    '3 records from 2000-01-01 00:00:00 to 2000-01-01 01:00:00 UTC.',
    'a (nT): 1 to 5.',
    'Bz: 4 to 4.',
  ]);
  t.same(plotTable(data)?.rows[1], ['2000-01-01 00:01:00', '–', '4', '8']);
});

t.test('gaps and order', async (t) => {
  const x = Float64Array.from([0, 1, 2, 3, 4, 50, 51].map((minute) => minute * 60e6));
  const y = Float64Array.from(x.keys());
  const { x: times, y: values } = toColumns(x, [y], 60e6);
  t.same(values, [[0, 1, 2, 3, 4, null, 5, 6]]);
  t.equal(times[5], 27 * 60e6);
  t.same(toColumns(x, [y], 0).y, [[0, 1, 2, 3, 4, 5, 6]], 'without a width nothing is known of gaps');
  const mixed = toColumns(Float64Array.from([3e6, 1e6, 2e6]), [Float64Array.from([30, 10, 20])], 0);
  t.same(mixed, { x: [1e6, 2e6, 3e6], y: [[10, 20, 30]] });
});

t.test('spectrograms', async (t) => {
  const scan = (tags: string): string =>
    `<packet>${TIME}<yscan name="s" type="ascii6" nitems="3" yUnits="Hz" zUnits="V**2" ${tags}><properties zLabel="Z" yLabel="F" zScaleType="log"/></yscan></packet>`;
  const data = stream(
    HEAD,
    packet('01', scan('yTags="1, 10,100"')),
    packet('02', scan('yTagMin="5" yTagInterval="5"')),
    ':01:2000-01-01T00:00:00   1.0   2.0   3.0\n',
    ':02:2000-01-01T00:01:00   4.0   5.0  -1e31\n'.replace('  -1e31', ' -1e31'),
    packet('01', scan('yTags="1, 10,100"')),
    ':01:2000-01-01T00:02:00   7.0   8.0   9.0\n',
  );
  t.equal(data.lines.length, 0);
  const [spectrogram] = data.spectrograms;
  t.equal(data.spectrograms.length, 1, 'one quantity, although its tags change');
  t.match(spectrogram, { name: 's', label: 'Z', tagLabel: 'F', units: 'V²', tagLog: true, valueLog: true });
  t.same(
    spectrogram?.blocks.map(({ tags, x, z }) => [[...tags], x.length, [...z]]),
    [
      [[1, 10, 100], 2, [1, 2, 3, 7, 8, 9]],
      [[5, 10, 15], 1, [4, 5, Number.NaN]],
    ],
  );
  t.same(plotTable(data)?.rows, [
    ['2000-01-01 00:00:00', '3', '100'],
    ['2000-01-01 00:02:00', '9', '100'],
  ]);
});

t.test('waveforms are lines', async (t) => {
  const data = stream(
    HEAD,
    packet(
      '01',
      `<packet>${TIME}<yscan name="w" type="ascii6" nitems="2" yUnits="ms" zUnits="V" yTagInterval="0.5"/></packet>`,
    ),
    packet(
      '02',
      `<packet>${TIME}<xscan name="v" type="ascii6" nitems="2" xUnits="s" yUnits="V" xOffsets="0,2"/></packet>`,
    ),
    ':01:2000-01-01T00:00:00   1.0   2.0\n',
    ':02:2000-01-01T00:00:00   3.0   4.0\n',
  );
  t.same(data.spectrograms, []);
  t.same(
    data.lines.map(({ name, x, y }) => [name, [...x], [...y]]),
    [
      ['w', [0, 500], [1, 2]],
      ['v', [0, 2e6], [3, 4]],
    ],
  );
});

t.test('what cannot be drawn', async (t) => {
  const data = stream(
    HEAD,
    packet('01', '<packet><x type="ascii6" units="km"/><y name="a" type="ascii6" units="nT"/></packet>'),
    ':01:   1.0   2.0\n',
    packet('xx', '<exception type="ServerError" message="late &lt;fault&gt;"/>\n'),
  );
  t.same(data.lines, []);
  t.equal(data.recordCount, 1);
  t.equal(data.notes.length, 1);
  t.same(data.exceptions, [{ type: 'ServerError', message: 'late <fault>' }]);
  const wide = packet(
    '01',
    `<packet>${TIME}<yscan name="s" type="sun_real4" nitems="2000000" yUnits="Hz" zUnits="V"/></packet>`,
  );
  t.throws(() => stream(HEAD, wide), /too many values in one record/);
});
