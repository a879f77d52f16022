/**
 * Number text against exact arithmetic and the language: random bit patterns, halfway cases, subnormals, powers of ten,
 * every width.
 */
import fc from 'fast-check';
import t from 'tap';
import { parseReal, writeReal } from '../../lib/stream/number-text.js';
import { exponentText } from '../../lib/stream/number-text-exact.js';
import { isPrintedReal } from '../../lib/stream/number-text-writer.js';

function written(width: number, value: number, fill = -1e31): string {
  const bytes = new Uint8Array(width + 2).fill(0x23);
  writeReal(bytes, 1, width, value, fill);
  t.equal(bytes[0], 0x23, 'nothing before the field');
  t.equal(bytes[width + 1], 0x23, 'nothing behind the field');
  return Buffer.from(bytes.subarray(1, width + 1)).toString('latin1');
}

function read(text: string, unreadable?: number): number {
  const bytes = Buffer.from(`x${text}x`, 'latin1');
  return parseReal(bytes, 1, bytes.length - 1, unreadable);
}

const bits = new DataView(new ArrayBuffer(8));
/** Doubles by their bits, so that all magnitudes are as likely. */
const anyReal = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }).map((pattern) => {
  bits.setBigUint64(0, pattern);
  return bits.getFloat64(0);
});
/** Doubles as data have them. */
const plainReal = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -20, max: 20 }))
  .map(([mantissa, exponent]) => mantissa * 10 ** exponent);
const dyadic = fc
  .tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), fc.integer({ min: -40, max: 40 }))
  .map(([mantissa, exponent]) => mantissa * 2 ** exponent);
const real = fc.oneof(anyReal, plainReal, dyadic, anyReal.map(Math.fround)).filter(Number.isFinite);

/** The language's own exponent form, which rounds halves away from zero, in C's spelling. */
function languageText(value: number, precision: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(precision).split('e');
  const sign = Object.is(value, -0) ? '-' : '';
  return `${sign}${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

/** True if the value lies exactly between two decimals of that precision. */
function isTie(value: number, precision: number): boolean {
  const digits = value.toExponential(100).split('e')[0] ?? '';
  return (
    /^-?\d\.?\d*$/.test(digits) &&
    /^50*$/.test(
      digits
        .replace('-', '')
        .replace('.', '')
        .slice(precision + 1),
    )
  );
}

t.test('exact text equals the language where there is no tie', (t) => {
  fc.assert(
    fc.property(real, fc.integer({ min: 0, max: 30 }), (value, precision) => {
      return isTie(value, precision) || exponentText(value, precision) === languageText(value, precision);
    }),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('ties go to even', (t) => {
  for (const [value, precision, text] of [
    [0.5, 0, '5e-01'],
    [2.5, 0, '2e+00'],
    [3.5, 0, '4e+00'],
    [1.125, 2, '1.12e+00'],
    [1.375, 2, '1.38e+00'],
    [9.5, 0, '1e+01'],
    [-2.5, 0, '-2e+00'],
    [1e23, 0, '1e+23'],
    [5e-324, 3, '4.941e-324'],
    [Number.MAX_VALUE, 2, '1.80e+308'],
    [0, 3, '0.000e+00'],
  ] as const) {
    t.equal(exponentText(value, precision), text);
  }
  t.equal(written(14, 12345678.5).trim(), '1.234568e+07');
  t.equal(written(10, 1.125).trim(), '1.12e+00');
  t.equal(written(10, 1.375).trim(), '1.38e+00');
  t.end();
});

t.test('every width from 9 is the exponent format, or one digit less where that does not fit', (t) => {
  fc.assert(
    fc.property(real, fc.integer({ min: 9, max: 30 }), (value, width) => {
      const room = width - 1;
      const full = exponentText(value, width - 8);
      const text = full.length <= room ? full : exponentText(value, width - 9);
      const bytes = new Uint8Array(width);
      writeReal(bytes, 0, width, value, -1e31);
      return Buffer.from(bytes).toString('latin1') === `${text.padStart(room)} `;
    }),
    { numRuns: 5000 },
  );
  t.equal(written(14, 1.23456), ' 1.234560e+00 ');
  t.equal(written(14, -1.23456), '-1.234560e+00 ');
  t.equal(written(14, 0), ' 0.000000e+00 ');
  t.equal(written(14, -0), '-0.000000e+00 ');
  t.equal(written(25, 0), ` 0.${'0'.repeat(17)}e+00 `);
  t.equal(written(9, -1e100), '-1e+100 '.padStart(9));
  t.equal(written(10, -1.26e100), '-1.3e+100 ');
  t.equal(written(127, 0.1).trim(), exponentText(0.1, 119));
  t.end();
});

t.test('near powers of ten and halves', (t) => {
  for (let exponent = -320; exponent <= 308; exponent += 3) {
    const power = Number(`1e${exponent}`);
    for (const value of [power, power * (1 - 2 ** -53), power * (1 + 2 ** -52), power * 9.9999995, power * 1.5]) {
      for (const width of [10, 14, 17, 19, 20, 24, 25]) {
        const text = exponentText(value, width - 8);
        t.equal(written(width, value).trim(), text, `${value} in ascii${width}`);
      }
    }
  }
  t.end();
});

t.test('words for what is no number', (t) => {
  t.equal(written(14, Number.NaN), '          nan ');
  t.equal(written(14, Number.POSITIVE_INFINITY), '          inf ');
  t.equal(written(14, Number.NEGATIVE_INFINITY), '         -inf ');
  t.equal(written(4, Number.NaN), 'nan ');
  t.equal(written(4, Number.NEGATIVE_INFINITY, 9), '  9 ', 'the fill value where the word does not fit');
  t.equal(written(3, Number.NaN, -1e31), '   ', 'blanks where nothing fits');
  t.end();
});

t.test('narrow fields keep the most digits that fit', (t) => {
  for (const [width, value, text] of [
    [2, 7, '7 '],
    [2, 12, '  '],
    [2, 0.001, '0 '],
    [3, 0.5, '.5 '],
    [4, 0.5, '0.5 '],
    [5, -0.5, '-0.5 '],
    [6, 3.2471, '3.247 '],
    [6, -3.2471, '-3.25 '],
    [6, 1234567, '1.2e6 '],
    [6, 123456, '1.2e5 '],
    [7, 123456, '123456 '],
    [8, 2, '      2 '],
    [8, -1e31, '  -1e31 '],
    [6, 1.6e-10, '2e-10 '],
    [6, 99999.94, '1e5 '.padStart(6)],
    [7, 99999.94, '1e5 '.padStart(7)],
    [8, 1e-5, '   1e-5 '],
  ] as const) {
    t.equal(written(width, value), text, `${value} in ascii${width}`);
  }
  t.equal(written(5, 1e20, -9.9), '1e20 ');
  t.equal(written(4, 1e20, -9), ' -9 ', 'fill where the value does not fit');
  t.end();
});

t.test('a narrow field is read back near its value', (t) => {
  fc.assert(
    fc.property(plainReal, fc.integer({ min: 7, max: 8 }), (value, width) => {
      const bytes = new Uint8Array(width);
      writeReal(bytes, 0, width, value, -1e31);
      const back = parseReal(bytes, 0, width);
      return bytes[width - 1] === 0x20 && Math.abs(back - value) <= Math.abs(value) * 0.5;
    }),
  );
  t.end();
});

t.test('reading is correctly rounded', (t) => {
  fc.assert(
    fc.property(real, fc.integer({ min: 0, max: 40 }), (value, precision) => {
      const text = exponentText(value, precision);
      return Object.is(read(text), Number(text)) && Object.is(read(Object.is(value, -0) ? '-0' : String(value)), value);
    }),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[+-]?\d{1,25}(\.\d{0,25})?(e[+-]?\d{1,3})?$/), (text) => {
      return Object.is(read(text), Number(text));
    }),
    { numRuns: 5000 },
  );
  // Exactly between two doubles, and a little more.
  t.equal(read('9007199254740993'), 9007199254740992);
  t.equal(read('9007199254740993.00000000000000000000000000000000000001'), 9007199254740994);
  t.equal(read('1e-400'), 0);
  t.equal(read('1e400'), Number.POSITIVE_INFINITY);
  t.equal(read('4.9406564584124654e-324'), 5e-324);
  t.ok(Object.is(read('-0.0'), -0));
  t.end();
});

t.test('the longest readable number counts', (t) => {
  for (const [text, value] of [
    ['  12 ', 12],
    ['\t-1.5e3xyz', -1500],
    ['1e', 1],
    ['1e+', 1],
    ['1.5.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['+7', 7],
    ['1,5', 1],
    ['0x10', 0],
    ['1E5', 1e5],
    ['inf', Number.POSITIVE_INFINITY],
    ['-INFinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
    ['1e99999999999', Number.POSITIVE_INFINITY],
  ] as const) {
    t.ok(Object.is(read(text), value), text);
  }
  for (const text of ['', '   ', 'abc', '-', '+.', '.', 'e5', 'in', '- 5', '\0\0\0']) {
    t.equal(read(text, -99), -99, JSON.stringify(text));
  }
  t.end();
});

t.test('a printed number is recognised, and copying it changes nothing', (t) => {
  fc.assert(
    fc.property(real, fc.integer({ min: 9, max: 22 }), (value, width) => {
      const bytes = new Uint8Array(width);
      writeReal(bytes, 0, width, value, -1e31);
      const again = new Uint8Array(width);
      writeReal(again, 0, width, parseReal(bytes, 0, width), -1e31);
      return !isPrintedReal(bytes, 0, width) || Buffer.compare(bytes, again) === 0;
    }),
    { numRuns: 2000 },
  );
  t.ok(isPrintedReal(Buffer.from(' 1.234560e+00 '), 0, 14));
  t.ok(isPrintedReal(Buffer.from('-1.234560e+00\n'), 0, 14));
  for (const text of [
    ' 0.234560e+00 ',
    '1.2345600e+00 ',
    ' 1.23456e+000 ',
    ' 1.234560E+00 ',
    '+1.234560e+00 ',
    ' 1.234560e-00 ',
    ' 1.2345 0e+00 ',
  ]) {
    t.notOk(isPrintedReal(Buffer.from(text), 0, 14), text);
  }
  t.end();
});
