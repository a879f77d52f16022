/** Content digests: the vectors of the reference, and that values alone count. Test cases C01 to C07, C14 to C16, C19, C59, C60 of citation 16. */
import { createHash } from 'node:crypto';
import { deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { DigestTap, type StreamDigest } from '../../../lib/cite/digest/tap.js';
import { DIGEST_A, DIGEST_EMPTY, packet, STREAM_A, sha256, VECTORS } from './vectors.js';

function digestOf(...chunks: readonly Uint8Array[]): StreamDigest {
  const tap = new DigestTap();
  for (const chunk of chunks) tap.push(chunk);
  return tap.end();
}

const bytesOf = (name: string): Buffer => VECTORS.find((vector) => vector.name === name)?.bytes ?? Buffer.alloc(0);

/** Vector A with text replaced in its headers; lengths are set anew. */
function relabelled(from: string, to: string): Buffer {
  const text = bytesOf('A').toString('latin1').replace(from, to);
  const lengths = text.replace(/\[(0\d)\]\d{6}([^\n]*\n)/g, (_, id: string, body: string) =>
    packet(id, body.trimEnd()),
  );
  return Buffer.from(lengths, 'latin1');
}

t.test('C01 to C07: the vectors of the reference', (t) => {
  for (const { name, bytes, start, d2c1 } of VECTORS) {
    if (start !== undefined) t.equal(sha256(bytes).slice(0, 16), start, `bytes of ${name}`);
    t.match(digestOf(bytes), { state: 'ok', d2c1 }, `digest of ${name}`);
  }
  t.match(digestOf(bytesOf('A')), {
    packets: 2,
    firstX: '2000-01-01T00:00:00',
    lastX: '2000-01-01T00:01:00',
  });
  t.equal(digestOf(bytesOf('F')).firstX, '2013-01-01T01:00:00');
  t.end();
});

t.test('C14: NaN, -0 and fill are the same in every form', (t) => {
  const record = (...words: readonly string[]): Buffer => Buffer.from(`:01:${words.join('')}`.slice(4), 'hex');
  const of = (fill: string, type: string, ...words: readonly string[]): string | undefined =>
    digestOf(
      Buffer.from(
        packet('00', `<stream version="2.2"><properties double:yFill="${fill}"/></stream>`) +
          packet('01', `<packet><x type="sun_real8" units="t2000"/><y type="${type}" name="a" units=""/></packet>`) +
          ':01:',
      ),
      record(...words),
    ).d2c1;
  const zero = '0000000000000000';
  const fill = of('-1e31', 'sun_real4', zero, 'f2fc6f7c');
  t.ok(fill);
  t.equal(of('-1e31', 'sun_real8', zero, hexOf(-1e31)), fill, '8-byte fill');
  t.equal(of('NaN', 'sun_real4', zero, '7fc00000'), fill, 'fill changed to NaN in header and data');
  t.equal(of('-1e31', 'sun_real4', zero, 'ffc12345'), fill, 'another NaN');
  t.equal(of('-1e31', 'sun_real8', zero, '7ff8000000000001'), fill, 'a NaN of eight bytes');
  const plain = of('-1e31', 'sun_real4', zero, '00000000');
  t.equal(of('-1e31', 'sun_real4', '8000000000000000', '80000000'), plain, '-0 is 0');
  t.not(plain, fill);
  t.not(of('-1e31', 'sun_real8', zero, hexOf(-1.0000001e31)), fill, 'fill counts exactly');
  t.end();
});

function hexOf(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}

t.test('C15: what is not the same has another digest', (t) => {
  const a = bytesOf('A');
  const lastBit = Buffer.from(a);
  lastBit[a.length - 1] = 1;
  const swapped = Buffer.concat([a.subarray(0, -56), a.subarray(-28), a.subarray(-56, -28)]);
  const others = [
    lastBit,
    relabelled('17.8', '17.9'),
    relabelled('"nT"', '"pT"'),
    relabelled('B_mag', 'B_abs'),
    swapped,
  ].map((bytes) => digestOf(bytes));
  for (const other of others) t.equal(other.state, 'ok');
  t.equal(new Set([DIGEST_A, ...others.map(({ d2c1 }) => d2c1)]).size, 6);
  t.end();
});

t.test('C16: labels change the label digest alone', (t) => {
  const of = (property: string) => digestOf(relabelled('Datum:xTagWidth="60 s"', `Datum:xTagWidth="60 s" ${property}`));
  const plain = digestOf(bytesOf('A'));
  const titled = of('title="Field"');
  t.equal(titled.d2c1, DIGEST_A);
  t.not(titled.m, plain.m);
  t.match(titled.m, /^[0-9a-f]{64}$/);
  t.equal(of('title=" Field "').m, titled.m, 'white space does not count');
  t.equal(of('String:title="Field"').m, titled.m, 'nor do type words');
  t.equal(of('creationTime="2026-01-01"').m, plain.m, 'nor does what changes from run to run');
  t.equal(of('citation="Doe 2026"').m, plain.m, 'nor what a server adds');
  const lines = ['stream|xTagWidth=60 s', 'stream|zFill=-1.0e+31'];
  t.equal(plain.m, createHash('sha256').update(lines.join('\n')).digest('hex'), 'the form of the lines');
  t.end();
});

t.test('C19, C59: streams without data, and those that cannot be read', (t) => {
  const head = bytesOf('A').subarray(0, -56);
  t.match(digestOf(head), { state: 'ok', d2c1: DIGEST_EMPTY, packets: 0 }, 'headers alone are no data');
  const exception = (type: string): Buffer => Buffer.from(packet('xx', `<exception type="${type}" message="m"/>`));
  t.match(digestOf(head, exception('NoDataInInterval')), { state: 'ok', d2c1: DIGEST_EMPTY });
  t.match(digestOf(bytesOf('A'), exception('ServerError')), { state: 'failed', reason: /ServerError: m/ });
  t.equal(digestOf(bytesOf('A'), exception('ServerError')).d2c1, undefined);
  t.match(digestOf(Buffer.from(packet('00', '<exception type="NoDataInInterval" message="m"/>'))), {
    d2c1: DIGEST_EMPTY,
  });
  t.match(digestOf(Buffer.from(packet('00', '<exception type="ServerError" message="m"/>'))), { state: 'failed' });
  for (const bytes of [
    bytesOf('A').subarray(0, -1),
    Buffer.concat([bytesOf('A'), Buffer.from('rubbish')]),
    Buffer.from('<html>'),
    Buffer.alloc(0),
    relabelled('name="B_mag" units="nT"', 'name="B_mag" units="n|T"'),
    relabelled('B_mag', 'B&#10;mag'),
    Buffer.from(bytesOf('F').toString('latin1').replace('2013-001T01:00:00.000', '2013-001T25:00:00.000'), 'latin1'),
  ]) {
    const { state, reason, d2c1 } = digestOf(bytes);
    t.same({ state, d2c1 }, { state: 'unhashed', d2c1: undefined });
    t.ok(reason, String(reason));
  }
  const tap = new DigestTap();
  tap.push(Buffer.from('rubbish'));
  t.ok(tap.isDeaf, 'nothing more is learnt');
  t.end();
});

t.test('times as text: both calendars, any number of digits, leap seconds', (t) => {
  const of = (text: string): StreamDigest =>
    digestOf(
      Buffer.from(
        packet('00', '<stream version="2.2"/>') +
          packet('01', `<packet><x type="time${text.length + 1}" units="us2000"/></packet>`) +
          `:01:${text}\n`,
      ),
    );
  const canonical = (text: string): string => {
    const frames = [
      ['V', 'd2c/1'],
      ['P', 'x|t|us2000|'],
      ['D', `\0\x01${text}`],
      ['E', '\0\0\0\0\0\0\0\x01'],
    ].map(([tag, payload = '']) => {
      const head = Buffer.alloc(5);
      head.write(tag ?? '');
      head.writeUInt32BE(payload.length, 1);
      return Buffer.concat([head, Buffer.from(payload, 'latin1')]);
    });
    return sha256(Buffer.concat(frames));
  };
  t.equal(of('2016-12-31T23:59:60.5').d2c1, canonical('2016-12-31T23:59:60.500000000'));
  t.equal(of('2016-366T23:59:60').d2c1, canonical('2016-12-31T23:59:60.000000000'));
  t.equal(of('2016-12-31T23:59:59.9999999999').d2c1, canonical('2016-12-31T23:59:59.999999999'), 'cut, not rounded');
  t.equal(of('2016-12-31').d2c1, canonical('2016-12-31T00:00:00.000000000'));
  t.equal(of('2016-12-31T12:30Z').d2c1, canonical('2016-12-31T12:30:00.000000000'));
  t.end();
});

interface Column {
  readonly kind: 'y' | 'z' | 'yscan';
  readonly items: number;
}

/** A stream of 4-byte values, written with one choice of everything that must not count. */
function written(columns: readonly Column[], rows: readonly (readonly number[])[], choice: Choice): Buffer {
  const { id, wide, little, deflate, chatty, repeat } = choice;
  const type = wide ? `${little ? 'little_endian' : 'sun'}_real8` : `${little ? 'little_endian' : 'sun'}_real4`;
  const planes = columns.map(({ kind, items }, at) =>
    kind === 'yscan'
      ? `<yscan ${little ? `name="p${at}" ` : ''}type="${type}" zUnits="nT" yUnits="Hz" ` +
        `${wide ? `yTags="${Array.from({ length: items }, (_, i) => `${i * 2}.0`).join(', ')}"` : 'yTagInterval="2"'} ` +
        `nitems="${items}"${little ? '' : ` name="p${at}"`}/>`
      : `<${kind} type="${type}" name="p${at}" units="nT"/>`,
  );
  const number = String(id).padStart(2, '0');
  const header = packet(number, `<packet><x type="${type}" units="t2000"/>${planes.join('')}</packet>`);
  const size = wide ? 8 : 4;
  const body: Buffer[] = [Buffer.from(header)];
  for (const row of rows) {
    if (chatty) body.push(Buffer.from(packet('xx', '<comment type="log:info" source="s" value="v"/>')));
    if (repeat) body.push(Buffer.from(header));
    const record = Buffer.alloc(4 + size * row.length);
    record.write(`:${number}:`);
    for (const [at, value] of row.entries()) {
      const to = 4 + at * size;
      if (wide) little ? record.writeDoubleLE(value, to) : record.writeDoubleBE(value, to);
      else little ? record.writeFloatLE(value, to) : record.writeFloatBE(value, to);
    }
    body.push(record);
  }
  const attribute = deflate === 'none' ? '' : ' compression="deflate"';
  const stream = Buffer.from(packet('00', `<stream version="2.2"${attribute}/>`));
  const all = Buffer.concat(body);
  const packed = deflate === 'none' ? all : deflate === 'zlib' ? deflateSync(all) : deflateRawSync(all);
  return Buffer.concat([stream, packed]);
}

const CHOICE = fc.record({
  id: fc.integer({ min: 1, max: 99 }),
  wide: fc.boolean(),
  little: fc.boolean(),
  deflate: fc.constantFrom('none', 'zlib', 'raw'),
  chatty: fc.boolean(),
  repeat: fc.boolean(),
});
type Choice = typeof CHOICE extends fc.Arbitrary<infer T> ? T : never;

const COLUMNS = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('y' as const, 'z' as const), items: fc.constant(1) }),
    fc.record({ kind: fc.constant('yscan' as const), items: fc.integer({ min: 1, max: 6 }) }),
  ),
  { minLength: 1, maxLength: 3 },
);

t.test(
  'the digest depends on the values alone: not on encoding, compression, ids, comments, or where chunks end',
  (t) => {
    const value = fc.oneof(fc.float(), fc.constantFrom(-0, Number.NaN, Math.fround(-1e31)));
    const material = COLUMNS.chain((columns) => {
      const width = 1 + columns.reduce((sum, { items }) => sum + items, 0);
      return fc.record({
        columns: fc.constant(columns),
        rows: fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
        cuts: fc.array(fc.nat(), { maxLength: 6 }),
      });
    });
    fc.assert(
      fc.property(material, CHOICE, CHOICE, ({ columns, rows, cuts }, one, other) => {
        // A fill that 4 bytes have rounded is fill in 4 bytes only.
        const safe =
          one.wide || other.wide ? rows.map((row) => row.map((v) => (v === Math.fround(-1e31) ? 0 : v))) : rows;
        const first = digestOf(written(columns, safe, one));
        const bytes = written(columns, safe, other);
        const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
        const chunks = [0, ...places].map((from, at) => bytes.subarray(from, places[at] ?? bytes.length));
        const second = digestOf(...chunks);
        return first.state === 'ok' && first.d2c1 === second.d2c1 && second.packets === rows.length;
      }),
      { numRuns: 150 },
    );
    t.end();
  },
);

t.test('a record larger than the buffer has the digest of its values', (t) => {
  const columns: Column[] = [{ kind: 'yscan', items: 40000 }];
  const rows = [0, 1].map((x) => [x, ...Array.from({ length: 40000 }, (_, i) => Math.fround(Math.sin(i + x)))]);
  const choice: Choice = { id: 1, wide: false, little: false, deflate: 'none', chatty: false, repeat: false };
  const small = digestOf(written(columns, rows, choice));
  t.equal(small.packets, 2);
  t.equal(digestOf(written(columns, rows, { ...choice, wide: true, little: true })).d2c1, small.d2c1);
  const tags = Array.from({ length: 40000 }, (_, i) => hexOf(i * 2)).join(',');
  const hash = createHash('sha256');
  const frame = (tag: string, payload: Buffer): void => {
    const head = Buffer.alloc(5);
    head.write(tag);
    head.writeUInt32BE(payload.length, 1);
    hash.update(head).update(payload);
  };
  frame('V', Buffer.from('d2c/1'));
  frame('P', Buffer.from(`x|n|t2000|\nyscan|p0|n|nT|Hz|40000|${tags}`));
  for (const row of rows) {
    const payload = Buffer.alloc(2 + 8 * row.length);
    payload.writeUInt16BE(1);
    for (const [at, value] of row.entries()) payload.writeDoubleBE(value, 2 + 8 * at);
    frame('D', payload);
  }
  frame('E', Buffer.from('0000000000000002', 'hex'));
  t.equal(small.d2c1, hash.digest('hex'));
  t.end();
});

t.test('C60: memory does not grow with the stream', (t) => {
  const head = Buffer.from(STREAM_A + packet('01', '<packet><x type="sun_real8" units="t2000"/></packet>'));
  const block = Buffer.alloc(12 * 4096);
  for (let at = 0; at < block.length; at += 12) block.write(':01:', at);
  const tap = new DigestTap();
  tap.push(head);
  const held = (): number => process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 20; i++) tap.push(block);
  const before = held();
  for (let i = 0; i < 400; i++) tap.push(block);
  t.ok(held() - before < 4 * 1024 * 1024, 'no more than buffers of one size');
  t.equal(tap.end().packets, 420 * 4096);
  t.end();
});

t.test('QStreams have a digest of their packets without comments', (t) => {
  const header = packet('00', '<stream dataset_id="ds"/>');
  const descriptor = packet(
    '01',
    '<packet><qdataset id="ds" rank="1"><values encoding="double" length=""/></qdataset></packet>',
  );
  const data = Buffer.concat([Buffer.from(':01:'), Buffer.alloc(8)]);
  const comment = Buffer.from(packet('xx', '<comment type="taskProgress" message="1"/>'));
  const plain = [Buffer.from(header + descriptor), data];
  const digest = digestOf(...plain);
  t.match(digest, { state: 'ok', q1: sha256(Buffer.concat(plain)), packets: 1 });
  t.equal(digest.d2c1, undefined);
  t.equal(digestOf(Buffer.from(header), comment, Buffer.from(descriptor), comment, data).q1, digest.q1);
  t.end();
});

t.test('the digest of the first packets', (t) => {
  const columns: Column[] = [{ kind: 'y', items: 1 }];
  const choice: Choice = { id: 1, wide: false, little: false, deflate: 'none', chatty: false, repeat: false };
  const rows = Array.from({ length: 9 }, (_, i) => [i, i]);
  for (const count of [1, 4, 9]) {
    const tap = new DigestTap({ checkAt: count });
    tap.push(written(columns, rows, choice));
    const { atCheck, d2c1 } = tap.end();
    t.equal(atCheck, digestOf(written(columns, rows.slice(0, count), choice)).d2c1);
    t.equal(d2c1, digestOf(written(columns, rows, choice)).d2c1, 'the whole is what it was');
  }
  const beyond = new DigestTap({ checkAt: 10 });
  beyond.push(written(columns, rows, choice));
  t.equal(beyond.end().atCheck, undefined);
  t.end();
});

t.test('packet types with more tags than can be kept have no digest', (t) => {
  const header = (items: number): Buffer =>
    Buffer.from(
      packet('00', '<stream version="2.2"/>') +
        packet(
          '01',
          `<packet><x type="sun_real8" units="t2000"/><yscan name="a" nitems="${items}" type="sun_real4" zUnits="" yUnits=""/></packet>`,
        ) +
        ':01:',
    );
  t.match(digestOf(header(1000), Buffer.alloc(8 + 4 * 1000)), { state: 'ok' });
  t.match(digestOf(header(2_000_000), Buffer.alloc(8 + 4 * 2_000_000)), {
    state: 'unhashed',
    reason: /too large ones/,
  });
  t.end();
});
