/**
 * What line panels and spectrogram panels have in common: an uPlot chart with our time axis, whose drag selects a time range.
 */
import type uPlot from 'uplot';
import { type TimeTick, timeTicks } from '../plot/axis-ticks.js';
import { numberLabel, tickLabels } from '../plot/number-label.js';
import { selected, type ViewRange } from '../plot/view-range.js';
import type { PlotTheme } from './plot-theme.js';

/** What a panel needs from the plot that it is part of. */
export interface PanelContext {
  readonly range: ViewRange;
  readonly width: number;
  readonly theme: PlotTheme;
  /** Room at the right in CSS pixels, the same for all panels so that their times stand above each other. */
  readonly rightSpace: number;
  /** A range was selected. */
  choose(range: ViewRange): void;
  zoomOut(): void;
  /** Says what is under the pointer; '' when it leaves. */
  read(text: string): void;
}

/** Width of the value axis in CSS pixels. */
export const AXIS_WIDTH = 74;
const TIME_SPACE = 84;
/** Width of a digit of the labels, rather too much than too little. */
const DIGIT_WIDTH = 7.5;

/** What one panel draws. */
export interface PanelParts {
  readonly height: number;
  readonly label: string;
  readonly isLog: boolean;
  readonly valueRange?: uPlot.Scale.Range;
  readonly series: uPlot.Series[];
  readonly hooks?: uPlot.Hooks.Arrays;
  readonly grid: boolean;
  /** What is under the pointer, in words. */
  readonly readAt: (chart: uPlot) => string;
}

/** Options of a chart whose pointer is linked with those of the other panels. */
export function panelOptions(context: PanelContext, parts: PanelParts): uPlot.Options {
  const { range, theme } = context;
  const axis: uPlot.Axis = {
    stroke: theme.text,
    font: theme.font,
    ticks: { stroke: theme.grid, size: 5 },
    grid: parts.grid ? { stroke: theme.grid, width: 1 } : { show: false },
  };
  return {
    width: context.width,
    height: parts.height,
    padding: [10, context.rightSpace, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: false, range: () => [range.begin, range.end] },
      y: { distr: parts.isLog ? 3 : 1, ...(parts.valueRange !== undefined && { range: parts.valueRange }) },
    },
    axes: [
      { ...axis, ...timeAxis(context) },
      { ...axis, ...valueAxis(context, parts) },
    ],
    series: [{}, ...parts.series],
    cursor: {
      // The pointer is shown in all panels; a selection is the business of the one where it was made.
      sync: { key: 'plot', filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' } },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      points: { show: false },
      bind: {
        dblclick: () => () => {
          context.zoomOut();
          return null;
        },
      },
    },
    hooks: { ...parts.hooks, ...pointerHooks(context, parts) },
  };
}

function timeAxis({ range, rightSpace }: PanelContext): uPlot.Axis {
  let ticks: TimeTick[] = [];
  return {
    size: 44,
    splits: (chart) => {
      const pixels = chart.bbox.width / devicePixelRatio;
      ticks = timeTicks(range.begin, range.end, Math.max(2, Math.floor(pixels / TIME_SPACE)));
      return ticks.map(({ at }) => at);
    },
    values: (chart) => {
      const perPixel = (range.end - range.begin) / (chart.bbox.width / devicePixelRatio);
      return ticks.map(({ at, label, dayLabel }) => {
        // A label that the edge would cut is left out.
        const room = (range.end - at) / perPixel + rightSpace;
        const fits = (text: string): boolean => room >= (text.length / 2) * DIGIT_WIDTH;
        if (!fits(label)) return '';
        return dayLabel === '' || !fits(dayLabel) ? label : `${label}\n${dayLabel}`;
      });
    },
  };
}

function valueAxis({ theme }: PanelContext, { label, isLog }: PanelParts): uPlot.Axis {
  return {
    size: AXIS_WIDTH,
    label,
    labelFont: theme.font,
    labelSize: 18,
    labelGap: 2,
    space: 32,
    values: (_chart, splits, _axis, _space, step) =>
      isLog
        ? splits.map((split: number | null) => (split === null ? '' : numberLabel(split, 3)))
        : tickLabels(splits, step),
  };
}

function pointerHooks(context: PanelContext, { readAt }: PanelParts): uPlot.Hooks.Arrays {
  return {
    setSelect: [
      (chart) => {
        const { left, width } = chart.select;
        if (width <= 0) return;
        const chosen = selected(chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x'));
        if (chosen !== undefined) context.choose(chosen);
      },
    ],
    setCursor: [
      (chart) => {
        // Panels follow each other's pointers; only the one under it speaks.
        if (chart.cursor.event !== undefined) context.read((chart.cursor.left ?? -1) < 0 ? '' : readAt(chart));
      },
    ],
  };
}
