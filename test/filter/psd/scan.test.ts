/** das2_psd along scans: windows, headers, fill, frequencies, other spacings (stream-format 13.6). */
import t from 'tap';
import { psd } from '../../../lib/filter/psd.js';
import { assertValidStream } from '../../tools/assert-valid-stream.js';
import { headerPacket, packetHeader, record, STREAM } from '../../tools/build-stream.js';
import { readStream } from '../../tools/read-stream.js';
import { runProgram } from '../../tools/run-filter.js';
import {
  close,
  type Data,
  dataOf,
  density,
  numbers,
  property,
  REAL8,
  scan,
  scanStream,
  streamHeaderOf,
  wave,
  X,
} from '../../tools/spectra-stream.js';

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
      exception: { type: 'ServerError', message: /nothing could be transformed: .* of packet type \d+: / },
    });
    t.match((exception as { exception: { message: string } }).exception.message, reason, 'the reason of its own');
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

t.test('lines beside a scan keep their values, wherever they stand', (t) => {
  const line = (name: string): string => `<y name="${name}" type="${REAL8}" units="nT"/>`;
  const stream = Buffer.concat([
    STREAM,
    packetHeader(7, line('a') + X + line('b') + scan(32) + line('c')),
    record(7, [REAL8], [1.5, 5e6, 2.5, ...wave(32), 3.5]),
  ]);
  const { output, status } = runProgram(psd, ['16', '1'], stream);
  t.equal(status, 0);
  const data = dataOf(readStream(output));
  t.equal(data.length, 2, 'a record each window');
  for (const [i, packet] of data.entries()) {
    const names = packet.header.planes.map(({ element, name }) => name ?? element);
    t.strictSame(names, ['a', 'x', 'b', 'w', 'c']);
    const found = numbers(packet);
    t.strictSame([found[0], found[2], found.at(-1)], [1.5, 2.5, 3.5]);
    close(t, found.slice(3, -1), density(wave(32).slice(i * 16, i * 16 + 16), 0.001), `window ${i}`);
  }
  t.end();
});
