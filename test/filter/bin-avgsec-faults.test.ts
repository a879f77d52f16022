/** How das2_bin_avgsec ends when its input or its output fails: what is written before, and what is told (stream-format 11.4). */
import t from 'tap';
import { Das2Error } from '../../lib/error.js';
import { createBinAvgsec } from '../../lib/filter/bin-avgsec.js';
import { data, REAL8, reduce, tags, X } from '../tools/averaged-stream.js';
import { cut, headerPacket, packetHeader, record, STREAM } from '../tools/build-stream.js';

t.test('faults flush open bins, add an exception and keep the status (11.4)', async (t) => {
  const start = [STREAM, packetHeader(3, X), packetHeader(1, '<x type="time24"/>')];
  const good = [record(3, [REAL8], [1e6]), record(1, ['time24'], [2e6])];
  const cases: [string, Uint8Array, string, number][] = [
    ['bad framing', Buffer.from('garbage'), 'framing', 22],
    ['cut short', Buffer.from(':01:2000'), 'framing', 22],
    ['no time', Buffer.from(':01:what time is it now ?  \n'), 'valueEncoding', 14],
    ['bad header', headerPacket('01', '<packet>'), 'packetHeader', 18],
    ['bad plane', packetHeader(4, '<x type="float"/>'), 'plane', 17],
    ['bad type', packetHeader(4, '<x type="float16" units=""/>'), 'valueEncoding', 14],
    ['bad comment', headerPacket('xx', '<comment'), 'message', 20],
    ['second header', STREAM, 'framing', 22],
  ];
  for (const [name, bad, code, status] of cases) {
    for (const size of [1, 7, 10_000]) {
      const outcome = reduce({ seconds: 10 }, ...cut(Buffer.concat([...start, ...good, bad]), [size]));
      t.equal(tags(outcome), '[00][03][01]:01::03:[xx]', name);
      t.equal(outcome.error?.code, code, name);
      t.equal(outcome.error?.exitStatus, status, name);
      const message = outcome.packets.at(-1)?.root?.attributes;
      t.equal(message?.get('type'), 'ServerError');
      t.match(message?.get('message'), /^das2_bin_avgsec: /);
    }
  }
});

t.test('a bad time does not lose the records before it, wherever chunks end', async (t) => {
  const good = [1e6, 2e6, 12e6, 13e6].map((x) => record(1, ['time24'], [x]));
  const bytes = Buffer.concat([
    STREAM,
    packetHeader(1, '<x type="time24"/>'),
    ...good,
    Buffer.from(':01:what time is it now ?  \n'),
    ...good,
  ]);
  const whole = reduce({ seconds: 10, begin: 0 }, bytes);
  t.equal(data(whole).length, 2);
  t.strictSame(reduce({ seconds: 10, begin: 0 }, ...cut(bytes, [5])).output, whole.output);
});

t.test('x that is no time is a fault of the first record, not of the header', async (t) => {
  const header = packetHeader(1, '<x type="sun_real8" units="km"/>');
  t.equal(reduce({ seconds: 2 }, STREAM, header).error, undefined);
  const outcome = reduce({ seconds: 2 }, STREAM, header, record(1, ['sun_real8'], [1]));
  t.equal(outcome.error?.code, 'units');
  t.equal(outcome.error?.exitStatus, 15);
  t.equal(tags(outcome), '[00][01][xx]');
});

t.test('a bin whose centre is no finite number is a fault', async (t) => {
  const outcomeOf = (seconds: number, ...times: number[]) =>
    reduce({ seconds }, STREAM, packetHeader(1, X), ...times.map((x) => record(1, [REAL8], [x])));
  t.same(data(outcomeOf(1e300, 0)), [[5e305]]);
  const long = outcomeOf(1e308, 0);
  t.match(long.error, { code: 'valueEncoding', exitStatus: 14, message: /centre .* another length/ });
  t.equal(tags(long), '[00][01][xx]');
  const short = outcomeOf(1e-308, 0, 1e8);
  t.match(short.error, { code: 'valueEncoding' });
  t.equal(tags(short), '[00][01]:01:[xx]');
});

t.test('without a stream header nothing is written', async (t) => {
  for (const [bytes, status] of [
    ['', 22],
    ['[0', 22],
    ['<html>', 22],
    ['|Sx||23|<stream version="3.0"/>', 19],
  ] as const) {
    const outcome = reduce({ seconds: 1 }, Buffer.from(bytes));
    t.equal(outcome.output.length, 0);
    t.equal(outcome.error?.exitStatus, status, bytes);
  }
  const refused = reduce({ seconds: 1 }, headerPacket('00', '<exception type="NoDataInInterval" message="m"/>'));
  t.equal(refused.error?.exitStatus, 19);
});

t.test('a sink that fails ends the filter without another word', async (t) => {
  let calls = 0;
  const filter = createBinAvgsec(
    { seconds: 1 },
    {
      write: () => {
        calls++;
        throw new Das2Error('outputClosed', 'gone');
      },
    },
  );
  filter.push(STREAM);
  t.throws(
    () => {
      filter.flush();
    },
    { code: 'outputClosed' },
  );
  t.doesNotThrow(() => filter.end(), 'a filter that has thrown ignores further calls');
  t.equal(calls, 1);
});

t.test('headers alone take no memory, records without end of values are refused', async (t) => {
  const items = 700_000;
  const header = (id: number): Buffer => packetHeader(id, `${X}<yscan type="sun_real4" zUnits="" nitems="${items}"/>`);
  const before = process.memoryUsage().arrayBuffers;
  const filter = createBinAvgsec({ seconds: 1 }, { write: () => {} });
  filter.push(STREAM);
  for (let id = 1; id <= 99; id++) filter.push(header(id));
  t.ok(process.memoryUsage().arrayBuffers - before < 16e6);
  const values = Buffer.alloc(4 + 8 + 4 * items);
  const send = (id: number): void => {
    values.write(`:${String(id).padStart(2, '0')}:`);
    filter.push(values);
  };
  for (let id = 1; id <= 4; id++) send(id);
  t.throws(() => send(5), { code: 'packetTooLarge', message: /sums would take 56000000 bytes, at most 50331648/ });
});

t.test('minima, maxima and deviations count with the sums', async (t) => {
  const items = 700_000;
  for (const [more, fits] of [
    [{}, true],
    [{ range: true, deviation: true }, false],
  ] as const) {
    const filter = createBinAvgsec({ seconds: 1, ...more }, { write: () => {} });
    filter.push(STREAM);
    const values = Buffer.alloc(4 + 8 + 4 * items);
    for (const id of [1, 2]) filter.push(packetHeader(id, `${X}<yscan type="sun_real4" zUnits="" nitems="${items}"/>`));
    values.write(':01:');
    filter.push(values);
    values.write(':02:');
    if (fits) t.doesNotThrow(() => filter.push(values));
    else t.throws(() => filter.push(values), { code: 'packetTooLarge' });
  }
});
