/** das2_psd as a program: command line, messages, faults, input in pieces (stream-format 13.6). */
import t from 'tap';
import { psd } from '../../lib/filter/psd.js';
import { cut, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { readStream } from '../tools/read-stream.js';
import { runProgram } from '../tools/run-filter.js';
import { close, dataOf, density, numbers, REAL8, scan, scanStream, wave, X } from '../tools/spectra-stream.js';

t.test('chunks do not matter', (t) => {
  const input = Buffer.concat([scanStream(wave(64)), record(7, [REAL8], [6e6, ...wave(64, 64)])]);
  const whole = runProgram(psd, ['16', '2'], input);
  for (const size of [1, 7, 100]) t.strictSame(runProgram(psd, ['16', '2'], ...cut(input, [size])), whole);
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
