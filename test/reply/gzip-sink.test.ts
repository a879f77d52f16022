import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { gzipSink } from '../../lib/reply/gzip-sink.js';
import type { ReplySink } from '../../lib/reply/reply.js';

/** Keeps what it gets. */
class Collector implements ReplySink {
  readonly parts: Buffer[] = [];
  readonly #callbacks: (() => void)[] = [];
  gone = false;
  aborted = false;

  async write(bytes: Uint8Array): Promise<void> {
    this.parts.push(Buffer.from(bytes));
  }

  onGone(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  abort(): void {
    this.aborted = true;
  }

  leave(): void {
    this.gone = true;
    for (const callback of this.#callbacks) callback();
  }
}

t.test('many writes arrive whole, and leave no listeners behind', async (t) => {
  const warnings: Error[] = [];
  const keep = (warning: Error): void => void warnings.push(warning);
  process.on('warning', keep);
  t.teardown(() => process.off('warning', keep));
  const collector = new Collector();
  const sink = await gzipSink(collector);
  const bytes = Buffer.alloc(1000);
  let text = '';
  for (let i = 0; i < 100; i++) {
    bytes.fill(String(i % 10));
    text += bytes.toString();
    await sink.write(bytes);
    if (i === 0) t.ok(collector.parts.length > 0, 'the first bytes leave at once');
  }
  await sink.end();
  t.equal(gunzipSync(Buffer.concat(collector.parts)).toString(), text);
  await new Promise((resolve) => setImmediate(resolve));
  t.same(
    warnings.map((warning) => warning.message),
    [],
  );
});

t.test('nothing waits for ever when the client goes away or the answer is cut', async (t) => {
  for (const leave of ['gone', 'abort']) {
    const collector = new Collector();
    const sink = await gzipSink(collector);
    await sink.write(Buffer.from('begin'));
    const pending = sink.write(Buffer.alloc(1 << 20, 'x'));
    if (leave === 'gone') collector.leave();
    else sink.abort();
    await pending;
    await sink.write(Buffer.from('more'));
    await sink.end();
    t.throws(() => gunzipSync(Buffer.concat(collector.parts)), `${leave}: the end of the compressed data is missing`);
    t.equal(collector.aborted, leave === 'abort');
  }
});
