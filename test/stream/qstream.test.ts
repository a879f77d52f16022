/** QStream headers, descriptors, properties and encodings, both ways; the reader and its faults. */
import fc from 'fast-check';
import t from 'tap';
import { isDas2Error } from '../../lib/error.js';
import { parseQEncoding, type QEncodingKind, valueReader, valueWriter } from '../../lib/stream/qstream/encoding.js';
import {
  fillOf,
  isNominal,
  isQStreamHeader,
  parseQDescriptor,
  parseQStreamHeader,
  type QDescriptor,
  timeAxis,
  unitsOf,
  withDatasets,
} from '../../lib/stream/qstream/header.js';
import {
  cacheTagResolution,
  formatCacheTag,
  parseCacheTag,
  parseEnumeration,
  parseRank0,
  widenCadence,
  withPropertyValue,
} from '../../lib/stream/qstream/property.js';
import { QStreamReader } from '../../lib/stream/qstream/reader.js';
import { qstreamPacket } from '../../lib/stream/qstream/writer.js';
import { cut, headerPacket } from '../tools/build-stream.js';

const dataset = (id: string, properties: string, values: string): string =>
  `<qdataset id="${id}" rank="1"><properties>${properties}</properties>${values}</qdataset>`;
const property = (name: string, type: string, value: string): string =>
  `<property name="${name}" type="${type}" value="${value}"/>`;
const descriptor = (...datasets: string[]): QDescriptor =>
  parseQDescriptor(1, Buffer.from(`<?xml version="1.0"?>\n<packet>${datasets.join('')}</packet>\n`));
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing';
  } catch (error) {
    return isDas2Error(error) ? error.code : String(error);
  }
};

t.test('stream headers', (t) => {
  const parse = (text: string): ReturnType<typeof parseQStreamHeader> => parseQStreamHeader(Buffer.from(text));
  t.match(parse('<stream dataset_id="a"/>'), { datasetId: 'a', littleEndian: false });
  t.match(parse('<?xml version="1.0"?><stream byte_order="little_endian" dataset_id=""/>'), { littleEndian: true });
  t.equal(
    codeOf(() => parse('<stream version="2.2"/>')),
    'streamHeader',
  );
  t.equal(
    codeOf(() => parse('<stream dataset_id="a" byte_order="x"/>')),
    'streamHeader',
  );
  t.equal(
    codeOf(() => parse('<stream')),
    'streamHeader',
  );
  t.ok(isQStreamHeader(Buffer.from('<stream dataset_id="a"/>')));
  for (const text of [
    '<stream version="2.2"/>',
    '<stream title="dataset_id"/>',
    '<exception dataset_id="a"/>',
    '<dataset_id',
  ]) {
    t.notOk(isQStreamHeader(Buffer.from(text)), text);
  }
  t.end();
});

t.test('where the values are', (t) => {
  const found = descriptor(
    dataset('t', property('UNITS', 'units', 'us2000'), '<values encoding="double" length=""/>'),
    dataset('f', '', '<values encoding="ascii10" length="3" values="1, 2,3"/>'),
    dataset('g', '', '<values index="0" inline="1,2"/><values index="1" inline="3"/>'),
    dataset('z', '', '<values encoding="float" length="3,4"/>'),
    '<qdataset id="b"><bundle id="t"/><bundle id="z"/></qdataset>',
    dataset('c', '', '<values bundle="t,z"/>'),
    dataset('j', '', '<values join="t, z"/>'),
    dataset('n', property('UNITS', 'enumerationUnit', 'n[1:a]'), '<values encoding="int2"/>'),
  );
  t.equal(found.recordSize, 8 + 48 + 2);
  t.match(
    found.datasets.map(({ content }) => content),
    [
      { kind: 'streamed', lengths: [], itemCount: 1, offset: 0 },
      { kind: 'inline', slices: [['1', '2', '3']] },
      { kind: 'inline', slices: [['1', '2'], ['3']] },
      { kind: 'streamed', lengths: [3, 4], itemCount: 12, offset: 8 },
      { kind: 'bundle', members: ['t', 'z'] },
      { kind: 'bundle', members: ['t', 'z'] },
      { kind: 'join', members: ['t', 'z'] },
      { kind: 'streamed', itemCount: 1, offset: 56 },
    ],
  );
  t.equal(timeAxis(found)?.units.name, 'us2000');
  t.ok(isNominal(found.datasets[7] as (typeof found.datasets)[0]));
  t.equal(unitsOf(found.datasets[7] as (typeof found.datasets)[0]), '');
  t.end();
});

t.test('what is no time axis', (t) => {
  const time = property('UNITS', 'units', 'us2000');
  t.equal(timeAxis(descriptor(dataset('t', time, '<values encoding="double" length="2"/>'))), undefined);
  t.equal(timeAxis(descriptor(dataset('t', time, '<values values="1,2"/>'))), undefined);
  t.equal(timeAxis(descriptor(dataset('t', '', '<values encoding="double"/>'))), undefined);
  const nominal = property('UNITS', 'enumerationUnit', 'us2000');
  t.equal(timeAxis(descriptor(dataset('t', nominal, '<values encoding="double"/>'))), undefined);
  t.end();
});

t.test('descriptors that are refused', (t) => {
  t.equal(
    codeOf(() => parseQDescriptor(1, Buffer.from('<stream/>'))),
    'packetHeader',
  );
  t.equal(
    codeOf(() => descriptor()),
    'packetHeader',
  );
  t.equal(
    codeOf(() => descriptor(dataset('a', '', ''))),
    'packetHeader',
  );
  t.equal(
    codeOf(() => descriptor(dataset('a', '', '<values length=""/>'))),
    'packetHeader',
  );
  t.equal(
    codeOf(() => descriptor(dataset('a', '', '<values encoding="float" length="0"/>'))),
    'packetHeader',
  );
  t.equal(
    codeOf(() => descriptor(dataset('a', '', '<values encoding="float" length="-3"/>'))),
    'packetHeader',
  );
  t.equal(
    codeOf(() => descriptor(dataset('a', '', '<values encoding="float"/><values encoding="float"/>'))),
    'packetHeader',
  );
  for (const name of ['int1', 'ascii1', 'ascii128', 'ascii010', 'time4', 'toString', '']) {
    t.equal(
      codeOf(() => descriptor(dataset('a', '', `<values encoding="${name}"/>`))),
      'valueEncoding',
      name,
    );
  }
  const wide = '999999999,999999999,999999999,999999999';
  t.equal(
    codeOf(() => descriptor(dataset('a', '', `<values encoding="float" length="${wide}"/>`))),
    'packetTooLarge',
  );
  t.end();
});

t.test('a descriptor is written back as it was', (t) => {
  const text = fc.string({
    unit: fc.constantFrom('a', '&', '<', '"', "'", ' ', '\n', 'é', '𝄞', ']'),
    minLength: 1,
    maxLength: 8,
  });
  const escaped = (value: string): string => value.replace(/[&<"\n]/g, (character) => `&#${character.charCodeAt(0)};`);
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 5 }), (pairs) => {
      const properties = pairs.map(([name, value]) => property(escaped(name), 'String', escaped(value))).join('');
      const map = `<property name="M"><map><entry key="k" type="String" value="${escaped(pairs[0]?.[1] ?? 'v')}"/></map></property>`;
      const first = descriptor(dataset('t', properties + map, '<values encoding="double" odd="1"/>'));
      const again = parseQDescriptor(1, qstreamPacket(1, first.root).subarray(10));
      t.strictSame(trimmed(again.root), trimmed(first.root));
    }),
    { numRuns: 50 },
  );
  t.end();
});

/** The tree without blanks between elements. */
function trimmed(element: QDescriptor['root']): unknown {
  return { ...element, text: element.text.trim(), children: element.children.map(trimmed) };
}

t.test('properties are changed in place', (t) => {
  const found = descriptor(
    dataset('t', `${property('A', 'String', 'x')}${property('B', 'String', 'y')}`, '<values encoding="double"/>'),
    dataset('z', property('A', 'String', 'z'), '<values encoding="double"/>'),
  );
  const elements = found.datasets.map(({ element }, index) =>
    index === 0 ? withPropertyValue(element, 'A', '7') : element,
  );
  const changed = withDatasets(found, elements);
  t.strictSame(
    changed.datasets.map(({ properties }) => [...properties.values()].map(({ value }) => value)),
    [['7', 'y'], ['z']],
  );
  t.strictSame(found.datasets[0]?.properties.get('A')?.value, 'x', 'the old one is as it was');
  t.end();
});

t.test('texts of properties', (t) => {
  t.match(parseRank0('60.0 units:UNITS=s'), { value: 60, properties: new Map([['UNITS', 's']]) });
  t.match(parseRank0('1e3 units:UNITS=V m**-1 String:LABEL=a b'), {
    value: 1000,
    properties: new Map([
      ['UNITS', 'V m**-1'],
      ['LABEL', 'a b'],
    ]),
  });
  t.equal(parseRank0('ten units:UNITS=s'), undefined);
  t.equal(widenCadence('10.0 units:UNITS=s', 60), '60.0 units:UNITS=s');
  t.equal(widenCadence('100.0 units:UNITS=s', 60), '100.0 units:UNITS=s');
  t.equal(widenCadence('10 units:UNITS=ms String:A=b', 0.5), '500.0 units:UNITS=ms String:A=b');
  t.equal(widenCadence('1 units:UNITS=octaves', 60), '1 units:UNITS=octaves');
  t.equal(widenCadence('nonsense', 60), 'nonsense');
  t.match(parseCacheTag('2010-01-01 to 2010-01-02 @ intrinsic'), {
    range: '2010-01-01 to 2010-01-02',
    resolution: 'intrinsic',
  });
  t.equal(formatCacheTag({ range: 'a to b', resolution: cacheTagResolution(0.25) }), 'a to b @ 0.25 s');
  t.equal(parseCacheTag('a to b'), undefined);
  t.match(parseEnumeration('q[0:Good::1:Very: good::]'), {
    name: 'q',
    labels: new Map([
      [0, 'Good'],
      [1, 'Very: good'],
    ]),
  });
  t.match(parseEnumeration('q[]'), { name: 'q' });
  t.equal(parseEnumeration('q[one:Good]'), undefined);
  t.equal(parseEnumeration('q'), undefined);
  t.end();
});

t.test('fill values', (t) => {
  const fill = (value: string): number =>
    fillOf(
      descriptor(dataset('t', property('FILL_VALUE', 'Double', value), '<values encoding="double"/>'))
        .datasets[0] as never,
    );
  t.equal(fill('-1.0E38'), -1e38);
  t.ok(Number.isNaN(fill('NaN')));
  t.equal(fill('what'), -1e31);
  t.end();
});

t.test('values are read as they were written', (t) => {
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  const kinds: Record<QEncodingKind, readonly string[]> = {
    real8: ['double', 'real8'],
    real4: ['float', 'real4'],
    int8: ['int8'],
    int4: ['int4', 'integer'],
    int2: ['int2'],
    ascii: ['ascii24', 'ascii10', 'ascii2'],
    time: ['time27'],
  };
  for (const [kind, names] of Object.entries(kinds)) {
    for (const name of names) {
      const encoding = parseQEncoding(name);
      t.equal(encoding.kind, kind);
      for (const littleEndian of [true, false]) {
        const options = { encoding, littleEndian, units: 't2000' };
        for (const value of kind === 'time' ? [0, -86400.5, 4e8] : [0, 1, 7]) {
          valueWriter(options)(bytes, view, 3, value);
          t.equal(valueReader(options)(bytes, view, 3), value, `${name} ${value}`);
        }
      }
    }
  }
  const write = (name: string, value: number): number => {
    const options = { encoding: parseQEncoding(name), littleEndian: true, units: '' };
    valueWriter(options)(bytes, view, 0, value);
    return valueReader(options)(bytes, view, 0);
  };
  t.equal(write('int2', 1e9), 32767, 'held to the range');
  t.equal(write('int4', -1e31), -2147483648);
  t.equal(write('int8', 1e300), 2 ** 63);
  t.equal(write('int2', 2.6), 3, 'rounded');
  t.equal(write('ascii10', 8397.712345), 8397.7123, 'as many digits as fit');
  t.equal(write('ascii10', -1e31), -1e31);
  t.ok(Number.isNaN(write('ascii4', -1e31)), 'nothing fits');
  t.end();
});

const STREAM = headerPacket('00', '<stream dataset_id="z"/>\n');
const PACKET = headerPacket('01', `<packet>${dataset('z', '', '<values encoding="ascii4"/>')}</packet>\n`);

/** What a reader tells, as words. */
function events(chunks: readonly Uint8Array[]): string[] {
  const told: string[] = [];
  const reader = new QStreamReader({
    streamHeader: () => told.push('header'),
    repeatedHeader: () => told.push('again'),
    descriptor: (id) => told.push(`descriptor ${id}`),
    records: (id, { bytes, offset, count, stride }) => {
      for (let i = 0; i < count; i++) {
        const at = offset + i * stride;
        told.push(`${id}:${Buffer.from(bytes.subarray(at, at + stride - 4)).toString()}`);
      }
    },
    message: (root, packet) => told.push(`${root.name} ${packet.length}`),
  });
  try {
    for (const chunk of chunks) reader.push(chunk);
    reader.end();
  } catch (error) {
    told.push(isDas2Error(error) ? error.code : String(error));
  }
  return told;
}

t.test('the reader tells the same however the bytes arrive', (t) => {
  const message = Buffer.from('[XX]    23<comment message="a"/>\n');
  const bytes = Buffer.concat([
    STREAM,
    Buffer.from('\n'),
    PACKET,
    Buffer.from(':01:  1\n:01:  2\n\n'),
    message,
    STREAM,
    Buffer.from(':01:  3\n'),
  ]);
  const wanted = ['header', 'descriptor 1', '1:  1\n', '1:  2\n', 'comment 33', 'again', '1:  3\n'];
  t.strictSame(events([bytes]), wanted);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sizes) => {
      t.strictSame(events(cut(bytes, sizes)), wanted);
    }),
    { numRuns: 30 },
  );
  t.end();
});

t.test('faults of the framing', (t) => {
  const last = (...parts: (string | Uint8Array)[]): string | undefined =>
    events(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))).at(-1);
  t.equal(last(''), 'framing');
  t.equal(last('hello'), 'framing');
  t.equal(last(PACKET), 'framing', 'no stream header');
  t.equal(last(STREAM, ':01:  1\n'), 'framing', 'no descriptor');
  t.equal(last(STREAM, PACKET, ':01: '), 'framing', 'cut short');
  t.equal(last(STREAM, PACKET, ':01:  1\ngarbage'), 'framing');
  t.equal(last(STREAM, '[01]000000'), 'framing', 'no length');
  t.equal(last(STREAM, headerPacket('xx', '<a')), 'message');
  t.equal(last(STREAM, PACKET, headerPacket('01', '<packet/>'), ':01:  1\n'), 'packetHeader');
  t.end();
});
