/** QStream filters as functions: cutting, counting, dispatching, faults, and what reducing must keep. */
import fc from 'fast-check';
import t from 'tap';
import { isDas2Error } from '../../lib/error.js';
import { createQStreamCounter } from '../../lib/filter/qstream/count.js';
import { createQStreamCut } from '../../lib/filter/qstream/cut.js';
import { dispatchByFirstPacket } from '../../lib/filter/qstream/dispatch.js';
import { createQStreamReducer } from '../../lib/filter/qstream/reducer.js';
import { createQStreamText } from '../../lib/filter/qstream/text.js';
import type { ByteFilter, ByteSink } from '../../lib/stream/byte-filter.js';
import { parseTime } from '../../lib/stream/time.js';
import { reportOf } from '../tools/assert-valid-stream.js';
import { cut, STREAM as DAS2, headerPacket } from '../tools/build-stream.js';

interface Outcome {
  readonly bytes: Buffer;
  readonly code: string | undefined;
}

/** Runs the chunks through a filter. */
function run(make: (sink: ByteSink) => ByteFilter, ...chunks: readonly Uint8Array[]): Outcome {
  const pieces: Buffer[] = [];
  let code: string | undefined;
  try {
    const filter = make({ write: (bytes) => pieces.push(Buffer.from(bytes)) });
    for (const chunk of chunks) filter.push(chunk);
    filter.end();
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    code = error.code;
  }
  return { bytes: Buffer.concat(pieces), code };
}

const header = (attributes: string): Buffer => headerPacket('00', `<stream dataset_id="z" ${attributes}/>\n`);
const BIG = header('');
const LITTLE = header('byte_order="little_endian"');

/** A packet type with a time axis and one value. */
function packet(time: { units: string; encoding: string }, encoding: string, extra = ''): Buffer {
  return headerPacket(
    '01',
    `<packet><qdataset id="t" rank="1"><properties>
<property name="UNITS" type="units" value="${time.units}"/>${extra}</properties>
<values encoding="${time.encoding}" length=""/></qdataset>
<qdataset id="z" rank="1"><properties/><values encoding="${encoding}" length=""/></qdataset></packet>\n`,
  );
}

const SECONDS = packet({ units: 't2000', encoding: 'double' }, 'double');

function record(time: number, value: number): Buffer {
  const bytes = Buffer.from(':01:................');
  bytes.writeDoubleBE(time, 4);
  bytes.writeDoubleBE(value, 12);
  return bytes;
}

/** Times and values of the records behind the first data tag. */
function records(bytes: Buffer): [number, number][] {
  const found: [number, number][] = [];
  let at = bytes.indexOf(':01:');
  for (; at >= 0 && at + 20 <= bytes.length && bytes.toString('latin1', at, at + 4) === ':01:'; at += 20) {
    found.push([bytes.readDoubleBE(at + 4), bytes.readDoubleBE(at + 12)]);
  }
  return found;
}

t.test('cutting keeps [BEGIN, END)', (t) => {
  const options = { begin: parseTime('2000-01-01T00:00:10'), end: parseTime('2000-01-01T00:00:20') };
  const input = [BIG, SECONDS, ...[9.999, 10, 15, Number.NaN, 19.999, 20, 12].map((time) => record(time, time))];
  const { bytes, code } = run((sink) => createQStreamCut(options, sink), ...input);
  t.equal(code, undefined);
  t.ok(bytes.subarray(0, BIG.length + SECONDS.length).equals(Buffer.concat([BIG, SECONDS])), 'headers as they were');
  t.strictSame(
    records(bytes).map(([time]) => time),
    [10, 15, 19.999, 12],
  );
  t.end();
});

t.test('cutting replaces the range of a cache tag, and nothing else', (t) => {
  const tag = '<property name="CACHE_TAG" type="cacheTag" value="2000-01-01 to 2000-01-02 @ 10 s"/>';
  const begin = parseTime('2000-01-01');
  const options = { begin, end: begin, cacheRange: '2000-01-01 to 2000-01-01T00:00:01' };
  const tagged = run(
    (sink) => createQStreamCut(options, sink),
    BIG,
    packet({ units: 't2000', encoding: 'double' }, 'int4', tag),
  );
  t.ok(tagged.bytes.includes('value="2000-01-01 to 2000-01-01T00:00:01 @ 10 s"'));
  const bare = run((sink) => createQStreamCut(options, sink), BIG, SECONDS);
  t.ok(bare.bytes.equals(Buffer.concat([BIG, SECONDS])));
  t.end();
});

t.test('counting passes everything on', (t) => {
  const input = Buffer.concat([
    BIG,
    SECONDS,
    record(1, 1),
    record(2, 2),
    headerPacket('xx', '<comment message="a"/>\n'),
  ]);
  let counter: ReturnType<typeof createQStreamCounter> | undefined;
  const { bytes } = run(
    (sink) => {
      counter = createQStreamCounter(sink);
      return counter;
    },
    ...cut(input, [5]),
  );
  t.ok(bytes.equals(input));
  t.strictSame([...(counter?.counts ?? [])], [[1, 2]]);
  t.end();
});

t.test('the first packet decides', (t) => {
  const chosen = (...chunks: Uint8Array[]): string => {
    const named =
      (name: string) =>
      (sink: ByteSink): ByteFilter => ({
        push: (chunk) => sink.write(chunk),
        flush() {},
        end: () => sink.write(Buffer.from(` ${name}`)),
      });
    const { bytes } = run(
      (sink) => dispatchByFirstPacket(sink, { das2: named('das2'), qstream: named('qstream') }),
      ...chunks,
    );
    return bytes.toString();
  };
  for (const sizes of [[1], [7], [1000]]) {
    t.equal(chosen(...cut(Buffer.concat([BIG, SECONDS]), sizes)), `${BIG}${SECONDS} qstream`);
    t.equal(chosen(...cut(DAS2, sizes)), `${DAS2} das2`);
    for (const text of [
      '',
      '[',
      '[00]',
      '[00]abcdef',
      '[00]000099<stream dataset_id=',
      'hello',
      ':b0:',
      '[01]000001 ',
    ]) {
      t.equal(chosen(...cut(Buffer.from(text), sizes)), `${text} das2`, text);
    }
  }
  t.end();
});

t.test('a fault writes the open bin, says so in the stream and throws', (t) => {
  const input = [BIG, SECONDS, record(1, 1), record(2, 3), Buffer.from('garbage')];
  const { bytes, code } = run((sink) => createQStreamReducer({ binSeconds: 60 }, sink), ...input);
  t.equal(code, 'framing');
  t.strictSame(records(bytes), [[1.5, 2]]);
  t.match(
    bytes.toString(),
    /<exception type="ServerError" message="das2_bin_avgsec: byte \d+: .* is no packet tag" \/>\n$/,
  );
  const cutShort = run((sink) => createQStreamText({}, sink), BIG, SECONDS, record(1, 1).subarray(0, 9));
  t.equal(cutShort.code, 'framing');
  t.match(cutShort.bytes.toString(), /das2_ascii: .*inside a packet/);
  t.strictSame(
    run((sink) => createQStreamText({}, sink), Buffer.from('hello')),
    { bytes: Buffer.alloc(0), code: 'framing' },
  );
  t.end();
});

t.test('what packet types hold together is limited', (t) => {
  const wide = (id: number, items: number): Buffer =>
    headerPacket(
      String(id).padStart(2, '0'),
      `<packet><qdataset id="t" rank="1"><properties><property name="UNITS" type="units" value="t2000"/></properties>
<values encoding="double" length=""/></qdataset>
<qdataset id="z" rank="2"><properties/><values encoding="int2" length="${items}"/></qdataset></packet>\n`,
    );
  const reduce = (...chunks: Buffer[]) => run((sink) => createQStreamReducer({ binSeconds: 1 }, sink), BIG, ...chunks);
  const half = 1_500_000;
  t.equal(
    reduce(wide(1, half), wide(1, half), wide(1, half)).code,
    undefined,
    'a type defined anew replaces the old one',
  );
  const many = reduce(wide(1, half), wide(2, half));
  t.equal(many.code, 'packetTooLarge');
  t.match(
    many.bytes.toString(),
    /<exception type="ServerError" message="das2_bin_avgsec: the packet types have so many values that/,
  );
  t.end();
});

t.test('so are data sets, in all filters', (t) => {
  const dataset = '<qdataset id="z" rank="1"><values encoding="double"/></qdataset>';
  const type = (id: number): Buffer =>
    headerPacket(String(id).padStart(2, '0'), `<packet>${dataset.repeat(6000)}</packet>\n`);
  for (const make of [
    (sink: ByteSink) => createQStreamText({}, sink),
    (sink: ByteSink) => createQStreamReducer({ binSeconds: 1 }, sink),
  ]) {
    t.equal(run(make, BIG, type(1), type(2), type(2)).code, undefined);
    t.equal(run(make, BIG, type(1), type(2), type(3)).code, 'packetTooLarge');
  }
  t.end();
});

t.test('a sink that fails gets nothing more', (t) => {
  let calls = 0;
  const filter = createQStreamReducer(
    { binSeconds: 1 },
    {
      write() {
        calls++;
        throw new Error('gone');
      },
    },
  );
  filter.push(Buffer.concat([BIG, SECONDS, record(1, 1)]));
  t.throws(() => filter.end(), /gone/);
  filter.end();
  t.equal(calls, 1);
  t.end();
});

t.test('what reducing keeps', (t) => {
  const rows = fc.array(fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -1000, max: 1000 })), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(
      rows,
      fc.integer({ min: 1, max: 90 }),
      fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1 }),
      (rows, bin, sizes) => {
        const input = Buffer.concat([BIG, SECONDS, ...rows.map(([time, value]) => record(time, value))]);
        const { bytes } = run((sink) => createQStreamReducer({ binSeconds: bin }, sink), ...cut(input, sizes));
        // The same by hand.
        const wanted: [number, number][] = [];
        let open: [number, number][] = [];
        const mean = (values: readonly number[]): number =>
          values.reduce((sum, value) => sum + value, 0) / values.length;
        const close = (): void => {
          if (open.length > 0) wanted.push([mean(open.map(([time]) => time)), mean(open.map(([, value]) => value))]);
          open = [];
        };
        for (const row of rows) {
          const last = open[0];
          if (last !== undefined && Math.floor(last[0] / bin) !== Math.floor(row[0] / bin)) close();
          open.push(row);
        }
        close();
        const found = records(bytes);
        if (found.length !== wanted.length) return false;
        return found.every(([time, value], i) => {
          const [wantedTime = Number.NaN, wantedValue = Number.NaN] = wanted[i] ?? [];
          return Math.abs(time - wantedTime) < 1e-9 && Math.abs(value - wantedValue) < 1e-9;
        });
      },
    ),
    { numRuns: 100 },
  );
  t.end();
});

t.test('nanoseconds in 8-byte integers keep their last digit', (t) => {
  const definition = packet({ units: 'TT2000', encoding: 'int8' }, 'float');
  const row = (time: bigint): Buffer => {
    const bytes = Buffer.from(':01:............');
    bytes.writeBigInt64LE(time, 4);
    bytes.writeFloatLE(1, 12);
    return bytes;
  };
  const start = 536500869184000000n;
  const input = [LITTLE, definition, row(start + 1n), row(start + 3n)];
  const reduced = run((sink) => createQStreamReducer({ binSeconds: 1 }, sink), ...input);
  t.equal(reduced.bytes.readBigInt64LE(reduced.bytes.length - 12), start + 2n);
  const text = run((sink) => createQStreamText({ subsecondDigits: 9 }, sink), ...input);
  t.match(text.bytes.toString(), /:01:2017-01-01T00:00:00\.000000001 .*\n:01:2017-01-01T00:00:00\.000000003 /);
  t.end();
});

t.test('messages go or stay as told', (t) => {
  const task = headerPacket('xx', '<comment type="taskProgress" message="1"/>\n');
  const log = headerPacket('xx', '<comment type="log:info" message="1"/>\n');
  const through = (make: (sink: ByteSink) => ByteFilter): string => run(make, BIG, task, log).bytes.toString();
  t.equal(
    through((sink) => createQStreamReducer({ binSeconds: 1 }, sink)),
    `${BIG}${task}${log}`,
  );
  t.equal(
    through((sink) => createQStreamReducer({ binSeconds: 1, dropTaskComments: true }, sink)),
    `${BIG}${log}`,
  );
  t.equal(
    through((sink) => createQStreamText({ dropMessages: true }, sink)),
    `${BIG}`,
  );
  t.end();
});

t.test('damaged QStreams end in a report, never in a crash', (t) => {
  const input = Buffer.concat([LITTLE, SECONDS, ...[1, 2, 3].map((time) => record(time, time))]);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(input.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      (changes) => {
        const broken = Buffer.from(input);
        for (const [at, value] of changes) broken[at] = value;
        run((sink) => createQStreamReducer({ binSeconds: 2 }, sink), broken);
        run((sink) => createQStreamText({}, sink), broken);
        reportOf(broken);
        return true;
      },
    ),
    { numRuns: 300 },
  );
  t.end();
});

t.test('a record whose time is fill is in no bin', (t) => {
  const reduce = (...input: readonly Uint8Array[]): [number, number][] =>
    records(run((sink) => createQStreamReducer({ binSeconds: 10 }, sink), ...input).bytes);
  const own = packet({ units: 't2000', encoding: 'double' }, 'double', '<property name="FILL_VALUE" value="-99"/>');
  t.strictSame(reduce(BIG, SECONDS, record(1, 1), record(-1e31, 7), record(3, 3)), [[2, 2]]);
  t.strictSame(reduce(BIG, own, record(1, 1), record(-99, 7), record(3, 3)), [[2, 2]]);
  const text = packet({ units: 't2000', encoding: 'time24' }, 'ascii8');
  const { bytes } = run(
    (sink) => createQStreamReducer({ binSeconds: 10 }, sink),
    BIG,
    text,
    Buffer.from(
      ':01:2000-01-01T00:00:01.000       1 :01:0001-01-01T00:00:00.000       7 :01:2000-01-01T00:00:03.000       3 ',
    ),
  );
  t.equal(bytes.subarray(bytes.indexOf(':01:')).toString(), ':01:2000-01-01T00:00:02.000       2\n');
  t.end();
});
