/** The packet boundary tracker on every prefix of streams of all families, and on what it cannot follow. */
import fc from 'fast-check';
import t from 'tap';
import { PacketBoundary } from '../../lib/stream/packet-boundary.js';
import { recordSizeOfHeader } from '../../lib/stream/record-size.js';
import { cut, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';

const HEADER = packetHeader(1, '<x type="sun_real8" units="us2000"/><y type="ascii9" units=""/>');
const RECORD = record(1, ['sun_real8', 'ascii9'], [1, 2]);
const COMMENT = headerPacket('xx', '<comment type="a" value="b"/>');
const EXCEPTION = headerPacket('xx', '\n<?xml version="1.0"?><!-- why --> <exception type="a" message="b"/>');

function follow(...chunks: Uint8Array[]): PacketBoundary {
  const boundary = new PacketBoundary();
  for (const chunk of chunks) {
    const own = Buffer.from(chunk);
    boundary.push(own);
    own.fill(0xee);
  }
  return boundary;
}

t.test('before the first byte', async (t) => {
  const boundary = follow();
  t.equal(boundary.atBoundary, true);
  t.equal(boundary.started, false);
  t.equal(boundary.mayAppendException, false, 'there is no stream to append to');
});

t.test('every prefix of a stream is judged rightly, however it is cut', async (t) => {
  const packets = [
    STREAM,
    HEADER,
    RECORD,
    RECORD,
    COMMENT,
    RECORD,
    Buffer.from('\n'),
    HEADER,
    RECORD,
    EXCEPTION,
    RECORD,
  ];
  const bytes = Buffer.concat(packets);
  const ends = new Set<number>([0]);
  let end = 0;
  for (const packet of packets) {
    end += packet.length;
    ends.add(end);
  }
  for (let length = 0; length <= bytes.length; length++) {
    for (const size of [1, 5, 64, 1000]) {
      const boundary = follow(...cut(bytes.subarray(0, length), [size]));
      if (boundary.atBoundary !== ends.has(length) || boundary.lost) t.fail(`${length} bytes in pieces of ${size}`);
      t.equal(boundary.total, length);
    }
  }
});

t.test('an exception at the end needs no other', async (t) => {
  const after = follow(STREAM, HEADER, RECORD, EXCEPTION);
  t.equal(after.endsWithException, true);
  t.equal(after.mayAppendException, false);
  const further = follow(STREAM, HEADER, EXCEPTION, RECORD);
  t.equal(further.endsWithException, false);
  t.equal(further.mayAppendException, true);
  t.equal(follow(STREAM, EXCEPTION, COMMENT).endsWithException, false);
  t.equal(follow(headerPacket('00', '<exception type="a" message="b"/>')).endsWithException, true);
});

t.test('what cannot be followed is lost for good', async (t) => {
  const compressed = headerPacket('00', '<stream version="2.2" compression="deflate"/>');
  for (const [name, bytes] of Object.entries({
    'a web page': Buffer.from('<html></html>'),
    'tagged das1': Buffer.from(':b0:0010aaaaaaaaaaaaaaaa'),
    garbage: Buffer.concat([STREAM, Buffer.from('garbage')]),
    'data without header': Buffer.concat([STREAM, RECORD]),
    'a header that is no XML': Buffer.concat([STREAM, headerPacket('01', '<packet><x>')]),
    'an unknown type': Buffer.concat([STREAM, packetHeader(1, '<x type="real16" units=""/>')]),
    'a deflated body': compressed,
    'a bad length': Buffer.concat([STREAM, Buffer.from('[xx]00x000')]),
  })) {
    const boundary = follow(bytes, STREAM, HEADER, RECORD);
    t.equal(boundary.lost, true, name);
    t.equal(boundary.mayAppendException, false, name);
  }
});

t.test('QStreams', async (t) => {
  const start = headerPacket('00', '<stream dataset_id="z" byte_order="little_endian"/>');
  const descriptor = headerPacket(
    '01',
    `<packet><qdataset id="t" rank="1"><properties><property name="UNITS" type="units" value="us2000"/></properties><values encoding="double" length=""/></qdataset>
     <qdataset id="f" rank="1"><values values="1,2,3" length="3"/></qdataset>
     <qdataset id="z" rank="2"><values encoding="float" length="3,4"/></qdataset></packet>`,
  );
  const values = Buffer.concat([Buffer.from(':01:'), Buffer.alloc(8 + 48)]);
  const bytes = Buffer.concat([start, descriptor, values, values]);
  t.equal(follow(...cut(bytes, [10])).mayAppendException, true);
  t.equal(follow(...cut(bytes.subarray(0, -1), [10])).atBoundary, false);
});

t.test('das 3 and pipe tags', async (t) => {
  const root = '<stream version="3.0" type="das-basic-stream"></stream>';
  const dataset = '<dataset rank="1"></dataset>';
  const exception = '<exception type="a">b</exception>';
  const start = Buffer.from(`|Sx||${root.length}|${root}|Hx|1|${dataset.length}|${dataset}|Pd|1|5|abcde|Xx|0|3|abc`);
  const boundary = follow(...cut(start, [3]));
  t.equal(boundary.atBoundary, true);
  t.equal(boundary.das3, true);
  t.equal(boundary.mayAppendException, false, 'an [xx] packet has no place in das 3');
  t.equal(follow(start.subarray(0, -1)).atBoundary, false);
  t.equal(follow(start, Buffer.from(`|Ex||${exception.length}|${exception}`)).endsWithException, true);
  const json = Buffer.from('|Sj||7|{"a":1}|Pd|1|2|ab');
  t.equal(follow(...cut(json, [2])).atBoundary, true);
  const two = '<stream version="2.3"/>';
  t.equal(follow(Buffer.from(`|Sx||${two.length}|${two}`), HEADER, RECORD).mayAppendException, true);
});

t.test('sizes of records', async (t) => {
  const size = (text: string): number | undefined => recordSizeOfHeader(Buffer.from(text));
  t.equal(
    size(
      '<packet><x type="time24"/><yscan type="float" nitems="5"/><z type="ascii9"/><xscan type="sun_real8" nitems="2"/></packet>',
    ),
    69,
  );
  t.equal(size('<packet><q/></packet>'), undefined);
  t.equal(size('<stream/>'), undefined);
  t.equal(size('<packet><qdataset><values encoding="int2" length="x"/></qdataset></packet>'), undefined);
  t.equal(size('<packet><qdataset><values inline="1,2"/></qdataset></packet>'), 0);
  t.equal(size('<packet><yscan type="sun_real8" nitems="999999999"/></packet>'), undefined);
});

t.test('no input makes it throw', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(STREAM, HEADER, RECORD, COMMENT), fc.uint8Array({ maxLength: 30 }))),
      fc.integer({ min: 1, max: 50 }),
      (parts, size) => {
        const boundary = follow(...cut(Buffer.concat(parts), [size]));
        const whole = follow(Buffer.concat(parts));
        return boundary.atBoundary === whole.atBoundary && boundary.lost === whole.lost;
      },
    ),
  );
  t.pass();
});

t.test('a header that comes byte by byte takes no more than its length', async (t) => {
  const long = packetHeader(1, `<properties a="${'x'.repeat(990_000)}"/><x type="sun_real8" units="us2000"/>`);
  const boundary = new PacketBoundary();
  for (const packet of [STREAM, long]) {
    for (let at = 0; at < packet.length; at++) {
      if (at > 0 && boundary.atBoundary) t.fail(`byte ${at}`);
      boundary.push(packet.subarray(at, at + 1));
    }
  }
  boundary.push(record(1, ['sun_real8'], [1]));
  t.equal(boundary.mayAppendException, true);
});
