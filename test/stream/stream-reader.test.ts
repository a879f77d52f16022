/** Framing byte by byte: what the stream reader accepts, how it cuts, and which coded fault every malformed stream gives. */
import { deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { Das2Error, type ErrorCode } from '../../lib/error.js';
import { type StreamHandler, StreamReader } from '../../lib/stream/stream-reader.js';
import { cut, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';
import { PacketCollector, readStream, type StreamPacket } from '../tools/read-stream.js';

const X = '<x type="sun_real8" units="us2000"/>';
const Y = '<y type="sun_real4" name="a" units="V"/>';
const TYPES = ['sun_real8', 'sun_real4'];
const HEADER = packetHeader(1, X + Y);

const join = (...parts: (Uint8Array | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

/** Kinds and ids in order, as words. */
function kinds(packets: readonly StreamPacket[]): string {
  return packets.map((packet) => ('id' in packet ? `${packet.kind}${packet.id}` : packet.kind)).join(' ');
}

function faultOf(...chunks: Uint8Array[]): Das2Error {
  try {
    readStream(...chunks);
  } catch (error) {
    if (error instanceof Das2Error) return error;
    throw error;
  }
  throw new Error('no fault');
}

t.test('packets of every kind, in order', async (t) => {
  const bytes = join(
    STREAM,
    HEADER,
    record(1, TYPES, [1, 2]),
    headerPacket('xx', '<comment type="log:info" source="s" value="v"/>\n'),
    packetHeader(7, X),
    record(7, ['sun_real8'], [3]),
    record(1, TYPES, [4, 5]),
    headerPacket('xx', '<exception type="ServerError" message="m"/>\n'),
    record(1, TYPES, [6, 7]),
  );
  const packets = readStream(bytes);
  t.equal(kinds(packets), 'stream packet1 data1 comment packet7 data7 data1 exception data1');
  t.equal(packets[2]?.kind === 'data' && Buffer.from(packets[2].bytes).readFloatBE(8), 2);
  t.strictSame(packets[3], { kind: 'comment', comment: { type: 'log:info', source: 's', value: 'v' } });
  t.strictSame(packets[7], { kind: 'exception', exception: { type: 'ServerError', message: 'm' } });
});

t.test('a lone stream header is a stream', async (t) => {
  t.equal(kinds(readStream(STREAM)), 'stream');
});

t.test('lengths may be padded with blanks on either side', async (t) => {
  for (const length of ['    31', '31    ', ' 31   ', '000031']) {
    t.equal(kinds(readStream(Buffer.from(`[00]${length}<stream version="2.2"></stream>`))), 'stream', length);
  }
});

t.test('the letters of a message tag may be of any case', async (t) => {
  for (const id of ['xx', 'XX', 'Xx', 'xX']) {
    t.equal(kinds(readStream(join(STREAM, headerPacket(id, '<comment type="a" value="b"/>')))), 'stream comment', id);
  }
});

t.test('line ends between packets are skipped, other white space is not', async (t) => {
  const packet = record(1, TYPES, [1, 2]);
  t.equal(kinds(readStream(join(STREAM, '\n', HEADER, '\r\n', packet, '\n\n', packet))), 'stream packet1 data1 data1');
  t.equal(faultOf(join(STREAM, HEADER, ' ', packet)).code, 'framing');
  t.equal(faultOf(join(STREAM, HEADER, '\t', packet)).code, 'framing');
  t.equal(faultOf(join('\n', STREAM)).code, 'framing', 'nothing stands before the stream header');
});

t.test('white space at the very end is ignored', async (t) => {
  for (const space of ['\n', '\r\n', ' ', '  \n', '\t\t\t\t\t', ' \n \n']) {
    for (const chunk of [1, 3, 1000]) {
      t.equal(
        kinds(readStream(...cut(join(STREAM, HEADER, record(1, TYPES, [1, 2]), space), [chunk]))),
        'stream packet1 data1',
      );
    }
  }
});

t.test('a header replaces the one before it', async (t) => {
  const packets = readStream(
    join(
      STREAM,
      HEADER,
      record(1, TYPES, [1, 2]),
      packetHeader(1, X),
      record(1, ['sun_real8'], [9]),
      HEADER,
      record(1, TYPES, [3, 4]),
    ),
  );
  t.equal(kinds(packets), 'stream packet1 data1 packet1 data1 packet1 data1');
  const sizes = packets.flatMap((packet) => (packet.kind === 'data' ? [packet.bytes.length] : []));
  t.strictSame(sizes, [12, 8, 12]);
});

t.test('all 99 ids are live at one time', async (t) => {
  const parts: Uint8Array[] = [STREAM];
  for (let id = 1; id <= 99; id++) parts.push(packetHeader(id, X + Y));
  for (let id = 99; id >= 1; id--) parts.push(record(id, TYPES, [id, id]));
  const ids = readStream(join(...parts)).flatMap((packet) => (packet.kind === 'data' ? [packet.id] : []));
  t.strictSame(
    ids,
    Array.from({ length: 99 }, (_, i) => 99 - i),
  );
});

t.test('records are handed over in runs', async (t) => {
  const runs: string[] = [];
  const nothing = (): void => {};
  const handler: StreamHandler = {
    streamHeader: nothing,
    packetHeader: nothing,
    comment: nothing,
    exception: nothing,
    records: (id, { bytes, view, offset, count, stride }) => {
      t.equal(view.byteLength, bytes.length);
      runs.push(`${id}: ${Array.from({ length: count }, (_, i) => view.getFloat64(offset + i * stride)).join(' ')}`);
    },
  };
  const reader = new StreamReader(handler);
  const one = (x: number): Buffer => record(1, TYPES, [x, 0]);
  reader.push(join(STREAM, HEADER, packetHeader(2, X), one(1), one(2), one(3), record(2, ['sun_real8'], [4]), one(5)));
  reader.push(join(one(6), one(7)).subarray(0, 20));
  reader.push(join(one(6), one(7)).subarray(20));
  reader.end();
  t.strictSame(runs, ['1: 1 2 3', '2: 4', '1: 5', '1: 6', '1: 7']);
});

t.test('a large record grows the buffer, a larger one is refused', async (t) => {
  const items = 1_000_000;
  const header = packetHeader(1, `${X}<yscan type="sun_real4" zUnits="" nitems="${items}"/>`);
  const data = Buffer.alloc(4 + 8 + 4 * items);
  data.write(':01:');
  t.equal(kinds(readStream(...cut(join(STREAM, header, data, data), [65536]))), 'stream packet1 data1 data1');
  const over = packetHeader(1, `${X}<yscan type="sun_real8" zUnits="" nitems="2097152"/>`);
  t.equal(faultOf(join(STREAM, over)).code, 'packetTooLarge');
  t.equal(faultOf(join(STREAM, over)).exitStatus, 12);
});

t.test('pipe tags, also mixed with bracket tags', async (t) => {
  const stream = '<stream version="2.3"/>';
  const header = `<packet>${X}${Y}</packet>`;
  const comment = '<comment type="log:info" source="s" value="v"/>';
  const exception = '<exception type="ServerError">out of\nmemory</exception>';
  const values = record(1, TYPES, [1, 2]).subarray(4);
  const bytes = join(
    `|Sx||${stream.length}|${stream}`,
    `|Hx|1|${header.length}|${header}`,
    `|Pd|1|12|`,
    values,
    `|Pd|0000000001|0000000012|`,
    values,
    record(1, TYPES, [3, 4]),
    `|Cx||${comment.length}|${comment}`,
    `|Ex||${exception.length}|${exception}`,
  );
  for (const size of [1, 2, 5, 1000]) {
    const packets = readStream(...cut(bytes, [size]));
    t.equal(kinds(packets), 'stream packet1 data1 data1 data1 comment exception');
    t.strictSame(packets.at(-1), { kind: 'exception', exception: { type: 'ServerError', message: 'out of\nmemory' } });
  }
});

t.test('deflated bodies', async (t) => {
  for (const word of ['deflate', 'zlib']) {
    const head = headerPacket('00', `<stream version="2.2" compression="${word}"/>`);
    const body = join(HEADER, ...Array.from({ length: 50 }, (_, i) => record(1, TYPES, [i, i * i])));
    for (const [name, packed] of [
      ['zlib', deflateSync(body)],
      ['raw', deflateRawSync(body)],
    ] as const) {
      for (const size of [1, 10, 1000]) {
        const packets = readStream(...cut(join(head, packed), [size]));
        t.equal(packets.length, 52, `${word} ${name} ${size}`);
        t.equal(packets[0]?.kind === 'stream' && packets[0].header.compressed, true);
      }
      t.equal(faultOf(join(head, packed.subarray(0, -6))).code, 'compression', 'cut short');
    }
    const damaged = deflateSync(body);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    t.equal(faultOf(join(head, damaged)).code, 'compression', 'check sum');
    t.equal(faultOf(head).code, 'compression', 'nothing behind the header');
    t.equal(faultOf(join(head, HEADER)).code, 'compression', 'not deflated at all');
  }
});

t.test('malformed streams have coded errors', async (t) => {
  const comment = headerPacket('xx', '<comment type="a" value="b"/>');
  const cases: [string, Uint8Array | string, ErrorCode][] = [
    ['nothing', '', 'framing'],
    ['two bytes', '[0', 'framing'],
    ['a tag without length', '[00]0000', 'framing'],
    ['a header cut short', STREAM.subarray(0, 20), 'framing'],
    ['a web page', '<!DOCTYPE html><html></html>', 'framing'],
    ['JSON', '{"a": 1}', 'framing'],
    ['tagged das1', ':b0:0010abcdefgh', 'framing'],
    ['plain das1', Buffer.from([0x41, 0x20, 0, 0, 0, 0, 0, 0]), 'framing'],
    ['data first', record(1, TYPES, [1, 2]), 'framing'],
    ['a packet header first', HEADER, 'framing'],
    ['a comment first', comment, 'framing'],
    ['a second stream header', join(STREAM, STREAM), 'framing'],
    ['data without header', join(STREAM, HEADER, ':02:abcdefgh'), 'framing'],
    ['data of id 00', join(STREAM, HEADER, ':00:abcdefghijkl'), 'framing'],
    ['a record cut short', join(STREAM, HEADER, record(1, TYPES, [1, 2]).subarray(0, 15)), 'framing'],
    ['a tag cut short', join(STREAM, HEADER, ':0'), 'framing'],
    ['no tag', join(STREAM, HEADER, 'garbage!'), 'framing'],
    ['one stray byte', join(STREAM, HEADER, 'x'), 'framing'],
    ['a bad id', join(STREAM, '[0a]000003<a>'), 'framing'],
    ['a bad data id', join(STREAM, HEADER, ':1 :abcdefghijkl'), 'framing'],
    ['length zero', join(STREAM, '[01]000000'), 'framing'],
    ['a negative length', join(STREAM, '[01]-00010<packet/>  '), 'framing'],
    ['a length that is no number', join(STREAM, '[01]12345x<packet/>'), 'framing'],
    ['a length with a blank inside', join(STREAM, '[01]1   23<packet/>'), 'framing'],
    ['pipe data of the wrong size', join(STREAM, HEADER, '|Pd|1|5|abcde'), 'framing'],
    ['pipe data that are too long', join(STREAM, HEADER, '|Pd|1|13|abcdefghijklm'), 'framing'],
    ['pipe data without header', join(STREAM, '|Pd|1|5|abcde'), 'framing'],
    ['a pipe id above 99', join(STREAM, '|Hx|100|5|abcde'), 'framing'],
    ['an unknown pipe tag', join(STREAM, '|Qq|1|5|abcde'), 'framing'],
    ['an endless pipe number', join(STREAM, '|Pd|1|123456789012345678901234567890'), 'framing'],
    ['das 3', '|Sx||55|<stream version="3.0" type="das-basic-stream"></stream>', 'streamHeader'],
    ['das 3 in JSON', '|Sj||10|{"a": [1]}', 'streamHeader'],
    ['a das 3 dataset', join(STREAM, '|Hx|1|10|<dataset/>'), 'streamHeader'],
    ['a das 3 extension', join(STREAM, '|Xx|1|10|<whatever>'), 'streamHeader'],
    ['a QStream', headerPacket('00', '<stream dataset_id="z" byte_order="little_endian"/>'), 'streamHeader'],
    ['an error report', headerPacket('00', '<exception type="NoDataInInterval" message="none"/>'), 'streamHeader'],
    ['another root', headerPacket('00', '<packet/>'), 'streamHeader'],
    ['bad XML in the stream header', headerPacket('00', '<stream version="2.2">'), 'streamHeader'],
    ['an unknown compression', headerPacket('00', '<stream compression="lzma"/>'), 'streamHeader'],
    ['bad XML in a packet header', join(STREAM, headerPacket('01', '<packet><x></packet>')), 'packetHeader'],
    ['bad XML in a comment', join(STREAM, headerPacket('xx', '<comment')), 'message'],
  ];
  for (const [name, bytes, code] of cases) {
    const fault = faultOf(Buffer.from(bytes as string));
    t.equal(fault.code, code, name);
    t.not(fault.exitStatus, 0, name);
    const bitten = faultOf(...cut(Buffer.from(bytes as string), [1]));
    t.equal(bitten.message, fault.message, `${name}: the same byte by byte`);
  }
  t.match(faultOf(headerPacket('00', '<stream dataset_id="z"/>')).message, 'QStream input is not supported');
  t.match(faultOf(Buffer.from('|Sx||23|<stream version="3.0"/>')).message, 'das 3 stream');
  for (const start of ['\n', 'no', '{}\n', '<a>', '[xx']) {
    t.match(faultOf(Buffer.from(start)).message, /does not begin with|looks like/, JSON.stringify(start));
  }
  for (const start of ['[', '[00', '|S', '[00]'])
    t.match(faultOf(Buffer.from(start)).message, 'ends inside the stream header');
  t.match(faultOf(join(STREAM, HEADER, 'oops')).message, `byte ${STREAM.length + HEADER.length}`);
});

t.test('what came before a fault has been handed over', async (t) => {
  const collector = new PacketCollector();
  const reader = new StreamReader(collector);
  t.throws(() => reader.push(join(STREAM, HEADER, record(1, TYPES, [1, 2]), 'garbage')), { code: 'framing' });
  t.equal(kinds(collector.packets), 'stream packet1 data1');
  reader.push(join(record(1, TYPES, [1, 2])));
  reader.end();
  t.equal(kinds(collector.packets), 'stream packet1 data1', 'a reader that has thrown ignores the rest');
});

t.test('unknown messages are dropped, missing attributes are empty', async (t) => {
  const packets = readStream(
    join(
      STREAM,
      headerPacket('xx', '<note a="b"/>'),
      headerPacket('xx', '<comment/>'),
      headerPacket('xx', '<exception/>'),
    ),
  );
  t.strictSame(packets.slice(1), [
    { kind: 'comment', comment: { type: '', source: '', value: '' } },
    { kind: 'exception', exception: { type: '', message: '' } },
  ]);
});

t.test('invariant 1 (codec): packets do not depend on how the bytes are cut', async (t) => {
  const piece = fc.oneof(
    fc.constant(HEADER),
    fc.constant(packetHeader(2, '<x type="ascii9" units="s"/>')),
    fc.tuple(fc.double(), fc.float()).map(([x, y]) => join(HEADER, record(1, TYPES, [x, y]), record(1, TYPES, [y, x]))),
    fc.integer().map((x) => join(packetHeader(2, '<x type="ascii9" units="s"/>'), record(2, ['ascii9'], [x % 9]))),
    fc.string().map((text) => headerPacket('xx', `<comment type="t" value="${text.replace(/[^ -~]|[&<"]/g, '')}"/>`)),
    fc.constant(Buffer.from('\n')),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  );
  const outcome = (chunks: Uint8Array[]): unknown => {
    const collector = new PacketCollector();
    const reader = new StreamReader(collector);
    let fault: unknown;
    try {
      for (const chunk of chunks) reader.push(chunk);
      reader.end();
    } catch (error) {
      fault = error instanceof Das2Error ? `${error.code} ${error.message}` : error;
    }
    return [collector.packets, fault];
  };
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (parts, sizes) => {
        const bytes = join(STREAM, ...parts);
        t.strictSame(outcome(cut(bytes, sizes)), outcome([bytes]));
      },
    ),
    { numRuns: 150 },
  );
});

t.test('invariant 21 (codec): damaged input gives a coded fault or a stream, never anything else', async (t) => {
  const good = join(STREAM, HEADER, record(1, TYPES, [1, 2]), headerPacket('xx', '<comment type="a" value="b"/>'));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = Buffer.from(good);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        readStream(bytes);
      } catch (error) {
        if (!(error instanceof Das2Error)) throw error;
        t.not(error.exitStatus, 0);
      }
    }),
    { numRuns: 300 },
  );
});

t.test('versions', async (t) => {
  const said = (version: string): string[] => {
    const words: string[] = [];
    const reader = new StreamReader(new PacketCollector(), (text) => words.push(text));
    reader.push(headerPacket('00', `<stream${version}/>`));
    reader.end();
    return words;
  };
  for (const known of ['', ' version=""', ' version="2.1"', ' version="2.2"', ' version="2.3"'])
    t.same(said(known), []);
  t.same(said(' version="2.9&#10;"'), ['the stream says that it is of version "2.9\\n"; it is read as 2.2']);
});
