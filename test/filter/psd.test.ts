/**
 * das2_psd on streams: windows along scans, collected records, headers, fill, frequencies, errors (stream-format 13.6).
 */
import t, { type Test } from 'tap';
import { psd } from '../../lib/filter/psd.js';
import { Spectrum } from '../../lib/filter/psd-spectrum.js';
import type { Plane, StreamHeader } from '../../lib/stream/header.js';
import { findProperty } from '../../lib/stream/properties.js';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { cut, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import type { StreamPacket } from '../tools/read-stream.js';
import { readStream } from '../tools/read-stream.js';
import { runProgram } from '../tools/run-filter.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const REAL8 = 'little_endian_real8';

const wave = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin((from + i) ** 1.5) + ((from + i) % 7) / 3);

function scan(count: number, tags = 'yTagInterval="0.001"', more = ''): string {
  return `<yscan name="w" type="${REAL8}" zUnits="V m**-1" yUnits="s" nitems="${count}" ${tags}>${more}</yscan>`;
}

function scanStream(values: readonly number[], plane = scan(values.length), head = STREAM): Buffer {
  return Buffer.concat([head, packetHeader(7, X + plane), record(7, [REAL8], [5e6, ...values])]);
}

type Data = Extract<StreamPacket, { kind: 'data' }>;

function dataOf(packets: readonly StreamPacket[]): Data[] {
  return packets.filter((packet) => packet.kind === 'data');
}

/** The real8 little endian values of a record. */
function numbers(packet: Data | undefined): number[] {
  const bytes = Buffer.from(packet?.bytes ?? []);
  return Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
}

function property(owner: { properties: Plane['properties'] } | undefined, name: string): string | undefined {
  return owner === undefined ? undefined : findProperty(owner.properties, name)?.value;
}

function streamHeaderOf(packets: readonly StreamPacket[]): StreamHeader | undefined {
  const first = packets[0];
  return first?.kind === 'stream' ? first.header : undefined;
}

/** What one window must give. */
function density(values: readonly number[], interval: number, keepMean = false): number[] {
  const spectrum = new Spectrum(values.length, keepMean);
  spectrum.take(Float64Array.from(values), 0, interval);
  return [...spectrum.density];
}

function close(t: Test, found: readonly number[], wanted: readonly number[], message: string): void {
  const largest = Math.max(...wanted.map(Math.abs));
  const far = wanted.findIndex((value, i) => !(Math.abs((found[i] ?? Number.NaN) - value) <= 1e-12 * largest));
  t.equal(found.length, wanted.length, `${message}: length`);
  t.equal(far, -1, `${message}: ${found[far]} instead of ${wanted[far]} at ${far}`);
}

t.test('windows along a scan', (t) => {
  const values = wave(100);
  for (const [slide, firsts] of [
    ['1', [0, 32, 64]],
    ['2', [0, 16, 32, 48, 64]],
    ['3', [0, 10, 20, 30, 40, 50, 60]],
    ['32', Array.from({ length: 69 }, (_, i) => i)],
  ] as const) {
    const { output, status } = runProgram(psd, ['32', slide], scanStream(values));
    t.equal(status, 0);
    assertValidStream(t, output);
    const packets = readStream(output);
    const data = dataOf(packets);
    t.equal(data.length, firsts.length, `slide ${slide}: records`);
    data.forEach((packet, i) => {
      const first = firsts[i] as number;
      const [x, ...found] = numbers(packet);
      t.equal(packet.id, 1, 'ids count from 1');
      t.ok(Math.abs((x as number) - (5e6 + (first + 16) * 1000)) < 1e-6, `x of window ${i}: ${x}`);
      close(t, found, density(values.slice(first, first + 32), 0.001), `window ${i}`);
    });
  }
  t.end();
});

t.test('chunks do not matter', (t) => {
  const input = Buffer.concat([scanStream(wave(64)), record(7, [REAL8], [6e6, ...wave(64, 64)])]);
  const whole = runProgram(psd, ['16', '2'], input);
  for (const size of [1, 7, 100]) t.strictSame(runProgram(psd, ['16', '2'], ...cut(input, [size])), whole);
  t.end();
});

t.test('headers', (t) => {
  const head = headerPacket(
    '00',
    '<stream version="2.2"><properties title="T" yLabel="l" zLabel="l" DatumRange:zRange="-1 to 1 V" ' +
      'renderer="waveform" sourceId="r" Datum:xTagWidth="1 s" summary="s" double:zFill="-1e30"/></stream>',
  );
  const plane = scan(
    32,
    'yTagInterval="0.001" yTagMin="0"',
    '<properties zLabel="E" operation="BIN_AVG" ySummary="text"/>',
  );
  const packets = readStream(runProgram(psd, ['32', '4', '-c', '10 s'], scanStream(wave(32), plane, head)).output);
  const header = streamHeaderOf(packets);
  t.strictSame(
    header?.properties.map(({ type, name, value }) => `${type}:${name}=${value}`),
    [
      ':title=T!c%{DFT_length} point DFT, %{xDftOverlapInfo}',
      ':renderer=spectrum',
      ':sourceId=das2_psd 32 4',
      'Datum:xTagWidth=10 s',
      ':summary=s',
      'double:zFill=-1e30',
      ':xDftOverlapInfo=3/4 Overlap',
      'int:DFT_length=32',
      'int:DFT_slide_denominator=4',
      ':DFT_window=hann',
      ':yScaleType=linear',
      ':zScaleType=log',
    ],
  );
  const packet = packets[1];
  const spectrum = packet?.kind === 'packet' ? packet.header.planes[1] : undefined;
  t.equal(spectrum?.element, 'yscan');
  t.equal(spectrum?.name, 'w');
  t.equal(spectrum?.itemCount, 17);
  t.equal(spectrum?.units, 'V**2 m**-2 Hz**-1');
  t.equal(spectrum?.attributes.get('yUnits'), 'Hz');
  t.equal(spectrum?.attributes.get('yTagMin'), '0');
  t.equal(spectrum?.attributes.get('yTagInterval'), '31.25');
  t.equal(property(spectrum, 'yLabel'), 'Frequency (Hz)');
  t.equal(property(spectrum, 'zLabel'), 'Spectral Density (V**2 m**-2 Hz**-1)');
  t.equal(property(spectrum, 'operation'), 'BIN_AVG, DFT');
  t.equal(property(spectrum, 'ySummary'), 'text');
  t.equal(Number(property(spectrum, 'zFill')), -1e30);
  t.equal(
    property(streamHeaderOf(readStream(runProgram(psd, ['32', '1'], scanStream(wave(32))).output)), 'title'),
    '%{DFT_length} point DFT, %{xDftOverlapInfo}',
  );
  t.equal(
    property(streamHeaderOf(readStream(runProgram(psd, ['32', '1'], scanStream(wave(32))).output)), 'xDftOverlapInfo'),
    'No Overlap',
  );
  t.end();
});

t.test('fill', (t) => {
  const values = wave(96);
  values[40] = -1e31;
  const one = dataOf(readStream(runProgram(psd, ['32', '1'], scanStream(values)).output));
  t.equal(one.length, 2, 'a window with fill gives no record where nothing else is left');
  close(t, numbers(one[1]).slice(1), density(values.slice(64), 0.001), 'the window behind it');
  values[40] = Number.NaN;
  t.equal(dataOf(readStream(runProgram(psd, ['32', '1'], scanStream(values)).output)).length, 2, 'NaN is fill');
  const two = Buffer.concat([
    STREAM,
    packetHeader(1, X + scan(32) + scan(32).replace('"w"', '"v"')),
    record(1, [REAL8], [0, ...wave(32), ...values.slice(32, 64)]),
  ]);
  const { output } = runProgram(psd, ['32', '1'], two);
  assertValidStream(t, output);
  const both = numbers(dataOf(readStream(output))[0]);
  close(t, both.slice(1, 18), density(wave(32), 0.001), 'the plane without fill');
  t.ok(
    both.slice(18).every((value) => value === -1e31),
    'the other one is fill',
  );
  const zero = scan(32, 'yTagInterval="1"', '<properties double:zFill="0"/>');
  const found = readStream(runProgram(psd, ['32', '1'], scanStream(wave(32, 1), zero)).output)[1];
  t.equal(
    Number(property(found?.kind === 'packet' ? found.header.planes[1] : undefined, 'zFill')),
    -1e31,
    'a fill that a density could have is replaced',
  );
  t.end();
});

t.test('planes beside the scan: y is repeated, encodings stay', (t) => {
  const types = ['time27', 'ascii10', 'sun_real4', 'ascii12', 'ascii12'];
  const planes =
    '<x type="time27" units="UTC"/><y name="a" type="ascii10" units=""/>' +
    '<yscan name="f" type="sun_real4" zUnits="" yUnits="ms" nitems="16" yTagInterval="1"/>' +
    '<yscan name="g" type="ascii12" zUnits="" yUnits="ms" nitems="16" yTagInterval="1"/>';
  const values = wave(16).map(Math.fround);
  const bytes = record(
    3,
    [...types.slice(0, 2), ...Array(16).fill('sun_real4'), ...Array(16).fill('ascii12')],
    [0, 4.5, ...values, ...values],
  );
  const { output, status } = runProgram(psd, ['16', '1'], Buffer.concat([STREAM, packetHeader(3, planes), bytes]));
  t.equal(status, 0);
  assertValidStream(t, output);
  const packet = dataOf(readStream(output))[0] as Data;
  t.strictSame(
    packet.header.planes.map(({ encoding, itemCount }) => `${encoding.type} ${itemCount}`),
    ['time27 1', 'ascii10 1', 'sun_real4 9', 'ascii14 9'],
  );
  const text = Buffer.from(packet.bytes).toString('latin1');
  t.equal(text.slice(0, 27), '2000-01-01T00:00:00.008000 ');
  t.equal(Number(text.slice(27, 37)), 4.5);
  const wanted = density(values, 0.001);
  t.equal(Buffer.from(packet.bytes).readFloatBE(37 + 4), Math.fround(wanted[1] as number));
  const rounded = density(
    values.map((value) => Number(value.toExponential(4))),
    0.001,
  );
  t.equal(Number(text.slice(37 + 36 + 14, 37 + 36 + 28)), Number((rounded[1] as number).toExponential(6)));
  t.ok(text.endsWith('\n'));
  t.end();
});

t.test('x is widened where its type cannot hold the middles of windows', (t) => {
  for (const [type, wanted] of [
    ['sun_real4', 'sun_real8'],
    ['ascii12', 'ascii24'],
    ['time24', 'time30'],
    ['time17', 'time30'],
  ]) {
    const width = Number(/\d+$/.exec(type as string)?.[0]);
    const planes = `<x type="${type}" units="us2000"/>${scan(16, 'yTagInterval="3.6e-5"').replace(REAL8, 'sun_real4')}`;
    const bytes = record(1, [type as string, 'sun_real4'], [0, ...wave(16)]);
    t.ok(width > 0);
    const { output } = runProgram(psd, ['16', '1'], Buffer.concat([STREAM, packetHeader(1, planes), bytes]));
    assertValidStream(t, output);
    t.equal(
      dataOf(readStream(output))[0]?.header.planes[0]?.encoding.type,
      type === 'time24' || type === 'time17' ? 'time27' : wanted,
    );
  }
  t.end();
});

t.test('frequencies are shifted and trimmed', (t) => {
  const cases: [string, string, number, number][] = [
    ['Datum:DFT_freqTagMin="1 kHz"', '1000', 17, 0],
    ['Datum:DFT_freqTagMin="-250 Hz" Datum:DFT_freqTrimMin="0 Hz"', '0', 9, 8],
    ['Datum:DFT_freqTrimMin="31.25 Hz" Datum:DFT_freqTrimMax="62.5 Hz"', '31.25', 1, 1],
    ['Datum:DFT_freqTrimMax="100"', '0', 4, 0],
  ];
  for (const [properties, minimum, count, first] of cases) {
    const plane = scan(32, 'yTagInterval="0.001"', `<properties ${properties}/>`);
    const data = dataOf(readStream(runProgram(psd, ['32', '1'], scanStream(wave(32), plane)).output))[0];
    const spectrum = data?.header.planes[1];
    t.equal(spectrum?.attributes.get('yTagMin'), minimum, properties);
    t.equal(spectrum?.itemCount, count);
    close(t, numbers(data).slice(1), density(wave(32), 0.001).slice(first, first + count), properties);
  }
  const bad = runProgram(psd, ['32', '1'], scanStream(wave(32), scan(32, '', '<properties DFT_freqTagMin="5 m"/>')));
  t.equal(bad.status, 16);
  t.match(bad.message, /DFT_freqTagMin/);
  const none = scan(32, '', '<properties Datum:DFT_freqTrimMin="1 MHz"/>');
  t.match(runProgram(psd, ['32', '1'], scanStream(wave(32), none)).output.toString('latin1'), /leave no frequencies/);
  t.end();
});

t.test('scans that cannot be transformed', (t) => {
  const list = (tags: number[]): string => `yTags="${tags.join(',')}"`;
  const even = Array.from({ length: 32 }, (_, i) => i);
  const uneven = even.map((tag) => (tag === 5 || tag === 20 ? tag + 0.1 : tag));
  const cases: [string, string, RegExp][] = [
    ['too short', scan(31), /31 values/],
    ['no time', scan(32).replace('yUnits="s"', 'yUnits="Hz"'), /no time interval/],
    ['uneven', scan(32, list(uneven)), /4 of its tag intervals/],
    ['backwards', scan(32, list([...even].reverse())), /do not increase/],
  ];
  for (const [name, plane, reason] of cases) {
    const count = Number(/nitems="(\d+)"/.exec(plane)?.[1]);
    const loose = runProgram(psd, ['32', '1'], scanStream(wave(count), plane));
    t.equal(loose.status, 105, name);
    const packets = readStream(loose.output);
    const comment = packets.find((packet) => packet.kind === 'comment');
    t.match(comment?.comment.value, reason);
    t.match(comment?.comment, { type: 'log:warning', source: 'das2_psd' });
    const exception = packets.at(-1);
    t.match(exception, {
      kind: 'exception',
      exception: { type: 'ServerError', message: /nothing could be transformed/ },
    });
    const strict = runProgram(psd, ['-n', '32', '1'], scanStream(wave(count), plane));
    t.equal(strict.status, 105, `${name} with -n`);
    t.match(strict.message, reason);
    t.equal(readStream(strict.output).at(-1)?.kind, 'exception');
  }
  const two = even.map((tag) => (tag === 5 ? tag + 0.1 : tag));
  t.equal(
    runProgram(psd, ['32', '1'], scanStream(wave(32), scan(32, list(two)))).status,
    0,
    'two uneven intervals pass',
  );
  t.end();
});

t.test('scans of other spacings get records of their own; equal definitions share an id', (t) => {
  const planes = scan(32) + scan(48, 'yTagInterval="0.002"').replace('"w"', '"v"') + scan(48).replace('"w"', '"u"');
  const input = Buffer.concat([
    STREAM,
    packetHeader(1, X + planes),
    packetHeader(2, X + planes),
    record(1, [REAL8], [0, ...wave(128)]),
    record(2, [REAL8], [1e6, ...wave(128)]),
  ]);
  const { output } = runProgram(psd, ['16', '1'], input);
  assertValidStream(t, output, { allow: ['x-decreases'] });
  const packets = readStream(output);
  t.equal(packets.filter(({ kind }) => kind === 'packet').length, 2);
  const data = dataOf(packets);
  t.strictSame(
    data.map(({ id }) => id),
    [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2],
  );
  t.strictSame(
    data[0]?.header.planes.map(({ name }) => name),
    [undefined, 'w', 'u'],
  );
  const third = numbers(data[2]);
  t.ok(
    third.slice(1, 10).every((value) => value === -1e31),
    'the shorter scan has no third window',
  );
  close(t, third.slice(10), density(wave(128).slice(112), 0.001), 'the longer one has');
  t.end();
});

t.test('more definitions than ids', (t) => {
  const pieces: Uint8Array[] = [STREAM];
  const write = (n: number): void => {
    pieces.push(packetHeader(1, X + scan(16, `yTagInterval="${n}"`)), record(1, [REAL8], [n * 1e9, ...wave(16)]));
  };
  for (let n = 1; n <= 150; n++) write(n);
  write(1);
  const { output, status } = runProgram(psd, ['16', '1'], Buffer.concat(pieces));
  t.equal(status, 0);
  const data = dataOf(readStream(output));
  t.equal(data.length, 151);
  data.forEach(({ header }, i) => {
    const n = i === 150 ? 1 : i + 1;
    t.equal(Number(header.planes[1]?.attributes.get('yTagInterval')), 1 / (16 * n));
  });
  t.end();
});

t.test('y planes are collected', (t) => {
  const planes = `${X}<y name="a" type="${REAL8}" units="nT"/><y name="b" type="${REAL8}" units="nT"/>`;
  const a = wave(40);
  const b = wave(40, 100);
  const stream = (x: (i: number) => number): Buffer =>
    Buffer.concat([
      STREAM,
      packetHeader(4, planes),
      ...a.map((value, i) => record(4, [REAL8], [x(i), value, b[i] as number])),
    ]);
  const even = runProgram(
    psd,
    ['16', '2'],
    stream((i) => 1e6 * i),
  );
  t.equal(even.status, 0);
  assertValidStream(t, even.output);
  const data = dataOf(readStream(even.output));
  t.equal(data.length, 4);
  data.forEach((packet, w) => {
    const [x, ...found] = numbers(packet);
    t.equal(x, 1e6 * (8 * w + 8));
    close(t, found.slice(0, 9), density(a.slice(8 * w, 8 * w + 16), 1), `a, window ${w}`);
    close(t, found.slice(9), density(b.slice(8 * w, 8 * w + 16), 1), `b, window ${w}`);
  });
  const plane = data[0]?.header.planes[1];
  t.equal(plane?.units, 'nT**2 Hz**-1');
  t.equal(plane?.attributes.get('yTagInterval'), String(1 / 16));

  // A gap behind record 19: the collection goes on with the last two records in front of a new spacing, so with 19 and 20.
  const gap = dataOf(
    readStream(
      runProgram(
        psd,
        ['16', '1'],
        stream((i) => 1e6 * (i < 20 ? i : i + 100)),
      ).output,
    ),
  );
  t.equal(gap.length, 2);
  close(t, numbers(gap[0]).slice(1, 10), density(a.slice(0, 16), 1), 'before the gap');
  close(t, numbers(gap[1]).slice(1, 10), density(a.slice(20, 36), 1), 'behind the gap');
  t.equal(numbers(gap[1])[0], 1e6 * 128);

  const drift = stream((i) => 1e6 * i * (1 + i * 0.02));
  t.equal(runProgram(psd, ['16', '1'], drift).status, 105, 'a spacing that grows is refused');
  t.equal(runProgram(psd, ['-j', '0.05', '16', '1'], drift).status, 0, '-j allows it');
  const backwards = runProgram(
    psd,
    ['16', '1'],
    stream((i) => -1e6 * i),
  );
  t.equal(backwards.status, 105, 'x that decreases is no series');
  t.end();
});

t.test('dt of collected records: the span divided by N-1, also in other units and with jitter', (t) => {
  const values = wave(64);
  const type = 'time24';
  const planes = `<x type="${type}" units="UTC"/><y name="a" type="${REAL8}" units="V"/>`;
  const x = (i: number): number => 250000 * i + (i % 3) * 1000;
  const input = Buffer.concat([
    STREAM,
    packetHeader(1, planes),
    ...values.map((v, i) => record(1, [type, REAL8], [x(i), v])),
  ]);
  const { output } = runProgram(psd, ['32', '2', '-j', '0.05'], input);
  assertValidStream(t, output);
  const packets = readStream(output);
  t.equal(packets.filter(({ kind }) => kind === 'packet').length, 1, 'a little jitter makes no new definitions');
  dataOf(packets).forEach((packet, w) => {
    const found = Buffer.from(packet.bytes);
    const width = packet.header.planes[0]?.encoding.width as number;
    const interval = (x(16 * w + 31) - x(16 * w)) / 31 / 1e6;
    const wanted = density(values.slice(16 * w, 16 * w + 32), interval);
    close(
      t,
      wanted.map((_, k) => found.readDoubleLE(width + 8 * k)),
      wanted,
      `window ${w}`,
    );
  });
  const days = `<x type="${REAL8}" units="mj1958"/><y name="a" type="${REAL8}" units="V"/>`;
  const byDay = Buffer.concat([
    STREAM,
    packetHeader(1, days),
    ...values.map((v, i) => record(1, [REAL8], [15340 + i / 8, v])),
  ]);
  close(
    t,
    numbers(dataOf(readStream(runProgram(psd, ['64', '1'], byDay).output))[0]).slice(1),
    density(values, 10800),
    'days',
  );
  t.end();
});

t.test('x must be a time; a record without x is dropped', (t) => {
  const planes = `<x type="${REAL8}" units="km"/><y name="a" type="${REAL8}" units="V"/>`;
  const wrong = Buffer.concat([STREAM, packetHeader(1, planes), record(1, [REAL8], [0, 1])]);
  t.equal(runProgram(psd, ['16', '1'], wrong).status, 15);
  const input = Buffer.concat([
    STREAM,
    packetHeader(1, planes.replace('km', 't2000')),
    ...wave(17).map((value, i) => record(1, [REAL8], [i === 5 ? Number.NaN : i < 5 ? i : i - 1, value])),
  ]);
  const kept = wave(17).filter((_, i) => i !== 5);
  close(
    t,
    numbers(dataOf(readStream(runProgram(psd, ['16', '1'], input).output))[0]).slice(1),
    density(kept, 1),
    'without it',
  );
  t.end();
});

t.test('-d keeps the mean', (t) => {
  const values = wave(16).map((value) => value + 9);
  const found = dataOf(readStream(runProgram(psd, ['-d', '16', '1'], scanStream(values)).output))[0];
  close(t, numbers(found).slice(1), density(values, 0.001, true), 'with the mean');
  t.end();
});

t.test('comments pass; an exception of the input is passed on and ends the program', (t) => {
  const comment = headerPacket('xx', '<comment type="taskProgress" source="r" value="3"/>');
  const exception = headerPacket('xx', '<exception type="NoDataInInterval" message="none here"/>');
  const input = Buffer.concat([scanStream(wave(16)), comment, exception, record(7, [REAL8], [9e6, ...wave(16)])]);
  for (const size of [65536, 1]) {
    const { output, status } = runProgram(psd, ['16', '1'], ...cut(input, [size]));
    t.equal(status, 105);
    const packets = readStream(output);
    t.strictSame(
      packets.map(({ kind }) => kind),
      ['stream', 'packet', 'data', 'comment', 'exception'],
    );
    t.match(packets.at(-1), { exception: { type: 'NoDataInInterval', message: 'none here' } });
  }
  const alone = readStream(runProgram(psd, ['16', '1'], Buffer.concat([STREAM, exception])).output);
  t.strictSame(
    alone.map(({ kind }) => kind),
    ['stream', 'exception'],
    'no second one about missing records',
  );
  t.end();
});

t.test('scatter, planes without data, damaged input', (t) => {
  const scatter = `${X}<y type="${REAL8}" units=""/><z name="q" type="${REAL8}" units=""/>`;
  const { output, status } = runProgram(
    psd,
    ['16', '1'],
    Buffer.concat([STREAM, packetHeader(1, scatter), record(1, [REAL8], [0, 1, 2])]),
  );
  t.equal(status, 105);
  t.match(output.toString('latin1'), /plane q of packet type 1 cannot be transformed/);
  t.equal(runProgram(psd, ['16', '1'], Buffer.concat([STREAM, packetHeader(1, X + X)])).status, 100);
  t.equal(runProgram(psd, ['16', '1'], Buffer.concat([STREAM, packetHeader(1, scan(16))])).status, 18);
  const cut = scanStream(wave(16));
  const damaged = runProgram(psd, ['16', '1'], Buffer.concat([cut, cut.subarray(-40)]));
  t.equal(damaged.status, 22);
  t.strictSame(
    readStream(damaged.output).map(({ kind }) => kind),
    ['stream', 'packet', 'data', 'exception'],
  );
  const many = Array.from({ length: 30 }, (_, i) => `<y name="p${i}" type="${REAL8}" units=""/>`).join('');
  const large = runProgram(psd, ['1048576', '1'], Buffer.concat([STREAM, packetHeader(1, X + many)]));
  t.equal(large.status, 105);
  t.match(large.message, /too many to keep/);
  t.end();
});

t.test('command line', (t) => {
  for (const args of [
    [],
    ['16'],
    ['15', '1'],
    ['17', '1'],
    ['14', '1'],
    ['16', '0'],
    ['16', '17'],
    ['16.0', '1'],
    ['0x10', '1'],
    ['2097152', '1'],
    ['16', '1', '2'],
    ['-j', '0', '16', '1'],
    ['-j', '-1', '16', '1'],
    ['-c', '10', '16', '1'],
    ['-c', '10 km', '16', '1'],
    ['-c', '-10 s', '16', '1'],
    ['-q', '16', '1'],
  ]) {
    const { status, output } = runProgram(psd, args, scanStream(wave(16)));
    t.equal(status, 100, args.join(' '));
    t.equal(output.length, 0);
  }
  t.equal(runProgram(psd, ['16', '1', '-'], scanStream(wave(16))).status, 0);
  t.end();
});
