/**
 * Time text that is none, in every filter alike: an x ends the stream behind the records before it, in other planes it is fill
 * (stream-format 5.3).
 */
import t from 'tap';
import { hapiProgram } from '../../lib/filter/hapi/program.js';
import type { FilterProgram } from '../../lib/filter/program.js';
import { filterProgram } from '../../lib/filter/registry.js';
import { packetHeader, record, STREAM } from '../tools/build-stream.js';
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
