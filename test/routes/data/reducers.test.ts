/** Each of our reducers to seconds does inside the server what it does at the command line. */
import t from 'tap';
import { filterProgram } from '../../../lib/filter/registry.js';
import { headerPacket, packetHeader, record } from '../../tools/build-stream.js';
import { inProcessSite } from '../../tools/in-process.js';
import { runProgram } from '../../tools/run-filter.js';

const REDUCERS = [
  'das2_bin_avgsec',
  'das2_bin_avgsec -r -s',
  'das2_bin_peakavgsec',
  'das2_bin_minmaxavgsec',
  'das2_bin_ratesec',
  'das2_bin_ratesec -m -v kB',
];
const SECOND = 1e6;
/** 2020-01-01T00:00 in us2000. */
const BEGIN = 631_152_000 * SECOND;

const STREAM = Buffer.concat([
  headerPacket('00', '<stream version="2.2"></stream>'),
  packetHeader(
    1,
    '<x type="little_endian_real8" units="us2000"/><y type="little_endian_real4" name="level" units="V"/>',
  ),
  ...[30, 90, 100, 700, 4000, 4001].map((second, i) =>
    record(1, ['little_endian_real8', 'little_endian_real4'], [BEGIN + second * SECOND, i]),
  ),
]);

t.test('reducers inside the server', async (t) => {
  const definition = (reducer: string) => `reader = stub_stream\ndas2Stream = 1\nreducer = '${reducer}'\n`;
  const { ask, fixture } = inProcessSite(t, {
    sources: Object.fromEntries(REDUCERS.map((reducer, i) => [`T/Reduced_${i}`, definition(reducer)])),
  });
  fixture.writeProgram('stub_stream', `printf '${[...STREAM].map((byte) => `\\${byte.toString(8)}`).join('')}'`);
  const query = (id: string) =>
    `server=dataset&dataset=T/${id}&start_time=2020-01-01&end_time=2020-01-02&resolution=60`;
  for (const [i, reducer] of REDUCERS.entries()) {
    const [name = '', ...args] = reducer.split(' ');
    const program = await filterProgram(name);
    if (program === undefined) throw new Error(`${name} is none of our filters`);
    const { output } = runProgram(program, [...args, '-b', '2020-01-01T00:00:00', '60'], STREAM);
    const { status, bytes } = await ask({ query: query(`Reduced_${i}`) });
    t.equal(status, 200, reducer);
    t.equal(Buffer.from(bytes).toString('latin1'), Buffer.from(output).toString('latin1'), reducer);
  }
});
