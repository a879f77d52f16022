/** A producer uses its buffer again as soon as nobody holds its bytes any more, however slow the program behind it is. */
import t from 'tap';
import { startPipeline } from '../../../lib/pipeline/run.js';
import type { Producer } from '../../../lib/pipeline/running/producer-stage.js';
import { Collector, ENVIRONMENT, filter } from '../tools.js';

/** A little less than a stream to a program holds before it asks to wait. */
const PIECE = 3000;
const PIECES = 400;

t.test('small pieces to a program that takes its time', async (t) => {
  const buffer = Buffer.alloc(PIECE);
  const producer: Producer = {
    role: 'cacheReader',
    label: 'pieces',
    async run(output) {
      for (let i = 0; i < PIECES; i++) {
        buffer.fill(`${i} `);
        output.give(buffer);
        while (output.drained !== undefined) await output.drained;
      }
    },
  };
  const stages = [{ ...filter('sleep 0.5; cat'), role: 'converter' as const }];
  const pipeline = await startPipeline({ stages, producer, environment: ENVIRONMENT });
  const sink = new Collector();
  t.match(await pipeline.deliver(sink), { ok: true });
  const wanted = Array.from({ length: PIECES }, (_, i) => Buffer.alloc(PIECE, `${i} `).toString('latin1'));
  const wrong = wanted.findIndex((piece, i) => sink.text.slice(i * PIECE, (i + 1) * PIECE) !== piece);
  t.equal(wrong, -1, 'no piece has the bytes of another');
  t.equal(sink.text.length, PIECE * PIECES);
});
