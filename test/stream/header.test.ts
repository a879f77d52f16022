/** Headers both ways: opaque pass-through of properties, canonical output, tags, coded faults, hostile XML. */
import fc from 'fast-check';
import t from 'tap';
import { Das2Error, type ErrorCode } from '../../lib/error.js';
import { recordSize } from '../../lib/stream/header.js';
import { parseMessage, parsePacketHeader, parseStreamHeader } from '../../lib/stream/header-parser.js';
import { formatPacketHeader, formatStreamHeader } from '../../lib/stream/header-writer.js';
import { planeFill } from '../../lib/stream/plane-fill.js';
import { effectiveProperty, findProperty, withoutProperty, withProperty } from '../../lib/stream/properties.js';
import { scanTags, tagExtent } from '../../lib/stream/scan-tags.js';
import { parseDocument } from '../tools/split-stream.js';

const stream = (text: string) => parseStreamHeader(Buffer.from(text));
const packet = (text: string) => parsePacketHeader(1, Buffer.from(text));
const X = '<x type="sun_real8" units="us2000"/>';

function codeOf(work: () => unknown): ErrorCode | 'none' {
  try {
    work();
  } catch (error) {
    if (error instanceof Das2Error) return error.code;
    throw error;
  }
  return 'none';
}

/** Attributes of the properties element, read back independently. */
function propertiesOf(text: string): [string, string][] {
  const root = parseDocument(text);
  return root.children.flatMap((child) => (child.name === 'properties' ? [...child.attributes] : []));
}

t.test('properties pass through: same name, same type word, same text', async (t) => {
  const cases: [string, string][] = [
    ['DatumRange:r', '1 to 2'],
    ['DatumRange:r', '2000-001 to 2000-002'],
    ['DatumRange:r', '2000-01-01 to 2000-01-02 UTC'],
    ['Datum:d', '5'],
    ['Datum:d', '1.4 log10Ratio'],
    ['Datum:d', '1 hr'],
    ['Datum:d', '9 seconds'],
    ['String:s', 'a &amp;amp; b'],
    ['s', 'line&#10;break&#9;tab&#13;return'],
    ['s', '&lt;b&gt; &quot;q&quot; &apos;s&apos;'],
    ['stringArray:list', 'a,b'],
    ['noSuchType:n', 'x'],
    ['plane.yLabel', 'x'],
    ['odd-name', 'x'],
    ['doubleArray:c', '1.50,2.5'],
    ['int:count', '007'],
    ['micro', '\u00b5\u03bc &#181; \ud83d\ude80'],
  ];
  for (const [name, escaped] of cases) {
    const text = `<stream version="2.2"><properties ${name}="${escaped}"/></stream>`;
    t.strictSame(propertiesOf(formatStreamHeader(stream(text))), propertiesOf(text), `${name}="${escaped}"`);
  }
});

t.test('any property text survives parse and write, any number of times', async (t) => {
  const names = fc.stringMatching(/^(?:[A-Za-z]{1,8}:)?[A-Za-z_][\w.-]{0,8}$/);
  const values = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(names, values), { selector: ([name]) => name, maxLength: 6 }), (entries) => {
      const properties = entries.map(([name, value]) => {
        const [type, rest] = name.includes(':') ? name.split(':') : ['', name];
        return { type: type as string, name: rest as string, value };
      });
      const once = formatStreamHeader({ version: '2.2', compressed: false, properties });
      const back = stream(once);
      const kept = properties.map((property) => ({
        ...property,
        value: property.value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ''),
      }));
      t.strictSame(back.properties, kept);
      t.equal(formatStreamHeader(back), once);
    }),
    { numRuns: 200 },
  );
});

t.test('literal white space in a value becomes blanks', async (t) => {
  const header = stream('<stream><properties a="x\n\ty\rz"/></stream>');
  t.equal(findProperty(header.properties, 'a')?.value, 'x  y z');
});

t.test('canonical output', async (t) => {
  const text = `<?xml version="1.0"?> <packet group='g&amp;h'><properties b="1"/>
    <x units="us2000" name="" type="double" base="2001-01-01"/>
    <yscan yTags="1, 2,3" nitems="3" zUnits="V**2" type="float" yUnits="Hz" name="s" extra="e"><properties Datum:w="1 s"/></yscan></packet>`;
  t.equal(
    formatPacketHeader(packet(text)),
    `<packet group="g&amp;h">
  <properties
    b="1"
  />
  <x name="" type="sun_real8" units="us2000" base="2001-01-01"/>
  <yscan name="s" type="sun_real4" zUnits="V**2" yUnits="Hz" nitems="3" yTags="1, 2,3" extra="e">
    <properties
      Datum:w="1 s"
    />
  </yscan>
</packet>
`,
  );
  t.equal(
    formatStreamHeader(stream('<stream compression="deflate" version="2.1" unknown="x"/>')),
    '<stream version="2.2" compression="none">\n</stream>\n',
  );
});

t.test('layout of records', async (t) => {
  const header = packet(
    `<packet><x type="time24" units="UTC"/><y type="ascii9" units=""/><y type="time24"/>
     <yscan type="little_endian_real4" nitems="7" zUnits=""/><xscan type="sun_real8" nitems="2"/></packet>`,
  );
  t.equal(recordSize(header), 24 + 9 + 24 + 28 + 16);
  t.strictSame(
    header.planes.map((plane) => plane.encoding.type),
    ['time24', 'ascii9', 'time24', 'little_endian_real4', 'sun_real8'],
  );
});

t.test('tags of scans', async (t) => {
  const tags = (attributes: string, element = 'yscan') => {
    const header = packet(`<packet>${X}<${element} type="float" zUnits="" nitems="3" ${attributes}/></packet>`);
    const plane = header.planes[1] as never;
    return { numbers: scanTags(plane), extent: tagExtent(plane), text: formatPacketHeader(header) };
  };
  t.strictSame(tags('').numbers, [0, 1, 2]);
  t.strictSame(tags('yTags=" 05,0.5 ,1e3"').numbers, [5, 0.5, 1000]);
  t.match(tags('yTags=" 05,0.5 ,1e3"').text, 'yTags=" 05,0.5 ,1e3"');
  t.strictSame(tags('yTagInterval="10"').numbers, [0, 10, 20]);
  t.strictSame(tags('yTagInterval="10" yTagMin="5"').numbers, [5, 15, 25]);
  t.strictSame(tags('yTagInterval="10" yTagMax="5"').numbers, [-15, -5, 5]);
  t.strictSame(tags('yTags="1,2,3" yTagInterval="10"').numbers, [1, 2, 3], 'the list wins');
  t.strictSame(tags('yOffsets="1,2,4"').numbers, [1, 2, 4]);
  t.strictSame(tags('yOffsetInterval="2" yOffsetMin="1"').numbers, [1, 3, 5]);
  t.strictSame(tags('xOffsetInterval="2" xOffsetMin="1"', 'xscan').numbers, [1, 3, 5]);
  t.strictSame(tags('xOffsets="7,8,9"', 'xscan').numbers, [7, 8, 9]);
  t.equal(tags('').extent, 2);
  t.equal(tags('yTagInterval="10" yTagMin="5"').extent, 20);
  t.equal(tags('yTags="5,-1,3"').extent, 6, 'in any order');
  const last = tags('yTagInterval="10" yTagMax="25"').text;
  t.match(last, 'yTagMin="5"', 'a series known by its last tag is written with its first');
  t.notMatch(last, 'yTagMax');
  for (const beyond of [
    'yTagInterval="1" yTagMax="1e999"',
    'yTagInterval="1e308" yTagMin="1e308"',
    'yTags="1,2,1e999"',
  ]) {
    t.throws(() => tags(beyond), /tag/, beyond);
  }
});

t.test('cascade and changes of properties', async (t) => {
  const header = stream('<stream><properties double:fill="7" renderer="waveform"/></stream>');
  const types = packet(
    `<packet><properties yFill="-2" renderer="x"/>${X}<y type="float" units=""/><y type="float" units=""><properties double:yFill="-3.0e3"/></y>
     <z type="float" units=""/><yscan type="float" zUnits="" nitems="1"><properties zFill="NaN"/></yscan>
     <y type="float" units=""><properties yFill="none"/></y></packet>`,
  );
  t.strictSame(
    types.planes.map((plane) => planeFill(plane, types, header)),
    [-1e31, -2, -3000, 7, Number.NaN, 7],
  );
  t.equal(effectiveProperty('renderer', types, header)?.value, 'x');
  const doubled = stream('<stream><properties a="1" Datum:b="2" int:a="3"/></stream>').properties;
  t.strictSame(withProperty(doubled, { type: '', name: 'a', value: '9' }), [
    { type: '', name: 'a', value: '9' },
    { type: 'Datum', name: 'b', value: '2' },
  ]);
  t.strictSame(withoutProperty(doubled, 'a'), [{ type: 'Datum', name: 'b', value: '2' }]);
});

t.test('malformed headers have coded errors', async (t) => {
  const planes: [string, ErrorCode][] = [
    ['', 'packetHeader'],
    ['<properties a="1"/>', 'packetHeader'],
    ['<w type="float" units=""/>', 'packetHeader'],
    ['<properties a="1"/><properties b="1"/><x type="float" units=""/>', 'packetHeader'],
    ['<x units="us2000"/>', 'plane'],
    ['<x type="float"/>', 'plane'],
    ['<y type="float"/>', 'plane'],
    ['<yscan type="float" nitems="2"/>', 'plane'],
    ['<yscan type="float" zUnits=""/>', 'plane'],
    ['<yscan type="float" zUnits="" nitems="0"/>', 'plane'],
    ['<yscan type="float" zUnits="" nitems="-1"/>', 'plane'],
    ['<yscan type="float" zUnits="" nitems="2.5"/>', 'plane'],
    ['<yscan type="float" zUnits="" nitems="2" yTags="1"/>', 'plane'],
    ['<yscan type="float" zUnits="" nitems="2" yTags="1,2,3"/>', 'plane'],
    ['<yscan type="float" zUnits="" nitems="2" yTags="1,x"/>', 'plane'],
    ['<yscan type="float" zUnits="" nitems="2" yTagInterval="0"/>', 'plane'],
    ['<yscan type="float" zUnits="" nitems="2" yTagInterval="1" yTagMin="x"/>', 'plane'],
    ['<x type="float" units=""><oops/></x>', 'plane'],
    ['<x type="int4" units=""/>', 'valueEncoding'],
    ['<x type="ascii1" units=""/>', 'valueEncoding'],
    ['<x type="ascii128" units=""/>', 'valueEncoding'],
    ['<x type="time4"/>', 'valueEncoding'],
    ['<yscan type="float" zUnits="" nitems="999999999"/>', 'packetTooLarge'],
    ['<x type="float" units="a" units="b"/>', 'packetHeader'],
    ['<x type="float" units="&nosuch;"/>', 'packetHeader'],
  ];
  for (const [content, code] of planes)
    t.equal(
      codeOf(() => packet(`<packet>${content}</packet>`)),
      code,
      content,
    );
  const inPlane = { message: 'unknown value type \'int4\' of <y> "a" in packet header 7' };
  t.throws(() => parsePacketHeader(7, Buffer.from('<packet><y name="a" type="int4" units=""/></packet>')), inPlane);
  const width = { message: "the width in 'time4' of <x> in packet header 7 must be 5 to 127" };
  t.throws(() => parsePacketHeader(7, Buffer.from('<packet><x type="time4"/></packet>')), width);
  t.equal(
    codeOf(() => packet('<stream/>')),
    'packetHeader',
  );
  t.equal(
    codeOf(() => stream('<stream><oops/></stream>')),
    'streamHeader',
  );
  t.equal(
    codeOf(() => stream('<stream><properties a="1" a="2"/></stream>')),
    'streamHeader',
  );
});

t.test('hostile documents are refused', async (t) => {
  const bomb = `<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><stream><properties t="&b;"/></stream>`;
  const outside = `<!DOCTYPE s SYSTEM "file:///etc/passwd"><stream/>`;
  const deep = `<stream>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</stream>`;
  for (const text of [
    bomb,
    outside,
    deep,
    '<stream a="&#0;"/>',
    '<stream a="\u0001"/>',
    '<stream/><stream/>',
    '',
    '   ',
    'text',
  ]) {
    t.equal(
      codeOf(() => stream(text)),
      'streamHeader',
      text.slice(0, 40),
    );
  }
  t.equal(
    codeOf(() => parseStreamHeader(Buffer.from([0x3c, 0x73, 0x20, 0x61, 0x3d, 0x22, 0xff, 0x22, 0x2f, 0x3e]))),
    'streamHeader',
  );
  t.equal(
    codeOf(() => parseMessage(Buffer.from('<!DOCTYPE c><comment/>'))),
    'message',
  );
  const long = codeOf(() => stream(`<${'a'.repeat(900_000)}/>`));
  t.equal(long, 'streamHeader');
});

t.test('an error report in the place of the header keeps its type and message', async (t) => {
  t.throws(() => stream('<exception type="NoDataInInterval" message="nothing there"/>'), {
    code: 'streamHeader',
    data: { exceptionType: 'NoDataInInterval', exceptionMessage: 'nothing there' },
  });
});
