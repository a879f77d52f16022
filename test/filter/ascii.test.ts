/**
 * das2_ascii: which plane becomes what (stream-format 13.4), the values, messages, faults, and invariant 17.
 */
import fc from 'fast-check';
import t from 'tap';
import { Das2Error } from '../../lib/error.js';
import { ascii, createAscii } from '../../lib/filter/ascii.js';
import { reportOf } from '../tools/assert-valid-stream.js';
import { cut, field, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { type Packet, planesOf, splitStream } from '../tools/split-stream.js';

interface Outcome {
  readonly output: Buffer;
  readonly packets: Packet[];
  readonly error: Das2Error | undefined;
}

function convert(args: string, ...chunks: Uint8Array[]): Outcome {
  const pieces: Buffer[] = [];
  let error: Das2Error | undefined;
  try {
    const words = args === '' ? [] : args.split(' ');
    const filter = ascii.create(words, { write: (bytes) => pieces.push(Buffer.from(bytes)) });
    for (const chunk of chunks) filter.push(chunk);
    filter.end();
  } catch (fault) {
    if (!(fault instanceof Das2Error)) throw fault;
    error = fault;
  }
  const output = Buffer.concat(pieces);
  return { output, packets: splitStream(output), error };
}

/** Records as text. */
const lines = ({ packets }: Outcome): string[] =>
  packets.filter(({ tag }) => tag.startsWith(':')).map(({ data }) => Buffer.from(data ?? []).toString('latin1'));
const tags = ({ packets }: Outcome): string => packets.map(({ tag }) => tag).join('');

const T0 = 425_703_845_678_000; // 2013-06-28T03:04:05.678
const X = '<x type="little_endian_real8" units="us2000"/>';

/** Types of the planes after `das2_ascii ARGS` of a packet with one plane of each kind. */
function typesAfter(args: string): Record<string, string> {
  const planes = [
    ['x', 'sun_real8', 'us2000'],
    ['t2000', 'sun_real4', 't2000'],
    ['t1970', 'little_endian_real8', 't1970'],
    ['mj1958', 'double', 'mj1958'],
    ['ns1970', 'sun_real8', 'ns1970'],
    ['tt', 'sun_real8', 'TT2000'],
    ['r4', 'float', 'V'],
    ['r8', 'little_endian_real8', ''],
    ['text', 'ascii9', 'V'],
    ['time', 'time22', 't1970'],
  ].map(([name, type, units], i) => `<${i === 0 ? 'x' : 'y'} name="${name}" type="${type}" units="${units}"/>`);
  const { packets } = convert(args, STREAM, packetHeader(1, planes.join('\n')));
  const header = packets[1]?.root;
  return Object.fromEntries(
    (header === undefined ? [] : planesOf(header)).map(({ attributes }) => [
      attributes.get('name') ?? '',
      `${attributes.get('type')} ${attributes.get('units')}`,
    ]),
  );
}

t.test('which type becomes which', (t) => {
  const kept = { text: 'ascii9 V', time: 'time22 UTC' };
  const times = (width: number): Record<string, string> =>
    Object.fromEntries(['x', 't2000', 't1970', 'mj1958'].map((name) => [name, `time${width} UTC`]));
  t.same(typesAfter(''), {
    ...kept,
    ...times(24),
    ns1970: 'ascii17 ns1970',
    tt: 'ascii17 TT2000',
    r4: 'ascii14 V',
    r8: 'ascii17 ',
  });
  for (const [decimals, width] of [
    [0, 20],
    [1, 22],
    [2, 23],
    [3, 24],
    [6, 27],
    [9, 30],
  ] as const) {
    t.match(typesAfter(`-s ${decimals}`), times(width), `-s ${decimals}`);
  }
  for (const [digits, width] of [
    [2, 9],
    [7, 14],
    [10, 17],
    [17, 24],
    [18, 25],
  ] as const) {
    t.match(typesAfter(`-r ${digits}`), { r4: `ascii${width} V`, r8: `ascii${width} `, ...kept }, `-r ${digits}`);
  }
  t.end();
});

t.test('values of every kind', (t) => {
  const header = packetHeader(
    7,
    `${X}<y name="a" type="sun_real4" units="V"/><y name="b" type="little_endian_real8" units="V"/>` +
      '<y name="c" type="sun_real8" units="mj1958"/><yscan name="s" type="little_endian_real4" zUnits="V" nitems="3"/>',
  );
  const row = Buffer.concat([
    Buffer.from(':07:'),
    field('little_endian_real8', T0),
    field('sun_real4', -1e31),
    field('little_endian_real8', 1 / 3),
    field('sun_real8', 15340.5),
    field('little_endian_real4', 0),
    field('little_endian_real4', Number.NaN),
    field('little_endian_real4', Number.NEGATIVE_INFINITY),
  ]);
  t.same(lines(convert('', STREAM, header, row)), [
    '2013-06-28T03:04:05.678 -1.000000e+31  3.333333333e-01 2000-01-01T12:00:00.000 ' +
      ' 0.000000e+00           nan          -inf\n',
  ]);
  t.same(lines(convert('-r 3 -s 0', STREAM, header, row)), [
    '2013-06-28T03:04:06 -1.00e+31  3.33e-01 2000-01-01T12:00:00  0.00e+00       nan      -inf\n',
  ]);
  t.end();
});

t.test('text is printed again: ordinal dates become calendar dates, widths stay', (t) => {
  const planes =
    '<x type="time22" units="UTC"/><y type="time24" name="t" units="UTC"/><y type="ascii10" name="a" units=""/>';
  const rows = [
    '2000-001T00:00:00.123 2001-02-03T04:05:06.789 1.5      \n',
    '2 Jan 2000 3:04       2001-02-03T04:05:06.789  1.50e+00\n',
    '2000-01-02T00:00:00.9 nonsense                what     \n',
  ];
  const outcome = convert('', STREAM, packetHeader(1, planes), ...rows.map((row) => Buffer.from(`:01:${row}`)));
  t.same(lines(outcome), [
    '2000-01-01T00:00:00.1 2001-02-03T04:05:06.789  1.50e+00\n',
    '2000-01-02T03:04:00.0 2001-02-03T04:05:06.789  1.50e+00\n',
    '2000-01-02T00:00:00.9 0001-01-01T00:00:00.000 -1.0e+31 \n'.replace('-1.0e+31 ', '-1.00e+31'),
  ]);
  t.end();
});

t.test('an unreadable number becomes the fill of its plane', (t) => {
  const planes =
    `${X}<y name="a" type="ascii10" units=""><properties double:yFill="-99"/></y>` +
    '<y name="b" type="ascii6" units=""><properties double:yFill="-99"/></y>';
  const row = Buffer.concat([Buffer.from(':01:'), field('little_endian_real8', T0), Buffer.from('   ---    ?????\n')]);
  t.same(lines(convert('', STREAM, packetHeader(1, planes), row)), ['2013-06-28T03:04:05.678 -9.90e+01   -99\n']);
  t.end();
});

t.test('headers, comments and exceptions', (t) => {
  const stream = headerPacket('00', '<stream version="2.3"><properties title="a &lt; b" Odd:p.q="1 2"/></stream>');
  const packet = packetHeader(
    1,
    `${X}<yscan name="s" type="sun_real4" zUnits="V/m" yUnits="Hz" nitems="2" yTags="05,0.5"/>`,
  );
  const comment = headerPacket('xx', '<comment type="log:info" source="me" value="1 &amp; 2"/>');
  const exception = headerPacket('xx', '<exception type="Odd" message="no"/>');
  const row = Buffer.concat([Buffer.from(':01:'), field('little_endian_real8', T0), Buffer.alloc(8)]);
  const input = [stream, comment, packet, row, packet, exception, row];
  const outcome = convert('', ...input);
  t.equal(tags(outcome), '[00][xx][01]:01:[01][xx]:01:');
  t.equal(outcome.error, undefined, 'an exception on input changes nothing');
  const text = outcome.output.toString();
  for (const piece of [
    'title="a &lt; b"',
    'Odd:p.q="1 2"',
    'sourceId="das2_ascii"',
    'zUnits="V/m"',
    'yTags="05,0.5"',
  ]) {
    t.match(text, piece);
  }
  t.match(text, /<comment [^>]*value="1 &amp; 2"/);
  t.match(text, /<exception type="Odd" message="no"/);
  t.match(text, /version="2.2"/);
  t.equal(tags(convert('-c', ...input)), '[00][01]:01:[01]:01:');
  t.match(
    convert('', headerPacket('00', '<stream version="2.2"><properties sourceId="me"/></stream>')).output.toString(),
    'sourceId="me"',
  );
  t.end();
});

t.test('a header may be replaced by another one', (t) => {
  const first = packetHeader(1, `${X}<y name="a" type="sun_real4" units="V"/>`);
  const second = packetHeader(1, '<x type="sun_real8" units="t2000"/><y name="b" type="sun_real8" units="V"/>');
  const outcome = convert(
    '',
    STREAM,
    first,
    record(1, ['little_endian_real8', 'sun_real4'], [0, 1.5]),
    second,
    record(1, ['sun_real8'], [60, 2.5]),
  );
  t.same(lines(outcome), ['2000-01-01T00:00:00.000  1.500000e+00\n', '2000-01-01T00:01:00.000  2.500000000e+00\n']);
  t.end();
});

t.test('a fault is reported inside the stream, behind everything that came before', (t) => {
  const header = packetHeader(1, '<x type="time24" units="UTC"/><y name="a" type="sun_real4" units="V"/>');
  const good = Buffer.concat([Buffer.from(':01:2000-01-01T00:00:00.000 '), field('sun_real4', 1)]);
  const bad = Buffer.concat([Buffer.from(':01:no time at all          '), field('sun_real4', 2)]);
  const unreadable = convert('', STREAM, header, Buffer.concat([good, good, bad, good]));
  t.equal(tags(unreadable), '[00][01]:01::01:[xx]');
  t.match(unreadable.output.toString(), 'message="das2_ascii: the x value \'no time at all\' is no time"');
  t.equal(unreadable.error?.exitStatus, 14);

  const truncated = convert('', STREAM, header, good, good.subarray(0, 9));
  t.equal(tags(truncated), '[00][01]:01:[xx]');
  t.equal(truncated.error?.exitStatus, 22);

  const unknown = convert('', STREAM, header, good, Buffer.from(':02:'));
  t.equal(tags(unknown), '[00][01]:01:[xx]');
  t.equal(unknown.error?.exitStatus, 22);

  t.equal(tags(convert('-c', STREAM, header, good, Buffer.from('xxxx'))), '[00][01]:01:[xx]', 'also with -c');

  const empty = convert('', Buffer.alloc(0));
  t.equal(empty.output.length, 0);
  t.equal(empty.error?.exitStatus, 22);
  t.end();
});

t.test('a filter that has failed stays silent', (t) => {
  let written = 0;
  const filter = createAscii({}, { write: (bytes) => (written += bytes.length) });
  t.throws(() => filter.push(Buffer.concat([STREAM, Buffer.from('????')])), { code: 'framing' });
  const before = written;
  filter.push(STREAM);
  filter.flush();
  filter.end();
  t.equal(written, before);
  t.end();
});

t.test('a sink that fails is not written to again', (t) => {
  let calls = 0;
  const filter = createAscii(
    {},
    {
      write() {
        calls++;
        throw new Das2Error('outputClosed', 'gone');
      },
    },
  );
  filter.push(STREAM);
  t.throws(() => filter.end(), { code: 'outputClosed' });
  t.equal(calls, 1);
  t.end();
});

t.test('QStreams get their own text form', (t) => {
  const stream = headerPacket('00', '<stream dataset_id="t" byte_order="big_endian"/>');
  const packet = headerPacket(
    '01',
    '<packet><qdataset id="t" rank="1"><properties><property name="UNITS" type="units" value="us2000"/></properties>' +
      '<values encoding="double" length=""/></qdataset></packet>',
  );
  const pieces: Buffer[] = [];
  const filter = createAscii({}, { write: (bytes) => pieces.push(Buffer.from(bytes)) });
  filter.push(Buffer.concat([stream, packet, record(1, ['sun_real8'], [0])]));
  filter.end();
  t.match(Buffer.concat(pieces).toString('latin1'), ':01:2000-01-01T00:00:00.000\n');
  t.end();
});

const TYPES = ['sun_real4', 'sun_real8', 'little_endian_real4', 'little_endian_real8', 'ascii9', 'ascii14', 'ascii24'];
/** Nothing so small that the builder's text does not fit its field. */
const aValue = fc.double({ noNaN: true, min: -1e12, max: 1e12 }).map((value) => (Math.abs(value) < 1e-30 ? 0 : value));
const aStream = fc
  .tuple(
    fc.constantFrom('sun_real8', 'little_endian_real8', 'time24', 'time27'),
    fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 1, max: 3 }),
    fc.array(fc.array(aValue, { minLength: 4, maxLength: 12 }), {
      maxLength: 30,
    }),
  )
  .map(([x, planes, items, rows]) => {
    const scan = planes[0] as string;
    const types = [x, ...planes, ...Array<string>(items).fill(scan)];
    const header = packetHeader(
      1,
      `<x type="${x}" units="us2000"/>${planes.map((type, i) => `<y name="y${i}" type="${type}" units="V"/>`).join('')}` +
        `<yscan name="s" type="${scan}" zUnits="V" yUnits="Hz" nitems="${items}"/>`,
    );
    const values = rows.map((row, i) =>
      types.map((_, k) => (k === 0 ? T0 + i * 1_500_000 : (row[k % row.length] as number))),
    );
    return { types, values, bytes: Buffer.concat([STREAM, header, ...values.map((row) => record(1, types, row))]) };
  });

t.test('invariant 17', (t) => {
  fc.assert(
    fc.property(aStream, fc.constantFrom('', '-r 18', '-r 4 -s 6'), ({ types, values, bytes }, args) => {
      const once = convert(args, bytes);
      const twice = convert('', once.output);
      const rows = lines(once);
      const digits = args === '-r 4 -s 6' ? 4 : 7;
      return (
        once.error === undefined &&
        Buffer.compare(once.output, twice.output) === 0 &&
        rows.length === values.length &&
        rows.every((row) => row.endsWith('\n')) &&
        rows.every((row, i) => {
          const words = row.trim().split(/\s+/);
          return (values[i] as number[]).every((value, k) => {
            if (k === 0) return Math.abs((Date.parse(`${words[0]}Z`) - Date.UTC(2000, 0, 1)) * 1000 - value) < 1000;
            const shown = types[k] === 'ascii9' ? 2 : digits;
            return Math.abs(Number(words[k]) - value) <= Math.abs(value) * 1.2 * 10 ** (1 - shown) + 1e-30;
          });
        })
      );
    }),
    { numRuns: 200 },
  );
  t.end();
});

t.test('the output does not depend on how the input is cut, and is valid', (t) => {
  fc.assert(
    fc.property(
      aStream,
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
      ({ bytes }, sizes) => {
        return Buffer.compare(convert('', bytes).output, convert('', ...cut(bytes, sizes)).output) === 0;
      },
    ),
    { numRuns: 100 },
  );
  const [sample] = fc.sample(aStream, { numRuns: 1, seed: 1 });
  t.same(reportOf(convert('', sample?.bytes ?? STREAM).output, { strict: false }).findings, []);
  t.end();
});

t.test('more records than fit into a block, and records larger than one', (t) => {
  const types = ['little_endian_real8', 'sun_real4'];
  const header = packetHeader(1, `${X}<y name="a" type="sun_real4" units="V"/>`);
  const rows = Array.from({ length: 5000 }, (_, i) => record(1, types, [i * 1e6, i]));
  const texts = lines(convert('', Buffer.concat([STREAM, header, ...rows])));
  t.equal(texts.length, 5000);
  t.ok(texts.every((text, i) => Number(text.slice(24)) === i));
  const wide = packetHeader(1, `${X}<yscan name="s" type="sun_real4" zUnits="V" yUnits="Hz" nitems="9000"/>`);
  const values = Array.from({ length: 9001 }, (_, i) => (i === 0 ? 0 : i % 1000));
  const found = lines(convert('', Buffer.concat([STREAM, wide, ...[0, 1].map(() => record(1, types, values))])));
  t.equal(found.length, 2);
  t.equal(found[1]?.length, 24 + 9000 * 14);
  t.equal(Number(found[1]?.slice(-15)), 0);
  t.end();
});

t.test('command lines that are refused', (t) => {
  const sink = { write: () => t.fail('nothing is written') };
  for (const args of [
    '-r',
    '-r 1',
    '-r 19',
    '-r 7.5',
    '-r 0x7',
    '-s 10',
    '-s -1',
    '-s nan',
    '-x',
    '--real=7',
    'file',
    '- -',
    '-c=1',
  ]) {
    t.throws(() => ascii.create(args.split(' '), sink), { code: 'usage' }, args);
  }
  for (const args of ['-r7', '-c -', '-cs 6 -r 4', '- -c'])
    t.doesNotThrow(() => ascii.create(args.split(' '), { write() {} }), args);
  t.equal(ascii.usageStatus, 13);
  t.end();
});
