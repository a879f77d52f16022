/** The chorus model behind the readers waveform and spectra: levels, gaps, and spectra that belong to the waveform. */
import fc from 'fast-check';
import t from 'tap';
import { LEVEL_STEP, SAMPLE_RATE } from '../../conf/examples/chorus.js';
import { fourierTransform } from '../../conf/examples/fourier-transform.js';
import { type ExampleStream, readStream, runReader } from './run-reader.js';

const RANGE = ['2026-01-01T00:05:50', '2026-01-01T00:05:55'];

function attribute(stream: ExampleStream, name: string): string | undefined {
  return stream.packetHeaders[0]?.planes[1]?.attributes.get(name);
}

t.test('the waveform has 16 levels and covers the time without gaps', async (t) => {
  const stream = readStream(runReader('waveform', RANGE).output);
  const levels = new Set(stream.records.flatMap((record) => record.values.map((value) => value / LEVEL_STEP)));
  t.equal(levels.size, 16);
  for (const level of levels) t.ok(Math.abs(level) <= 7.5001 && Math.abs((level + 8) % 1) - 0.5 < 1e-3, `${level}`);
  t.equal(attribute(stream, 'yUnits'), 's');
  t.ok(Math.abs(Number(attribute(stream, 'yTagInterval')) * 1024 - 0.05) < 1e-12);
});

t.test('spectra are those of the waveform', async (t) => {
  const waveform = readStream(runReader('waveform', RANGE).output).records;
  const stream = readStream(runReader('spectra', RANGE).output);
  const step = Number(attribute(stream, 'yTagInterval'));
  t.equal(attribute(stream, 'yUnits'), 'Hz');
  t.equal(step, SAMPLE_RATE / 1024);
  t.equal(stream.records.length, waveform.length);
  for (const [i, spectrum] of stream.records.entries()) {
    // By the theorem of Parseval the densities add up to the mean square of the tapered samples.
    const samples = waveform[i]!.values;
    const window = samples.map((_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / 1024));
    const windowPower = window.reduce((sum, weight) => sum + weight * weight, 0);
    const meanSquare = samples.reduce((sum, sample, k) => sum + (sample * window[k]!) ** 2, 0) / windowPower;
    const power = spectrum.values.reduce((sum, density) => sum + density, 0) * step;
    t.ok(power <= meanSquare * 1.0001 && power > meanSquare * 0.9, `${power} of ${meanSquare}`);
  }
  const strongest = stream.records.map((record) => {
    const most = Math.max(...record.values);
    return { most, frequency: (record.values.indexOf(most) + 1) * step };
  });
  strongest.sort((a, b) => b.most - a.most);
  for (const { frequency } of strongest.slice(0, 20)) t.ok(frequency > 2000 && frequency < 9900, `${frequency} Hz`);
});

t.test('the Fourier transform is the sum that it stands for', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 6 }),
      fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
      (power, stream) => {
        const length = 2 ** power;
        const take = () => Float64Array.from({ length }, () => stream.next().value as number);
        const [real, imaginary] = [take(), take()];
        const expected = Array.from({ length }, (_, f) => {
          let [sumReal, sumImaginary] = [0, 0];
          for (let k = 0; k < length; k++) {
            const [cosine, sine] = [
              Math.cos((-2 * Math.PI * f * k) / length),
              Math.sin((-2 * Math.PI * f * k) / length),
            ];
            sumReal += real[k]! * cosine - imaginary[k]! * sine;
            sumImaginary += real[k]! * sine + imaginary[k]! * cosine;
          }
          return [sumReal, sumImaginary] as const;
        });
        fourierTransform(real, imaginary);
        return expected.every(([a, b], f) => Math.abs(a - real[f]!) < 1e-10 && Math.abs(b - imaginary[f]!) < 1e-10);
      },
    ),
    { numRuns: 60 },
  );
});
