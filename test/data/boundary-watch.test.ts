/** Where a stream stands is known in the end, whether its bytes were followed or kept. */
import t from 'tap';
import { BoundaryWatch } from '../../lib/data/boundary-watch.js';
import { headerPacket, packetHeader, record } from '../tools/build-stream.js';

const HEAD = Buffer.concat([
  headerPacket('00', '<stream version="2.2"/>'),
  packetHeader(1, '<x type="little_endian_real8" units="us2000"/><y type="sun_real4" name="a" units="V"/>'),
]);
const RECORD = record(1, ['little_endian_real8', 'sun_real4'], [1, 2]);

// The first that is followed waits for what follows it; later ones have it.
for (const isSafe of [false, true]) {
  t.test(isSafe ? 'bytes that are kept' : 'bytes that are followed', async (t) => {
    const watch = new BoundaryWatch(isSafe);
    const chunk = Buffer.concat([HEAD, RECORD]);
    const waiting = watch.see(chunk);
    t.equal(waiting === undefined, isSafe, 'only those that are followed wait for what follows them');
    // Whoever hands bytes over uses their memory again.
    chunk.fill(0);
    await waiting;
    t.equal(watch.known === undefined, isSafe);
    await watch.see(RECORD.subarray(0, 5));
    const inside = await watch.stand();
    t.equal(inside.atBoundary, false);
    await watch.see(RECORD.subarray(5));
    const stand = await watch.stand();
    t.equal(stand.atBoundary, true);
    t.equal(stand.mayAppendException, true);
    t.equal(watch.known, stand);
  });
}

t.test('once it is known how to follow bytes, nobody waits for that', async (t) => {
  const watch = new BoundaryWatch(false);
  t.equal(watch.see(HEAD), undefined);
  t.equal(watch.known?.atBoundary, true);
  t.equal(watch.see(RECORD.subarray(0, 5)), undefined);
  t.equal(watch.known?.atBoundary, false);
});

t.test('no more is kept than is short', async (t) => {
  const watch = new BoundaryWatch(true);
  const many = Buffer.concat(Array.from({ length: 1000 }, () => RECORD));
  t.equal(watch.see(HEAD), undefined);
  let bytes = 0;
  for (let waiting = watch.see(many); ; waiting = watch.see(many)) {
    bytes += many.length;
    if (waiting === undefined) continue;
    await waiting;
    break;
  }
  t.ok(bytes > 250_000 && bytes < 300_000, `${bytes} bytes`);
  t.equal(watch.known?.atBoundary, true);
});
