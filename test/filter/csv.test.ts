import fc from 'fast-check';
import t from 'tap';
import { csv } from '../../lib/filter/csv.js';
import { cut, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { exponentForm } from '../tools/exponent-form.js';
import { runProgram } from '../tools/run-filter.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const TYPES = ['little_endian_real8', 'sun_real4', 'little_endian_real8'];
const TWO = packetHeader(
  1,
  `${X}<y type="sun_real4" name="a" units="V"/><y type="little_endian_real8" name="b" units=""/>`,
);

const text = (args: readonly string[], ...chunks: Uint8Array[]): string => {
  const { output, error } = runProgram(csv, args, ...chunks);
  if (error !== undefined) throw error;
  return output.toString();
};

t.test('heads and rows', (t) => {
  const rows = [record(1, TYPES, [0, 1.5, Math.PI]), record(1, TYPES, [1.5e6, -2, 1e-300])];
  t.equal(
    text([], STREAM, TWO, ...rows),
    'time (UTC);a (V);b\n' +
      '2000-01-01T00:00:00.000000;1.500000e+00;3.1415926535897931e+00\n' +
      '2000-01-01T00:00:01.500000;-2.000000e+00;1.0000000000000000e-300\n',
  );
  t.equal(
    text(['-d', ',', '-r', '3', '-s', '0'], STREAM, TWO, ...rows),
    'time (UTC),a (V),b\n2000-01-01T00:00:00,1.50e+00,3.14e+00\n2000-01-01T00:00:02,-2.00e+00,1.00e-300\n',
  );
  t.equal(
    text(['-d\\t', '-s4'], STREAM, TWO, rows[1] as Buffer)
      .split('\n')[1]
      ?.split('\t')[0],
    '2000-01-01T00:00:01.5000',
  );
  t.end();
});

t.test('fill, NaN and unreadable values are empty, infinity is a value', (t) => {
  const rows = [
    record(1, TYPES, [0, -1e31, Number.NaN]),
    record(1, TYPES, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
    record(1, TYPES, [-1e31, 0, 0]),
  ];
  t.strictSame(
    text(['-s', '0', '-r', '2'], STREAM, TWO, ...rows)
      .split('\n')
      .slice(1, 4),
    ['2000-01-01T00:00:00;;', ';inf;-inf', ';0.0e+00;0.0e+00'],
  );
  const own = packetHeader(1, `${X}<y type="ascii8" name="a" units=""><properties double:yFill="7"/></y>`);
  const field = (value: string): Buffer =>
    Buffer.concat([Buffer.from(':01:'), Buffer.alloc(8), Buffer.from(`${value.padStart(7)}\n`)]);
  const fields = [
    '  1.50',
    '7.0',
    'junk',
    '1e3',
    '2.5x',
    'nan',
    '-.5',
    '8-02',
    '1.2.3',
    '2e',
    '+4.',
    '3e+',
    '6e-1',
  ].map(field);
  t.strictSame(
    text(['-s0'], STREAM, own, ...fields)
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((row) => row.split(';')[1]),
    ['1.50', '', '', '1e3', '2.5', '', '-.5', '8', '1.2', '2', '+4.', '3', '6e-1'],
  );
  t.end();
});

t.test('scans have a column per item, with the tag as the header has it', (t) => {
  const header = packetHeader(
    1,
    `${X}<yscan type="sun_real4" name="s" zUnits="V" yUnits="Hz" nitems="3" yTags="0.50, 1e2,7"/>` +
      '<yscan type="sun_real4" name="" zUnits="" nitems="2" yTagInterval="2" yTagMin="1"/>',
  );
  t.equal(text([], STREAM, header), 'time (UTC);s 0.50 Hz (V);s 1e2 Hz (V);s 7 Hz (V);1;3\n');
  t.end();
});

t.test('several packet types: the id comes first', (t) => {
  const other = packetHeader(7, `${X}<y type="sun_real4" name="c" units="s"/>`);
  const one = record(1, TYPES, [0, 1, 2]);
  const seven = record(7, TYPES, [0, 3]);
  t.strictSame(text(['-s0', '-r2'], STREAM, TWO, other, one, seven).trimEnd().split('\n'), [
    'packet;time (UTC);a (V);b',
    'packet;time (UTC);c (s)',
    '01;2000-01-01T00:00:00;1.0e+00;2.0e+00',
    '07;2000-01-01T00:00:00;3.0e+00',
  ]);
  t.strictSame(text(['-s0', '-r2'], STREAM, TWO, one, other, seven, one).trimEnd().split('\n'), [
    'time (UTC);a (V);b',
    '2000-01-01T00:00:00;1.0e+00;2.0e+00',
    'packet;time (UTC);c (s)',
    '07;2000-01-01T00:00:00;3.0e+00',
    '01;2000-01-01T00:00:00;1.0e+00;2.0e+00',
  ]);
  t.end();
});

t.test('text fields are quoted, and no formula reaches a spreadsheet', (t) => {
  const header = packetHeader(
    1,
    `${X}<y type="sun_real4" name="a;b" units="&quot;"/><y type="sun_real4" name="=1+1" units=""/>`,
  );
  t.equal(text([], STREAM, header), `time (UTC);"a;b ("")";'=1+1\n`);
  t.end();
});

t.test('comments vanish, exceptions end the output', (t) => {
  const comment = headerPacket('xx', '<comment type="log:info" source="" value="x"/>');
  const none = headerPacket('xx', '<exception type="NoDataInInterval" message="nothing"/>');
  const fault = headerPacket('xx', '<exception type="ServerError" message="disk"/>');
  const row = record(1, TYPES, [0, 1, 2]);
  t.equal(text(['-s0'], STREAM, comment, TWO, none), 'time (UTC);a (V);b\n');
  const { output, error } = runProgram(csv, ['-s0'], STREAM, TWO, row, fault, row);
  t.equal(output.toString().split('\n').length, 3, 'rows before the exception are there');
  t.equal(error?.exitStatus, 24);
  t.match(error?.message, /ServerError: disk/);
  t.equal(runProgram(csv, [], STREAM, TWO, row, none).error?.exitStatus, 24);
  t.end();
});

t.test('a damaged stream: the rows before the fault, and its status', (t) => {
  const row = record(1, TYPES, [0, 1, 2]);
  const { output, error } = runProgram(csv, ['-s0'], STREAM, TWO, row, Buffer.from('rubbish'));
  t.equal(output.toString().split('\n').length, 3);
  t.equal(error?.exitStatus, 22);
  t.equal(runProgram(csv, []).error?.exitStatus, 22, 'empty input');
  t.end();
});

t.test('command line', (t) => {
  for (const args of [
    ['-d', ''],
    ['-d', 'ab'],
    ['-d', '.'],
    ['-d', '"'],
    ['-r', '1'],
    ['-r', '19'],
    ['-s', '10'],
    ['x'],
  ]) {
    t.equal(runProgram(csv, args).error?.code, 'usage', args.join(' '));
  }
  t.end();
});

t.test('numbers are those of the language, whatever the chunks', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 2, max: 17 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      (numbers, digits, sizes) => {
        const header = packetHeader(1, '<x type="sun_real8" units="m"/><y type="sun_real8" name="a" units=""/>');
        const rows = numbers.map((value) => record(1, ['sun_real8'], [0, value]));
        const stream = Buffer.concat([STREAM, header, ...rows]);
        const column = text(['-r', String(digits)], ...cut(stream, sizes))
          .trimEnd()
          .split('\n')
          .slice(1);
        const expected = numbers.map((value) => {
          if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
          if (Math.abs((value + 1e31) / 1e31) < 1e-5) return '';
          return exponentForm(value, digits - 1);
        });
        t.strictSame(
          column.map((row) => row.split(';')[1]),
          expected,
        );
      },
    ),
    { numRuns: 60, examples: [[[1.25, 1.75, -2.5e-5, 1.125], 2, [7]]] },
  );
  t.end();
});

t.test('an x that counts from a base is a time, for a row has no base', async (t) => {
  for (const [type, value] of [
    ['ascii9', Buffer.from('     5.5 ')],
    ['sun_real4', Buffer.from([0x40, 0xb0, 0, 0])],
  ] as const) {
    const header = packetHeader(
      1,
      `<x type="${type}" units="s" base="2010-01-01"/><y name="a" type="ascii9" units="V"/>`,
    );
    const { output } = runProgram(
      csv,
      ['-s', '1'],
      STREAM,
      header,
      Buffer.from(':01:'),
      value,
      Buffer.from('       1\n'),
    );
    t.equal(output.toString(), 'time (UTC);a (V)\n2010-01-01T00:00:05.5;1\n', type);
  }
  const unknown = packetHeader(
    1,
    '<x type="ascii9" units="km" base="2010-01-01"/><y name="a" type="ascii9" units="V"/>',
  );
  const { output } = runProgram(csv, [], STREAM, unknown, Buffer.from(':01:     5.5        1\n'));
  t.equal(output.toString(), 'time (km);a (V)\n5.5;1\n', 'a base of what is no time');
});
