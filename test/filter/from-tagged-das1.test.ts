/**
 * Tagged das1 to das2 scans: triplets, y tags, frequency sets, options, damage (stream-format 13.9).
 */
import fc from 'fast-check';
import t from 'tap';
import { shortText } from '../../lib/filter/from-tagged-das1.js';
import { fromTaggedDas1 } from '../../lib/filter/from-tagged-das1-program.js';
import { assertValidStream } from '../tools/assert-valid-stream.js';
import { cut } from '../tools/build-stream.js';
import { readStream } from '../tools/read-stream.js';
import { runProgram } from '../tools/run-filter.js';

function packet(tag: string, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeFloatBE(value, 4 * i);
  return Buffer.concat([Buffer.from(`:${tag}:${bytes.length.toString(16).padStart(4, '0')}`), bytes]);
}

const BEGIN = ['-tBeg', '2000-01-01'];
const run = (input: Uint8Array, args: string[] = [], size = 65536) =>
  runProgram(fromTaggedDas1, [...BEGIN, ...args], ...cut(input, [size]));

/** Packet id, tags, x and values of every record. */
function recordsOf(output: Uint8Array): [number, string, number, ...number[]][] {
  return readStream(output).flatMap((found): [number, string, number, ...number[]][] => {
    if (found.kind !== 'data') return [];
    const bytes = Buffer.from(found.bytes);
    const values = Array.from({ length: (bytes.length - 8) / 4 }, (_, i) => bytes.readFloatLE(8 + 4 * i));
    return [[found.id, found.header.planes[1]?.attributes.get('yTags') ?? '', bytes.readDoubleLE(0), ...values]];
  });
}

const SWEEP = packet('b0', 1, 300, 3, 2, 100.5, 1, 3, 200, 2);

t.test('triplets are sorted by frequency; each set of frequencies has an id', (t) => {
  const input = Buffer.concat([
    SWEEP,
    packet('b0', 10, 50, 5),
    packet('b0', 4, 100.5, 7, 5, 200, 8, 6, 300, 9),
    packet('b0'),
  ]);
  const { output, status } = run(input);
  t.equal(status, 0);
  assertValidStream(t, output, { allow: ['x-decreases'] });
  t.strictSame(recordsOf(output), [
    [1, '100.5,200,300', 1e6, 1, 2, 3],
    [2, '50', 10e6, 5],
    [1, '100.5,200,300', 4e6, 7, 8, 9],
  ]);
  t.equal(readStream(output).filter(({ kind }) => kind === 'packet').length, 2);
  for (const size of [1, 5, 9]) t.strictSame(run(input, [], size).output, output);
  t.end();
});

t.test('y tags and x offsets', (t) => {
  const input = Buffer.concat([
    packet('by', 20, 10),
    packet('bx', 0.5, 1.5),
    packet('b0', 1, 2, 3, 4, 5, 6),
    packet('bx'),
    packet('b0', 7, 8, 9),
    packet('by'),
    packet('b0', 9, 1, 2),
  ]);
  t.strictSame(recordsOf(run(input).output), [
    [1, '10,20', 1.5e6, 3, 2],
    [1, '10,20', 4.5e6, 6, 5],
    [1, '10,20', 7e6, 9, 8],
    [2, '1', 9e6, 2],
  ]);
  t.end();
});

t.test('options', (t) => {
  t.equal(recordsOf(run(SWEEP, ['-t', '1']).output)[0]?.[2], 2e6, 'mean time');
  t.equal(recordsOf(run(SWEEP, ['-t', '2']).output)[0]?.[2], 3e6, 'last time');
  const { output } = run(SWEEP, [
    '-t2000',
    '-fill',
    '-5',
    '-xWidth',
    '60',
    '-yUnit',
    'kHz',
    '-zUnit',
    'V',
    '-yWidth',
    '2.5',
    '-',
  ]);
  assertValidStream(t, output);
  t.equal(recordsOf(output)[0]?.[2], 1);
  const [stream, header] = readStream(output);
  t.strictSame(
    stream?.kind === 'stream' && stream.header.properties.map(({ type, name, value }) => `${type}:${name}=${value}`),
    [
      ':xLabel=Time',
      'Datum:xTagWidth=60.000000 s',
      'Datum:yTagWidth=2.500000 kHz',
      'double:zFill=-5',
      ':sourceId=das2_from_tagged_das1',
    ],
  );
  t.match(header, { header: { planes: [{ units: 't2000' }, { units: 'V' }] } });
  t.end();
});

t.test('fill and equal frequencies', (t) => {
  const twice = packet('b0', 1, 10, 4, 1, 10, 6, 1, 20, -1e31, 1, 20, Number.NaN, 1, 30, -1e31, 1, 30, 3);
  const fill = Math.fround(-1e31);
  t.strictSame(recordsOf(run(twice).output), [[1, '10,20,30', 1e6, 5, fill, 3]]);
  const strict = run(twice, ['-s']);
  t.equal(strict.status, 22);
  t.match(strict.message, /same frequency twice/);
  t.end();
});

t.test('packets that are no sweeps', (t) => {
  for (const bad of [
    packet('b0', 1, 2),
    packet('b0', Number.NaN, 1, 1),
    packet('b0', 1, Number.POSITIVE_INFINITY, 1),
  ]) {
    const loose = run(Buffer.concat([bad, SWEEP]));
    t.equal(loose.status, 0);
    assertValidStream(t, loose.output);
    t.strictSame(
      readStream(loose.output).map(({ kind }) => kind),
      ['stream', 'comment', 'packet', 'data'],
    );
    const strict = run(Buffer.concat([SWEEP, bad]), ['-s']);
    t.equal(strict.status, 22);
    t.strictSame(
      readStream(strict.output).map(({ kind }) => kind),
      ['stream', 'packet', 'data', 'exception'],
    );
  }
  const many = run(Buffer.concat([...Array.from({ length: 30 }, () => packet('b0', 1)), SWEEP]));
  const comments = readStream(many.output).filter(({ kind }) => kind === 'comment');
  t.equal(comments.length, 11);
  t.match(comments.at(-1), { comment: { value: /30 packets/ } });
  const misfit = Buffer.concat([packet('by', 1, 2), packet('bx', 1), packet('b0', 1, 2, 3), packet('b0', 1, 2)]);
  t.equal(readStream(run(misfit).output).filter(({ kind }) => kind === 'comment').length, 2);
  t.end();
});

t.test('more frequency sets than ids', (t) => {
  const sweeps = Array.from({ length: 250 }, (_, i) => packet('b0', i, i + 1, i));
  const { output, status } = run(Buffer.concat([...sweeps, packet('b0', 250, 1, 7)]));
  t.equal(status, 0);
  const records = recordsOf(output);
  t.equal(records.length, 251);
  records.forEach(([, tags], i) => {
    t.equal(tags, i === 250 ? '1' : String(i + 1));
  });
  t.end();
});

t.test('damage', (t) => {
  for (const [bytes, reason] of [
    [Buffer.from(':b1:0004abcd'), /no packet/],
    [Buffer.from(':b0:00g4abcd'), /no packet/],
    [Buffer.from('[00]000010'), /no packet/],
    [Buffer.from(':b0:-004abcd'), /no packet/],
    [Buffer.from(':b0:0003abc'), /3 bytes/],
    [Buffer.from(':b0:ffffabcd'), /65535 bytes/],
    [Buffer.from(':b0:fffcabcd'), /inside a packet/],
    [Buffer.from(':b'), /inside a packet/],
  ] as const) {
    for (const size of [65536, 1]) {
      const { status, output, message } = run(Buffer.concat([SWEEP, bytes]), [], size);
      t.equal(status, 22, String(bytes));
      t.match(message, reason);
      t.strictSame(
        readStream(output).map(({ kind }) => kind),
        ['stream', 'packet', 'data', 'exception'],
      );
    }
  }
  const empty = run(Buffer.alloc(0));
  t.equal(empty.status, 22);
  t.equal(empty.output.length, 0);
  t.equal(
    run(Buffer.concat([SWEEP, Buffer.from('\r\n'), SWEEP, Buffer.from('\n')])).status,
    0,
    'line ends between packets',
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(60), fc.integer({ min: 1, max: 50 }), (noise, at, size) => {
      const input = Buffer.concat([SWEEP.subarray(0, at), noise, SWEEP]);
      const { output, status } = run(input, [], size);
      return status === 22 || (status === 0 && readStream(output).length > 0);
    }),
  );
  t.end();
});

t.test('command line; short texts', (t) => {
  for (const args of [
    [],
    ['-tBeg'],
    ['-tBeg', 'never'],
    ['-tBeg', '2000', '-t', '3'],
    ['-tBeg', '2000', '-fill', 'x'],
    ['-tBeg', '2000', '-xWidth', '0'],
    ['-tBeg', '2000', '-q'],
    ['-tBeg', '2000', 'word'],
    ['-tBeg', '2000', '-', '-s'],
  ]) {
    t.equal(runProgram(fromTaggedDas1, args, SWEEP).status, 100, args.join(' '));
  }
  for (const value of [17.8, 56200, 0.1, 1e-31, 16777216, 1 / 3]) {
    t.equal(Math.fround(Number(shortText(Math.fround(value)))), Math.fround(value));
  }
  t.equal(shortText(Math.fround(17.8)), '17.8');
  t.end();
});
