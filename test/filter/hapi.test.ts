/**
 * das2 streams as HAPI tables: the old text form, CSV, JSON, binary, descriptions (stream-format 13.7, server-internals 6.4, 6.5).
 */
import t from 'tap';
import { hapiInfo } from '../../lib/filter/hapi/info.js';
import { plainText, withoutUnits } from '../../lib/filter/hapi/parameters.js';
import { hapiProgram } from '../../lib/filter/hapi/program.js';
import { hapiTable, parametersOf } from '../../lib/filter/hapi/table.js';
import { createHapi, type HapiOptions } from '../../lib/filter/hapi.js';
import { parseTime } from '../../lib/stream/time.js';
import { cut, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { readStream } from '../tools/read-stream.js';
import { runProgram } from '../tools/run-filter.js';

const program = hapiProgram((file) => ({ startDate: '2000-01-01T00:00:00.000Z', contact: `of ${file}` }));

const TYPES = ['little_endian_real8', 'sun_real4', 'sun_real4', 'sun_real4', 'little_endian_real8', 'ascii9', 'ascii9'];
const PLANES =
  '<x name="" type="little_endian_real8" units="us2000"/>' +
  '<y name="B-x" type="sun_real4" units="nT"><properties yLabel="B!dx!n %{RES}&quot;" ySummary="one&#10;two"/></y>' +
  '<yscan name="s" type="sun_real4" zUnits="" yUnits="Hz" nitems="2" yTags="1.50, 20"/>' +
  '<y name="b_x" type="little_endian_real8" units="V m**-1"/>' +
  '<yscan name="" type="ascii9" zUnits="V" nitems="2" yTagInterval="2"><properties double:zFill="-1"/></yscan>';
const HEAD = Buffer.concat([STREAM, packetHeader(5, PLANES)]);
const row = (x: number, ...values: number[]): Buffer => record(5, TYPES, [x, ...values]);
const INPUT = Buffer.concat([HEAD, row(0, 1, 2, 3, 4, 5, 6), row(1.5e6, -0.1, -1e31, Number.NaN, 1e-200, -1, 7.5)]);

const run = (args: readonly string[], input: Uint8Array = INPUT, size = 65536) =>
  runProgram(program, args, ...cut(input, [size]));

t.test('the old text form', (t) => {
  const { output, status } = run([]);
  t.equal(status, 0);
  t.strictSame(output.toString('latin1').split('\r\n'), [
    '2000-01-01T00:00:00.000, 1.00000e+00, 2.00000e+00, 3.00000e+00, 4.000000000e+00, 5.0e+00, 6.0e+00',
    '2000-01-01T00:00:01.500,-1.00000e-01,         NaN,         NaN,1.000000000e-200,     NaN, 7.5e+00',
    '',
  ]);
  for (const size of [1, 13]) t.strictSame(run([], INPUT, size).output, output);
  const text = (type: string, value: number): string =>
    run(
      [],
      Buffer.concat([STREAM, packetHeader(1, `<x type="${type}" units="UTC"/>`), record(1, [type], [value])]),
    ).output.toString();
  t.equal(text('time27', 1.25e6), '2000-01-01T00:00:01.250000\r\n', 'timeN as it is');
  t.equal(text('time22', 1.25e6), '2000-01-01T00:00:01.200\r\n', 'but time22 as time24');
  t.end();
});

t.test('range and planes', (t) => {
  const rows = Buffer.concat([HEAD, ...[0, 1, 2, 3, 2].map((s) => row(s * 1e6, s, 2, 3, 4, 5, 6))]);
  const times = (args: string[]): string[] =>
    run(args, rows)
      .output.toString()
      .trim()
      .split(/\r?\n/)
      .map((line) => line.slice(17, 19));
  t.strictSame(times(['-b', '2000-01-01T00:00:01', '-e', '2000-01-01T00:00:03']), ['01', '02'], 'ends at END');
  t.strictSame(times(['--format', 'csv', '-b', '2000-01-01T00:00:01']), ['01', '02', '03'], 'times increase');
  t.equal(
    run(['s', 'B-x']).output.toString().split('\r\n')[0],
    '2000-01-01T00:00:00.000, 1.00000e+00, 2.00000e+00, 3.00000e+00',
    'in the order of the stream',
  );
  t.equal(run(['YSCAN_1']).output.toString().split('\r\n')[0], '2000-01-01T00:00:00.000, 5.0e+00, 6.0e+00');
  t.equal(run(['time']).output.toString().split('\r\n')[0], '2000-01-01T00:00:00.000');
  t.equal(run(['B-x', '-']).status, 0);
  const part = run(['B']);
  t.equal(part.status, 17, 'a part of a name is none');
  t.match(part.message, /no parameter 'B'; the stream has time, B_x, s, b_x_2, YSCAN_1/);
  t.end();
});

t.test('CSV as servers send it', (t) => {
  const { output } = run(['--format', 'csv']);
  t.strictSame(output.toString().split('\n'), [
    '2000-01-01T00:00:00.000Z,1.0e+00,2.0e+00,3.0e+00,4.0e+00,5,6',
    '2000-01-01T00:00:01.500Z,-1.0000000149011612e-01,-1e31,-1e31,9.99999999999999982e-201,-1,7.5',
    '',
  ]);
  for (const number of output
    .toString()
    .trim()
    .split(/[\n,]/)
    .filter((field) => !field.endsWith('Z'))) {
    t.match(number, /^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/);
  }
  t.match(run(['--format', 'csv', '--decimals', '9']).output.toString(), /^2000-01-01T00:00:00\.000000000Z,/);
  t.end();
});

t.test('JSON as servers send it', (t) => {
  for (const size of [65536, 1]) {
    const document = JSON.parse(run(['--format', 'json'], INPUT, size).output.toString());
    t.equal(Object.keys(document).at(-1), 'data');
    t.equal(document.format, 'json');
    t.strictSame(document.data, [
      ['2000-01-01T00:00:00.000Z', 1, [2, 3], 4, [5, 6]],
      ['2000-01-01T00:00:01.500Z', Math.fround(-0.1), [-1e31, -1e31], 1e-200, [-1, 7.5]],
    ]);
  }
  t.strictSame(JSON.parse(run(['--format', 'json'], HEAD).output.toString()).data, []);
  t.end();
});

t.test('binary as servers send it', (t) => {
  const { output } = run(['--format', 'binary']);
  const size = 24 + 6 * 8;
  t.equal(output.length, 2 * size);
  t.equal(output.toString('latin1', size, size + 24), '2000-01-01T00:00:01.500Z');
  t.strictSame(
    Array.from({ length: 6 }, (_, i) => output.readDoubleLE(size + 24 + 8 * i)),
    [Math.fround(-0.1), -1e31, -1e31, 1e-200, -1, 7.5],
  );
  t.end();
});

t.test('descriptions', (t) => {
  const described = run(['-n', '-i', '-d', 'file']);
  t.equal(described.status, 100, 'the normal end');
  const document = JSON.parse(described.output.toString());
  t.strictSame(document.parameters, [
    { name: 'time', type: 'isotime', units: 'UTC', fill: null, length: 23 },
    {
      name: 'B_x',
      type: 'double',
      units: 'nT',
      fill: 'NaN',
      label: 'Bx "',
      description: 'one two',
      x_das2_name: 'B-x',
    },
    {
      name: 's',
      type: 'double',
      units: null,
      fill: 'NaN',
      size: [2],
      bins: [{ name: 'yTags', units: 'Hz', centers: [1.5, 20] }],
    },
    { name: 'b_x_2', type: 'double', units: 'V m**-1', fill: 'NaN', x_das2_name: 'b_x' },
    {
      name: 'YSCAN_1',
      type: 'double',
      units: 'V',
      fill: 'NaN',
      size: [2],
      bins: [{ name: 'yTags', units: 'dimensionless', centers: [0, 2] }],
    },
  ]);
  t.match(document, {
    HAPI: '3.3',
    status: { code: 1200, message: 'OK' },
    startDate: '2000-01-01T00:00:00.000Z',
    contact: 'of file',
  });
  t.notOk('format' in document);
  for (const [args, prefix] of [
    [['-i'], '# '],
    [['-i', '--format', 'csv'], '#'],
    [['-i', '--format', 'binary'], '#'],
  ] as const) {
    const text = run([...args, 's']).output.toString('latin1');
    const lines = text.split('\n').filter((line) => line.startsWith('#'));
    t.ok(lines.every((line) => line.startsWith(prefix)));
    const front = JSON.parse(lines.map((line) => line.slice(prefix.length)).join('\n'));
    t.strictSame(
      front.parameters.map(({ name }: { name: string }) => name),
      [args.length === 1 ? 'time' : 'Time', 's'],
    );
    t.equal(front.format, args.includes('binary' as never) ? 'binary' : 'csv');
    t.ok(text.includes('2000-01-01T00:00:00.000'), 'data follow');
  }
  const conformant = run(['--format', 'json']).output.toString();
  t.strictSame(
    JSON.parse(conformant).parameters.map(({ fill, length }: { fill: string; length?: number }) => [fill, length]),
    [
      [null, 24],
      ['-1e31', undefined],
      ['-1e31', undefined],
      ['-1e31', undefined],
      ['-1', undefined],
    ],
  );
  t.equal(plainText('A!c!!B %{x}!Uc!N'), 'A !B c');
  for (const [label, units, bare] of [
    ['Field (nT)', 'nT', 'Field'],
    ['Field [nT]', 'nT', 'Field'],
    ['Density (V2 m-2 Hz-1)', 'V**2 m**-2 Hz**-1', 'Density'],
    ['Density ()', 'V', 'Density'],
    ['(nT)', 'nT', ''],
    ['Time (UTC)', 'UTC', 'Time'],
    ['Field (GSE)', 'nT', 'Field (GSE)'],
    ['Field (nT) x', 'nT', 'Field (nT) x'],
    ['Field nT', 'nT', 'Field nT'],
    ['Field (x (nT))', 'nT', 'Field (x (nT))'],
    ['Field (x)', '', 'Field (x)'],
    ['nT)', 'nT', 'nT)'],
    ['', 'nT', ''],
  ] as const) {
    t.equal(withoutUnits(label, units), bare, label);
  }
  t.end();
});

t.test('hostile texts stay valid JSON', (t) => {
  const evil = '&quot;\\&#10;&lt;/script&gt;\u2028';
  const planes = `<x type="time24" units="UTC"/><y name="${evil}" type="sun_real4" units="${evil}"><properties yLabel="${evil}"/></y>`;
  const input = Buffer.concat([STREAM, packetHeader(1, planes), record(1, ['time24', 'sun_real4'], [0, 1])]);
  const { parameters, data } = JSON.parse(run(['--format', 'json'], input).output.toString());
  t.match(parameters[1].name, /^[A-Za-z_][A-Za-z0-9_]*$/);
  t.equal(data[0][1], 1);
  t.end();
});

t.test('several packet types', (t) => {
  const other = '<x type="little_endian_real8" units="us2000"/><y name="q" type="sun_real4" units=""/>';
  const input = Buffer.concat([
    HEAD,
    packetHeader(6, PLANES),
    packetHeader(7, other),
    row(0, 1, 2, 3, 4, 5, 6),
    record(6, TYPES, [1e6, 1, 2, 3, 4, 5, 6]),
    record(7, ['little_endian_real8', 'sun_real4'], [2e6, 9]),
  ]);
  const lines = (args: string[]): string[] => run(args, input).output.toString().trim().split('\r\n');
  t.equal(lines([]).length, 2, 'types with the same planes are one table');
  t.strictSame(lines(['-p', '7']), ['2000-01-01T00:00:02.000, 9.00000e+00']);
  t.equal(run(['-p', '8'], input).output.length, 0);
  const again = Buffer.concat([INPUT, packetHeader(5, PLANES.replace('sun_real4', 'little_endian_real4'))]);
  t.equal(run([], again).status, 0, 'another encoding is the same table');
  const changed = run([], Buffer.concat([INPUT, packetHeader(5, other)]));
  t.equal(changed.status, 18);
  t.match(changed.message, /defined anew with other planes/);
  t.equal(changed.output.toString().split('\r\n').length, 3, 'the rows before it are there');
  t.end();
});

t.test('exceptions, damage, units', (t) => {
  const exception = headerPacket('xx', '<exception type="NoDataInInterval" message="none"/>');
  const { status, output, message } = run([], Buffer.concat([INPUT, exception]));
  t.equal(status, 20);
  t.match(message, /NoDataInInterval: none/);
  t.equal(output.toString().split('\r\n').length, 3);
  t.equal(run(['-n'], Buffer.concat([INPUT, exception])).status, 20);
  t.equal(run([], INPUT.subarray(0, -3)).status, 22);
  t.equal(run([], Buffer.alloc(0)).status, 22);
  const noTime = Buffer.concat([
    STREAM,
    packetHeader(1, '<x type="sun_real4" units="km"/>'),
    record(1, ['sun_real4'], [1]),
  ]);
  t.equal(run([], noTime).status, 15);
  t.equal(run([], Buffer.concat([STREAM, packetHeader(1, '<y type="sun_real4" units="km"/>')])).status, 18);
  t.end();
});

t.test('as functions of a server: printed times stay inside the range, dropped rows are counted', (t) => {
  const pieces: Uint8Array[] = [];
  const options: HapiOptions = {
    format: 'csv',
    begin: parseTime('2000-01-01T00:00:00.9996'),
    end: parseTime('2000-01-01T00:00:03'),
    parameters: ['Time'],
  };
  const filter = createHapi(options, { write: (bytes) => pieces.push(Uint8Array.from(bytes)) });
  const times = [0, 0.9997e6, 1.5e6, 1.5001e6, 1.4e6, 2.9998e6, 3e6];
  filter.push(Buffer.concat([HEAD, ...times.map((x) => row(x, 1, 2, 3, 4, 5, 6))]));
  filter.end();
  t.strictSame(Buffer.concat(pieces).toString().trim().split('\n'), [
    '2000-01-01T00:00:01.000Z',
    '2000-01-01T00:00:01.500Z',
    '2000-01-01T00:00:02.999Z',
  ]);
  t.equal(filter.rowCount, 3);
  t.equal(filter.droppedCount, 2);
  const [stream, packet] = readStream(INPUT);
  if (stream?.kind !== 'stream' || packet?.kind !== 'packet') return t.end();
  const parameters = parametersOf(hapiTable(packet.header, stream.header));
  const info = hapiInfo(parameters, { version: '3.2', facts: { note: 'x' } });
  t.match(info, { HAPI: '3.2', note: 'x' });
  t.equal(info.parameters.length, 5);
  return t.end();
});

t.test('what is asked for and never comes is told', (t) => {
  const missing = run(['-p', '99']);
  t.equal(missing.status, 18);
  t.equal(missing.output.length, 0);
  t.match(missing.message, /no packet type 99; it has 5$/);
  t.match(run(['-p', '99'], STREAM).message, /no packet type 99; it has none$/);
  const nothing = run(['-n'], STREAM);
  t.equal(nothing.status, 18);
  t.match(nothing.message, /no packet type to describe/);
  t.equal(run([], STREAM).status, 0, 'a stream without records is one');
  t.equal(run(['--format', 'json'], STREAM).status, 0);
  t.end();
});

t.test('rows alone, of a table that was described before', (t) => {
  const other = '<x type="little_endian_real8" units="us2000"/><y name="q" type="sun_real4" units="m"/>';
  const described = '<x type="sun_real8" units="us2000"/><y name="v" type="sun_real4" units="V"/>';
  const again =
    '<x type="sun_real8" units="us2000"/><y name="v" type="sun_real8" units="V">' +
    '<properties double:yFill="-5"/></y>';
  const input = Buffer.concat([
    STREAM,
    packetHeader(1, other),
    record(1, ['little_endian_real8', 'sun_real4'], [0, 1]),
    packetHeader(7, described),
    record(7, ['sun_real8', 'sun_real4'], [1e6, 2]),
    packetHeader(8, again),
    record(8, ['sun_real8', 'sun_real8'], [2e6, -5]),
  ]);
  const [stream, , packet] = readStream(input).filter(({ kind }) => kind === 'stream' || kind === 'packet');
  if (stream?.kind !== 'stream' || packet?.kind !== 'packet') return t.fail('the headers are there');
  const table = parametersOf(hapiTable(packet.header, stream.header));
  const rows = (format: 'csv' | 'json' | 'binary'): { text: string; others: number } => {
    const parts: Buffer[] = [];
    const filter = createHapi({ format, header: 'rows', table }, { write: (bytes) => parts.push(Buffer.from(bytes)) });
    filter.push(input);
    filter.end();
    return { text: Buffer.concat(parts).toString('latin1'), others: filter.otherCount };
  };
  t.strictSame(rows('csv'), {
    text: '2000-01-01T00:00:01.000Z,2.0e+00\n2000-01-01T00:00:02.000Z,-1e31\n',
    others: 1,
  });
  t.equal(
    rows('json').text,
    '\n["2000-01-01T00:00:01.000Z",2.0e+00],\n["2000-01-01T00:00:02.000Z",-1e31]',
    'no brackets around them',
  );
  t.equal(rows('binary').text.length, 64);
  return t.end();
});

t.test('command line', (t) => {
  for (const args of [
    ['-p', '0'],
    ['-p', '100'],
    ['-b', 'never'],
    ['--format', 'xml'],
    ['--decimals', '3'],
    ['--format', 'csv', '--decimals', '4'],
    ['-x'],
  ]) {
    const { status, output } = run(args);
    t.equal(status, 100, args.join(' '));
    t.equal(output.length, 0);
  }
  t.end();
});
