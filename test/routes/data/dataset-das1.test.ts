/** das1 sources are converted inside the process, by our own converter, when the configuration names no other. */
import t from 'tap';
import { assertValidStream } from '../../tools/assert-valid-stream.js';
import { inProcessSite } from '../../tools/in-process.js';
import { dataOf, tagsOf } from '../../tools/run-filter.js';

/** Two records of offset and value: 0 s, 1.0 and 10 s, 2.0. */
const RECORDS = String.raw`printf '\000\000\000\000\077\200\000\000\101\040\000\000\100\000\000\000' #`;

const query = (rest: string): string =>
  `server=dataset&dataset=Old/Das1&start_time=2000-01-01&end_time=2000-01-02${rest}`;

t.test('reader, conversion, reduction', async (t) => {
  const site = inProcessSite(t, {
    settings: { D2S_REDUCER: 'das2_bin_avgsec' },
    sources: { 'Old/Das1': `description = 'das1'\nform = x_multi_y\nny = 1\ny_unit = 'V'\nreader = "${RECORDS}"\n` },
  });
  const live = await site.ask({ query: query('') });
  t.equal(live.status, 200);
  t.equal(live.headers['Content-Type'], 'application/vnd.das2.das2stream');
  const stream = Buffer.from(live.bytes);
  t.equal(tagsOf(stream), '[00][01]:01::01:');
  t.strictSame(dataOf(stream), [
    [0, 1],
    [10e6, 2],
  ]);
  assertValidStream(t, stream);
  const reduced = await site.ask({ query: query('&resolution=60') });
  t.strictSame(dataOf(Buffer.from(reduced.bytes)), [[30e6, 1.5]]);
});

t.test('a reader that fails decides, and another converter is a program of its own', async (t) => {
  const site = inProcessSite(t, {
    sources: { 'Old/Das1': `form = x_multi_y\nny = 1\nreader = 'sh -c "echo broken >&2; exit 3"'\n` },
  });
  const { status, text } = await site.ask({ query: query('') }).catch((error: Error & { status?: number }) => ({
    status: error.status,
    text: error.message,
  }));
  t.equal(status, 500);
  t.match(text, /broken/);
  const foreign = inProcessSite(t, {
    settings: { DAS1_TO_DAS2: '/no/such/das2_from_das1' },
    sources: { 'Old/Das1': `form = x_multi_y\nny = 1\nreader = "${RECORDS}"\n` },
  });
  const answer = await foreign.ask({ query: query('') }).catch((error: Error & { status?: number }) => ({
    status: error.status,
    text: error.message,
  }));
  t.equal(answer.status, 500);
});
