/** Heads of blocks taken as text give the same stream as heads that are read, or are left to be read. */
import fc from 'fast-check';
import t from 'tap';
import { PartCutter } from '../../../lib/cache/answer/cut-part.js';
import { BlockMerger } from '../../../lib/cache/answer/merge-blocks.js';
import { parsePacketHeader, parseStreamHeader } from '../../../lib/stream/header-parser.js';
import { formatPacketHeader, formatStreamHeader } from '../../../lib/stream/header-writer.js';
import type { Property } from '../../../lib/stream/properties.js';
import { parseTime } from '../../../lib/stream/time.js';
import { headerPacket, packetHeader, record } from '../../tools/build-stream.js';

const RECORD = record(1, ['little_endian_real8', 'sun_real4'], [3e6, 3]);
const PLANES = '<x type="little_endian_real8" units="us2000"/><y type="sun_real4" name="a" units="V"/>';

/** The stream of some blocks of a head and one record, and how many heads were taken as text. */
function merged(heads: readonly Uint8Array[], { asText, seconds = 60 }: { asText: boolean; seconds?: number }) {
  const pieces: Buffer[] = [];
  const merger = new BlockMerger(
    {
      program: 'test',
      level: { seconds, directory: seconds > 0 ? `bin-${seconds}s` : 'intrinsic' },
      begin: parseTime('2000-01-01T00:00:02'),
      end: parseTime('2000-01-01T00:00:05'),
      rangeText: 'B to E',
    },
    { write: (bytes) => pieces.push(Buffer.from(bytes)) },
    PartCutter,
  );
  let taken = 0;
  for (const head of heads) {
    merger.begin();
    if (asText && merger.takeHead(Buffer.from(head).toString())) {
      taken++;
      merger.pass(RECORD, 1);
    } else {
      merger.push(head);
      merger.push(RECORD);
      merger.close();
    }
  }
  merger.end();
  return { bytes: Buffer.concat(pieces).toString('latin1'), taken };
}

const word = fc.stringMatching(/^[A-Za-z_]\w{0,8}$/);
const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom('a "b" <c> & d', "it's", 'two\nlines\tand\r', '', ' blanks ', '&amp;', '/>'),
);
const property = fc.record({
  type: fc.constantFrom('', 'Datum', 'DatumRange', 'double', 'boolean'),
  name: fc.oneof(word, fc.constantFrom('xCacheRange', 'xCacheResolution', 'sourceId', 'title')),
  value: text,
});

function head(properties: readonly Property[]): Buffer {
  const stream = formatStreamHeader({ version: '2.2', compressed: false, properties });
  // Values are checked where they are read: what cannot be read is in no block.
  const readable = formatStreamHeader(parseStreamHeader(Buffer.from(stream)));
  const packet = formatPacketHeader(parsePacketHeader(1, Buffer.from(`<packet>${PLANES}</packet>`)));
  return Buffer.concat([headerPacket('00', readable), headerPacket('01', packet)]);
}

/** Merges the blocks of a day. */
function mergerOfADay(write: (bytes: Uint8Array) => void = () => {}): BlockMerger {
  const level = { seconds: 60, directory: 'bin-60s' };
  const [begin, end] = [parseTime('2000-01-01'), parseTime('2000-01-02')];
  return new BlockMerger({ program: 'test', level, begin, end, rangeText: 'B to E' }, { write });
}

t.test('a head in our own form says the same, byte for byte', (t) => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.uniqueArray(property, { selector: ({ name }) => name, maxLength: 6 }),
      fc.constantFrom(0, 60),
      (list, seconds) => {
        let bytes: Buffer;
        try {
          bytes = head(list);
        } catch {
          return;
        }
        if (!/^[\t\n\x20-\x7e]*$/.test(bytes.toString('latin1'))) return;
        const fast = merged([bytes, bytes], { asText: true, seconds });
        t.equal(fast.bytes, merged([bytes, bytes], { asText: false, seconds }).bytes);
        t.equal(fast.taken, list.length > 0 ? 2 : 0);
        taken += fast.taken;
      },
    ),
    { numRuns: 300 },
  );
  t.ok(taken > 200, 'most were taken');
  t.end();
});

t.test('another head in between, read or taken', (t) => {
  const first = head([{ type: '', name: 'title', value: 'T' }]);
  const other = Buffer.concat([
    headerPacket('00', '<stream version="2.2"><properties title="U"/></stream>'),
    packetHeader(1, '<x type="little_endian_real8" units="us2000"/><y type="sun_real4" name="b" units="V"/>'),
  ]);
  for (const heads of [
    [first, other, first],
    [other, first, first, other],
  ]) {
    t.equal(merged(heads, { asText: true }).bytes, merged(heads, { asText: false }).bytes);
  }
  t.end();
});

t.test('what is not in that form is left to be read', (t) => {
  const packet = headerPacket('01', `<packet>\n${PLANES}</packet>\n`);
  const stream = (content: string): Buffer => headerPacket('00', content);
  const lines = (inside: string): string =>
    `<stream version="2.2" compression="none">\n  <properties\n${inside}  />\n</stream>\n`;
  const plain = stream(lines('    title="T"\n'));
  t.ok(mergerOfADay().takeHead(`${plain}${packet}`), 'the form itself');
  for (const text of [
    '',
    `${plain}`,
    `${packet}${plain}`,
    `${plain}${plain}${packet}`,
    `${plain}${headerPacket('xx', '<comment type="log:info" source="" value="x"/>\n')}${packet}`,
    `${plain}${packet}`.slice(0, -1),
    `${plain} ${packet}`,
    `${plain}|Hx|1|10|0123456789`,
    `[00]99999x${lines('    title="T"\n')}${packet}`,
    `${stream(lines(''))}${packet}`.replace('[00]', '[0x]'),
    `${stream(lines('    title="T" other="U"\n'))}${packet}`,
    `${stream(lines("    title='T'\n"))}${packet}`,
    `${stream(lines('  title="T"\n'))}${packet}`,
    `${stream(lines('    title="<T>"\n'))}${packet}`,
    `${stream('<stream version="2.2" compression="deflate">\n  <properties\n    title="T"\n  />\n</stream>\n')}${packet}`,
    `${stream('<stream version="2.2" compression="none">\n</stream>\n')}${packet}`,
  ]) {
    t.notOk(mergerOfADay().takeHead(text), text.slice(0, 90));
  }
  t.end();
});

t.test('short blocks leave together, long ones as they are', (t) => {
  const writes: Uint8Array[] = [];
  const merger = mergerOfADay((bytes) => writes.push(bytes));
  t.ok(merger.takeHead(head([{ type: '', name: 'title', value: 'T' }]).toString()));
  const short = Buffer.alloc(1600);
  for (let i = 0; i < 500; i++) merger.pass(short, 100);
  merger.flush();
  t.ok(writes.length < 20, `${writes.length} writes of 800 kB`);
  const long = Buffer.alloc(20_000);
  merger.pass(long, 1000);
  t.equal(writes.at(-1), long, 'not copied');
  t.equal(merger.recordCount, 51_000);
  t.end();
});
