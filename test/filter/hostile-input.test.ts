/**
 * Streams that nobody writes by accident: texts without end, more names than anybody needs, records as large as they may be. No filter
 * may take the square of their length in time, or hold more than the input in memory.
 */
import t from 'tap';
import { ascii } from '../../lib/filter/ascii.js';
import { csv } from '../../lib/filter/csv.js';
import { hapiProgram } from '../../lib/filter/hapi/program.js';
import { HapiSample } from '../../lib/filter/hapi/sample.js';
import { histo } from '../../lib/filter/histo.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import { FILTER_PROGRAM_NAMES, filterProgram } from '../../lib/filter/registry.js';
import { exceptionPacket } from '../../lib/stream/message.js';
import { StreamReader } from '../../lib/stream/stream-reader.js';
import { headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { runProgram, tagsOf } from '../tools/run-filter.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  das2_bin_avg: ['1'],
  das2_bin_avgsec: ['60'],
  das2_bin_minmaxavgsec: ['-s', '60'],
  das2_bin_peakavgsec: ['60'],
  das2_bin_ratesec: ['60'],
  das2_psd: ['16', '2'],
};
const hapi = hapiProgram(() => ({}));

async function das2Programs(): Promise<FilterProgram[]> {
  const names = FILTER_PROGRAM_NAMES.filter((name) => !name.includes('das1'));
  return [...(await Promise.all(names.map(async (name) => (await filterProgram(name)) as FilterProgram))), hapi];
}

/** Long enough that a filter which takes the square of it does not end within the time of a test file. */
const LENGTH = 130_000;
const TEXTS = {
  'digits that end in a letter': `${'1'.repeat(LENGTH)}x`,
  'digits, a line break and words': `${'1'.repeat(LENGTH)}&#10;x&#10;y`,
  'blanks between two letters': `x${' '.repeat(LENGTH)}x`,
  'macros that never end': '%{'.repeat(LENGTH / 2),
};
const NAMES = ['xTagWidth', 'zFill', 'fill', 'zLabel', 'yLabel', 'DFT_freqTagMin', 'title'];

for (const [what, text] of Object.entries(TEXTS)) {
  t.test(`properties of ${what}`, async (t) => {
    const properties = NAMES.map((name) => `${name}="${text}"`).join(' ');
    const stream = headerPacket('00', `<stream version="2.2"><properties ${properties}/></stream>\n`);
    const scan = '<yscan name="w" type="little_endian_real4" zUnits="V" yUnits="s" yTagInterval="0.001" nitems="32"/>';
    const values = record(1, ['little_endian_real8', 'little_endian_real4'], new Array(33).fill(1));
    for (const program of await das2Programs()) {
      runProgram(program, ARGUMENTS[program.name] ?? [], stream, packetHeader(1, `${X}${scan}`), values);
      t.pass(`${program.name} has come to an end`);
    }
  });
}

t.test('a message of blanks in an exception packet', (t) => {
  t.match(exceptionPacket('ServerError', `a${' '.repeat(900_000)}b`).length < 5000, true);
  t.end();
});

t.test('das2_histo: a record with more distinct values than a histogram may have', (t) => {
  const items = 20_000;
  const header = packetHeader(1, `${X}<yscan name="w" type="little_endian_real4" zUnits="V" nitems="${items}"/>`);
  const values = Array.from({ length: items }, (_, item) => item + 1);
  const { error, output } = runProgram(
    histo,
    [],
    STREAM,
    header,
    record(1, ['little_endian_real8', 'little_endian_real4'], [0, ...values]),
  );
  t.equal(error?.code, 'outputLimit');
  t.ok(output.length < 20_000_000, `${output.length} bytes`);
  t.end();
});

t.test('das2_csv: head rows of a type that is defined over and over do not wait for its records', (t) => {
  let beforeEnd = 0;
  const rows: string[] = [];
  const filter = csv.create([], { write: (bytes) => rows.push(Buffer.from(bytes).toString()) });
  filter.push(STREAM);
  for (let n = 0; n < 10_000; n++) filter.push(packetHeader(1, `${X}<y name="abc" type="float" units="V"/>`));
  beforeEnd = rows.length;
  filter.end();
  t.ok(beforeEnd > 0, 'something has left');
  t.equal(rows.join(''), 'time (UTC);abc (V)\n'.repeat(10_000));
  t.end();
});

t.test('das2_csv: a head row of a million columns', (t) => {
  const items = 1_000_000;
  const header = packetHeader(1, `${X}<yscan name="" type="ascii2" zUnits="" nitems="${items}"/>`);
  const { output, error } = runProgram(csv, ['-d', ','], STREAM, header);
  t.equal(error, undefined);
  const heads = output.toString().trimEnd().split(',');
  t.equal(heads.length, items + 1);
  t.strictSame([heads[0], heads[1], heads.at(-1)], ['time (UTC)', '0', '999999']);
  t.end();
});

t.test('das2_hapi: planes of one name', (t) => {
  const count = 20_000;
  const planes = Array.from(
    { length: count },
    (_, n) => `<y name="${n % 2 === 0 ? 'a' : 'A'}" type="float" units=""/>`,
  );
  const { output } = runProgram(hapi, ['-n'], STREAM, packetHeader(1, `${X}${planes.join('')}`));
  const names = (JSON.parse(output.toString()) as { parameters: { name: string }[] }).parameters.map(
    ({ name }) => name,
  );
  t.strictSame(names.slice(0, 4), ['time', 'a', 'A_2', 'a_3']);
  t.equal(new Set(names.map((name) => name.toLowerCase())).size, count + 1);
  t.end();
});

t.test('das2_hapi: a record that is too wide for a row', (t) => {
  const wide = (id: number): Buffer =>
    packetHeader(id, `${X}<yscan name="w" type="time5" zUnits="" nitems="3300000"/>`);
  for (const args of [['-n'], ['--format', 'csv'], ['--format', 'json'], ['--format', 'binary'], []]) {
    t.equal(runProgram(hapi, args, STREAM, wide(1)).error?.code, 'packetTooLarge', args.join(' '));
  }
  const narrow = packetHeader(1, `${X}<y name="a" type="float" units=""/>`);
  const beside = runProgram(
    hapi,
    ['--format', 'csv'],
    STREAM,
    narrow,
    wide(2),
    record(1, ['little_endian_real8', 'sun_real4'], [0, 1]),
  );
  t.equal(beside.error, undefined, 'beside a table it is left out');
  t.equal(beside.output.toString(), '2000-01-01T00:00:00.000Z,1.0e+00\n');
  t.end();
});

t.test('das2_csv: a record that is too wide for a row', (t) => {
  const header = packetHeader(1, `${X}<yscan name="w" type="sun_real4" zUnits="" nitems="1000001"/>`);
  const { error } = runProgram(csv, [], STREAM, header);
  t.match(error, { code: 'packetTooLarge', message: 'a record of 1000002 values is no row, at most 1000001 are' });
  t.end();
});

t.test('das2_hapi: tables that are too wide together', (t) => {
  const wide = (id: number): Buffer =>
    packetHeader(id, `${X}<yscan name="w${id}" type="sun_real4" zUnits="" nitems="400000"/>`);
  const sample = new HapiSample();
  for (const packet of [STREAM, wide(1), wide(2), wide(2)]) sample.push(packet);
  t.throws(() => sample.push(wide(3)), { code: 'packetTooLarge', message: /1200003 columns .* at most 1000000/ });
  t.end();
});

t.test('packet headers that hold too much together', (t) => {
  const planes = '<y type="sun_real4" units=""/>'.repeat(11_000);
  const tags = `<yscan type="sun_real4" zUnits="" nitems="1" note="${'n'.repeat(900_000)}"/>`;
  const properties = Array.from({ length: 25_000 }, (_, n) => `a${n}="1"`).join(' ');
  const many = `<y type="sun_real4" units=""><properties ${properties}/></y>`;
  for (const [content, good, what] of [
    [planes, 2, /33003 planes together, at most 32768/],
    [many, 2, /75000 properties together, at most 65536/],
    [tags, 37, /bytes together, at most 33554432/],
  ] as const) {
    const types = (from: number, to: number): Buffer[] =>
      Array.from({ length: to - from + 1 }, (_, n) => packetHeader(from + n, `${X}${content}`));
    const read = (packets: readonly Buffer[]): void => {
      const none = (): void => {};
      const reader = new StreamReader({
        streamHeader: none,
        packetHeader: none,
        records: none,
        comment: none,
        exception: none,
      });
      for (const packet of packets) reader.push(packet);
    };
    t.doesNotThrow(() => read([STREAM, ...types(1, good), ...types(1, good)]), 'a type takes the place of another');
    t.throws(() => read([STREAM, ...types(1, good + 1)]), { code: 'packetTooLarge', message: what });
  }
  t.end();
});

t.test('das2_ascii: records that would become too large to be read', (t) => {
  const header = packetHeader(1, `${X}<yscan name="w" type="sun_real4" zUnits="" nitems="4000000"/>`);
  const { error, output } = runProgram(ascii, [], STREAM, header);
  t.equal(error?.code, 'packetTooLarge');
  t.equal(tagsOf(output), '[00][xx]');
  t.end();
});
