/**
 * Colours of a spectrogram: a table of 256 from dark to bright that also works in grey and for most colour-blind readers (the anchors
 * are those of "viridis", which is in the public domain), and the scale that leads values to it. Pure.
 */

const ANCHORS = [
  0x440154, 0x481a6c, 0x472f7d, 0x414487, 0x39568c, 0x31688e, 0x2a788e, 0x23888e, 0x1f988b, 0x22a884, 0x35b779,
  0x54c568, 0x7ad151, 0xa5db36, 0xd2e21b, 0xfde725,
] as const;

/** Red, green, blue of each of the 256 colours, one behind the other. */
export const COLOURS: Uint8Array = colourTable();

function colourTable(): Uint8Array {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const place = (i / 255) * (ANCHORS.length - 1);
    const index = Math.min(ANCHORS.length - 2, Math.floor(place));
    const low = ANCHORS[index] ?? 0;
    const high = ANCHORS[index + 1] ?? 0;
    for (let channel = 0; channel < 3; channel++) {
      const shift = 16 - 8 * channel;
      const from = (low >> shift) & 255;
      const to = (high >> shift) & 255;
      table[i * 3 + channel] = Math.round(from + (to - from) * (place - index));
    }
  }
  return table;
}

export interface ColourScale {
  readonly min: number;
  readonly max: number;
  readonly log: boolean;
}

/** Index of the colour of a value, 0 to 255; -1 for what has no colour: fill, and on a logarithmic scale zero and below. */
export function colourIndex(value: number, { min, max, log }: ColourScale): number {
  if (Number.isNaN(value) || (log && value <= 0)) return -1;
  const part = log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.min(255, Math.max(0, Math.floor(part * 256)));
}

/**
 * The scale for these values: from the 1st to the 99.8th percentile, so that single outliers do not take all colours. Fill is
 * NaN. Logarithmic scales look at values above zero only, and span eight decades at most.
 */
export function scaleOf(values: Iterable<number>, log: boolean): ColourScale | undefined {
  const usable: number[] = [];
  for (const value of values) if (Number.isFinite(value) && (!log || value > 0)) usable.push(value);
  if (usable.length === 0) return undefined;
  const sorted = Float64Array.from(usable).sort();
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? 0;
  let min = at(0.01);
  let max = at(0.998);
  if (!(max > min)) {
    min = sorted[0] ?? 0;
    max = sorted.at(-1) ?? 0;
  }
  if (log) min = Math.max(min, max / 1e8);
  if (!(max > min)) return log ? { min: min / 2, max: min * 2, log } : { min: min - 0.5, max: min + 0.5, log };
  return { min, max, log };
}
