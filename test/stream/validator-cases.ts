/**
 * One minimal stream for every rule of the validator: it breaks that rule and no other.
 */
import { deflateRawSync, deflateSync } from 'node:zlib';
import type { RuleCode } from '../../lib/stream/validator/rules.js';
import { headerPacket, packetHeader, STREAM } from '../tools/build-stream.js';

const X = '<x type="ascii12" units="s"/>';
const TIME = '<x type="time21" units="UTC"/>';
const Y = '<y type="ascii10" name="a" units="V"/>';
const Z = '<z type="ascii10" name="c" units="V"/>';
const YSCAN = '<yscan type="ascii10" name="s" zUnits="V" nitems="2" yTags="1,2"/>';

/** A `[01]` with these planes. */
const packet = (...planes: string[]): Buffer => packetHeader(1, planes.join('\n'));
const XY = packet(X, Y);

/** `:01:` with text fields of width 12, 10, 10 ...; the last ends with a newline. */
const data = (...fields: string[]): Buffer => {
  const text = fields.map((field, index) => field.padStart(index === 0 ? 11 : 9)).join(' ');
  return Buffer.from(`:01:${text}\n`);
};
const RECORD = data('1', '2');

const stream = (properties: string, attributes = 'version="2.2"'): Buffer =>
  headerPacket('00', `<stream ${attributes}>\n${properties === '' ? '' : `<properties ${properties}/>\n`}</stream>\n`);
const message = (content: string): Buffer => headerPacket('xx', `${content}\n`);
const comment = (type: string, value: string): Buffer =>
  message(`<comment type="${type}" source="test" value="${value}"/>`);
const EXCEPTION = message('<exception type="ServerError" message="no"/>');

const join = (...parts: (string | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));

const pipe = (tag: string, id: string, content: string | Buffer): Buffer =>
  join(`|${tag}|${id}|${Buffer.byteLength(content)}|`, content);

/** Tables with tags that are wrong in one way. */
const tags = (attributes: string): Buffer =>
  join(STREAM, packet(X, `<yscan type="ascii10" name="s" zUnits="V" nitems="2" ${attributes}/>`));

// QStreams.
const Q = headerPacket('00', '<stream dataset_id="a"/>\n');
const values = (content: string, attributes = 'id="a" rank="1"'): string =>
  `<qdataset ${attributes}><properties/>${content}</qdataset>`;
const ONE = '<values encoding="ascii10" length=""/>';
const qpacket = (...datasets: string[]): Buffer => headerPacket('01', `<packet>${datasets.join('')}</packet>\n`);
const property = (attributes: string): Buffer =>
  join(Q, qpacket(`<qdataset id="a" rank="1"><properties><property ${attributes}/></properties>${ONE}</qdataset>`));

const deflated = (body: Uint8Array): Buffer => join(stream('', 'version="2.2" compression="deflate"'), body);

export const CASES: Readonly<Record<RuleCode, Uint8Array>> = {
  'not-a-stream': Buffer.from('<html>'),
  'exception-as-header': headerPacket('00', '<exception type="ServerError" message="no"/>\n'),
  'das3-stream': headerPacket('00', '<stream version="3.0" type="das-basic-stream"/>\n'),
  'empty-stream': Buffer.alloc(0),
  'header-first': join(XY, STREAM, RECORD),
  'second-stream-header': join(STREAM, XY, STREAM, RECORD),
  'unknown-tag': join(STREAM, XY, RECORD, 'what is this?', RECORD),
  'length-field': join(STREAM, '[01]000000', RECORD),
  'length-form': join(stream(''), '[xx]    56<comment type="a" source="b" value="cdefghijklmno"/>\n\n\n\n'),
  'message-id': join(STREAM, headerPacket('XX', '<comment type="a" source="b" value="c"/>\n')),
  'packet-id': join(STREAM, pipe('Hx', '100', `<packet>${X}${Y}</packet>\n`), pipe('Pd', '100', RECORD.subarray(4))),
  'stray-newline': join(STREAM, '\n', XY, RECORD),
  'trailing-white-space': join(STREAM, XY, RECORD, '\n \n'),
  'truncated-packet': join(STREAM, XY, RECORD.subarray(0, 20)),
  'undefined-packet': join(STREAM, ':07:', '1'),
  'packet-too-large': join(STREAM, packet(X, '<yscan type="double" name="s" zUnits="V" nitems="9999999"/>')),
  'pipe-data-length': join(STREAM, XY, pipe('Pd', '1', 'short'), RECORD),
  'content-newline': join(headerPacket('00', '<stream version="2.2"/>'), XY, RECORD),
  'xml-malformed': join(STREAM, message('<comment type="a"')),
  'compression-unknown': stream('', 'version="2.2" compression="bzip2"'),
  'compression-synonym': join(stream('', 'version="2.2" compression="zlib"'), deflateSync(join(XY, RECORD))),
  'deflate-raw': deflated(deflateRawSync(join(XY, RECORD))),
  'deflate-broken': deflated(join(deflateSync(join(XY, RECORD)).subarray(0, -4), 'sum!')),
  'root-element': join(STREAM, message('<remark/>')),
  'unexpected-element': headerPacket('00', '<stream version="2.2"><x/></stream>\n'),
  'unexpected-text': headerPacket('00', '<stream version="2.2">hello</stream>\n'),
  'unknown-attribute': stream('', 'version="2.2" colour="blue"'),
  'version-missing': stream('', ''),
  'version-unknown': stream('', 'version="2.9"'),
  'later-version': join(
    STREAM,
    packet(X, '<xscan type="ascii10" name="w" nitems="2" xOffsetInterval="1" xUnits="s" yUnits="V"/>'),
  ),
  'no-planes': join(STREAM, headerPacket('01', '<packet><properties a="b"/></packet>\n')),
  'packet-shape': join(STREAM, packet(X, Z, YSCAN)),
  'several-x': join(STREAM, packet(X, X, Y)),
  'same-definition': join(STREAM, XY, packetHeader(2, `${X}\n${Y}`)),
  'repeated-header': join(STREAM, XY, RECORD, XY, RECORD),
  'type-missing': join(STREAM, packet(X, '<y name="a" units="V"/>')),
  'type-unknown': join(STREAM, packet(X, '<y type="int4" name="a" units="V"/>')),
  'text-width': join(STREAM, packet(X, '<y type="ascii8" name="a" units="V"/>')),
  'units-missing': join(STREAM, packet(X, '<y type="ascii10" name="a"/>')),
  'utc-as-number': join(STREAM, packet('<x type="sun_real8" units="UTC"/>', Y)),
  'name-twice': join(STREAM, packet(X, Y, '<y type="ascii9" name="a" units="A"/>')),
  'name-missing': join(STREAM, packet(X, '<y type="ascii10" units="V"/>')),
  'name-characters': join(STREAM, packet(X, '<y type="ascii10" name="a b" units="V"/>')),
  'item-count': join(STREAM, packet(X, '<yscan type="ascii10" name="s" zUnits="V" nitems="0"/>')),
  'tag-count': tags('yTags="1,2,3"'),
  'tag-number': tags('yTagInterval="-1"'),
  'tags-ignored': tags('yTags="1,2" yTagInterval="1"'),
  'base-time': join(STREAM, packet('<x type="ascii12" units="V" base="2000-01-01"/>', Y)),
  'property-name': stream('plane.yLabel="a"'),
  'property-twice': stream('yFill="1" double:yFill="1"'),
  'property-type': stream('blob:a="b"'),
  'property-value': stream('Datum:a="b"'),
  'fill-value': stream('yFill="none"'),
  'x-tag-width-units': join(stream('Datum:xTagWidth="5 km"'), packet(TIME, Y)),
  'number-unreadable': join(STREAM, XY, data('1', 'abc')),
  'number-trailing-text': join(STREAM, XY, data('1', '2 V')),
  'time-unreadable': join(
    STREAM,
    packet(X, '<y type="time21" name="t" units="UTC"/>'),
    ':01:',
    `${'1'.padStart(11)} tomorrow morning.   \n`,
  ),
  'field-separator': join(STREAM, XY, ':01:', `${'1'.padStart(11)} ${'2345678901'}`),
  'separator-form': join(STREAM, XY, ':01:', `${'1'.padStart(11)} ${'2'.padStart(9)} `),
  'x-undefined': join(STREAM, XY, data('nan', '2')),
  'nan-value': join(STREAM, XY, data('1', 'NaN')),
  'not-monotonic': join(stream('boolean:xMonotonic="true"'), XY, data('2', '0'), data('1', '0')),
  'x-decreases': join(STREAM, packet('<x type="ascii12" units="t2000"/>', Y), data('2', '0'), data('1', '0')),
  'message-attribute': join(STREAM, message('<comment type="log:info" value="hello"/>')),
  'message-text-form': join(STREAM, message('<exception type="ServerError">no</exception>')),
  'log-level': join(STREAM, comment('log:shout', 'hello')),
  'task-value': join(STREAM, comment('taskSize', '10'), comment('taskProgress', '11')),
  'data-after-exception': join(STREAM, XY, EXCEPTION, RECORD),
  'q-header': headerPacket('00', '<stream dataset_id="a" byte_order="middle_endian"/>\n'),
  'q-attribute': headerPacket('00', '<stream dataset_id="a" colour="blue"/>\n'),
  'q-element': join(Q, qpacket(values(ONE), '<x/>')),
  'q-no-datasets': join(Q, qpacket()),
  'q-id': join(Q, qpacket(values(ONE), values(ONE))),
  'q-values': join(Q, qpacket(values(''))),
  'q-encoding': join(Q, qpacket(values('<values encoding="int1" length=""/>'))),
  'q-length': join(Q, qpacket(values('<values encoding="ascii10" length="many"/>'))),
  'q-rank': join(Q, qpacket(values(ONE, 'id="a" rank="3"'))),
  'q-inline': join(Q, qpacket(values('<values encoding="ascii10" length="2" values="1,2,3"/>'))),
  'q-inline-records': join(Q, qpacket(values('<values encoding="ascii10" length="3" values="1,2,3"/>')), ':01:'),
  'q-record-limit': join(Q, qpacket(values('<values encoding="double" length="1000,1000"/>', 'id="a" rank="3"'))),
  'q-property': property('type="String" value="a"'),
  'q-property-type': property('name="A" type="word" value="a"'),
  'q-property-value': property('name="A" type="Double" value="a"'),
  'q-reference': property('name="DEPEND_0" type="qdataset" value="t"'),
  'q-message': join(Q, message('<comment type="log:info" source="test" value="hello"/>')),
  'q-text-unreadable': join(Q, qpacket(values(ONE)), ':01:', `${'x'.padStart(9)}\n`),
  'client-pipe-tags': join(pipe('Sx', '', '<stream version="2.2"/>\n'), XY, RECORD),
  'client-trailing-bytes': join(STREAM, XY, RECORD, '\n'),
  'client-exception': join(STREAM, XY, RECORD, EXCEPTION),
  'client-name': join(STREAM, packet(X, '<y type="ascii10" units="V"/>', '<y type="ascii10" units="A"/>')),
  'client-last-tag': tags('yTagInterval="1" yTagMax="2"'),
  'client-x-first': join(STREAM, packet(Y, X)),
  'client-time-units': join(STREAM, packet('<x type="time21" units="km"/>', Y)),
  'client-property-type': stream('datum:a="5 s"'),
  'client-tag-width': stream('double:xTagWidth="5"'),
  'client-cache-tag': stream('xCacheRange="2000-01-01 to 2000-01-02"'),
  'client-task-size': join(STREAM, comment('taskProgress', '1')),
};

/** Remarks that a strict case cannot avoid, because the same fault is also one in general. */
export const COMPANIONS: Readonly<Partial<Record<RuleCode, readonly RuleCode[]>>> = {
  'client-trailing-bytes': ['trailing-white-space'],
  'client-name': ['name-missing'],
  'client-property-type': ['property-type'],
};
