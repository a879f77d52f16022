import fc from 'fast-check';
import t from 'tap';
import { decimalNumber, parseDatum } from '../../lib/stream/decimal-text.js';

t.test('decimal numbers, and what is none', (t) => {
  for (const [text, value] of [
    ['5', 5],
    ['+5.', 5],
    ['-.5e+2', -50],
    ['1e999', Number.POSITIVE_INFINITY],
    ['00.10E-1', 0.01],
  ] as const) {
    t.equal(decimalNumber(text), value, text);
  }
  for (const text of ['', ' 5', '5 ', '.', '5e', '0x10', 'nan', 'inf', '1_0', '--5', '5\n', '1.2.3']) {
    t.equal(decimalNumber(text), undefined, JSON.stringify(text));
  }
  t.end();
});

t.test('every number that the language prints is one', (t) => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => decimalNumber(`${value}`) === value),
  );
  t.end();
});

t.test('Datums', (t) => {
  t.strictSame(parseDatum(' 5.0 V m**-1 '), { number: '5.0', units: 'V m**-1' });
  t.strictSame(parseDatum('-3e1'), { number: '-3e1', units: '' });
  t.strictSame(parseDatum('10kHz'), { number: '10', units: 'kHz' });
  t.strictSame(parseDatum('2e'), { number: '2', units: 'e' });
  t.equal(parseDatum('V 5'), undefined);
  t.equal(parseDatum(''), undefined);
  t.end();
});

t.test('long texts take no longer than they are long', (t) => {
  const digits = '1'.repeat(2_000_000);
  for (const tail of ['', 'x', '.x', 'e', '\nx\ny', ' '.repeat(1_000_000)]) {
    t.equal(decimalNumber(`${digits}${tail}`), tail === '' ? Number.POSITIVE_INFINITY : undefined);
    t.equal(parseDatum(`${digits}${tail}`)?.number.startsWith('111'), true);
  }
  t.end();
});
