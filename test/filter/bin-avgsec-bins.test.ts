/** Which records das2_bin_avgsec puts into which bin, and what it makes of their values (stream-format 12.1, 12.2, 12.5). */
import t from 'tap';
import { data, REAL8, reduce, tags, X } from '../tools/averaged-stream.js';
import { field, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { type Element, planesOf } from '../tools/split-stream.js';

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
