/** A panel with a spectrogram: the image under the axes, and the scale of its colours at the right. */
import uPlot from 'uplot';
import { linearTicks, logTicks } from '../plot/axis-ticks.js';
import { COLOURS, type ColourScale, scaleOf } from '../plot/colour-scale.js';
import { numberLabel, tickLabels } from '../plot/number-label.js';
import type { Spectrogram } from '../plot/plot-data.js';
import { timeLabel } from '../plot/plot-summary.js';
import { spectrogramPixels, tagRange } from '../plot/spectrogram-image.js';
import { element } from './elements.js';
import { type PanelContext, panelOptions } from './panel.js';

/** Room for the colour scale at the right, in CSS pixels. */
export const SCALE_SPACE = 92;

/** Adds the panel to `parent`; undefined if there is nothing that has a colour. */
export function addSpectrogramPanel(
  parent: HTMLElement,
  spectrogram: Spectrogram,
  context: PanelContext,
  options: { readonly height: number; readonly tagWidth: number },
): uPlot | undefined {
  const tags = tagRange(spectrogram);
  const scale = scaleOf(valuesOf(spectrogram), spectrogram.valueLog);
  if (tags === undefined || scale === undefined) return undefined;
  const { begin, end } = context.range;
  const draw = (chart: uPlot): void => {
    const { left, top, width, height } = chart.bbox;
    const size = { width: Math.round(width), height: Math.round(height) };
    if (size.width < 1 || size.height < 1) return;
    const view = { ...size, begin, end, ...tags };
    const image = element('canvas', { width: String(size.width), height: String(size.height) });
    const pixels = spectrogramPixels(spectrogram, scale, view, options.tagWidth);
    image.getContext('2d')?.putImageData(new ImageData(pixels, size.width, size.height), 0, 0);
    chart.ctx.drawImage(image, Math.round(left), Math.round(top));
    drawScale(chart, scale, spectrogram.label, context);
  };
  const box = element('div', { class: 'panel' });
  parent.append(box);
  return new uPlot(
    panelOptions(context, {
      height: options.height,
      label: spectrogram.tagLabel,
      isLog: spectrogram.tagLog,
      valueRange: () => [tags.low, tags.high],
      series: [{ points: { show: false }, paths: () => null }],
      hooks: { drawClear: [draw] },
      grid: false,
      readAt: (chart) => reading(chart, spectrogram),
    }),
    [
      [begin, end],
      [null, null],
    ],
    box,
  );
}

function* valuesOf({ blocks }: Spectrogram): Iterable<number> {
  for (const { z } of blocks) {
    // An even selection says as much about the scale as all of them.
    const step = Math.max(1, Math.floor(z.length / 200_000));
    for (let i = 0; i < z.length; i += step) yield z[i] ?? Number.NaN;
  }
}

/** The scale of colours, with ticks, in the room at the right. */
function drawScale(chart: uPlot, scale: ColourScale, label: string, { theme }: PanelContext): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  const left = Math.round(bbox.left + bbox.width + 12 * ratio);
  const width = Math.round(14 * ratio);
  const { top, height } = bbox;
  ctx.save();
  for (let row = 0; row < height; row++) {
    const colour = Math.min(255, Math.floor((1 - row / height) * 256));
    ctx.fillStyle = `rgb(${COLOURS[colour * 3]},${COLOURS[colour * 3 + 1]},${COLOURS[colour * 3 + 2]})`;
    ctx.fillRect(left, top + row, width, 1);
  }
  ctx.strokeStyle = theme.grid;
  ctx.strokeRect(left, top, width, height);
  ctx.fillStyle = theme.text;
  ctx.font = theme.font.replace(/^\d+/, String(11 * ratio));
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  const count = Math.max(2, Math.floor(height / ratio / 40));
  const ticks = (scale.log ? logTicks : linearTicks)(scale.min, scale.max, count);
  const labels = scale.log
    ? ticks.map((tick) => numberLabel(tick, 2))
    : tickLabels(ticks, (ticks[1] ?? 1) - (ticks[0] ?? 0));
  for (const [i, tick] of ticks.entries()) {
    const part = scale.log
      ? Math.log(tick / scale.min) / Math.log(scale.max / scale.min)
      : (tick - scale.min) / (scale.max - scale.min);
    const y = top + height * (1 - part);
    ctx.fillRect(left + width, y, 4 * ratio, ratio);
    ctx.fillText(labels[i] ?? '', left + width + 6 * ratio, y);
  }
  // The name of the values stands beside the scale, reading upward.
  ctx.translate(left + width + 58 * ratio, top + height / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.textAlign = 'center';
  ctx.fillText(label, 0, 0, height);
  ctx.restore();
}

/** Time, tag and value under the pointer. */
function reading(chart: uPlot, spectrogram: Spectrogram): string {
  const time = chart.posToVal(chart.cursor.left ?? 0, 'x');
  const tag = chart.posToVal(chart.cursor.top ?? 0, 'y');
  let best: { distance: number; value: number; time: number; tag: number } | undefined;
  for (const { x, z, tags } of spectrogram.blocks) {
    const i = nearest(x, time);
    const j = nearest(tags, tag);
    const distance = Math.abs((x[i] ?? Number.NaN) - time);
    if (i < 0 || j < 0 || (best !== undefined && best.distance <= distance)) continue;
    best = { distance, value: z[i * tags.length + j] ?? Number.NaN, time: x[i] ?? 0, tag: tags[j] ?? 0 };
  }
  if (best === undefined) return '';
  const { tagLabel, label } = spectrogram;
  return `${timeLabel(best.time)}  ${tagLabel}: ${numberLabel(best.tag, 5)}  ${label}: ${numberLabel(best.value)}`;
}

function nearest(values: Float64Array, wanted: number): number {
  let best = -1;
  let smallest = Number.POSITIVE_INFINITY;
  for (const [i, value] of values.entries()) {
    const distance = Math.abs(value - wanted);
    if (distance < smallest) {
      smallest = distance;
      best = i;
    }
  }
  return best;
}
