/** Labels and numbers of plots as text. */
import t from 'tap';
import { labelText, unitText } from '../../../lib/page/plot/label-text.js';
import { numberLabel, tickLabels } from '../../../lib/page/plot/number-label.js';

t.test('labels', async (t) => {
  const label = (text: string): string => labelText(text, (name) => (name === 'a' ? '!bX' : undefined));
  t.equal(label('Spectral density (V!a2!n m!a-2!n Hz!A-1!N)'), 'Spectral density (V² m⁻² Hz⁻¹)');
  t.equal(label('B!bx!n, n!d0!n'), 'Bx, n₀');
  t.equal(label('one!ctwo!kthree!!'), 'one twothree!');
  t.equal(label('T%{b} (%{a})'), 'T (X)');
  t.equal(label('V**2 m**-2'), 'V² m⁻²');
  t.equal(label('x**1.5'), 'x**1.5');
  t.equal(label('ends in !'), 'ends in !');
  t.equal(label('<b>'), '<b>', 'never markup, so nothing is escaped here');
  t.equal(label('y'.repeat(1000)).length, 120);
  t.equal(unitText(' m s**-1 '), 'm s⁻¹');
  t.equal(unitText('V!a2!nm!a-2!nHz!a-1'), 'V²m⁻²Hz⁻¹');
  t.equal(unitText('%{a}'), '%{a}', 'units refer to nothing');
});

t.test('numbers', async (t) => {
  t.same(
    [0, 1, -1.5, 12345.678, 1e-9, -2.5e7, 123456].map((value) => numberLabel(value)),
    ['0', '1', '−1.5', '12346', '1e−9', '−2.5e7', '123456'],
  );
  t.equal(numberLabel(Number.NaN), '–');
  t.same(tickLabels([-0.5, -0.25, 0, 0.25], 0.25), ['−0.50', '−0.25', '0.00', '0.25']);
  t.same(tickLabels([0, 20_000, 40_000], 20_000), ['0', '20000', '40000']);
  t.same(tickLabels([0, 0.0005, 0.001, 0.0015], 0.0005), ['0.0000', '0.0005', '0.0010', '0.0015']);
  t.same(tickLabels([1e-9, 2e-9], 1e-9), ['1e−9', '2e−9']);
});
