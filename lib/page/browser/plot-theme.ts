/** Colours of the plot: properties of the style sheet, so that light, dark and the site's own choice reach the canvas. */

export interface PlotTheme {
  readonly text: string;
  readonly grid: string;
  readonly lines: readonly string[];
  readonly font: string;
}

const LINES = 8;

/** The theme as the style sheet has it now. */
export function plotTheme(): PlotTheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: colour('--plot-text', '#333333'),
    grid: colour('--plot-grid', '#dddddd'),
    lines: Array.from({ length: LINES }, (_, i) => colour(`--plot-line-${i + 1}`, '#0a5aa8')),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  };
}

/** Colour of a line by its number. */
export function lineColour(theme: PlotTheme, index: number): string {
  return theme.lines[index % theme.lines.length] ?? theme.text;
}
