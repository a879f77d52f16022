/**
 * Time text that is none, in every filter alike: an x ends the stream behind the records before it, in other planes it is fill
 * (stream-format 5.3).
 */
import t from 'tap';
import { hapiProgram } from '../../lib/filter/hapi/program.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import { filterProgram } from '../../lib/filter/registry.js';
import { headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { runProgram } from '../tools/run-filter.js';

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  das2_ascii: [],
  das2_bin_avg: ['1e6'],
  das2_bin_avgsec: ['1'],
  das2_bin_minmaxavgsec: ['1'],
  das2_bin_peakavgsec: ['1'],
  das2_bin_ratesec: ['-m', '1'],
  das2_binary: [],
  das2_csv: [],
  das2_hapi: ['--format', 'csv'],
  das2_histo: [],
  das2_psd: ['16', '1'],
};

const programOf = async (name: string): Promise<FilterProgram> =>
  name === 'das2_hapi' ? hapiProgram(() => ({})) : ((await filterProgram(name)) as FilterProgram);

const X = '<x type="time24" units="UTC"/>';
const row = (time: string, value: string): Buffer => Buffer.from(`:01:${time.padEnd(24)}${value.padStart(8)}\n`);
const GOOD = '2000-01-01T00:00:00.000';

for (const [name, args] of Object.entries(PROGRAMS)) {
  t.test(`${name}: x`, async (t) => {
    const head = Buffer.concat([STREAM, packetHeader(1, `${X}<y name="a" type="ascii9" units="V"/>`)]);
    const input = Buffer.concat([head, row(GOOD, '1'), row('no time at all', '2'), row(GOOD, '3')]);
    const program = await programOf(name);
    const { status, message, output } = runProgram(program, args, input);
    t.equal(status, 14);
    t.equal(message, "the x value 'no time at all' is no time");
    const before = runProgram(program, args, head, row(GOOD, '1')).output.toString('latin1');
    // What a stream has besides is the exception; das2_psd has nothing to transform here.
    if (name !== 'das2_psd') t.ok(output.toString('latin1').startsWith(before), 'the record before it is there');
  });
}

t.test('times that text cannot tell', async (t) => {
  const TYPES = ['sun_real8', 'sun_real8', 'sun_real4'];
  const BEYOND = 2_921_940 * 86_400e6;
  const rows = (units: string, scale: number, ...times: readonly (readonly [x: number, y: number])[]): Buffer =>
    Buffer.concat([
      STREAM,
      packetHeader(
        1,
        `<x type="sun_real8" units="${units}"/><y name="b" type="sun_real8" units="${units}"/><y name="a" type="sun_real4" units="V"/>`,
      ),
      ...times.map(([x, y]) => record(1, TYPES, [x * scale, y * scale, 1])),
    ]);
  for (const [units, scale] of [
    ['us2000', 1],
    ['t2000', 1e-6],
  ] as const) {
    for (const [name, fill] of [
      ['das2_ascii', '0001-01-01T00:00:00.000'],
      ['das2_csv', ';;'],
    ] as const) {
      const program = await programOf(name);
      const good = runProgram(program, [], rows(units, scale, [0, 0], [BEYOND - 86_400e6, 0]));
      t.equal(good.status, 0);
      t.match(good.output.toString('latin1'), '9999-12-31T00:00:00', 'the last day has a text');
      for (const time of [BEYOND, -800_000 * 86_400e6]) {
        const x = runProgram(program, [], rows(units, scale, [0, 0], [time, 0], [0, 0]));
        t.equal(x.status, 14, `${name} ${units}`);
        t.equal(x.message, 'an x value is a time beyond the years 0 to 9999, which text cannot tell');
        t.match(x.output.toString('latin1'), '2000-01-01T00:00:00', 'the record before it is there');
        t.notMatch(x.output.toString('latin1'), /0001-01-01|10000|-0191/);
        const y = runProgram(program, [], rows(units, scale, [0, time]));
        t.equal(y.status, 0, 'in other planes it is fill');
        t.match(y.output.toString('latin1'), fill);
      }
    }
    const filled = runProgram(await programOf('das2_ascii'), [], rows(units, 1, [-1e31, 0], [Number.NaN, 0]));
    t.equal(filled.status, 0);
    t.equal(filled.output.toString('latin1').split('0001-01-01T').length, 3, 'fill is fill');
  }
  t.end();
});

const BEYOND_TEXT = 'an x value is a time beyond the years 0 to 9999, which text cannot tell';

t.test('the last second of the last year is over, in text too', async (t) => {
  const END = '9999-12-31T23:59:60';
  const planes = (second: string): Buffer => packetHeader(1, `${X}${second}<y name="a" type="ascii9" units="V"/>`);
  const input = Buffer.concat([STREAM, planes(''), row(GOOD, '1'), row(END, '2'), row(GOOD, '3')]);
  for (const [name, args, before] of [
    ['das2_ascii', [], ':01:2000-01-01T00:00:00.000  1.0e+00\n'],
    ['das2_csv', [], '2000-01-01T00:00:00.000000;1\n'],
    ['das2_bin_avgsec', ['60'], ':01:2000-01-01T00:00:30.000  1.0e+00\n'],
    ['das2_bin_avg', ['6e7'], ':01:2000-01-01T00:00:30.000  1.0e+00\n'],
  ] as const) {
    const { status, message, output } = runProgram(await programOf(name), args, input);
    t.match({ status, message }, { status: 14, message: BEYOND_TEXT }, name);
    t.ok(output.includes(before), 'the record before it is there');
    t.notMatch(output.toString('latin1'), '0001-01-01');
  }
  const other = Buffer.concat([
    STREAM,
    planes('<y name="b" type="time24" units="UTC"/>'),
    Buffer.from(`:01:${GOOD.padEnd(24)}${END.padEnd(24)}       1\n`),
  ]);
  const ascii = runProgram(await programOf('das2_ascii'), [], other);
  t.match(ascii.output.toString('latin1'), /:01:\S+ 0001-01-01T00:00:00\.000 /, 'in other planes it is fill');
  const csv = runProgram(await programOf('das2_csv'), [], other);
  t.match(csv.output.toString('latin1'), '2000-01-01T00:00:00.000000;;1');
  const table = runProgram(await programOf('das2_hapi'), ['--format', 'csv'], input);
  t.notMatch(table.output.toString('latin1'), '0001-01-01', 'a table leaves it out');
});

t.test('middles of bins and windows beyond text', async (t) => {
  const last = (second: number): string => `9999-12-31T23:59:${String(second).padStart(2, '0')}.000`;
  const rows = Array.from({ length: 17 }, (_, i) => row(last(43 + i), '1'));
  const bins = Buffer.concat([STREAM, packetHeader(1, `${X}<y name="a" type="ascii9" units="V"/>`), ...rows]);
  for (const [name, args] of [
    ['das2_bin_avgsec', ['60']],
    ['das2_bin_minmaxavgsec', ['60']],
    ['das2_bin_peakavgsec', ['60']],
    ['das2_bin_avg', ['6e7']],
  ] as const) {
    const { status, message, output } = runProgram(await programOf(name), args, bins);
    t.match({ status, message }, { status: 14, message: BEYOND_TEXT }, name);
    t.match(output.toString('latin1'), /<\/packet>\n\[xx\]\d{6}<exception type="ServerError"/, 'no half of a record');
  }
  const scan = Buffer.concat([
    STREAM,
    packetHeader(1, `${X}<yscan name="a" type="ascii9" zUnits="V" nitems="16" yUnits="s" yTagInterval="1"/>`),
    Buffer.from(
      `:01:${last(59).padEnd(24)}${Array.from({ length: 16 }, (_, i) => `${i % 5}`.padStart(8)).join(' ')}\n`,
    ),
  ]);
  const windows = runProgram(await programOf('das2_psd'), ['16', '1'], scan);
  t.match({ status: windows.status, message: windows.message }, { status: 14, message: BEYOND_TEXT });
});

t.test('QStreams', async (t) => {
  const time = (units: string, encoding: string): string =>
    `<qdataset id="t"><properties><property name="UNITS" type="units" value="${units}"/></properties><values encoding="${encoding}" length=""/></qdataset>`;
  const stream = (units: string, encoding: string, second: string, ...records: readonly Buffer[]): Buffer =>
    Buffer.concat([
      headerPacket('00', '<stream dataset_id="z"/>\n'),
      headerPacket('01', `<packet>${time(units, encoding)}${second}</packet>\n`),
      ...records.map((values) => Buffer.concat([Buffer.from(':01:'), values])),
    ]);
  const z = '<qdataset id="z"><values encoding="double" length=""/></qdataset>';
  const real = (...values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(8 * values.length);
    for (const [i, value] of values.entries()) bytes.writeDoubleBE(value, 8 * i);
    return bytes;
  };
  const BEYOND = 2_921_940 * 86_400e6;
  const ascii = await programOf('das2_ascii');
  const axis = runProgram(ascii, [], stream('us2000', 'double', z, real(0, 1), real(BEYOND, 1), real(0, 1)));
  t.match({ status: axis.status, message: axis.message }, { status: 14, message: BEYOND_TEXT });
  t.match(axis.output.toString('latin1'), /:01:2000-01-01T00:00:00\.000 {2}1\.000000000e\+00\n\[xx\]\d{6}<exception/);
  const filled = runProgram(ascii, [], stream('us2000', 'double', z, real(-1e31, 1), real(Number.NaN, 1)));
  t.equal(filled.status, 0, 'fill is fill');
  const other = runProgram(ascii, [], stream('us2000', 'double', time('us2000', 'double'), real(0, BEYOND)));
  t.equal(other.status, 0);
  t.match(
    other.output.toString('latin1'),
    ':01:2000-01-01T00:00:00.000 0001-01-01T00:00:00.000',
    'elsewhere it is fill',
  );
  const end = Buffer.concat([Buffer.from('9999-12-31T23:59:60'.padEnd(24)), real(1)]);
  const bins = runProgram(await programOf('das2_bin_avgsec'), ['60'], stream('us2000', 'time24', z, end));
  t.match({ status: bins.status, message: bins.message }, { status: 14, message: BEYOND_TEXT });
});

t.test('other planes', async (t) => {
  const planes = `${X}<y name="b" type="time24" units="UTC"/><y name="a" type="ascii9" units="V"/>`;
  const input = Buffer.concat([
    STREAM,
    packetHeader(1, planes),
    Buffer.from(`:01:${GOOD.padEnd(24)}${'no time at all'.padEnd(24)}       1\n`),
  ]);
  const last = async (name: string): Promise<string> => {
    const { status, output } = runProgram(await programOf(name), PROGRAMS[name] ?? [], input);
    t.equal(status, 0, name);
    return output.toString('latin1').trimEnd().split('\n').at(-1) ?? '';
  };
  t.equal(await last('das2_csv'), '2000-01-01T00:00:00.000000;;1');
  t.equal(await last('das2_hapi'), '2000-01-01T00:00:00.000Z,0001-01-01T00:00:00.000Z,1');
  t.match(await last('das2_ascii'), /:01:2000-01-01T00:00:00\.000 0001-01-01T00:00:00\.000 /);
  t.match(await last('das2_bin_avgsec'), /:01:2000-01-01T00:00:00\.500 0001-01-01T00:00:00\.000 /);
});

t.test('fill of planes of times, whatever number it is', async (t) => {
  const FILL_TEXT = '0001-01-01T00:00:00.000';
  const head = headerPacket('00', '<stream version="2.2"><properties double:yFill="-999"/></stream>\n');
  const text = Buffer.concat([
    head,
    packetHeader(1, `${X}<y name="b" type="time24" units="UTC"/><y name="a" type="ascii9" units="V"/>`),
    Buffer.from(`:01:${GOOD.padEnd(24)}${FILL_TEXT.padEnd(24)}       1\n`),
  ]);
  for (const name of ['das2_bin_avgsec', 'das2_bin_minmaxavgsec']) {
    const { output } = runProgram(await programOf(name), ['1'], text);
    t.match(output.toString('latin1'), ` ${FILL_TEXT} `, `${name}: a bin of fill`);
    t.notMatch(output.toString('latin1'), '1999');
  }
  const TYPES = ['sun_real8', 'sun_real8'];
  const numbers = Buffer.concat([
    head,
    packetHeader(1, '<x type="sun_real8" units="us2000"/><y name="b" type="sun_real8" units="t2000"/>'),
    record(1, TYPES, [-999, -999]),
    record(1, TYPES, [0, 1]),
  ]);
  const ascii = await programOf('das2_ascii');
  const printed = runProgram(ascii, [], numbers).output.toString('latin1');
  t.match(printed, `:01:1999-12-31T23:59:59.999 ${FILL_TEXT}\n:01:2000-01-01T00:00:00.000 2000-01-01T00:00:01.000\n`);
  const back = runProgram(await programOf('das2_binary'), [], Buffer.from(printed, 'latin1')).output;
  t.equal(back.readDoubleLE(back.length - 28), -999, 'and fill again in binary');

  const time = (id: string, encoding: string): string =>
    `<qdataset id="${id}"><properties><property name="UNITS" type="units" value="t2000"/><property name="FILL_VALUE" type="Double" value="-999"/></properties><values encoding="${encoding}" length=""/></qdataset>`;
  const q = (encoding: string, value: Buffer): Buffer => {
    const x = Buffer.alloc(8);
    const packet = headerPacket('01', `<packet>${time('t', 'double')}${time('b', encoding)}</packet>\n`);
    return Buffer.concat([headerPacket('00', '<stream dataset_id="b"/>\n'), packet, Buffer.from(':01:'), x, value]);
  };
  const fill = Buffer.alloc(8);
  fill.writeDoubleBE(-999);
  t.match(
    runProgram(ascii, [], q('double', fill)).output.toString('latin1'),
    `:01:2000-01-01T00:00:00.000 ${FILL_TEXT}`,
  );
  const whole = Buffer.alloc(8);
  whole.writeBigInt64BE(-(2n ** 63n));
  const tt2000 = Buffer.from(
    q('int8', whole)
      .toString('latin1')
      .replaceAll('"t2000"', '"ns1970"')
      .replaceAll('"-999"', `"${-(2n ** 63n)}"`),
    'latin1',
  );
  const length = tt2000.indexOf('</packet>\n') + 10 - tt2000.indexOf('<packet>');
  tt2000.write(String(length).padStart(6, '0'), tt2000.indexOf('<packet>') - 6);
  const far = runProgram(ascii, [], tt2000).output.toString('latin1');
  t.match(far, new RegExp(`:01:1970\\S+ ${FILL_TEXT}\\n$`), 'also nanoseconds beyond a double');
  const texts = (first: string, second: string): Buffer =>
    Buffer.concat([
      q('time24', Buffer.from(first.padEnd(24))),
      Buffer.from(':01:'),
      Buffer.alloc(8),
      Buffer.from(second.padEnd(24)),
    ]);
  const reducer = await programOf('das2_bin_avgsec');
  const mean = runProgram(reducer, ['1'], texts(FILL_TEXT, GOOD)).output.toString('latin1');
  t.equal(mean.slice(-24), `${GOOD}\n`, 'fill does not count');
  t.equal(
    runProgram(reducer, ['1'], texts(FILL_TEXT, FILL_TEXT)).output.toString('latin1').slice(-24),
    `${FILL_TEXT}\n`,
  );
});
