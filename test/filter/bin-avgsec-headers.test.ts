/** The headers that das2_bin_avgsec writes, and what it cannot write (stream-format 12.3 to 12.7). */
import t from 'tap';
import type { BinAvgsecOptions } from '../../lib/filter/bin-avgsec.js';
import { data, names, own, planes, REAL8, reduce, streamProperties, tags, X } from '../tools/averaged-stream.js';
import { headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';

t.test('stream header (12.3)', async (t) => {
  const bare = streamProperties('title="T"', 60);
  t.strictSame(bare, {
    title: 'T',
    'Datum:xTagWidth': '60.000000 s',
    'Datum:xCacheResolution': '60.000000 s',
    xCacheResInfo: ' (1.0 minute Averages)',
    sourceId: 'das2_bin_avgsec',
  });
  const wide = streamProperties(
    'Datum:xTagWidth="2 min" Data_type="K1" String:sourceId="r" double:xCacheResolution="3"',
    60,
  );
  t.strictSame(wide, {
    'Datum:xTagWidth': '2 min',
    Data_type: 'K0>Key Parameter',
    'String:sourceId': 'r',
    'Datum:xCacheResolution': '120.000000 s',
    xCacheResInfo: ' (2.0 minute Averages)',
  });
  t.equal(streamProperties('xTagWidth="10 msec"', 60)['Datum:xTagWidth'], '60.000000 s');
  for (const odd of ['10 km', '10', 'wide', '', '-1e999 s']) {
    const properties = streamProperties(`Datum:xTagWidth="${odd}"`, 5);
    t.equal(properties['Datum:xTagWidth'], '5.000000 s', `${odd} counts as absent`);
    t.equal(properties['Datum:xCacheResolution'], '5.000000 s');
  }
  const words: [number, string][] = [
    [0.002, '2 ms'],
    [0.0025, '2 ms'],
    [0.0015, '2 ms'],
    [0.25, '250 ms'],
    [1, '1.0 s'],
    [2.25, '2.2 s'],
    [59.94, '59.9 s'],
    [90, '1.5 minute'],
    [3600, '1.0 hour'],
    [86400, '1 day'],
    [129600, '1.5 day'],
    [31557600, '365 day'],
    [86400 * 1234, '1.23e+03 day'],
  ];
  for (const [seconds, word] of words) t.equal(streamProperties('a="b"', seconds).xCacheResInfo, ` (${word} Averages)`);
  t.equal(streamProperties('a="b"', 1e10)['Datum:xTagWidth'], '10000000000.000000 s');
  t.equal(streamProperties('a="b"', 2e10)['Datum:xTagWidth'], '2.000000e+10 s');
});

t.test('x is widened where it cannot hold the centres (12.4)', async (t) => {
  const widened = (type: string, options: BinAvgsecOptions): string => {
    const [x] = planes(`<x type="${type}" units="us2000" name="n"><properties p="1"/></x>`, options);
    t.equal(x?.attributes.get('units'), type.startsWith('time') ? 'UTC' : 'us2000');
    t.equal(x?.attributes.get('name'), 'n');
    t.strictSame(own(x), { p: '1' });
    return x?.attributes.get('type') ?? '';
  };
  const cases: [string, BinAvgsecOptions, string][] = [
    ['sun_real8', { seconds: 60 }, 'sun_real8'],
    ['sun_real4', { seconds: 60 }, 'sun_real8'],
    ['little_endian_real4', { seconds: 60 }, 'little_endian_real8'],
    ['ascii14', { seconds: 60 }, 'ascii24'],
    ['ascii24', { seconds: 60 }, 'ascii24'],
    ['ascii30', { seconds: 60 }, 'ascii30'],
    ['time24', { seconds: 60 }, 'time24'],
    ['time20', { seconds: 60 }, 'time20'],
    ['time17', { seconds: 60 }, 'time24'],
    ['time17', { seconds: 120 }, 'time17'],
    ['time14', { seconds: 7200 }, 'time14'],
    ['time11', { seconds: 86400 }, 'time24'],
    ['time11', { seconds: 172800 }, 'time11'],
    ['time8', { seconds: 172800 }, 'time24'],
    ['time5', { seconds: 172800 }, 'time24'],
    ['time22', { seconds: 1 }, 'time22'],
    ['time22', { seconds: 0.1 }, 'time24'],
    ['time24', { seconds: 0.002 }, 'time24'],
    ['time24', { seconds: 0.001 }, 'time27'],
    ['time24', { seconds: 1e-6 }, 'time30'],
    ['time24', { seconds: 1e-10 }, 'time30'],
    ['time27', { seconds: 1e-6 }, 'time30'],
    ['time35', { seconds: 1e-10 }, 'time35'],
    ['time20', { seconds: 60, begin: 500_000 }, 'time24'],
    ['time20', { seconds: 60, begin: 504_921_600e6 }, 'time20'],
    ['time24', { seconds: 60, begin: 1500 }, 'time27'],
  ];
  for (const [type, options, expected] of cases)
    t.equal(widened(type, options), expected, `${type} ${JSON.stringify(options)}`);
});

t.test('companion planes (12.5)', async (t) => {
  const input = `${X}<y name="a" type="sun_real8" units="V"><properties yLabel="A" source="old"/></y><yscan name="b" type="sun_real4" zUnits="V" nitems="2"/>`;
  t.equal(
    names(planes(input, { seconds: 1, range: true, deviation: true })),
    '- a b a.min a.max a.stddev b.min b.max b.stddev',
  );
  t.equal(names(planes(input, { seconds: 1, range: true })), '- a b a.min a.max b.min b.max');
  const deviation = planes(input, { seconds: 1, deviation: true });
  t.equal(names(deviation), '- a b a.stddev b.stddev');
  t.strictSame(own(deviation[1]), { yLabel: 'A', source: 'old' }, 'with -s alone the average is not marked');
  const range = planes(input, { seconds: 1, range: true });
  t.strictSame(own(range[1]), { yLabel: 'A', source: 'a', operation: 'BIN_AVG' });
  t.strictSame(own(range[3]), { yLabel: 'A', source: 'a', operation: 'BIN_MIN' });
  t.strictSame(own(range[6]), { source: 'b', operation: 'BIN_MAX' });
  t.equal(range[6]?.attributes.get('nitems'), '2');
  t.equal(names(planes(`${X}<y type="float" units=""/>`, { seconds: 1, range: true })), '- - .min .max');
});

t.test('limits (12.6)', async (t) => {
  const many = (count: number): string =>
    X + Array.from({ length: count - 1 }, (_, i) => `<y name="p${i}" type="float" units=""/>`).join('');
  t.equal(planes(many(100), { seconds: 1 }).length, 100);
  const over = reduce({ seconds: 1 }, STREAM, packetHeader(1, many(101)));
  t.equal(over.error?.exitStatus, 100);
  t.equal(planes(many(34), { seconds: 1, range: true }).length, 100);
  const x = record(2, [REAL8], [1]);
  const outcome = reduce(
    { seconds: 1, range: true },
    STREAM,
    packetHeader(1, many(35)),
    packetHeader(2, X),
    x,
    Buffer.concat([Buffer.from(':01:'), Buffer.alloc(8 + 34 * 4)]),
    x,
  );
  t.equal(tags(outcome), '[00][xx][02]:02:', 'the type is skipped, the others go on');
  t.equal(outcome.error?.exitStatus, 100);
  t.match(outcome.packets[1]?.root?.attributes.get('message'), /100/);
  t.equal(outcome.packets[1]?.root?.attributes.get('type'), 'ServerError');
  t.equal(reduce({ seconds: 1 }, STREAM, packetHeader(1, X + X)).error?.exitStatus, 100, 'two x planes');
  t.equal(
    reduce({ seconds: 1 }, STREAM, packetHeader(1, '<y type="float" units=""/>')).error?.exitStatus,
    18,
    'no x plane',
  );
});

t.test('waveforms collapse (12.7)', async (t) => {
  const waveform = headerPacket('00', '<stream><properties renderer="waveform" zFill="-7"/></stream>');
  const scan = (attributes: string, element = 'yscan'): string =>
    `${X}<${element} name="w" type="sun_real4" zUnits="V" nitems="4" ${attributes}><properties zLabel="E"/></${element}>`;
  const [, y] = planes(scan('yUnits="ms" yTagInterval="100"'), { seconds: 1 }, waveform);
  t.equal(y?.name, 'y');
  t.strictSame(
    [...(y?.attributes ?? [])],
    [
      ['name', 'w'],
      ['type', 'sun_real4'],
      ['units', 'V'],
    ],
  );
  t.strictSame(own(y), { 'double:yFill': '-7.000000', zLabel: 'E' });
  const kept: [string, string, number, Uint8Array][] = [
    ['yUnits are no time', 'yUnits="Hz" yTagInterval="0.1"', 1, waveform],
    ['longer than a bin', 'yUnits="s" yTagInterval="0.4"', 1, waveform],
    ['no waveform', 'yUnits="s" yTagInterval="0.1"', 1, STREAM],
    ['no units', 'yTagInterval="0.1"', 1, waveform],
  ];
  for (const [name, attributes, seconds, stream] of kept) {
    t.equal(planes(scan(attributes), { seconds }, stream)[1]?.name, 'yscan', name);
  }
  t.equal(planes(scan('yUnits="s" yTagInterval="0.25"'), { seconds: 0.75 }, waveform)[1]?.name, 'y', 'exactly a bin');
  t.equal(planes(scan('xUnits="s" yUnits="V" xOffsetInterval="0.1"', 'xscan'), { seconds: 1 })[1]?.name, 'y', 'xscan');
  const doubled = `${X}<yscan name="w" type="sun_real4" zUnits="V" yUnits="s" nitems="2"><properties yFill="3"/></yscan>`;
  t.strictSame(
    own(planes(doubled, { seconds: 9 }, waveform)[1]),
    { 'double:yFill': '-7.000000' },
    'a property occurs once',
  );

  const types = [REAL8, 'sun_real4'];
  const outcome = reduce(
    { seconds: 1, range: true, deviation: true },
    waveform,
    packetHeader(1, scan('yUnits="ms" yTagInterval="100"')),
    record(1, types, [0, 1, 2, 3, -7]),
    record(1, types, [5e5, 4, 5, -7, -7]),
  );
  t.strictSame(data(outcome), [[5e5, 3, 1, 5, Math.fround(Math.sqrt(2.5))]]);
});

t.test('a fill value that six decimals cannot show keeps its text', async (t) => {
  const stream = headerPacket('00', '<stream><properties renderer="waveform" zFill="-1e-9"/></stream>');
  const scan = `${X}<yscan name="w" type="sun_real4" zUnits="V" yUnits="s" nitems="1"/>`;
  t.equal(own(planes(scan, { seconds: 1 }, stream)[1])['double:yFill'], '-1.000000e-09');
});
