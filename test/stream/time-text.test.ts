/**
 * Time text on the wire: the table of stream-format 5.4, rounding with carry (D-12), and invariant 19.
 */
import fc from 'fast-check';
import t from 'tap';
import { formatTime, parseTime, timeFromUs2000, timePoint, us2000FromTime } from '../../lib/stream/time.js';
import { TimeTextReader, TimeTextWriter, timeDecimals, timeTextLength } from '../../lib/stream/time-text.js';

function written(width: number, us2000: number): string {
  const bytes = new Uint8Array(width + 2).fill(0x23);
  new TimeTextWriter(width).writeUs2000(bytes, 1, us2000);
  t.equal(bytes[0], 0x23);
  t.equal(bytes[width + 1], 0x23);
  return Buffer.from(bytes.subarray(1, width + 1)).toString('latin1');
}

const read = (text: string): TimeTextReader | undefined => {
  const reader = new TimeTextReader();
  const bytes = Buffer.from(text, 'latin1');
  return reader.read(bytes, 0, bytes.length) ? reader : undefined;
};

t.test('the form follows the width', (t) => {
  const us2000 = us2000FromTime(parseTime('2013-07-04T05:06:07.123456'));
  const text = '2013-07-04T05:06:07.123456000';
  const lengths: Readonly<Record<number, number>> = {
    5: 4,
    6: 4,
    7: 4,
    8: 7,
    9: 7,
    10: 7,
    11: 10,
    12: 10,
    13: 10,
    14: 13,
    15: 13,
    16: 13,
    17: 16,
    18: 16,
    19: 16,
    20: 19,
    21: 19,
    22: 21,
    23: 22,
    24: 23,
    25: 23,
    26: 23,
    27: 26,
    28: 26,
    29: 26,
    30: 29,
    31: 29,
    32: 29,
    127: 29,
  };
  for (const [width, length] of Object.entries(lengths)) {
    t.equal(written(Number(width), us2000), text.slice(0, length).padEnd(Number(width)), `time${width}`);
    t.equal(timeTextLength(Number(width)), length);
  }
  t.equal(timeDecimals(17), undefined);
  t.equal(timeDecimals(20), 0);
  t.equal(timeDecimals(22), 1);
  t.equal(timeDecimals(27), 6);
  for (const width of [0, 4, 128]) t.throws(() => new TimeTextWriter(width), { code: 'valueEncoding' });
  t.end();
});

t.test('what is shown is rounded, with the carry up to the year; what is cut off is not', (t) => {
  const end = us2000FromTime(parseTime('1999-12-31T23:59:59.9996'));
  t.equal(written(24, end), '2000-01-01T00:00:00.000 ');
  t.equal(written(20, end), '2000-01-01T00:00:00 ');
  t.equal(written(27, end), '1999-12-31T23:59:59.999600 ');
  t.equal(written(17, end), '1999-12-31T23:59 ');
  t.equal(written(11, end), '1999-12-31 ');
  t.equal(written(22, end - 1e6), '1999-12-31T23:59:59.0 ');
  t.end();
});

t.test('the last moment of the last year is not rounded up, which would make it fill', (t) => {
  const last = parseTime('9999-12-31T23:59:59.9996');
  t.equal(written(24, us2000FromTime(last)), '9999-12-31T23:59:59.999 ');
  t.equal(written(20, us2000FromTime(last)), '9999-12-31T23:59:59 ');
  t.equal(formatTime(last, { decimals: 3 }), '9999-12-31T23:59:59.999');
  t.equal(formatTime(last, { decimals: 0 }), '9999-12-31T23:59:59');
  t.equal(formatTime(last), '9999-12-31T23:59:59.9996');
  t.equal(written(24, us2000FromTime(parseTime('9999-12-30T23:59:59.9996'))), '9999-12-31T00:00:00.000 ');
  t.end();
});

t.test('fill and what no calendar year holds become the fill time', (t) => {
  for (const value of [-1e31, 1e31, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2.6e17, -6.4e16]) {
    t.equal(written(24, value), '0001-01-01T00:00:00.000 ', String(value));
  }
  t.equal(formatTime(timePoint(1e16, 0)), '0001-01-01T00:00:00', 'fill');
  t.equal(formatTime(timePoint(2_921_941, 1e9)), '+010000-01-02T00:00:01', 'people are told of other years');
  t.equal(formatTime(timePoint(-730_486, 0)), '-000001-12-31T00:00:00');
  const end = parseTime('9999-12-31T23:59:60');
  t.equal(formatTime(end), '9999-12-31T23:59:60');
  t.strictSame(parseTime(formatTime(end, { decimals: 3 })), end);
  t.end();
});

t.test('a writer may jump between days and minutes', (t) => {
  const writer = new TimeTextWriter(24);
  const bytes = new Uint8Array(24);
  for (const text of [
    '2000-01-01T00:00:00.000',
    '2000-01-01T00:01:00.000',
    '2001-01-01T00:01:00.001',
    '1970-12-31T23:59:59.999',
    '1970-12-31T00:00:59.000',
  ]) {
    writer.writeUs2000(bytes, 0, us2000FromTime(parseTime(text)));
    t.equal(Buffer.from(bytes).toString(), `${text} `);
  }
  t.end();
});

t.test('whole microseconds survive time27 for the years 1800 to 2200 (invariant 19)', (t) => {
  const bytes = new Uint8Array(27);
  const writer = new TimeTextWriter(27);
  const reader = new TimeTextReader();
  const low = us2000FromTime(parseTime('1800-01-01'));
  const high = us2000FromTime(parseTime('2200-01-01'));
  fc.assert(
    fc.property(fc.maxSafeInteger(), (any) => {
      const us2000 = low + (Math.abs(any) % (high - low));
      writer.writeUs2000(bytes, 0, us2000);
      const text = Buffer.from(bytes).toString('latin1');
      return (
        reader.read(bytes, 0, 27) &&
        reader.us2000 === us2000 &&
        us2000FromTime(parseTime(text)) === us2000 &&
        Number(text.slice(17, 19)) < 60 &&
        reader.plainLength === 26
      );
    }),
    { numRuns: 1000 },
  );
  t.end();
});

t.test('the short way of the reader agrees with the free parser', (t) => {
  const pieces = fc.tuple(
    fc.integer({ min: 0, max: 9999 }),
    fc.integer({ min: 0, max: 13 }),
    fc.integer({ min: 0, max: 32 }),
    fc.integer({ min: 0, max: 24 }),
    fc.integer({ min: 0, max: 61 }),
    fc.integer({ min: 0, max: 62 }),
    fc.stringMatching(/^\d{1,11}$/),
    fc.integer({ min: 4, max: 32 }),
    fc.constantFrom('', 'Z', ' ', '\n', ' UTC'),
    fc.boolean(),
  );
  fc.assert(
    fc.property(pieces, ([year, month, day, hour, minute, second, fraction, length, tail, ordinal]) => {
      const two = (value: number): string => String(value).padStart(2, '0');
      const date = ordinal ? String(month * 30 + day).padStart(3, '0') : `${two(month)}-${two(day)}`;
      const whole = `${String(year).padStart(4, '0')}-${date}T${two(hour)}:${two(minute)}:${two(second)}.${fraction}`;
      const text = whole.slice(0, length) + tail;
      const reader = read(text);
      let expected: unknown;
      try {
        expected = parseTime(text);
      } catch {
        expected = undefined;
      }
      const found = reader === undefined ? undefined : { day: reader.day, nanosecond: reader.nanosecond };
      return JSON.stringify(found) === JSON.stringify(expected);
    }),
    { numRuns: 3000 },
  );
  t.end();
});

t.test('the reader tells which fields are already in the form that is written', (t) => {
  t.equal(read('2000-01-02T03:04:05.678 ')?.plainLength, 23);
  t.equal(read('2000-01-02 ')?.plainLength, 10);
  for (const text of [
    '2000-002T03:04:05.678 ',
    ' 2000-01-02T03:04:05.678',
    '2000-01-02T03:04:05.678Z',
    '2000-01-02T03:04:60.000',
  ]) {
    t.equal(read(text)?.plainLength, 0, text);
  }
  t.equal(read('           '), undefined);
  t.end();
});

t.test('text for people and readers', (t) => {
  const time = parseTime('2010-01-02T03:04:05.6000005');
  t.equal(formatTime(time), '2010-01-02T03:04:05.6000005');
  t.equal(formatTime(time, { decimals: 'shortest' }), '2010-01-02T03:04:05.6000005');
  t.equal(formatTime(time, { decimals: 6 }), '2010-01-02T03:04:05.600001');
  t.equal(formatTime(time, { decimals: 0 }), '2010-01-02T03:04:06');
  t.equal(formatTime(parseTime('2010-12-31T23:59:59.5'), { decimals: 0 }), '2011-01-01T00:00:00');
  t.equal(formatTime(parseTime('2010-01-02')), '2010-01-02T00:00:00');
  t.equal(formatTime(timeFromUs2000(-0.001)), '1999-12-31T23:59:59.999999999');
  t.end();
});
