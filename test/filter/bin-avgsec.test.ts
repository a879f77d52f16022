/** das2_bin_avgsec rule by rule (stream-format 12), on small streams built by hand. */
import t from 'tap';
import { Das2Error } from '../../lib/error.js';
import { type BinAvgsecOptions, binAvgsec, createBinAvgsec } from '../../lib/filter/bin-avgsec.js';
import { cut, field, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { valuesOf } from '../tools/run-filter.js';
import { type Element, type Packet, planesOf, splitStream } from '../tools/split-stream.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const REAL8 = 'little_endian_real8';

interface Outcome {
  readonly packets: Packet[];
  readonly output: Buffer;
  readonly error: Das2Error | undefined;
}

function reduce(options: BinAvgsecOptions, ...chunks: Uint8Array[]): Outcome {
  const pieces: Buffer[] = [];
  let fault: Das2Error | undefined;
  try {
    const filter = createBinAvgsec(options, { write: (bytes) => pieces.push(Buffer.from(bytes)) });
    for (const chunk of chunks) filter.push(chunk);
    filter.end();
  } catch (error) {
    if (!(error instanceof Das2Error)) throw error;
    fault = error;
  }
  const output = Buffer.concat(pieces);
  return { packets: splitStream(output), output, error: fault };
}

const data = ({ packets }: Outcome): (number | string)[][] =>
  packets.filter(({ tag }) => tag.startsWith(':')).map(valuesOf);
const tags = ({ packets }: Outcome): string => packets.map(({ tag }) => tag).join('');

function streamProperties(properties: string, seconds: number): Record<string, string> {
  const { packets } = reduce(
    { seconds },
    headerPacket('00', `<stream version="2.2"><properties ${properties}/></stream>`),
  );
  return Object.fromEntries(packets[0]?.root?.children[0]?.attributes ?? []);
}

/** The output planes of a packet header with these planes. */
function planes(input: string, options: BinAvgsecOptions, stream: Uint8Array = STREAM): Element[] {
  const { packets } = reduce(options, stream, packetHeader(1, input));
  return planesOf(packets[1]?.root as Element);
}

const names = (list: readonly Element[]): string => list.map((plane) => plane.attributes.get('name') ?? '-').join(' ');
const own = (plane: Element | undefined): Record<string, string> =>
  Object.fromEntries(plane?.children[0]?.attributes ?? []);

t.test('bins: floor, centre, order of output', async (t) => {
  const header = packetHeader(1, `${X}<y type="sun_real8" units="" name="a"/>`);
  const types = [REAL8, 'sun_real8'];
  const one = (x: number, y: number): Buffer => record(1, types, [x, y]);
  const stream = [
    STREAM,
    header,
    one(25e6, 1),
    one(29e6, 3),
    one(34.9e6, 5),
    one(35e6, 7),
    one(24e6, 9),
    one(75e6, 11),
  ];
  t.strictSame(data(reduce({ seconds: 10 }, ...stream)), [
    [30e6, 3],
    [40e6, 7],
    [20e6, 9],
    [80e6, 11],
  ]);
  t.strictSame(data(reduce({ seconds: 10, begin: 0 }, ...stream)), [
    [25e6, 2],
    [35e6, 6],
    [25e6, 9],
    [75e6, 11],
  ]);
  t.strictSame(data(reduce({ seconds: 10, begin: 30e6 }, ...stream))[0], [25e6, 2], 'before the start: floor');
});

t.test('one start for all packet types; flush in ascending order of ids', async (t) => {
  const types = [REAL8];
  const outcome = reduce(
    { seconds: 10 },
    STREAM,
    packetHeader(9, X),
    packetHeader(2, X),
    record(9, types, [3e6]),
    record(2, types, [14e6]),
    record(9, types, [5e6]),
  );
  t.equal(tags(outcome), '[00][09][02]:02::09:');
  t.strictSame(data(outcome), [[18e6], [8e6]]);
});

t.test('a new definition flushes before its header; messages overtake open bins', async (t) => {
  const comment = headerPacket('xx', '<comment type="taskProgress" source="s" value="1"/>');
  const exception = headerPacket('xx', '<exception type="Odd" message="m"/>');
  const stream = [
    STREAM,
    packetHeader(1, X),
    record(1, [REAL8], [0]),
    comment,
    packetHeader(1, X),
    record(1, [REAL8], [1]),
    exception,
  ];
  t.equal(tags(reduce({ seconds: 10 }, ...stream)), '[00][01][xx]:01:[01][xx]:01:');
  const quiet = reduce({ seconds: 10, dropProgress: true }, ...stream);
  t.equal(tags(quiet), '[00][01]:01:[01][xx]:01:');
  t.equal(quiet.error, undefined, 'an exception in the input is no fault');
  t.equal(quiet.packets.at(-2)?.root?.attributes.get('type'), 'Odd');
});

t.test('fill, NaN and unreadable text are skipped', async (t) => {
  const y = (type: string, properties = ''): string =>
    `<y type="${type}" units="" name="a"><properties p="1" ${properties}/></y>`;
  const run = (type: string, properties: string, ...input: number[]): (number | string)[] => {
    const records = input.map((value) => record(1, [REAL8, type], [0, value]));
    return data(reduce({ seconds: 10 }, STREAM, packetHeader(1, X + y(type, properties)), ...records)).map(
      (row) => row[1] as number,
    );
  };
  t.strictSame(run('sun_real8', '', -1e31, 4, Number.NaN, 6), [5]);
  t.strictSame(run('sun_real4', '', -1e31, 4), [4], 'through four bytes');
  t.strictSame(run('sun_real8', '', -1.000011e31, 4)[0], (-1.000011e31 + 4) / 2, 'outside the tolerance');
  t.strictSame(run('sun_real8', 'yFill="0"', 0, 4, 1e-300), [2 + 5e-301]);
  t.strictSame(run('sun_real8', 'yFill="-99"', -99, Number.NaN), [-99], 'an empty bin holds the fill value');
  t.ok(Number.isNaN(run('sun_real8', 'yFill="NaN"', Number.NaN)[0] as number));
  t.strictSame(run('sun_real8', '', Number.POSITIVE_INFINITY, 1), [Number.POSITIVE_INFINITY], 'infinity is a value');
  const text = Buffer.concat([Buffer.from(':01:'), field(REAL8, 0), Buffer.from('  n/a   \n')]);
  const header = packetHeader(1, X + y('ascii9', 'fill="-5"'));
  t.match(data(reduce({ seconds: 10 }, STREAM, header, text))[0]?.[1], /^-5\.0e\+00\n$/);
  t.match(
    data(reduce({ seconds: 10 }, STREAM, header, text, record(1, [REAL8, 'ascii9'], [0, 2])))[0]?.[1],
    /^ 2\.0e\+00\n$/,
  );
});

t.test('records without a time are dropped', async (t) => {
  for (const x of [Number.NaN, -1e31, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const outcome = reduce(
      { seconds: 10 },
      STREAM,
      packetHeader(1, X),
      record(1, [REAL8], [x]),
      record(1, [REAL8], [5e6]),
      record(1, [REAL8], [x]),
    );
    t.strictSame(data(outcome), [[10e6]], String(x));
  }
  const text = reduce(
    { seconds: 10 },
    STREAM,
    packetHeader(1, '<x type="time24"/>'),
    Buffer.from(':01:0001-01-01T00:00:00.000\n'),
  );
  t.strictSame(data(text), []);
});

t.test('time units of x', async (t) => {
  const unit = (units: string, value: number, extra = ''): number | string | undefined => {
    const header = packetHeader(1, `<x type="sun_real8" units="${units}" ${extra}/>`);
    return data(reduce({ seconds: 2, begin: 0 }, STREAM, header, record(1, ['sun_real8'], [value])))[0]?.[0];
  };
  const noon = 43201e6;
  t.equal(unit('us2000', 43201e6), noon);
  t.equal(unit('t2000', 43201), noon);
  t.equal(unit('t1970', 946684800 + 43201), noon);
  t.equal(unit('ns1970', (946684800 + 43201) * 1e9), noon);
  t.equal(unit('mj1958', 15340.500016), noon);
  t.equal(unit('seconds since 2000-01-01T12:00', 1), noon);
  t.equal(unit('s', 1, 'base="2000-01-01T12:00:00"'), noon, 'base plus offset');
  t.equal(unit('min', 1 / 60, 'base="2000-001T12:00"'), noon);
  const header = reduce({ seconds: 2 }, STREAM, packetHeader(1, '<x type="sun_real8" units="s" base="2000-01-01"/>'))
    .packets[1];
  t.notOk(planesOf(header?.root as Element)[0]?.attributes.has('base'), 'x is absolute afterwards');
});

t.test('x that is no time is a fault of the first record, not of the header', async (t) => {
  const header = packetHeader(1, '<x type="sun_real8" units="km"/>');
  t.equal(reduce({ seconds: 2 }, STREAM, header).error, undefined);
  const outcome = reduce({ seconds: 2 }, STREAM, header, record(1, ['sun_real8'], [1]));
  t.equal(outcome.error?.code, 'units');
  t.equal(outcome.error?.exitStatus, 15);
  t.equal(tags(outcome), '[00][01][xx]');
});

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

t.test('values of companion planes', async (t) => {
  const header = packetHeader(
    1,
    `${X}<y name="a" type="sun_real8" units=""/><yscan name="b" type="sun_real8" zUnits="" nitems="2"/>`,
  );
  const types = [REAL8, 'sun_real8'];
  const rows = [
    [0, 1, -5, -1e31],
    [1, 4, -1e31, -1e31],
    [2, 7, -7, -1e31],
    [11e6, 3, 1, 2],
  ];
  const outcome = reduce(
    { seconds: 10, range: true, deviation: true },
    STREAM,
    header,
    ...rows.map((row) => record(1, types, row)),
  );
  const f = -1e31;
  t.strictSame(data(outcome), [
    [5e6, 4, -6, f, 1, 7, 3, -7, f, -5, f, Math.sqrt(2), f],
    [15e6, 3, 1, 2, 3, 3, 0, 1, 2, 1, 2, 0, 0],
  ]);
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

t.test('faults flush open bins, add an exception and keep the status (11.4)', async (t) => {
  const start = [STREAM, packetHeader(3, X), packetHeader(1, '<x type="time24"/>')];
  const good = [record(3, [REAL8], [1e6]), record(1, ['time24'], [2e6])];
  const cases: [string, Uint8Array, string, number][] = [
    ['bad framing', Buffer.from('garbage'), 'framing', 22],
    ['cut short', Buffer.from(':01:2000'), 'framing', 22],
    ['no time', Buffer.from(':01:what time is it now ?  \n'), 'valueEncoding', 14],
    ['bad header', headerPacket('01', '<packet>'), 'packetHeader', 18],
    ['bad plane', packetHeader(4, '<x type="float"/>'), 'plane', 17],
    ['bad type', packetHeader(4, '<x type="float16" units=""/>'), 'valueEncoding', 14],
    ['bad comment', headerPacket('xx', '<comment'), 'message', 20],
    ['second header', STREAM, 'framing', 22],
  ];
  for (const [name, bad, code, status] of cases) {
    for (const size of [1, 7, 10_000]) {
      const outcome = reduce({ seconds: 10 }, ...cut(Buffer.concat([...start, ...good, bad]), [size]));
      t.equal(tags(outcome), '[00][03][01]:01::03:[xx]', name);
      t.equal(outcome.error?.code, code, name);
      t.equal(outcome.error?.exitStatus, status, name);
      const message = outcome.packets.at(-1)?.root?.attributes;
      t.equal(message?.get('type'), 'ServerError');
      t.match(message?.get('message'), /^das2_bin_avgsec: /);
    }
  }
});

t.test('a bad time does not lose the records before it, wherever chunks end', async (t) => {
  const good = [1e6, 2e6, 12e6, 13e6].map((x) => record(1, ['time24'], [x]));
  const bytes = Buffer.concat([
    STREAM,
    packetHeader(1, '<x type="time24"/>'),
    ...good,
    Buffer.from(':01:what time is it now ?  \n'),
    ...good,
  ]);
  const whole = reduce({ seconds: 10, begin: 0 }, bytes);
  t.equal(data(whole).length, 2);
  t.strictSame(reduce({ seconds: 10, begin: 0 }, ...cut(bytes, [5])).output, whole.output);
});

t.test('without a stream header nothing is written', async (t) => {
  for (const [bytes, status] of [
    ['', 22],
    ['[0', 22],
    ['<html>', 22],
    ['|Sx||23|<stream version="3.0"/>', 19],
  ] as const) {
    const outcome = reduce({ seconds: 1 }, Buffer.from(bytes));
    t.equal(outcome.output.length, 0);
    t.equal(outcome.error?.exitStatus, status, bytes);
  }
  const refused = reduce({ seconds: 1 }, headerPacket('00', '<exception type="NoDataInInterval" message="m"/>'));
  t.equal(refused.error?.exitStatus, 19);
});

t.test('a sink that fails ends the filter without another word', async (t) => {
  let calls = 0;
  const filter = createBinAvgsec(
    { seconds: 1 },
    {
      write: () => {
        calls++;
        throw new Das2Error('outputClosed', 'gone');
      },
    },
  );
  filter.push(STREAM);
  t.throws(
    () => {
      filter.flush();
    },
    { code: 'outputClosed' },
  );
  t.doesNotThrow(() => filter.end(), 'a filter that has thrown ignores further calls');
  t.equal(calls, 1);
});

t.test('a deflated stream comes out plain', async (t) => {
  const { deflateSync } = await import('node:zlib');
  const body = Buffer.concat([packetHeader(1, X), record(1, [REAL8], [1]), record(1, [REAL8], [2])]);
  const head = headerPacket('00', '<stream version="2.2" compression="deflate"/>');
  const outcome = reduce({ seconds: 10 }, Buffer.concat([head, deflateSync(body)]));
  t.equal(outcome.packets[0]?.root?.attributes.get('compression'), 'none');
  t.equal(tags(outcome), '[00][01]:01:');
});

t.test('headers alone take no memory, records without end of values are refused', async (t) => {
  const items = 4_000_000;
  const header = (id: number): Buffer => packetHeader(id, `${X}<yscan type="sun_real4" zUnits="" nitems="${items}"/>`);
  const before = process.memoryUsage().arrayBuffers;
  const filter = createBinAvgsec({ seconds: 1 }, { write: () => {} });
  filter.push(STREAM);
  for (let id = 1; id <= 99; id++) filter.push(header(id));
  t.ok(process.memoryUsage().arrayBuffers - before < 16e6);
  const values = Buffer.alloc(4 + 8 + 4 * items);
  const send = (id: number): void => {
    values.write(`:${String(id).padStart(2, '0')}:`);
    filter.push(values);
  };
  for (let id = 1; id <= 4; id++) send(id);
  t.throws(() => send(5), { code: 'packetTooLarge' });
});

t.test('times as values, and text at the end of a record', async (t) => {
  const header = packetHeader(1, `${X}<y name="a" type="ascii12" units=""/><y name="b" type="time24" units="us2000"/>`);
  const types = [REAL8, 'ascii12', 'time24'];
  const unreadable = record(1, types, [2e6, 5, 0]);
  unreadable.write('no time at all, not one ', unreadable.length - 24);
  const outcome = reduce(
    { seconds: 10 },
    STREAM,
    header,
    record(1, types, [0, 1, 10e6]),
    record(1, types, [1e6, 2, 20e6]),
    unreadable,
  );
  t.strictSame(data(outcome), [[5e6, ' 2.6667e+00 ', '2000-01-01T00:00:15.000\n']]);
  const b = planesOf(outcome.packets[1]?.root as Element)[2];
  t.equal(b?.attributes.get('units'), 'UTC');
  const empty = reduce({ seconds: 10 }, STREAM, header, unreadable);
  t.strictSame(data(empty)[0]?.[2], '0001-01-01T00:00:00.000\n', 'fill as a time');
  t.strictSame(
    data(reduce({ seconds: 10 }, empty.output))[0]?.[2],
    '0001-01-01T00:00:00.000\n',
    'and read as fill again',
  );
});

t.test('the command line', async (t) => {
  const create = (...args: string[]): void => {
    binAvgsec.create(args, { write: () => {} });
  };
  for (const line of [
    '60',
    '-r -s -p 60',
    '60 -r',
    '-rsp 60',
    '-b 2001-01-01T00:00 60',
    '60 -b 2001-001',
    '0.5',
    '1e3',
    '+60',
    '60 -',
    '.5',
  ]) {
    t.doesNotThrow(() => create(...line.split(' ')), line);
  }
  for (const line of [
    '',
    '0',
    '-5',
    '5s',
    'text',
    'nan',
    'inf',
    '0x10',
    '1e999',
    '60 70',
    '-x 60',
    '-b',
    '-b junk 60',
    '-b 2001-01-01',
    '-',
    '60 - -',
  ]) {
    t.throws(() => create(...line.split(' ').filter(Boolean)), { code: 'usage' }, line);
  }
  t.equal(binAvgsec.usageStatus, 100);
  t.match(binAvgsec.help, 'BIN_SECONDS');
});
