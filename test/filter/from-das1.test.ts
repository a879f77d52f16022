/**
 * das1 bytes to a das2 stream: forms, names, properties, faults (stream-format 13.9).
 */
import t from 'tap';
import { coordinateTags, plainLabel } from '../../lib/filter/das1/header.js';
import { createFromDas1, fromDas1Program } from '../../lib/filter/from-das1.js';
import { parseDsdf } from '../../lib/source/definition/dsdf.js';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { cut } from '../tools/build-stream.js';
import { readStream } from '../tools/read-stream.js';
import { runProgram } from '../tools/run-filter.js';

/** Big-endian 4-byte reals. */
function reals(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeFloatBE(value, 4 * i);
  return bytes;
}

function convert(dsdf: string, input: Uint8Array, chunkSize = 65536) {
  const { entries } = parseDsdf(dsdf);
  return runProgram(
    fromDas1Program({ keywords: entries, begin: '2000-01-02', end: '2000-01-03' }),
    [],
    ...cut(input, [chunkSize]),
  );
}

function planesOf(output: Uint8Array): string[] {
  const packet = readStream(output).find(({ kind }) => kind === 'packet');
  if (packet?.kind !== 'packet') return [];
  return packet.header.planes.map(({ element, name, encoding, units, itemCount, attributes }) =>
    `${element} ${name} ${encoding.type} ${units} ${itemCount} ${[...attributes].join(' ')}`.trim(),
  );
}

function valuesOf(output: Uint8Array): number[][] {
  return readStream(output).flatMap((packet) => {
    if (packet.kind !== 'data') return [];
    const bytes = Buffer.from(packet.bytes);
    const rest = Array.from({ length: (bytes.length - 8) / 4 }, (_, i) => bytes.readFloatLE(8 + 4 * i));
    return [[bytes.readDoubleLE(0), ...rest]];
  });
}

const DAY = 86400e6;

t.test('x_multi_y: names from labels, y_parameter or numbers', (t) => {
  const dsdf =
    "form = x_multi_y ; a comment\nny = 3\ny_unit = 'nT'\nlabel(0) = 'b!dx!n (gse)'\nlabel(2)='B!DX!N gse'\n";
  const { output, status } = convert(dsdf, reals(0, 1, 2, 3, 60.5, 4, 5, 6));
  t.equal(status, 0);
  assertValidStream(t, output);
  t.strictSame(planesOf(output), [
    'x  little_endian_real8 us2000 1',
    'y Bx_GSE little_endian_real4 nT 1',
    'y plane_1 little_endian_real4 nT 1',
    'y Bx_GSE_2 little_endian_real4 nT 1',
  ]);
  t.strictSame(valuesOf(output), [
    [DAY, 1, 2, 3],
    [DAY + 60.5e6, 4, 5, 6],
  ]);
  t.match(
    planesOf(convert("form=x_multi_y\nitems=1\ny_parameter='electron density'\n", reals(0, 1)).output)[1],
    /^y electron_density /,
  );
  t.match(planesOf(convert("form=x_multi_y\nitems=1\nlabel(0)='ne'\n", reals(0, 1)).output)[1], /^y NE /);
  t.equal(plainLabel('n!de!n!!x'), 'Ne!X');
  t.end();
});

t.test('x_tagged_y_scan: tags of an IDL array, continued over lines', (t) => {
  const dsdf =
    "form = x_tagged_y_scan\nz_parameter = 'power'\nz_unit='V'\ny_parameter='frequency'\ny_unit = 'Hz'\n" +
    'y_coordinate = [ 1.50, 2.0e1, $ ; first line\n  3d2, 4L ]\ny_sample_width = 10\nz_fill = 1d-32\n';
  const { output, status } = convert(dsdf, reals(1, 10, 20, 30, 40));
  t.equal(status, 0);
  assertValidStream(t, output);
  t.equal(planesOf(output)[1], 'yscan power little_endian_real4 V 4 yUnits,Hz yTags,1.50,2.0e1,300,4');
  t.strictSame(valuesOf(output), [[DAY + 1e6, 10, 20, 30, 40]]);
  const [stream] = readStream(output);
  t.strictSame(
    stream?.kind === 'stream' && stream.header.properties.map(({ type, name, value }) => `${type}:${name}=${value}`),
    [
      'Time:start=2000-01-02',
      'Time:end=2000-01-03',
      ':xLabel=Time',
      ':yLabel=Frequency (Hz)',
      ':zLabel=Power (V)',
      'Datum:yTagWidth=10.000000 Hz',
      'double:zFill=1e-32',
      ':sourceId=das2_from_das1',
    ],
  );
  t.end();
});

t.test('x_y_z', (t) => {
  const dsdf = "form = x_y_z\ny_parameter=frequency\ny_unit=kHz\nz_parameter='power'\nz_unit='V'\n";
  const { output } = convert(dsdf, reals(1, 10, 20));
  assertValidStream(t, output);
  t.strictSame(planesOf(output).slice(1), ['y frequency little_endian_real4 kHz 1', 'z power little_endian_real4 V 1']);
  t.end();
});

t.test('properties: keywords that are none of ours pass, once and with names that XML allows', (t) => {
  const dsdf =
    "form=x_multi_y\nny=1\ndescription='A \"title\" & more'\ntitle='other'\nspacecraft='Polar'\nformat=x\nlabel(7)='x'\n" +
    "reader='/opt/secret'\nx_unit=s\nx_sample_width=1.0*60\nx_parameter=t\ny_fill=-1.5e30\nxLabel='mine'\nlabel(0)=a\n";
  const { output } = convert(dsdf, reals(0, 1));
  assertValidStream(t, output);
  const [stream] = readStream(output);
  t.strictSame(
    stream?.kind === 'stream' &&
      stream.header.properties.slice(2).map(({ type, name, value }) => `${type}:${name}=${value}`),
    [
      ':xLabel=Time',
      ':title=A "title" & more',
      'double:yFill=-1.5e30',
      ':spacecraft=Polar',
      ':sourceId=das2_from_das1',
    ],
  );
  t.end();
});

t.test('definitions that do not describe records', (t) => {
  const cases: [string, RegExp][] = [
    ['ny = 3\n', /form must be .* missing/],
    ['form = x_y_z_w\n', /not 'x_y_z_w'/],
    ['form = x_multi_y\n', /needs the keyword ny/],
    ['form = x_multi_y\nny = 0\n', /ny must be 1 to/],
    ['form = x_multi_y\nny = 1000000\n', /ny must be 1 to/],
    ['form = x_multi_y\nitems = findgen(3)\n', /items must be/],
    ['form = x_tagged_y_scan\n', /y_coordinate/],
    ['form = x_tagged_y_scan\ny_coordinate = findgen(10)*5\n', /findgen.*not evaluated.*-I/],
    ['form = x_tagged_y_scan\ny_coordinate = [1,,2]\n', /y_coordinate/],
    ['form = x_tagged_y_scan\ny_coordinate = [[1,2],[3,4]]\n', /y_coordinate/],
  ];
  for (const [dsdf, message] of cases) {
    const { status, output, message: found } = convert(dsdf, reals(0, 1));
    t.equal(status, 112, dsdf);
    t.match(found, message);
    t.equal(output.length, 0);
  }
  t.strictSame(coordinateTags('(1, 2.5)'), ['1', '2.5']);
  t.end();
});

t.test('chunks do not matter; a record cut short ends the stream; offsets that are no number', (t) => {
  const dsdf = 'form = x_multi_y\nny = 2\n';
  const input = Buffer.concat([reals(0, 1, 2, Number.NaN, 3, 4, 5, 6, 7), Buffer.from([1, 2, 3])]);
  const whole = convert(dsdf, input);
  t.equal(whole.status, 112);
  t.match(whole.message, /inside a record: 3 of 12 bytes/);
  const packets = readStream(whole.output);
  t.strictSame(
    packets.map(({ kind }) => kind),
    ['stream', 'packet', 'data', 'data', 'exception'],
  );
  t.match(packets.at(-1), { exception: { type: 'ServerError', message: /das2_from_das1: .*3 of 12/ } });
  for (const size of [1, 5, 12]) t.strictSame(convert(dsdf, input, size), whole);
  t.end();
});

t.test('no input at all is no data', (t) => {
  const { output, status } = convert('form = x_multi_y\nny = 2\n', Buffer.alloc(0));
  t.equal(status, 0);
  const packets = readStream(output);
  t.strictSame(
    packets.map(({ kind }) => kind),
    ['stream', 'packet', 'exception'],
  );
  t.match(packets.at(-1), { exception: { type: 'NoDataInInterval' } });
  t.end();
});

t.test('a producer that failed', (t) => {
  const keywords = new Map([
    ['form', 'x_multi_y'],
    ['ny', '1'],
  ]);
  for (const [input, kinds] of [
    [reals(0, 1), ['stream', 'packet', 'data', 'exception']],
    [Buffer.alloc(0), []],
  ] as const) {
    const pieces: Uint8Array[] = [];
    const conversion = createFromDas1(
      { keywords, begin: '2000-01-01', end: '2000-01-02' },
      { write: (bytes) => pieces.push(Uint8Array.from(bytes)) },
    );
    conversion.push(input);
    t.throws(() => conversion.fail('the reader ended with status 3'), { exitStatus: 112, code: 'readerFailed' });
    conversion.end();
    const output = Buffer.concat(pieces);
    t.strictSame(output.length === 0 ? [] : readStream(output).map(({ kind }) => kind), kinds);
  }
  t.end();
});
