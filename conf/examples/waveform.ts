/**
 * waveform BEGIN END: electric waveforms of modelled chorus (`chorus.ts`), 20 captures of 1024 samples a second.
 *
 * An example of a waveform source. Each record is a `<yscan>` whose tags are not frequencies but time offsets from the x of
 * the record; the property renderer="waveform" says so, and that the reducer may average a whole capture into one value.
 */
import { CAPTURES_PER_SECOND, fillCapture, LEVEL_STEP, SAMPLE_RATE, SAMPLES_PER_CAPTURE } from './chorus.js';
import { PacketOutput } from './packet-output.js';
import { readTimeRange, recordAt } from './time-range.js';

const RECORD_BYTES = 8 + 4 * SAMPLES_PER_CAPTURE;

export function main(args: readonly string[]): number {
  const { begin, end } = readTimeRange(args[0], args[1]);
  const output = new PacketOutput();
  output.streamHeader(`
    title="Whistler-mode chorus, modelled%{xCacheResInfo}" xLabel="Time (UTC)" yLabel="Electric field (V m!a-1!n)"
    renderer="waveform" Datum:xTagWidth="0.1 s" monotonicXTags="true" sourceId="waveform"`);
  output.packetHeader(
    1,
    `  <x name="time" type="little_endian_real8" units="us2000" />
  <yscan name="E" type="little_endian_real4" zUnits="V m**-1" yUnits="s"
    nitems="${SAMPLES_PER_CAPTURE}" yTagMin="0" yTagInterval="${1 / SAMPLE_RATE}">
    <properties yLabel="Offset (s)" zLabel="Electric field (V m!a-1!n)" ySummary="16 levels, ${LEVEL_STEP} V/m apart" />
  </yscan>`,
  );

  const captureNanoseconds = 1e9 / CAPTURES_PER_SECOND;
  const first = recordAt(begin, captureNanoseconds);
  const last = recordAt(end, captureNanoseconds);
  if (first === last) output.exception('NoDataInInterval', 'A capture begins every 0.05 s.');

  const samples = new Float32Array(SAMPLES_PER_CAPTURE);
  for (let capture = first; capture < last; capture++) {
    fillCapture(capture, samples);
    const at = output.record(1, RECORD_BYTES);
    const { view } = output;
    view.setFloat64(at, (capture * 1e6) / CAPTURES_PER_SECOND, true);
    for (let i = 0; i < SAMPLES_PER_CAPTURE; i++) view.setFloat32(at + 8 + 4 * i, samples[i]!, true);
  }
  output.flush();
  return 0;
}
