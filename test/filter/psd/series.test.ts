/** das2_psd on y planes, which it collects until a window is full (stream-format 13.6). */
import t from 'tap';
import { psd } from '../../../lib/filter/psd.js';
import { assertValidStream } from '../../tools/assert-valid-stream.js';
import { packetHeader, record, STREAM } from '../../tools/build-stream.js';
import { readStream } from '../../tools/read-stream.js';
import { runProgram } from '../../tools/run-filter.js';
import { close, dataOf, density, numbers, REAL8, wave, X } from '../../tools/spectra-stream.js';

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

  // A wider spacing behind record 19: its first window begins with record 19, from which the spacing is even.
  const wider = dataOf(
    readStream(
      runProgram(
        psd,
        ['16', '1'],
        stream((i) => 1e6 * (i < 20 ? i : 2 * i - 19)),
      ).output,
    ),
  );
  t.equal(wider.length, 2);
  close(t, numbers(wider[1]).slice(1, 10), density(a.slice(19, 35), 2), 'the new spacing');

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
