/** How long jobs are put off. */
import t from 'tap';
import { retryDelay } from '../../lib/queue/retry-delay.js';

t.test('the time before another run: longer each time, bounded, never the same for all', async (t) => {
  const middle = (attempt: number) => retryDelay(attempt, () => 0.5);
  t.same([1, 2, 3, 4, 5, 1000].map(middle), [60, 240, 960, 3600, 3600, 3600]);
  t.equal(
    retryDelay(1, () => 0),
    45,
  );
  for (let attempt = 1; attempt < 6; attempt++) {
    const delay = retryDelay(attempt);
    t.ok(delay >= 0.75 * middle(attempt) && delay < 1.25 * middle(attempt));
  }
  t.equal(new Set(Array.from({ length: 20 }, () => retryDelay(1))).size, 20);
});
