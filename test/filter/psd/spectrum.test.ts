/**
 * The transform, the spectrum and the units of das2_psd against direct sums and known answers.
 */
import fc from 'fast-check';
import t from 'tap';
import { hannWindow, Spectrum } from '../../../lib/filter/psd/spectrum.js';
import { SquaredTransform } from '../../../lib/filter/psd/transform.js';
import { squaredPerHertz } from '../../../lib/filter/psd/units.js';

/** |X_k|^2 for k = 0 ... N/2, by the definition. */
function directSquares(points: readonly number[]): number[] {
  const { length } = points;
  return Array.from({ length: length / 2 + 1 }, (_, k) => {
    let real = 0;
    let imaginary = 0;
    points.forEach((value, i) => {
      const angle = (2 * Math.PI * ((i * k) % length)) / length;
      real += value * Math.cos(angle);
      imaginary -= value * Math.sin(angle);
    });
    return real * real + imaginary * imaginary;
  });
}

const LENGTHS = [16, 18, 20, 22, 24, 30, 32, 34, 50, 62, 64, 100, 126, 128, 250, 256, 302, 1000];

t.test('the transform of every even length agrees with the definition', (t) => {
  for (const length of LENGTHS) {
    const points = Array.from({ length }, (_, i) => Math.sin(i * i) + 0.3);
    const transform = new SquaredTransform(length);
    const squares = new Float64Array(length / 2 + 1);
    // Twice: nothing of the first run may be left over.
    for (const factor of [1000, 1]) {
      transform.input.set(points.map((value) => value * factor));
      transform.run(squares);
    }
    const total = points.reduce((sum, value) => sum + value * value, 0) * length;
    directSquares(points).forEach((wanted, k) => {
      t.ok(Math.abs((squares[k] as number) - wanted) < 1e-11 * total, `length ${length}, frequency ${k}`);
    });
  }
  t.end();
});

t.test("Parseval's relation holds for any points and any even length", (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 8, max: 300 }).map((half) => 2 * half),
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      fc.boolean(),
      (length, seed, interval, keepMean) => {
        let state = seed;
        const values = Float64Array.from({ length: length + 3 }, () => {
          state = (state * 48271) % 2147483647;
          return state / 2147483647 - 0.2;
        });
        const spectrum = new Spectrum(length, keepMean);
        spectrum.take(values, 3, interval);
        const points = values.subarray(3);
        const mean = keepMean ? 0 : points.reduce((sum, value) => sum + value, 0) / length;
        const window = Array.from({ length }, (_, i) => 0.5 * (1 - Math.cos((2 * Math.PI * i) / (length - 1))));
        let power = 0;
        let weight = 0;
        window.forEach((w, i) => {
          power += (w * ((points[i] as number) - mean)) ** 2;
          weight += w * w;
        });
        // The density times the frequency step 1/(N dt) sums up to the mean square.
        const sum = spectrum.density.reduce((total, density) => total + density, 0) / (length * interval);
        return Math.abs(sum - power / weight) <= 1e-9 * (power / weight);
      },
    ),
  );
  t.end();
});

t.test('a sine has the power of half its amplitude squared', (t) => {
  for (const length of [256, 500, 1024]) {
    const amplitude = 3;
    const cycles = Math.floor(length / 8);
    const interval = 2e-5;
    // A phase for which the taper falls on peaks and zeros alike.
    const values = Float64Array.from(
      { length },
      (_, i) => 7 + amplitude * Math.sin((2 * Math.PI * cycles * i) / length + 0.7),
    );
    const spectrum = new Spectrum(length, false);
    spectrum.take(values, 0, interval);
    const step = 1 / (length * interval);
    const total = spectrum.density.reduce((sum, density) => sum + density * step, 0);
    t.ok(Math.abs(total / (amplitude ** 2 / 2) - 1) < 0.001, `length ${length}: power ${total}`);
    let peak = 0;
    spectrum.density.forEach((density, k) => {
      if (density > (spectrum.density[peak] as number)) peak = k;
    });
    t.equal(peak, cycles, 'the peak is at the frequency of the sine');
    // Hann: the peak holds 2/3 of the power, up to the width of a window of N instead of N-1 points.
    const share = ((spectrum.density[peak] as number) * step) / (amplitude ** 2 / 2);
    t.ok(Math.abs(share - 2 / 3) < 0.01, `share of the peak: ${share}`);
  }
  t.end();
});

t.test('the mean is subtracted unless it shall be kept', (t) => {
  const values = new Float64Array(64).fill(5);
  const without = new Spectrum(64, false);
  without.take(values, 0, 1);
  t.ok(without.density.every((density) => density < 1e-25));
  const kept = new Spectrum(64, true);
  kept.take(values, 0, 1);
  const window = hannWindow(64);
  const weight = window.reduce((sum, w) => sum + w * w, 0);
  const wanted = (25 * window.reduce((sum, w) => sum + w, 0) ** 2) / weight;
  t.ok(Math.abs((kept.density[0] as number) / wanted - 1) < 1e-12);
  t.end();
});

t.test('units are squared, per hertz', (t) => {
  const cases: [string, string][] = [
    ['V', 'V**2 Hz**-1'],
    ['', 'Hz**-1'],
    [' nT ', 'nT**2 Hz**-1'],
    ['V m**-1', 'V**2 m**-2 Hz**-1'],
    ['V/m', 'V**2 m**-2 Hz**-1'],
    ['V / m', 'V**2 m**-2 Hz**-1'],
    ['V * m^-1', 'V**2 m**-2 Hz**-1'],
    ['V m!a-1!n', 'V**2 m**-2 Hz**-1'],
    ['V!a2!nm!a-2!nHz!a-1', 'V**4 m**-4 Hz**-3'],
    ['V m**-1 Hz**-1/2', 'V**2 m**-2 Hz**-2'],
    ['V m**-1 Hz**(-1/2)', 'V**2 m**-2 Hz**-2'],
    ['nT Hz**-0.5', 'nT**2 Hz**-2'],
    ['Hz**1/2', ''],
    ['Hz', 'Hz'],
    ['/cc', 'cc**-2 Hz**-1'],
    ['1/s', 's**-2 Hz**-1'],
    ['µV', 'µV**2 Hz**-1'],
    ['%', '%**2 Hz**-1'],
    ['log10Ratio', '(log10Ratio)**2 Hz**-1'],
    ['raw counts (DN)', '(raw counts (DN))**2 Hz**-1'],
    ['V**x', '(V**x)**2 Hz**-1'],
    ['V**1.2.3', '(V**1.2.3)**2 Hz**-1'],
  ];
  for (const [units, wanted] of cases) t.equal(squaredPerHertz(units), wanted, units);
  t.end();
});
