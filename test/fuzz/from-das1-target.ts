/**
 * The target for das2_from_das1: plain das1 bytes and the keywords of a definition.
 *
 * The arguments of a case are BEGIN, END and `KEY=VALUE` words, percent-encoded. The records are converted a second time here, with no more
 * than the record size that the output says it has.
 */
import { Das2Error } from '../../lib/error.js';
import { NAME } from '../../lib/filter/das1/header.js';
import { createFromDas1 } from '../../lib/filter/from-das1.js';
import type { ByteSink } from '../../lib/stream/byte-filter.js';
import { itemCount, planesOf, splitStream } from '../tools/split-stream.js';
import { execute, type Outcome, randomChunking, WHOLE } from './execute.js';
import { compareOutcomes, endsWithException, report, violated } from './filter-checks.js';
import { demand, type FuzzInput, type Target } from './property.js';
import type { Random } from './random.js';
import { das1Input } from './stream-inputs.js';

const TIMES = ['2000-01-01', '1999-12-31T23:59:59.5', '2013-001T12:00', '1958-01-01'];
const NAMES = ['density', 'B!dx!n', '!a!b!', '9', '', 'a b', '<"&>', '\u00e9', '!9E!N', 'x'];
const UNITS = ['V', '', 'Hz', 'cm!e-3!n', '<"&>', 'V**2 m**-2'];
const NUMBERS = ['1', '-1e31', '1d-32', '10L', '.5', 'nan', '1e999', '', '-', '0x10', '1,2'];
const OTHER_WORDS = [
  'description=A description',
  'description=<b> & "q"',
  'description=tab\there\u0000and\u0007bell',
  'server=das.example.org',
  'label(0)=later',
  'title=T',
  'xLabel=mine',
  'sourceId=somebody',
  'x_unit=seconds',
  'x_parameter=time',
  'y_scale=log',
  'odd-key.name=1',
  '__proto__=1',
  'key with blank=1',
  'yFill=0',
  'renderer=waveform',
];

/** Random keywords for records of so many values; one in four definitions does not say what the records are, or cannot be used. */
function keywordsFor(random: Random, items: number): string[] {
  const words: string[] = [];
  const may = (key: string, values: readonly string[]): void => {
    if (random.oneIn(2)) words.push(`${key}=${random.pick(values)}`);
  };
  const count = random.oneIn(8) ? random.pick([0, 1, 40, 5001]) : items;
  const form = random.pick(
    items === 2 ? ['x_multi_y', 'x_y_z', 'x_tagged_y_scan'] : ['x_multi_y', 'x_tagged_y_scan', 'x_tagged_y_scan'],
  );
  if (!random.oneIn(20)) words.push(`form=${random.oneIn(20) ? random.pick(['x_y', '', ' x_y_z ']) : form}`);
  if (form === 'x_multi_y') {
    words.push(`${random.pick(['items', 'ny'])}=${random.oneIn(20) ? random.pick(NUMBERS) : count}`);
    for (let i = 0; i < Math.min(count, 4); i++) may(`label(${i})`, NAMES);
  } else if (form === 'x_tagged_y_scan') {
    const tags = Array.from({ length: count }, (_, i) => (random.oneIn(40) ? random.pick(NUMBERS) : `${i * 10.5}`));
    const [open, close] = random.pick([
      ['[', ']'],
      ['(', ')'],
      ['', ''],
      ['findgen(', ')'],
      ['[', ' '],
    ]) as [string, string];
    words.push(`y_coordinate=${random.oneIn(2) ? '[' : open}${tags.join(', ')}${close === '' ? ']' : close}`);
  }
  for (const axis of ['x', 'y', 'z']) {
    may(`${axis}_parameter`, NAMES);
    may(`${axis}_unit`, UNITS);
    may(`${axis}_sample_width`, NUMBERS);
    if (axis !== 'x') may(`${axis}_fill`, NUMBERS);
  }
  if (random.oneIn(2)) words.push(random.pick(OTHER_WORDS));
  return words;
}

function check({ bytes, args }: FuzzInput, random: Random): number {
  const [begin, end, ...words] = args.map(decodeURIComponent) as [string, string, ...string[]];
  const pairs = words.map((word): [string, string] => {
    const at = word.indexOf('=');
    return [word.slice(0, at), word.slice(at + 1)];
  });
  const definition = { keywords: new Map(pairs), begin, end };
  const create = (sink: ByteSink) => createFromDas1(definition, sink);
  const first = execute(create, bytes, WHOLE);
  compareOutcomes(first, execute(create, bytes, randomChunking(random)));
  checkOutcome(first, bytes, begin);
  // The reader fails: what it has printed is kept, and the stream says why it ends.
  const failing = execute(
    (sink) => {
      const conversion = createFromDas1(definition, sink);
      let failed = false;
      const fail = (): void => {
        if (failed) return;
        failed = true;
        conversion.fail('the reader ended with status 3');
      };
      return { push: (chunk) => conversion.push(chunk), flush: () => conversion.flush(), end: fail };
    },
    bytes,
    randomChunking(random),
  );
  demand(failing.error !== undefined, 'a reader that fails is a fault', () => '');
  demand(failing.output.length > 0 === (bytes.length > 0 && first.output.length > 0), 'output before a fault', () =>
    String(failing.error),
  );
  checkOutcome(failing, bytes, begin);
  return 3;
}

function checkOutcome({ output, error, cut }: Outcome, bytes: Uint8Array, begin: string): void {
  if (cut) return;
  if (error !== undefined) {
    demand(
      error.code === 'sourceDefinition' || error.code === 'readerFailed',
      'error of definition or reader',
      () => `${error.code} ${error.message}`,
    );
    demand(error.exitStatus === 112, 'status 112', () => `${error.exitStatus} ${error.message}`);
    demand(error.message.length < 1000, 'short message', () => error.message);
  }
  if (output.length === 0) {
    demand(error !== undefined, 'no silence without a fault', () => `${bytes.length} bytes`);
    return;
  }
  const found = report(output);
  const wrong = violated(found);
  demand(wrong.length === 0 && found.summary.complete, `valid output (${wrong[0]})`, () =>
    JSON.stringify(found.findings).slice(0, 400),
  );
  const packets = splitStream(output);
  const header = packets[1]?.root;
  if (header === undefined) throw new Das2Error('internal', 'no packet header');
  const items = planesOf(header).reduce((sum, plane) => sum + itemCount(plane), 0) - 1;
  const size = 4 * (items + 1);
  if (error === undefined) demand(bytes.length % size === 0, 'an error where a record is cut', () => `${items} items`);
  else demand(endsWithException(output), 'exception packet after a fault', () => error.message);
  const data = packets.filter(({ tag }) => tag === ':01:').map((packet) => Buffer.from(packet.data as Uint8Array));
  const wanted = converted(Buffer.from(bytes), items, Date.parse(isoTime(begin)));
  demand(Buffer.concat(data).equals(wanted), 'the records that were read', () => `${data.length} records`);
}

/** Little-endian records of das1 bytes. */
function converted(bytes: Buffer, items: number, beginMilliseconds: number): Buffer {
  const begin = (beginMilliseconds - Date.UTC(2000, 0, 1)) * 1000;
  const size = 4 * (items + 1);
  const records: Buffer[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) {
    const seconds = bytes.readFloatBE(at);
    if (!Number.isFinite(seconds)) continue;
    const record = Buffer.alloc(8 + 4 * items);
    record.writeDoubleLE(begin + seconds * 1e6);
    for (let item = 0; item < items; item++) record.writeUInt32LE(bytes.readUInt32BE(at + 4 + 4 * item), 8 + 4 * item);
    records.push(record);
  }
  return Buffer.concat(records);
}

/** The times above in the form that the platform reads. */
function isoTime(text: string): string {
  const ordinal = /^(\d{4})-001(.*)$/.exec(text);
  const date = ordinal === null ? text : `${ordinal[1]}-01-01${ordinal[2]}`;
  return date.includes('T') ? `${date}Z` : `${date}T00:00Z`;
}

export const FROM_DAS1: Target = {
  name: NAME,
  make(random, seeds) {
    const { items, ...input } = das1Input(random, seeds);
    const words = [random.pick(TIMES), random.pick(TIMES), ...keywordsFor(random, items)];
    return { ...input, args: words.map(encodeURIComponent) };
  },
  check,
};
