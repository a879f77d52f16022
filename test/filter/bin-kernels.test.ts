/** The loops for binary values give bit for bit what the way through a scratch array gives (which -s takes). */
import fc from 'fast-check';
import t from 'tap';
import { binAvgsec } from '../../lib/filter/bin-avgsec.js';
import { binMinmaxavgsec } from '../../lib/filter/bin-minmaxavgsec.js';
import { headerPacket, packetHeader, record } from '../tools/build-stream.js';
import { dataOf, runProgram } from '../tools/run-filter.js';

const TYPES = ['sun_real4', 'sun_real8', 'little_endian_real4', 'little_endian_real8'] as const;

const number = fc.oneof(
  fc.double({ noDefaultInfinity: false }),
  fc.constantFrom(-1e31, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-310, 7),
);

t.test('binary kernels agree with the general way', (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...TYPES),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      fc.constantFrom('-1e31', '0', '7', 'NaN'),
      fc.array(fc.array(number, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 30 }),
      (type, items, waveform, fill, rows) => {
        const stream = Buffer.concat([
          headerPacket(
            '00',
            `<stream version="2.2"><properties renderer="${waveform ? 'waveform' : 'x'}" fill="${fill}"/></stream>`,
          ),
          packetHeader(
            1,
            '<x type="little_endian_real8" units="us2000"/>' +
              `<yscan type="${type}" name="s" zUnits="V" yUnits="s" nitems="${items}" yTagInterval="1e-3" yTagMin="0"/>`,
          ),
          ...rows.map((row, i) => record(1, ['little_endian_real8', type], [i * 1e6, ...row.slice(0, items)])),
        ]);
        const run = (args: readonly string[]) =>
          dataOf(runProgram(binMinmaxavgsec, [...args, '-b', '2000-01-01', '4'], stream).output);
        const slots = waveform ? 1 : items;
        const quick = run([]);
        // x, then average, min, max, stddev, count of all slots.
        const general = run(['-s']).map((row) => [...row.slice(0, 1 + 3 * slots), ...row.slice(1 + 4 * slots)]);
        t.strictSame(quick, general);
        const means = dataOf(runProgram(binAvgsec, ['-b', '2000-01-01', '4'], stream).output);
        const counts = quick.map((row) => row.slice(1 + 3 * slots));
        t.equal(means.length, counts.length);
      },
    ),
    { numRuns: 150 },
  );
  t.end();
});
