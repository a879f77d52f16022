/** A panel of lines: averages as lines, their ranges as bands behind, and check boxes that show and hide them. */
import uPlot from 'uplot';
import { type LineGroup, SHOWN_LINES, toColumns } from '../plot/line-groups.js';
import { numberLabel } from '../plot/number-label.js';
import { timeLabel } from '../plot/plot-summary.js';
import { element } from './elements.js';
import { type PanelContext, panelOptions } from './panel.js';
import { lineColour } from './plot-theme.js';

/** Adds the panel to `parent`; `shown` keeps which lines are shown from one drawing to the next. */
export function addLinePanel(
  parent: HTMLElement,
  group: LineGroup,
  context: PanelContext,
  options: { readonly height: number; readonly tagWidth: number; readonly shown: Map<string, boolean> },
): uPlot {
  const { lines } = group;
  const [first] = lines;
  const sources: Float64Array[] = [];
  const series: uPlot.Series[] = [];
  const bands: uPlot.Band[] = [];
  const seriesOf: number[][] = [];
  const add = (values: Float64Array, part: uPlot.Series): number => {
    sources.push(values);
    return series.push({ spanGaps: false, points: { show: false }, ...part });
  };
  for (const [i, { name, label, y, low, high }] of lines.entries()) {
    const stroke = lineColour(context.theme, i);
    const show = options.shown.get(name) ?? i < SHOWN_LINES;
    const members: number[] = [];
    if (low !== undefined && high !== undefined) {
      const upper = add(high, { show, stroke: translucent(stroke, '55'), width: 0.5 });
      const lower = add(low, { show, stroke: translucent(stroke, '55'), width: 0.5 });
      bands.push({ series: [upper, lower], fill: translucent(stroke, '33') });
      members.push(upper, lower);
    }
    // A few values are points; a lone value would not be seen as a line at all.
    const points = y.length <= 60 ? { show: true, size: 5 } : { show: false };
    members.push(add(y, { label, show, stroke, width: 1.25, points }));
    seriesOf.push(members);
  }
  const columns = toColumns(first?.x ?? new Float64Array(0), sources, options.tagWidth);
  const readAt = (chart: uPlot): string => {
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
  };
  const legend = lines.length > 1 ? element('ul', { class: 'legend' }) : undefined;
  if (legend !== undefined) parent.append(legend);
  const box = element('div', { class: 'panel' });
  parent.append(box);
  const chart = new uPlot(
    {
      ...panelOptions(context, {
        height: options.height,
        label: group.label,
        isLog: false,
        series,
        grid: true,
        readAt,
      }),
      bands,
    },
    [columns.x, ...columns.y],
    box,
  );
  for (const [i, { name, label }] of lines.entries()) {
    const show = options.shown.get(name) ?? i < SHOWN_LINES;
    const input = element('input', { type: 'checkbox', checked: show ? '' : undefined });
    input.addEventListener('change', () => {
      options.shown.set(name, input.checked);
      for (const member of seriesOf[i] ?? []) chart.setSeries(member, { show: input.checked });
    });
    const swatch = element('span', { class: `swatch swatch-${(i % context.theme.lines.length) + 1}` });
    legend?.append(element('li', {}, element('label', {}, input, swatch, label)));
  }
  return chart;
}

/** A colour `#rrggbb` with an opacity in two hexadecimal digits. */
function translucent(colour: string, opacity: string): string {
  return /^#[0-9a-f]{6}$/i.test(colour) ? colour + opacity : colour;
}
