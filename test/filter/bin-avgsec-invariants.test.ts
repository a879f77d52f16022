/**
 * The invariants of stream-format 15 that concern the averager as a stream filter: cuts, ids, encodings, comments, memory, damage. One test each,
 * on random streams, which are built and taken apart without the codec of lib/stream; those about the bins are in bin-avgsec-reckoning.test.ts.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Das2Error } from '../../lib/error.js';
import { createBinAvgsec } from '../../lib/filter/bin-avgsec.js';
import { cut, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import {
  BEGIN,
  bins,
  close,
  DEFINITIONS,
  type Encodings,
  FILL,
  ofId,
  PLAIN,
  type Row,
  row,
  rowRecord,
  rows,
  run,
  seconds,
  streamOf,
} from '../tools/random-rows.js';
import { type Element, planesOf, splitStream } from '../tools/split-stream.js';

const RUNS = { numRuns: 60 };

t.test('invariant 1: output does not depend on how input is cut', async () => {
  fc.assert(
    fc.property(
      rows,
      seconds,
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 9 }),
      (list, size, sizes) => {
        const bytes = streamOf(list);
        assert.ok(
          run({ seconds: size, range: true, deviation: true }, ...cut(bytes, sizes)).equals(
            run({ seconds: size, range: true, deviation: true }, bytes),
          ),
        );
      },
    ),
    RUNS,
  );
});

t.test('invariant 2: the output is a valid stream', async () => {
  fc.assert(
    fc.property(rows, seconds, fc.boolean(), (list, size, range) => {
      const packets = splitStream(run({ seconds: size, range }, streamOf(list)));
      assert.equal(packets[0]?.tag, '[00]');
      assert.equal(packets.filter(({ tag }) => tag === '[00]').length, 1);
    }),
    RUNS,
  );
});

t.test('invariant 3: ids, planes, names and properties of the input are kept', async () => {
  fc.assert(
    fc.property(rows, seconds, fc.boolean(), fc.boolean(), (list, size, range, deviation) => {
      const input = splitStream(streamOf(list)).filter(({ tag }) => /^\[\d/.test(tag));
      const output = splitStream(run({ seconds: size, range, deviation }, streamOf(list))).filter(({ tag }) =>
        /^\[\d/.test(tag),
      );
      assert.deepEqual(
        output.map(({ tag }) => tag),
        input.map(({ tag }) => tag),
      );
      input.forEach(({ root }, nth) => {
        const before = root as Element;
        const after = output[nth]?.root as Element;
        const planes = planesOf(after);
        planesOf(before).forEach((plane, index) => {
          assert.equal(planes[index]?.name, plane.name);
          assert.equal(planes[index]?.attributes.get('name'), plane.attributes.get('name'));
          assert.ok(containsProperties(planes[index] as Element, plane));
        });
        assert.equal(
          planes.length,
          planesOf(before).length + (nth === 0 ? 0 : 2 * ((range ? 2 : 0) + (deviation ? 1 : 0))),
        );
        assert.ok(containsProperties(after, before));
      });
    }),
    RUNS,
  );
});

function containsProperties(outer: Element, inner: Element): boolean {
  const of = (element: Element): Map<string, string> =>
    new Map(element.children.filter(({ name }) => name === 'properties').flatMap(({ attributes }) => [...attributes]));
  const all = of(outer);
  return [...of(inner)].every(([name, text]) => all.get(name) === text);
}

t.test('invariant 10: packet types are independent of each other', async () => {
  fc.assert(
    fc.property(rows, seconds, (list, size) => {
      const options = { seconds: size, begin: BEGIN };
      const whole = bins(run(options, streamOf(list)));
      const without = bins(run(options, streamOf(list.filter(({ id }) => id !== 2))));
      const apart = bins(run(options, streamOf([...list].sort((a, b) => a.id - b.id))));
      for (const id of [1, 17]) assert.deepEqual(ofId(without, id), ofId(whole, id));
      for (const id of [1, 2, 17]) assert.deepEqual(ofId(apart, id), ofId(whole, id), 'interleaving does not matter');
    }),
    RUNS,
  );
});

t.test('invariant 11: encodings do not matter, the order of planes permutes the output', async () => {
  fc.assert(
    fc.property(rows, seconds, (list, size) => {
      const options = { seconds: size, begin: BEGIN };
      const want = bins(run(options, streamOf(list)));
      for (const [type, tolerance] of [
        ['little_endian_real8', 0],
        ['ascii24', 1e-14],
        ['sun_real4', 1e-6],
        ['ascii14', 1e-5],
      ] as const) {
        const got = bins(run(options, streamOf(list, { ...PLAIN, values: type })));
        assert.equal(got.length, want.length);
        got.forEach(({ x, values }, i) => {
          assert.equal(x, want[i]?.x);
          assert.ok(
            values.every((one, nth) => close(one, want[i]?.values[nth] as number, tolerance)),
            type,
          );
        });
      }
      const permuted = packetHeader(1, '<y name="a" type="sun_real8" units=""/><x type="sun_real8" units="us2000"/>');
      const ones = list.filter(({ id }) => id === 1);
      const records = ones.map(({ x, values }) => record(1, ['sun_real8'], [values[0] as number, x]));
      const swapped = splitStream(run(options, STREAM, permuted, ...records)).filter(({ data }) => data !== undefined);
      assert.deepEqual(
        swapped.map(({ data }) => [
          Buffer.from(data as Uint8Array).readDoubleBE(8),
          Buffer.from(data as Uint8Array).readDoubleBE(0),
        ]),
        want.filter(({ id }) => id === 1).map(({ x, values }) => [x, values[0]]),
      );
    }),
    RUNS,
  );
});

t.test('invariant 12: time units do not matter', async () => {
  const units: Encodings[] = [
    { x: 'sun_real8', xUnits: 't2000', values: 'sun_real8', convert: (us) => us / 1e6 },
    { x: 'sun_real8', xUnits: 't1970', values: 'sun_real8', convert: (us) => us / 1e6 + 946684800 },
    { x: 'little_endian_real8', xUnits: 'mj1958', values: 'sun_real8', convert: (us) => us / 86400e6 + 15340 },
    { x: 'time27', xUnits: 'UTC', values: 'sun_real8' },
    { x: 'time24', xUnits: 'us2000', values: 'sun_real8' },
  ];
  fc.assert(
    fc.property(rows, seconds, (list, size) => {
      // Half a millisecond from every edge: the grid starts off the whole milliseconds of the records.
      const options = { seconds: size, begin: BEGIN - 500 };
      const want = bins(run(options, streamOf(list)));
      for (const encodings of units) {
        const got = bins(run(options, streamOf(list, encodings)));
        assert.deepEqual(
          got.map(({ id, values }) => [id, values]),
          want.map(({ id, values }) => [id, values]),
          encodings.xUnits,
        );
        assert.ok(
          got.every(({ x }, i) => Math.abs(x - (want[i]?.x as number)) <= 1),
          encodings.xUnits,
        );
      }
    }),
    RUNS,
  );
});

t.test('invariant 13: comments change no data packet, -p leaves no task comment', async () => {
  const types = fc.constantFrom('taskSize', 'taskProgress', 'log:info', 'other');
  fc.assert(
    fc.property(fc.array(fc.oneof(row, types), { maxLength: 50 }), seconds, (list, size) => {
      const records = list.filter((one): one is Row => typeof one !== 'string');
      const mixed = list.map((one) =>
        typeof one === 'string' ? headerPacket('xx', `<comment type="${one}" source="" value="1"/>`) : rowRecord(one),
      );
      const stream = Buffer.concat([STREAM, ...DEFINITIONS, ...mixed]);
      assert.deepEqual(bins(run({ seconds: size }, stream)), bins(run({ seconds: size }, streamOf(records))));
      const left = splitStream(run({ seconds: size, dropProgress: true }, stream)).flatMap(({ tag, root }) =>
        tag === '[xx]' ? [root?.attributes.get('type')] : [],
      );
      assert.deepEqual(
        left,
        list.filter((one) => one === 'log:info' || one === 'other'),
      );
    }),
    RUNS,
  );
});

t.test('invariant 20: memory is bounded, and output appears before the end of input', async () => {
  const one = rowRecord({ id: 1, x: 0, values: [1, 2, 3, 4] });
  const block = Buffer.concat(Array.from({ length: 1500 }, () => one));
  let written = 0;
  let largest = 0;
  const filter = createBinAvgsec(
    { seconds: 0.001 },
    {
      write: (bytes) => {
        written += bytes.length;
        largest = Math.max(largest, bytes.length);
      },
    },
  );
  filter.push(Buffer.concat([STREAM, ...DEFINITIONS]));
  filter.flush();
  assert.ok(written > 0, 'headers leave as soon as they are read');
  const before = process.memoryUsage();
  let x = 0;
  for (let pass = 0; pass < 800; pass++) {
    for (let i = 0; i < 1500; i++, x += 1000) block.writeDoubleLE(x, i * one.length + 4);
    filter.push(block);
  }
  const after = process.memoryUsage();
  assert.ok(written > 40_000_000, 'bins leave while the input goes on');
  assert.ok(largest <= 65536);
  assert.ok(after.arrayBuffers - before.arrayBuffers < 8e6 && after.heapUsed - before.heapUsed < 64e6);
  filter.end();
});

t.test('invariant 21: damaged input ends in a coded fault or a stream, and the output can be read', async () => {
  const good = streamOf([
    { id: 1, x: 1e6, values: [1, 2, 3, 4] },
    { id: 2, x: 9e6, values: [1, 2, 3, 4] },
    { id: 1, x: 20e6, values: [5, 6, 7, FILL] },
  ]);
  const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 3 }),
      fc.integer({ min: 0, max: good.length }),
      fc.boolean(),
      (changes, length, range) => {
        const bytes = Buffer.from(good.subarray(0, length));
        for (const [at, byte] of changes) bytes[at] = byte;
        const pieces: Buffer[] = [];
        let status = 0;
        try {
          const filter = createBinAvgsec({ seconds: 5, range }, { write: (piece) => pieces.push(Buffer.from(piece)) });
          filter.push(bytes);
          filter.end();
        } catch (error) {
          if (!(error instanceof Das2Error)) throw error;
          status = error.exitStatus;
          assert.notEqual(status, 0);
        }
        const packets = splitStream(Buffer.concat(pieces));
        if (status !== 0 && packets.length > 0) assert.equal(packets.at(-1)?.root?.name, 'exception');
        if (status === 0) assert.notEqual(packets.length, 0);
      },
    ),
    { numRuns: 400 },
  );
});
