/** Hashing must not be noticed: data that come faster than they can be hashed are left alone (citation 5). */
import t from 'tap';
import { DeliveryDigest } from '../../../lib/cite/digest/delivery.js';
import { DIGEST_A, DIGEST_EMPTY, sha256, VECTORS } from './vectors.js';

const A = VECTORS[0]?.bytes ?? Buffer.alloc(0);
const MEBIBYTE = 1024 * 1024;

/** A clock on which each look at it takes so many milliseconds, and each chunk comes so many later. */
function clock(look: number): { now: () => number; wait: (milliseconds: number) => void } {
  let time = 0;
  return {
    now: () => {
      time += look;
      return time;
    },
    wait: (milliseconds) => {
      time += milliseconds;
    },
  };
}

t.test('a short delivery is hashed however fast it is', async (t) => {
  const digest = new DeliveryDigest({ now: clock(1).now });
  digest.content(A);
  digest.body(A);
  t.match(digest.end(), { content: { state: 'ok', d2c1: DIGEST_A }, raw: sha256(A) });
});

t.test('nothing at all is an empty stream', async (t) => {
  t.match(new DeliveryDigest().end(), { content: { state: 'ok', d2c1: DIGEST_EMPTY } });
});

t.test('a long delivery is hashed where it is slower than the hash', async (t) => {
  for (const [pause, state] of [
    [100, 'ok'],
    [0, 'unhashed'],
  ] as const) {
    const { now, wait } = clock(1);
    const digest = new DeliveryDigest({ now });
    digest.content(A);
    const chunk = Buffer.alloc(MEBIBYTE);
    for (let i = 0; i < 20; i++) {
      digest.body(chunk);
      wait(pause);
    }
    const { content, raw } = digest.end();
    t.equal(content.state, state);
    t.equal(content.d2c1, state === 'ok' ? DIGEST_A : undefined);
    t.equal(raw, state === 'ok' ? sha256(Buffer.alloc(20 * MEBIBYTE)) : undefined);
    if (state !== 'ok') t.equal(content.reason, 'faster than it could be hashed');
  }
});
