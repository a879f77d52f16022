/** Pixels of spectrograms and the scale of their colours. */
import t from 'tap';
import { COLOURS, colourIndex, scaleOf } from '../../../lib/page/plot/colour-scale.js';
import { spectrogramPixels, tagRange } from '../../../lib/page/plot/spectrogram-image.js';

const SCALE = { min: 0, max: 4, log: false };

/** Rows of the picture as numbers of colours, `.` where it is transparent. */
function picture(pixels: Uint8ClampedArray, width: number): string[] {
  const rows: string[] = [];
  for (let at = 0; at < pixels.length; at += width * 4) {
    let row = '';
    for (let i = at; i < at + width * 4; i += 4) {
      if (pixels[i + 3] === 0) row += '.';
      else {
        let value = 0;
        while (value < 3 && !isColour(pixels, i, colourIndex(value, SCALE))) value++;
        row += value;
      }
    }
    rows.push(row);
  }
  return rows;
}

function isColour(pixels: Uint8ClampedArray, at: number, index: number): boolean {
  return [0, 1, 2].every((channel) => pixels[at + channel] === COLOURS[index * 3 + channel]);
}

const BLOCK = {
  tags: Float64Array.from([10, 20]),
  x: Float64Array.from([1e6, 2e6, 9e6]),
  z: Float64Array.from([0, 1, 2, 3, Number.NaN, 1]),
};

t.test('columns are moments, rows are tags from below', async (t) => {
  const spectrogram = { blocks: [BLOCK], tagLog: false };
  t.same(tagRange(spectrogram), { low: 5, high: 25 });
  const view = { width: 10, height: 4, begin: 0.5e6, end: 10.5e6, low: 5, high: 25 };
  t.same(picture(spectrogramPixels(spectrogram, SCALE, view, 1e6), 10), [
    '13......1.',
    '13......1.',
    '02........',
    '02........',
  ]);
  const zoomed = { ...view, width: 4, begin: 1.5e6, end: 2.5e6, low: 15, high: 25 };
  t.same(picture(spectrogramPixels(spectrogram, SCALE, zoomed, 1e6), 4), ['3333', '3333', '3333', '3333']);
});

t.test('logarithmic tags', async (t) => {
  const spectrogram = { blocks: [{ ...BLOCK, tags: Float64Array.from([-1, 100]) }], tagLog: true };
  const range = tagRange(spectrogram);
  t.ok(range !== undefined && range.low > 80 && range.low < 100 && range.high > 100 && range.high < 120);
  t.equal(tagRange({ blocks: [{ ...BLOCK, tags: Float64Array.from([Number.NaN, 0]) }], tagLog: true }), undefined);
  const two = { blocks: [{ ...BLOCK, tags: Float64Array.from([10, 1000]) }], tagLog: true };
  t.same(tagRange(two), { low: 1, high: 10000 });
});

t.test('colours', async (t) => {
  t.equal(COLOURS.length, 768);
  t.same([...COLOURS.subarray(0, 3)], [0x44, 0x01, 0x54]);
  t.same([...COLOURS.subarray(765)], [0xfd, 0xe7, 0x25]);
  t.same(
    [-1, 0, 2, 4, 9].map((value) => colourIndex(value, SCALE)),
    [0, 0, 128, 255, 255],
  );
  t.equal(colourIndex(Number.NaN, SCALE), -1);
  t.equal(colourIndex(0, { min: 1, max: 10, log: true }), -1);
  t.equal(colourIndex(Math.sqrt(10), { min: 1, max: 10, log: true }), 128);
  t.match(scaleOf([1, 2, 3, Number.NaN], false), { min: 1, max: 3 });
  t.match(scaleOf([5, 5], false), { min: 4.5, max: 5.5 });
  t.match(scaleOf([-1, 0, 5], true), { min: 2.5, max: 10 });
  t.match(scaleOf([1e-30, 1, 1, 1], true), { min: 1e-8, max: 1 });
  t.equal(scaleOf([Number.NaN], false), undefined);
  t.equal(scaleOf([-1], true), undefined);
  const outlier = scaleOf([...Array.from({ length: 1000 }, (_, i) => i), 1e9], false);
  t.ok((outlier?.max ?? 0) < 1000, 'one outlier does not take all colours');
});
