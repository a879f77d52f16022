/** What is kept of standard error. */
import fc from 'fast-check';
import t from 'tap';
import { StandardErrorTail } from '../../../lib/pipeline/running/standard-error.js';

t.test('the tail of standard error is the end of the text, whatever the pieces', async () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary-ascii', maxLength: 30 })), (pieces) => {
      const tail = new StandardErrorTail(40);
      for (const piece of pieces) tail.add(Buffer.from(piece));
      const whole = pieces.join('');
      return tail.text() === whole.slice(-40) && tail.total === whole.length;
    }),
  );
});
