/** The checksum of a block is Fletcher's of its words, however the bytes come and however many they are. */
import fc from 'fast-check';
import t from 'tap';
import { Checksum } from '../../../lib/cache/block/checksum.js';

/** Word by word, as the head of checksum.ts says it. */
function plainChecksum(bytes: Uint8Array): string {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  let first = 0;
  let second = 0;
  for (let at = 0; at < padded.length; at += 4) {
    first = (first + view.getUint32(at, true)) >>> 0;
    second = (second + first) >>> 0;
  }
  return [first, second].map((value) => value.toString(16).padStart(8, '0')).join('');
}

function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

t.test('in pieces of any length', (t) => {
  fc.assert(
    fc.property(
      // Few words, and as many as go through the other loop.
      fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 262_000, max: 263_000 })),
      fc.integer(),
      fc.array(fc.integer({ min: 1, max: 300_000 }), { maxLength: 6 }),
      (length, seed, cuts) => {
        const bytes = noise(length, seed);
        const sum = new Checksum();
        let at = 0;
        for (const cut of [...cuts, length]) {
          sum.add(bytes.subarray(at, at + (cut % (length + 1))));
          at = Math.min(length, at + (cut % (length + 1)));
        }
        sum.add(bytes.subarray(at));
        t.equal(sum.text(), plainChecksum(bytes));
      },
    ),
    { numRuns: 60 },
  );
  t.end();
});
