/** A panel of lines: averages as lines, their ranges as bands behind, and check boxes that show and hide them. */
import uPlot from 'uplot';
import { type LineGroup, SHOWN_LINES, toColumns } from '../plot/line-groups.js';
import { numberLabel } from '../plot/number-label.js';
import type { Line } from '../plot/plot-data.js';
import { timeLabel } from '../plot/plot-summary.js';
import { element } from './elements.js';
import { type PanelContext, panelOptions } from './panel.js';
import { lineColour } from './plot-theme.js';

export interface LinePanelOptions {
  readonly height: number;
  readonly tagWidth: number;
  /** Which lines are shown, by their names, from one drawing to the next. */
  readonly shown: Map<string, boolean>;
}

/** Adds the panel to `parent`. */
export function addLinePanel(
  parent: HTMLElement,
  group: LineGroup,
  context: PanelContext,
  { height, tagWidth, shown }: LinePanelOptions,
): uPlot {
  const { lines, label } = group;
  const isShown = (i: number): boolean => shown.get(lines[i]?.name ?? '') ?? i < SHOWN_LINES;
  const { sources, series, bands, seriesOf } = seriesOfLines(lines, context, isShown);
  const columns = toColumns(lines[0]?.x ?? new Float64Array(0), sources, tagWidth);
  const legend = lines.length > 1 ? element('ul', { class: 'legend' }) : undefined;
  if (legend !== undefined) parent.append(legend);
  const box = element('div', { class: 'panel' });
  parent.append(box);
  const readAt = (chart: uPlot): string => valuesAt(chart, lines, seriesOf);
  const chart = new uPlot(
    { ...panelOptions(context, { height, label, isLog: false, series, grid: true, readAt }), bands },
    [columns.x, ...columns.y],
    box,
  );
  for (const [i, line] of lines.entries()) {
    const input = element('input', { type: 'checkbox', checked: isShown(i) ? '' : undefined });
    input.addEventListener('change', () => {
      shown.set(line.name, input.checked);
      for (const member of seriesOf[i] ?? []) chart.setSeries(member, { show: input.checked });
    });
    const swatch = element('span', { class: `swatch swatch-${(i % context.theme.lines.length) + 1}` });
    legend?.append(element('li', {}, element('label', {}, input, swatch, line.label)));
  }
  return chart;
}

/** What the chart draws for the lines, and where the values of that come from. */
interface DrawnLines {
  readonly sources: Float64Array[];
  readonly series: uPlot.Series[];
  readonly bands: uPlot.Band[];
  /** Numbers of the series of each line, that of its values last. */
  readonly seriesOf: number[][];
}

function seriesOfLines(lines: readonly Line[], { theme }: PanelContext, isShown: (i: number) => boolean): DrawnLines {
  const drawn: DrawnLines = { sources: [], series: [], bands: [], seriesOf: [] };
  const add = (values: Float64Array, part: uPlot.Series): number => {
    drawn.sources.push(values);
    return drawn.series.push({ spanGaps: false, points: { show: false }, ...part });
  };
  for (const [i, { label, y, low, high }] of lines.entries()) {
    const stroke = lineColour(theme, i);
    const show = isShown(i);
    const members: number[] = [];
    if (low !== undefined && high !== undefined) {
      const upper = add(high, { show, stroke: translucent(stroke, '55'), width: 0.5 });
      const lower = add(low, { show, stroke: translucent(stroke, '55'), width: 0.5 });
      drawn.bands.push({ series: [upper, lower], fill: translucent(stroke, '33') });
      members.push(upper, lower);
    }
    // A few values are points; a lone value would not be seen as a line at all.
    const points = y.length <= 60 ? { show: true, size: 5 } : { show: false };
    members.push(add(y, { label, show, stroke, width: 1.25, points }));
    drawn.seriesOf.push(members);
  }
  return drawn;
}

/** Time and values under the pointer, in words; '' where there are none. */
function valuesAt(chart: uPlot, lines: readonly Line[], seriesOf: DrawnLines['seriesOf']): string {
  const at = chart.cursor.idx;
  if (at === null || at === undefined) return '';
  const values = lines.flatMap(({ label }, i) => {
    const column = seriesOf[i]?.at(-1) ?? 0;
    const value = chart.data[column]?.[at];
    return chart.series[column]?.show === false || value === null || value === undefined
      ? []
      : [`${label}: ${numberLabel(value, 5)}`];
  });
  return values.length === 0 ? '' : `${timeLabel(chart.data[0][at] ?? 0)}  ${values.join('  ')}`;
}

/** A colour `#rrggbb` with an opacity in two hexadecimal digits. */
function translucent(colour: string, opacity: string): string {
  return /^#[0-9a-f]{6}$/i.test(colour) ? colour + opacity : colour;
}
