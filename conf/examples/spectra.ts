/**
 * spectra BEGIN END: spectral density of the captures that `waveform` shows, 20 spectra of 511 frequencies a second.
 *
 * An example of a spectrogram source: a `<yscan>` whose tags are frequencies in Hz. Each spectrum comes from one capture,
 * tapered by a Hann window, and stands at the middle of it. Frequency 0 and half the sample rate are left out: their one
 * sided density is not defined as that of the others, and a logarithmic axis could not show the first.
 */
import { CAPTURES_PER_SECOND, fillCapture, SAMPLE_RATE, SAMPLES_PER_CAPTURE } from './chorus.js';
import { fourierTransform } from './fourier-transform.js';
import { PacketOutput } from './packet-output.js';
import { readTimeRange, recordAt } from './time-range.js';

const FREQUENCIES = SAMPLES_PER_CAPTURE / 2 - 1;
const FREQUENCY_STEP = SAMPLE_RATE / SAMPLES_PER_CAPTURE;
const RECORD_BYTES = 8 + 4 * FREQUENCIES;
const CAPTURE_NANOSECONDS = 1e9 / CAPTURES_PER_SECOND;

export function main(args: readonly string[]): number {
  const { begin, end } = readTimeRange(args[0], args[1]);
  const output = new PacketOutput();
  output.streamHeader(`
    title="Spectra of modelled chorus%{xCacheResInfo}" xLabel="Time (UTC)" renderer="spectrogram"
    yLabel="Frequency (Hz)" zLabel="Spectral density (V!a2!n m!a-2!n Hz!a-1!n)" yScaleType="linear" zScaleType="log"
    Datum:xTagWidth="0.1 s" monotonicXTags="true" sourceId="spectra"`);
  output.packetHeader(
    1,
    `  <x name="time" type="little_endian_real8" units="us2000" />
  <yscan name="E_density" type="little_endian_real4" zUnits="V**2 m**-2 Hz**-1" yUnits="Hz"
    nitems="${FREQUENCIES}" yTagMin="${FREQUENCY_STEP}" yTagInterval="${FREQUENCY_STEP}" />`,
  );

  // A spectrum stands half a capture later than the capture begins.
  const first = recordAt(begin, CAPTURE_NANOSECONDS / 2);
  const last = recordAt(end, CAPTURE_NANOSECONDS / 2);
  const firstCapture = Math.floor(first / 2);
  const lastCapture = Math.floor(last / 2);
  if (firstCapture === lastCapture) output.exception('NoDataInInterval', 'There is one spectrum every 0.05 s.');

  const window = hannWindow();
  const samples = new Float32Array(SAMPLES_PER_CAPTURE);
  const real = new Float64Array(SAMPLES_PER_CAPTURE);
  const imaginary = new Float64Array(SAMPLES_PER_CAPTURE);
  const scale = densityScale(window);
  for (let capture = firstCapture; capture < lastCapture; capture++) {
    fillCapture(capture, samples);
    for (let i = 0; i < SAMPLES_PER_CAPTURE; i++) real[i] = samples[i]! * window[i]!;
    imaginary.fill(0);
    fourierTransform(real, imaginary);

    const at = output.record(1, RECORD_BYTES);
    const { view } = output;
    view.setFloat64(at, ((capture + 0.5) * 1e6) / CAPTURES_PER_SECOND, true);
    for (let i = 1; i <= FREQUENCIES; i++) {
      const power = real[i]! * real[i]! + imaginary[i]! * imaginary[i]!;
      view.setFloat32(at + 4 + 4 * i, power * scale, true);
    }
  }
  output.flush();
  return 0;
}

function hannWindow(): Float64Array {
  return Float64Array.from({ length: SAMPLES_PER_CAPTURE }, (_, i) => {
    return 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SAMPLES_PER_CAPTURE);
  });
}

/** Makes |transform|^2 a one-sided density: the sum over the frequencies, times their step, is the mean square. */
function densityScale(window: Float64Array): number {
  const windowPower = window.reduce((sum, value) => sum + value * value, 0);
  return 2 / (SAMPLE_RATE * windowPower);
}
