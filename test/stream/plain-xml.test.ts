/** The quick reading of plain headers never differs from the full parser: same tree, or no answer. */
import fc from 'fast-check';
import t from 'tap';
import { plainXml } from '../../lib/stream/plain-xml.js';
import { parseFully, type XmlElement } from '../../lib/stream/xml.js';

/** The tree of the full parser; undefined where it refuses. */
function full(text: string): XmlElement | undefined {
  try {
    return parseFully(text);
  } catch {
    return undefined;
  }
}

t.test('everyday headers are plain', (t) => {
  const stream =
    '<stream version="2.2"><properties double:zFill="-1e31" xLabel="Time (UTC)" Datum:xRange="0 to 10 s"/></stream>\n';
  const packet =
    '<packet>\n <x type="time24" units="us2000"></x>\n\t<y type="ascii10" group="a b" units=""  />\n</packet> ';
  for (const text of [stream, packet, '<exception type="NoDataInInterval" message="it\'s > empty"/>']) {
    const plain = plainXml(text);
    t.ok(plain, text);
    t.same(plain, full(text));
  }
  t.end();
});

t.test('what is not plain is left to the full parser', (t) => {
  for (const text of [
    '',
    ' ',
    ' <a/>',
    'a<a/>',
    '<a/>b',
    '<a/><b/>',
    '<a></b>',
    '<a>',
    '</a>',
    '<a></a b="c">',
    '<a></a/>',
    '<a b="1" b="2"/>',
    "<a b='1'/>",
    '<a b="1"c="2"/>',
    '<a b="&lt;"/>',
    '<a b="x\ty"/>',
    '<a>&amp;</a>',
    '<a>]]></a>',
    '<a b="]]>"/>',
    '<a>\r\n</a>',
    '<a b="\u00e9"/>',
    '<!-- x --><a/>',
    '<?xml version="1.0"?><a/>',
    '<a><![CDATA[x]]></a>',
    `${'<a>'.repeat(20)}${'</a>'.repeat(20)}`,
    '<:a/>',
    '<1/>',
    '< a/>',
    '<a b/>',
    '<a b=1/>',
  ]) {
    t.equal(plainXml(text), undefined, JSON.stringify(text));
  }
  t.end();
});

t.test('no text makes it differ from the full parser', (t) => {
  const piece = fc.constantFrom(
    ...[
      '<',
      '>',
      '/',
      '</',
      '/>',
      '="',
      '"',
      '=',
      ' ',
      '\n',
      '\t',
      '&',
      '&amp;',
      ']]>',
      '<!--',
      '-->',
      '<?',
      '?>',
      "'",
    ],
    ...[
      'a',
      'b',
      'a:b',
      'double:zFill',
      '1',
      '<a>',
      '</a>',
      '<a/>',
      '<b c="d"/>',
      ' b="c"',
      '\r',
      '\u00e9',
      '\0',
      '<![CDATA[',
    ],
  );
  const chaos = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(chaos, (text) => {
      const plain = plainXml(text);
      if (plain !== undefined && JSON.stringify(facts(plain)) !== JSON.stringify(factsOf(full(text))))
        throw new Error(text);
    }),
    { numRuns: 20_000 },
  );
  const name = fc.constantFrom('stream', 'packet', 'x', 'y', 'yscan', 'properties', 'a:b', '_c.d-e');
  const value = fc.string({ unit: fc.constantFrom(..."ab 1.-+/>(){}[];:_%$@!?=*~^|\\'`,"), maxLength: 8 });
  const attributes = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 4 });
  const { document } = fc.letrec<{ document: string; children: string[] }>((tie) => ({
    children: fc.array(tie('document') as fc.Arbitrary<string>, { maxLength: 3, depthIdentifier: 'xml' }),
    document: fc
      .tuple(
        name,
        attributes,
        fc.oneof({ depthIdentifier: 'xml' }, fc.constant<string[]>([]), tie('children') as fc.Arbitrary<string[]>),
        fc.constantFrom('', ' ', '\n'),
      )
      .map(
        ([tag, pairs, inside, gap]) =>
          `<${tag}${pairs.map(([key, text]) => ` ${key}="${text}"`).join(gap)}${gap}>${gap}${inside.join(gap)}x</${tag}${gap}>`,
      ),
  }));
  let plainOnes = 0;
  fc.assert(
    fc.property(document, (text) => {
      const plain = plainXml(text);
      if (plain === undefined) return;
      plainOnes++;
      if (JSON.stringify(facts(plain)) !== JSON.stringify(facts(parseFully(text)))) throw new Error(text);
    }),
    { numRuns: 3000 },
  );
  t.ok(plainOnes > 1500, `${plainOnes} of 3000 documents were plain`);
  t.end();
});

function factsOf(element: XmlElement | undefined): unknown {
  return element === undefined ? 'refused' : facts(element);
}

function facts(element: XmlElement): unknown {
  return [element.name, [...element.attributes], element.text, element.children.map(facts)];
}
