/** Comments, exceptions, the packets of a failed request, and the writer that puts packets one behind the other. */
import t from 'tap';
import {
  errorPackets,
  escapeReport,
  exceptionPacket,
  formatComment,
  formatException,
} from '../../lib/stream/message.js';
import { StreamReader } from '../../lib/stream/stream-reader.js';
import { StreamWriter } from '../../lib/stream/stream-writer.js';
import { headerPacket, STREAM } from '../tools/build-stream.js';
import { PacketCollector, readStream } from '../tools/read-stream.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

t.test('the packets of a failed request, byte by byte', async (t) => {
  const body = '<exception type="IllegalArgument" message="no such time" />\n';
  t.equal(
    text(errorPackets({ type: 'IllegalArgument', message: 'no such time' })),
    `[00]000025<stream version="2.2" />\n[xx]0000${body.length}${body}`,
  );
  t.equal(
    text(errorPackets({ type: 'IllegalArgument', message: 'no such time', qstream: true })),
    `[00]000029<stream dataset_id="none" />\n[xx]0000${body.length}${body}`,
  );
  t.equal(text(exceptionPacket('IllegalArgument', 'no such time')), `[xx]0000${body.length}${body}`);
});

t.test('lengths count bytes', async (t) => {
  const packet = exceptionPacket('T', '\u00b5\u00b5');
  t.equal(text(packet).slice(4, 10), String(packet.length - 10).padStart(6, '0'));
});

t.test('escaping of messages', async (t) => {
  t.equal(escapeReport('a & b < c > d "e"'), 'a &amp; b &lt; c &gt; d &quot;e&quot;');
  t.equal(escapeReport('one\ntwo\r\nthree'), 'one&#13;&#10;two&#13;&#10;three');
  t.equal(escapeReport('\n \n  first\nlast\n\n'), '  first&#13;&#10;last', 'outer blank lines go');
  t.equal(escapeReport('a\u0000b\u001bc\ufffed\ud800e'), 'abcde', 'characters that XML cannot hold go');
});

t.test('messages are cut at 4096 bytes, between characters', async (t) => {
  t.equal(escapeReport('x'.repeat(5000)).length, 4096);
  const micro = escapeReport(`x${'\u00b5'.repeat(5000)}`);
  t.equal(Buffer.byteLength(micro), 4095);
  const rocket = escapeReport('\ud83d\ude80'.repeat(2000));
  t.equal(Buffer.byteLength(rocket), 4096);
  t.notMatch(rocket, /\ufffd/);
  t.notMatch(escapeReport('&'.repeat(5000)), /&(?!amp;)/, 'no entity is cut in two');
});

t.test('comments and exceptions survive being written and read', async (t) => {
  for (const value of ['plain', '', 'a & b &amp; <c> "d" \'e\'', 'two\nlines\tand a tab', '\u00b5']) {
    const packets = readStream(
      STREAM,
      headerPacket('xx', formatComment({ type: value, source: value, value })),
      headerPacket('xx', formatException({ type: value, message: value })),
    );
    t.strictSame(packets.slice(1), [
      { kind: 'comment', comment: { type: value, source: value, value } },
      { kind: 'exception', exception: { type: value, message: value } },
    ]);
  }
});

t.test('text between the tags stands for a missing attribute', async (t) => {
  const packets = readStream(
    STREAM,
    headerPacket('xx', '<comment type="t">hello\n</comment>'),
    headerPacket('xx', '<exception><![CDATA[a < b]]></exception>'),
  );
  t.match(packets[1], { comment: { type: 't', value: 'hello' } });
  t.match(packets[2], { exception: { message: 'a < b' } });
});

t.test('the writer writes packets back to back and refuses what cannot be framed', async (t) => {
  const pieces: Buffer[] = [];
  const writer = new StreamWriter({ write: (bytes) => pieces.push(Buffer.from(bytes)) });
  const collector = new PacketCollector();
  const [packet] = readStream(STREAM);
  if (packet?.kind !== 'stream') throw new Error('no header');
  writer.streamHeader(packet.header);
  writer.comment({ type: 'a', source: 'b', value: 'c' });
  t.equal(pieces.length, 0, 'nothing leaves before the buffer is full or flushed');
  writer.flush();
  new StreamReader(collector).push(Buffer.concat(pieces));
  t.equal(collector.packets.length, 2);
  t.throws(() => writer.comment({ type: 'a', source: '', value: 'x'.repeat(1_000_000) }), { code: 'packetTooLarge' });
  const size = 5_000_000;
  const offset = writer.beginRecord(42, size);
  writer.bytes.fill(7, offset, offset + size);
  writer.flush();
  const last = pieces.at(-1) as Buffer;
  t.equal(last.length, size + 4);
  t.equal(last.toString('latin1', 0, 4), ':42:');
});

t.test('a sink that fails marks the writer', async (t) => {
  const writer = new StreamWriter({
    write: () => {
      throw new Error('gone');
    },
  });
  writer.comment({ type: 'a', source: 'b', value: 'c' });
  t.throws(() => writer.flush(), { message: 'gone' });
  t.equal(writer.failed, true);
});
