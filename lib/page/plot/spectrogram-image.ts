/**
 * A spectrogram as pixels: every column is a moment, every row a tag, the colour a value. Pure; the page puts the result on a canvas.
 *
 * A pixel takes the value of the tag whose band it lies in (bands meet half way, by ratio on a logarithmic axis) and the record nearest in
 * time, if that is not further away than records that belong together. What has no value stays transparent.
 */
import { COLOURS, type ColourScale, colourIndex } from './colour-scale.js';
import { orderOf, usualStep } from './line-groups.js';
import type { Spectrogram, SpectrogramBlock } from './plot-data.js';

export interface ImageView {
  readonly width: number;
  readonly height: number;
  /** us2000 of the left and right edge. */
  readonly begin: number;
  readonly end: number;
  /** Tags at the lower and upper edge. */
  readonly low: number;
  readonly high: number;
}

/** Red, green, blue and opacity of each pixel, rows from the top. */
export function spectrogramPixels(
  spectrogram: Pick<Spectrogram, 'blocks' | 'tagLog'>,
  scale: ColourScale,
  view: ImageView,
  tagWidth: number,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(view.width * view.height * 4);
  for (const block of spectrogram.blocks) drawBlock(pixels, block, { ...spectrogram, scale, view, tagWidth });
  return pixels;
}

/** The lowest and highest edge of the bands of all blocks; undefined without usable tags. */
export function tagRange({
  blocks,
  tagLog,
}: Pick<Spectrogram, 'blocks' | 'tagLog'>): { low: number; high: number } | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { tags } of blocks) {
    for (const band of bands(tags, tagLog)) {
      low = Math.min(low, band.low);
      high = Math.max(high, band.high);
    }
  }
  return high > low ? { low, high } : undefined;
}

interface Band {
  readonly index: number;
  readonly low: number;
  readonly high: number;
}

/** The band of each usable tag. */
function bands(tags: Float64Array, log: boolean): Band[] {
  const usable = [...tags.keys()]
    .map((index) => ({ index, tag: tags[index] ?? Number.NaN }))
    .filter(({ tag }) => Number.isFinite(tag) && (!log || tag > 0))
    .sort((a, b) => a.tag - b.tag);
  const between = (a: number, b: number): number => (log ? Math.sqrt(a * b) : (a + b) / 2);
  const beyond = (edge: number, tag: number): number => (log ? (tag * tag) / edge : 2 * tag - edge);
  return usable.map(({ index, tag }, i) => {
    const below = usable[i - 1]?.tag;
    const above = usable[i + 1]?.tag;
    const low = below === undefined ? undefined : between(below, tag);
    const high = above === undefined ? undefined : between(tag, above);
    const alone = log ? tag * 1.1 : tag + 0.5;
    return {
      index,
      low: low ?? beyond(high ?? alone, tag),
      high: high ?? beyond(low ?? beyond(alone, tag), tag),
    };
  });
}

function drawBlock(
  pixels: Uint8ClampedArray,
  block: SpectrogramBlock,
  facts: { readonly tagLog: boolean; readonly scale: ColourScale; readonly view: ImageView; readonly tagWidth: number },
): void {
  const { view, scale } = facts;
  const rows = rowsOfTags(block.tags, facts.tagLog, view);
  const columns = columnsOfTimes(block.x, view, facts.tagWidth);
  const count = block.tags.length;
  for (let column = 0; column < view.width; column++) {
    const record = columns[column] ?? -1;
    if (record < 0) continue;
    for (let row = 0; row < view.height; row++) {
      const tag = rows[row] ?? -1;
      if (tag < 0) continue;
      const colour = colourIndex(block.z[record * count + tag] ?? Number.NaN, scale);
      if (colour < 0) continue;
      const at = (row * view.width + column) * 4;
      pixels[at] = COLOURS[colour * 3] ?? 0;
      pixels[at + 1] = COLOURS[colour * 3 + 1] ?? 0;
      pixels[at + 2] = COLOURS[colour * 3 + 2] ?? 0;
      pixels[at + 3] = 255;
    }
  }
}

/** For each row of pixels the number of the tag, or -1. */
function rowsOfTags(tags: Float64Array, log: boolean, { height, low, high }: ImageView): Int32Array {
  const rows = new Int32Array(height).fill(-1);
  const place = (value: number): number =>
    (1 - (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low))) * height;
  for (const band of bands(tags, log)) {
    const from = Math.max(0, Math.ceil(place(Math.min(band.high, high)) - 0.5));
    const to = Math.min(height, Math.ceil(place(Math.max(band.low, low)) - 0.5));
    for (let row = from; row < to; row++) rows[row] = band.index;
  }
  return rows;
}

/** For each column of pixels the number of the nearest record, or -1. */
function columnsOfTimes(x: Float64Array, { width, begin, end }: ImageView, tagWidth: number): Int32Array {
  const columns = new Int32Array(width).fill(-1);
  if (x.length === 0) return columns;
  const order = orderOf(x);
  const at = (i: number): number => (order === undefined ? i : (order[i] ?? 0));
  // Half a step to each side, and half as much again for steps that are not all the same.
  const reach = 0.75 * Math.max(tagWidth, usualStep(x, order));
  const pixel = (end - begin) / width;
  let nearest = 0;
  for (let column = 0; column < width; column++) {
    const time = begin + (column + 0.5) * pixel;
    while (
      nearest + 1 < x.length &&
      Math.abs((x[at(nearest + 1)] ?? 0) - time) <= Math.abs((x[at(nearest)] ?? 0) - time)
    ) {
      nearest++;
    }
    const distance = Math.abs((x[at(nearest)] ?? 0) - time);
    if (distance <= Math.max(reach, pixel / 2)) columns[column] = at(nearest);
  }
  return columns;
}
