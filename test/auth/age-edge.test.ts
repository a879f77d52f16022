/** The edge of what is open by its age alone. */
import t from 'tap';
import { ageEdge } from '../../lib/auth/age-edge.js';
import { formatTime } from '../../lib/stream/time.js';

const NOW = Date.UTC(2024, 2, 31);
const edge = (readAccess: string | undefined): string | undefined => {
  const time = ageEdge(readAccess, NOW);
  return time === undefined ? undefined : formatTime(time);
};

t.test('the latest of the conditions that will be reached', async (t) => {
  t.equal(edge(undefined), undefined);
  t.equal(edge('GROUP:a | USER:b'), undefined);
  t.match(edge('AGE:1m'), /^2024-02-29T00:00/);
  t.match(edge('AGE:2y | GROUP:a | AGE:1y'), /^2023-03-31T00:00/);
  t.equal(edge('NOTHING:1 | AGE:1y'), undefined, 'behind a fault nothing is open');
  t.match(edge('AGE:1y | NOTHING:1 | AGE:1m'), /^2023-03-31T00:00/, 'what stands before it is');
  t.equal(edge('AGE:999999y'), undefined, 'out of all calendars');
});
