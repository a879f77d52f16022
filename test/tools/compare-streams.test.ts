/** The comparator must find every kind of difference, and forgive exactly what the golden README forgives. */
import t from 'tap';
import { headerPacket, packetHeader, record, STREAM } from './build-stream.js';
import { compareExit, compareStreams } from './compare-streams.js';
import { splitStream } from './split-stream.js';

const X = '<x type="little_endian_real8" units="us2000"/>';
const TYPES = ['little_endian_real8', 'sun_real4', 'ascii14', 'time24'];
const PLANES = `${X}<y name="a" type="sun_real4" units="s"><properties Datum:w="1 s" label="l"/></y>
  <y name="b" type="ascii14" units=""/><y name="c" type="time24" units="UTC"/>`;
const SCAN = '<yscan name="s" type="sun_real8" zUnits="V" yUnits="Hz" nitems="2" yTags="1,2"/>';

interface Parts {
  stream?: string;
  planes?: string;
  values?: number[];
  scan?: string;
  items?: number[];
  comment?: string;
  tail?: Uint8Array;
}

function build(parts: Parts = {}): Buffer {
  const {
    stream = '<stream version="2.2"><properties title="T" Datum:w="60.0 s" sourceId="p" double:n="1"/></stream>\n',
    planes = PLANES,
    values = [1e14, 2.5, 1234.5, 86400e6],
    scan = SCAN,
    items = [5, 6, 7],
    comment = '<comment type="log:info" source="s" value="v" />\n',
    tail = Buffer.alloc(0),
  } = parts;
  return Buffer.concat([
    headerPacket('00', stream),
    packetHeader(1, planes),
    record(1, TYPES, values),
    packetHeader(2, X + scan),
    record(2, ['little_endian_real8', 'sun_real8'], items),
    headerPacket('xx', comment),
    tail,
  ]);
}

const GOOD = build();
const differences = (parts: Parts): string[] => compareStreams(build(parts), GOOD);

t.test('equal in meaning', async (t) => {
  t.strictSame(differences({}), []);
  const same: [string, Parts][] = [
    [
      'order and layout of properties',
      {
        stream:
          '<stream version="2.2" compression="none"><properties Datum:w="60 sec"\n double:n="1.0" String:title=" T "/></stream>\n',
      },
    ],
    ['unit synonyms', { planes: PLANES.replace('units="s"', 'units="seconds"') }],
    ['x within a microsecond', { values: [1e14 + 1, 2.5, 1234.5, 86400e6] }],
    ['real4 within 1e-6', { values: [1e14, 2.5000002, 1234.5, 86400e6] }],
    ['tags as a series', { scan: SCAN.replace('yTags="1,2"', 'yTagInterval="1" yTagMin="1"') }],
    ['tags as a series from its end', { scan: SCAN.replace('yTags="1,2"', 'yTagInterval="1" yTagMax="2"') }],
  ];
  for (const [name, parts] of same) t.strictSame(differences(parts), [], name);
});

t.test('differences are found and named', async (t) => {
  const cases: [string, Parts, RegExp][] = [
    [
      'version',
      { stream: '<stream version="2.1"><properties title="T" Datum:w="60.0 s" double:n="1"/></stream>\n' },
      /version/,
    ],
    [
      'compression',
      {
        stream:
          '<stream version="2.2" compression="deflate"><properties title="T" Datum:w="60 s" double:n="1"/></stream>\n',
      },
      /compression/,
    ],
    [
      'a property value',
      { stream: '<stream version="2.2"><properties title="U" Datum:w="60 s" double:n="1"/></stream>\n' },
      /title/,
    ],
    [
      'a property less',
      { stream: '<stream version="2.2"><properties title="T" double:n="1"/></stream>\n' },
      /property w is missing/,
    ],
    [
      'a property more',
      { stream: '<stream version="2.2"><properties title="T" Datum:w="60 s" double:n="1" o="1"/></stream>\n' },
      /property o="1" is not expected/,
    ],
    [
      'a type word',
      { stream: '<stream version="2.2"><properties title="T" w="60.0 s" double:n="1"/></stream>\n' },
      /property w is of type/,
    ],
    [
      'a number',
      { stream: '<stream version="2.2"><properties title="T" Datum:w="60.01 s" double:n="1"/></stream>\n' },
      /property w/,
    ],
    ['a plane name', { planes: PLANES.replace('"a"', '"z"') }, /plane 1: name/],
    ['a plane type', { planes: PLANES.replace('sun_real4', 'little_endian_real4') }, /plane 1: type/],
    ['plane units', { planes: PLANES.replace('units="s"', 'units="V"') }, /plane 1: units/],
    ['time units', { planes: PLANES.replace('"UTC"', '"us2000"') }, /plane 3: units/],
    ['a plane property', { planes: PLANES.replace('label="l"', 'label="m"') }, /plane 1: property label/],
    ['x', { values: [1e14 + 2, 2.5, 1234.5, 86400e6] }, /plane 0 x: /],
    ['a real4', { values: [1e14, 2.50001, 1234.5, 86400e6] }, /plane 1 a: 2.50001/],
    ['fill against a number', { values: [1e14, -1e31, 1234.5, 86400e6] }, /plane 1 a/],
    ['NaN against a number', { values: [1e14, Number.NaN, 1234.5, 86400e6] }, /plane 1 a/],
    ['a text number', { values: [1e14, 2.5, 1234.51, 86400e6] }, /plane 2 b/],
    ['a time', { values: [1e14, 2.5, 1234.5, 86400.002e6] }, /plane 3 c/],
    ['an item', { items: [5, 6, 7.00001] }, /plane 1 s item 1: 7.00001, expected 7/],
    ['tags', { scan: SCAN.replace('1,2', '1,2.1') }, /tag 1 is 2.1/],
    ['a comment', { comment: '<comment type="log:info" source="s" value="w" />\n' }, /comment value/],
    ['a comment source', { comment: '<comment type="log:info" source="t" value="v" />\n' }, /comment source/],
    ['another message', { comment: '<exception type="log:info" message="v" />\n' }, /expected <comment>/],
    ['a packet more', { tail: STREAM }, /1 packets more/],
    ['stray bytes', { tail: Buffer.from('\n') }, /the output: no packet tag/],
  ];
  for (const [name, parts, message] of cases) {
    const found = differences(parts);
    t.match(found.join('\n'), message, name);
    t.not(found.length, 0, name);
  }
  t.match(compareStreams(GOOD.subarray(0, STREAM.length), GOOD).join(), /cut short/);
  const swapped = Buffer.from(GOOD.toString('latin1').replace('[01]', '[03]').replace(':01:', ':03:'), 'latin1');
  t.match(compareStreams(swapped, GOOD).join(), /expected \[01\], got \[03\]/);
});

t.test('progress comments may come from another source', async (t) => {
  const progress = (source: string): Parts => ({
    comment: `<comment type="taskProgress" source="${source}" value="3" />\n`,
  });
  t.strictSame(compareStreams(build(progress('a')), build(progress('b'))), []);
});

t.test('the fill value equals itself through four bytes', async (t) => {
  const as = (type: string, value: number): Buffer =>
    Buffer.concat([STREAM, packetHeader(1, `<x type="${type}" units=""/>`), record(1, [type], [value])]);
  t.strictSame(compareStreams(as('sun_real8', Math.fround(-1e31)), as('sun_real8', -1e31)), []);
  t.strictSame(compareStreams(as('sun_real8', Number.NaN), as('sun_real8', Number.NaN)), []);
  t.not(compareStreams(as('sun_real8', Number.NEGATIVE_INFINITY), as('sun_real8', -1e31)).length, 0);
});

t.test('prefix mode takes finished bins and messages behind the expected packets, nothing else', async (t) => {
  const more = Buffer.concat([
    record(1, TYPES, [1, 2, 3, 4]),
    headerPacket('xx', '<exception type="a" message="b" />\n'),
  ]);
  t.strictSame(compareStreams(build({ tail: more }), GOOD, 'prefix'), []);
  t.not(compareStreams(build({ tail: more }), GOOD).length, 0);
  t.not(compareStreams(build({ tail: packetHeader(1, PLANES) }), GOOD, 'prefix').length, 0);
  t.not(compareStreams(build({ values: [0, 0, 0, 0] }), GOOD, 'prefix').length, 0);
});

t.test('exit statuses', async (t) => {
  t.strictSame(compareExit(0, 0), []);
  t.strictSame(compareExit(100, 22), []);
  t.not(compareExit(1, 0).length, 0);
  t.not(compareExit(0, 22).length, 0);
  t.strictSame(compareStreams(Buffer.alloc(0), GOOD, 'exit-only'), []);
});

t.test('the splitter insists on exact framing', async (t) => {
  for (const bytes of [
    '[00]    31<stream version="2.2"></stream>',
    '[XX]000010<comment/>',
    '[00]000008<stream/>',
    ':01:abc',
  ]) {
    t.throws(() => splitStream(Buffer.from(bytes)), bytes);
  }
});
