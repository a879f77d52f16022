/** The inflater against the platform's own deflate, in pieces of any size, and on damaged input. */
import { constants, deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { Das2Error } from '../../lib/error.js';
import { Inflater } from '../../lib/stream/inflate.js';
import { cut } from '../tools/build-stream.js';

function inflate(...chunks: Uint8Array[]): Buffer {
  const pieces: Buffer[] = [];
  const inflater = new Inflater((piece) => pieces.push(Buffer.from(piece)));
  for (const chunk of chunks) {
    // The chunk belongs to the caller, who may overwrite it.
    const own = Buffer.from(chunk);
    inflater.push(own);
    own.fill(0xee);
  }
  inflater.end();
  return Buffer.concat(pieces);
}

t.test('inflates what the platform deflates, however it is cut', async (t) => {
  const source = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc
      .array(fc.constantFrom('spectrum ', ':01:', '\u00b5', '0123456789'), { maxLength: 400 })
      .map((words) => Buffer.from(words.join(''))),
  );
  const strategy = fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FIXED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
  );
  fc.assert(
    fc.property(
      source,
      fc.nat(9),
      strategy,
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (bytes, level, strategy, raw, sizes) => {
        const packed = (raw ? deflateRawSync : deflateSync)(bytes, { level, strategy });
        t.ok(inflate(...cut(packed, sizes)).equals(bytes));
      },
    ),
    { numRuns: 150 },
  );
});

t.test('stored blocks between coded ones, which begin inside a byte', async (t) => {
  // What has no pattern is stored as it is. A small memory level ends blocks often.
  const noise = (length: number, seed: number): Buffer => {
    const bytes = Buffer.alloc(length);
    for (let at = 0, state = seed; at < length; at++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      bytes[at] = state >>> 24;
    }
    return bytes;
  };
  for (let seed = 1; seed <= 40; seed++) {
    const words = 'spectrum of the field '.repeat(seed);
    const bytes = Buffer.concat([Buffer.from(words), noise(2500 + seed, seed), Buffer.from(words), noise(900, seed)]);
    const packed = deflateRawSync(bytes, { memLevel: 1, level: 1 + (seed % 9) });
    for (const size of [1, 7, packed.length]) t.ok(inflate(...cut(packed, [size])).equals(bytes), `${seed} in ${size}`);
  }
});

t.test('long repeats and far distances', async (t) => {
  const bytes = Buffer.concat(Array.from({ length: 40 }, (_, i) => Buffer.alloc(32768, i % 3)));
  t.ok(inflate(deflateSync(bytes)).equals(bytes));
});

t.test('memory is a window: pieces stay small whatever the expansion', async (t) => {
  let most = 0;
  let total = 0;
  const inflater = new Inflater((piece) => {
    most = Math.max(most, piece.length);
    total += piece.length;
  });
  inflater.push(deflateSync(Buffer.alloc(50_000_000)));
  inflater.end();
  t.equal(total, 50_000_000);
  t.ok(most <= 65536 + 32768);
});

t.test('line ends behind the data are ignored, anything else is not', async (t) => {
  const packed = deflateSync(Buffer.from('abc'));
  t.equal(inflate(packed, Buffer.from('\r\n')).toString(), 'abc');
  t.throws(() => inflate(packed, Buffer.from('x')), { code: 'compression' });
});

t.test('damage is a coded fault', async (t) => {
  const packed = deflateSync(Buffer.from('some text, some text, some more text and numbers 1 2 3 4 5 6'), { level: 9 });
  for (let length = 0; length < packed.length; length++) {
    t.throws(() => inflate(packed.subarray(0, length)), { code: 'compression' }, `cut to ${length}`);
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
      try {
        inflate(bytes);
      } catch (error) {
        if (!(error instanceof Das2Error) || error.code !== 'compression') throw error;
      }
    }),
  );
  for (let at = 2; at < packed.length; at++) {
    const damaged = Buffer.from(packed);
    damaged[at] = (damaged[at] as number) ^ 0x10;
    t.throws(() => inflate(damaged), { code: 'compression' }, `byte ${at} changed`);
  }
});
