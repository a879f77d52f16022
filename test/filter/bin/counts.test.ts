/** What das2_bin_ratesec holds without -m: the same rows as from unlimited memory, or a refusal; and never more pages than allowed. */
import fc from 'fast-check';
import t from 'tap';
import { BinCounts, PAGE_BINS } from '../../../lib/filter/bin/counts.js';
import { createBinRatesec } from '../../../lib/filter/bin-ratesec.js';
import { packetHeader, record, STREAM } from '../../tools/build-stream.js';
import { dataOf, runProgram } from '../../tools/run-filter.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const HEADER = packetHeader(2, `${X}<y type="sun_real4" name="a" units="V"/>`);
const TYPES = ['little_endian_real8', 'sun_real4'];

/** Rows of records at these seconds, in bins of a second, with room for `pages` pages. */
function rates(seconds: readonly number[], pages: number, events = false) {
  const program = {
    name: 'das2_bin_ratesec',
    usageStatus: 100,
    help: '',
    create: (_: readonly string[], sink: Parameters<typeof createBinRatesec>[1]) =>
      createBinRatesec({ seconds: 1, begin: 0, events }, sink, pages),
  };
  const records = seconds.map((second) => record(2, TYPES, [second * 1e6, 1]));
  return runProgram(program, [], STREAM, HEADER, ...records);
}

t.test('rows do not depend on the room, for input in order and for input that is nearly so', (t) => {
  const steps = fc.array(fc.integer({ min: -PAGE_BINS, max: 4 * PAGE_BINS }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 4, max: 9 }), fc.boolean(), (steps, pages, events) => {
      let end = 0;
      const seconds = steps.map((step) => {
        const second = Math.max(0, end + step);
        end = Math.max(end, second);
        return second;
      });
      const unlimited = rates(seconds, 1e6, events);
      const limited = rates(seconds, pages, events);
      t.strictSame(limited.error, unlimited.error);
      t.strictSame(dataOf(limited.output), dataOf(unlimited.output));
    }),
  );
  t.end();
});

t.test('what comes too late is refused; what was counted is written', (t) => {
  const { output, error } = rates([0, 1000, 2000, 3000, 5], 2, true);
  t.equal(error?.code, 'outputLimit');
  t.match(error?.message, /written already.*larger BIN_SECONDS/);
  t.strictSame(
    dataOf(output).map(([x]) => Math.floor((x as number) / 1e6)),
    [0, 1000, 2000, 3000],
  );
  t.end();
});

t.test('room is limited, and comes back', (t) => {
  const counts = new BinCounts(2);
  t.ok(counts.add(0, 1));
  t.ok(counts.add(-1, 2));
  t.notOk(counts.add(PAGE_BINS, 1), 'a third page');
  t.ok(counts.add(1, 3), 'pages that are there take more');
  t.strictSame(counts.range(), { first: -1, last: 1 });
  const taken: [number, number][] = [];
  counts.takeLowest((bin, count) => taken.push([bin, count]));
  t.strictSame(taken, [[-1, 2]]);
  t.ok(counts.add(PAGE_BINS, 1));
  t.notOk(counts.add(-1, 1));
  counts.takeAll((bin, count) => taken.push([bin, count]));
  t.strictSame(taken.slice(1), [
    [0, 1],
    [1, 3],
    [PAGE_BINS, 1],
  ]);
  t.equal(counts.range(), undefined);
  t.end();
});
