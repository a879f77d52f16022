/** Times of HAPI tables at the edges of what may be printed. */
import t from 'tap';
import { TimeColumnWriter } from '../../../lib/filter/hapi/time.js';
import { parseTime } from '../../../lib/stream/time.js';

function text(time: string, decimals: 3 | 6 | 9, range: { begin?: string; end?: string } = {}): string {
  const writer = new TimeColumnWriter(decimals, {
    begin: range.begin === undefined ? undefined : parseTime(range.begin),
    end: range.end === undefined ? undefined : parseTime(range.end),
  });
  const target = new Uint8Array(writer.length);
  writer.write(target, 0, writer.printed(parseTime(time)));
  return Buffer.from(target).toString('latin1');
}

t.test('rounded to its decimals, into the next day as well', async (t) => {
  t.equal(text('2001-02-28T23:59:59.9996', 3), '2001-03-01T00:00:00.000Z');
  t.equal(text('2001-02-28T23:59:59.9996', 6), '2001-02-28T23:59:59.999600Z');
  t.equal(text('2001-02-28T23:59:59.123456789', 9), '2001-02-28T23:59:59.123456789Z');
});

t.test('never out of the range that was asked for', async (t) => {
  const range = { begin: '2001-01-01T00:00:00.0006', end: '2001-01-02' };
  t.equal(text('2001-01-01T00:00:00.0006', 3, range), '2001-01-01T00:00:00.001Z');
  t.equal(text('2001-01-01T23:59:59.9999', 3, range), '2001-01-01T23:59:59.999Z');
});

t.test('the last moment of the last year is not rounded up', async (t) => {
  t.equal(text('9999-12-31T23:59:59.9999', 3), '9999-12-31T23:59:59.999Z');
});
