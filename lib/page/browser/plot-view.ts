/**
 * The plot of a page: buttons, panels, and for those who do not see them a summary and a table. It draws what it is given and says which
 * range its reader wants next; asking the server is the business of source-page.ts.
 *
 * Keyboard: the panels can be focused; arrows move through time, + and - zoom.
 */
import type uPlot from 'uplot';
import { lineGroups } from '../plot/line-groups.js';
import type { PlotData } from '../plot/plot-data.js';
import { plotTable, summaryWords } from '../plot/plot-summary.js';
import { panned, type ViewRange, zoomed } from '../plot/view-range.js';
import { button, element } from './elements.js';
import { addLinePanel } from './line-panel.js';
import { AXIS_WIDTH, type PanelContext } from './panel.js';
import { plotTheme } from './plot-theme.js';
import { addSpectrogramPanel, SCALE_SPACE } from './spectrogram-panel.js';

const RIGHT_SPACE = 38;
const PAN = 0.5;
const ZOOM = 2;

/** The plot of one page. */
export class PlotView {
  private readonly status = element('p', { class: 'status', role: 'status' });
  private readonly message = element('p', { class: 'problem', role: 'alert', hidden: '' });
  private readonly panels = element('div', { class: 'panels', tabindex: '0', role: 'group', 'aria-label': 'Plot' });
  private readonly readout = element('p', { class: 'readout', 'aria-hidden': 'true' });
  private readonly words = element('div', { class: 'words' });
  private readonly shown = new Map<string, boolean>();
  private charts: uPlot[] = [];
  private data: PlotData | undefined;
  private range: ViewRange | undefined;

  /** `choose` is called with the range that the reader wants to see. */
  constructor(
    private readonly parent: HTMLElement,
    private readonly choose: (range: ViewRange) => void,
  ) {
    const move = (change: (range: ViewRange) => ViewRange) => () => {
      if (this.range !== undefined) this.choose(change(this.range));
    };
    const earlier = move((range) => panned(range, -PAN));
    const later = move((range) => panned(range, PAN));
    const closer = move((range) => zoomed(range, 1 / ZOOM));
    const wider = move((range) => zoomed(range, ZOOM));
    const bar = element(
      'div',
      { class: 'toolbar', role: 'group', 'aria-label': 'Time range of the plot' },
      button('← Earlier', 'Half a range earlier (left arrow)', earlier),
      button('Later →', 'Half a range later (right arrow)', later),
      button('Zoom in', 'Half the range (+), or drag over the plot', closer),
      button('Zoom out', 'Twice the range (-), or double-click', wider),
      this.status,
    );
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: earlier,
      ArrowRight: later,
      '+': closer,
      '=': closer,
      '-': wider,
    };
    this.panels.addEventListener('keydown', (event) => {
      const act = event.target === this.panels ? keys[event.key] : undefined;
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
    this.parent.replaceChildren(bar, this.message, this.panels, this.readout, this.words);
    let width = 0;
    new ResizeObserver(() => {
      if (this.parent.clientWidth === width) return;
      width = this.parent.clientWidth;
      this.redraw();
    }).observe(this.parent);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
  }

  /** Pixels that the values of a plot have, at least 50. */
  get pixels(): number {
    return Math.max(50, this.parent.clientWidth - AXIS_WIDTH - RIGHT_SPACE - 18);
  }

  /** Data are on their way. */
  wait(text: string): void {
    this.parent.setAttribute('aria-busy', 'true');
    this.status.textContent = text;
  }

  /** Shows what came: data, a message, or both. */
  show(
    range: ViewRange | undefined,
    answer: { readonly data: PlotData | undefined; readonly message: string | undefined; readonly isFault: boolean },
  ): void {
    this.parent.removeAttribute('aria-busy');
    this.range = range;
    this.data = answer.data;
    const notes = [...(answer.message === undefined ? [] : [answer.message]), ...(answer.data?.notes ?? [])];
    this.message.textContent = notes.join('\n');
    this.message.hidden = notes.length === 0;
    this.message.className = answer.isFault ? 'problem' : 'note';
    this.redraw();
    this.describe();
  }

  private describe(): void {
    const { data } = this;
    if (data === undefined) {
      this.status.textContent = '';
      this.words.replaceChildren();
      return;
    }
    const sentences = summaryWords(data);
    this.status.textContent = sentences[0] ?? '';
    this.panels.setAttribute('aria-label', `Plot${data.title === '' ? '' : `: ${data.title}`}`);
    const table = plotTable(data);
    this.words.replaceChildren(
      details('The plot in words', element('ul', {}, ...sentences.map((text) => element('li', {}, text)))),
      table === undefined ? '' : details('Values as a table', valueTable(table)),
    );
  }

  private redraw(): void {
    for (const chart of this.charts) chart.destroy();
    this.charts = [];
    this.panels.replaceChildren();
    this.readout.textContent = '';
    const { data, range } = this;
    if (data === undefined || range === undefined || this.parent.clientWidth === 0) return;
    if (data.title !== '') this.panels.append(element('p', { class: 'plot-title' }, data.title));
    const groups = lineGroups(data);
    const count = groups.length + data.spectrograms.length;
    const context: PanelContext = {
      range,
      width: this.panels.clientWidth,
      theme: plotTheme(),
      rightSpace: data.spectrograms.length > 0 ? SCALE_SPACE : RIGHT_SPACE,
      choose: this.choose,
      zoomOut: () => this.choose(zoomed(range, ZOOM)),
      read: (text) => {
        this.readout.textContent = text;
      },
    };
    const { tagWidth } = data;
    for (const spectrogram of data.spectrograms) {
      const chart = addSpectrogramPanel(this.panels, spectrogram, context, { height: 340, tagWidth });
      if (chart !== undefined) this.charts.push(chart);
    }
    for (const group of groups) {
      const height = count === 1 ? 340 : 230;
      this.charts.push(addLinePanel(this.panels, group, context, { height, tagWidth, shown: this.shown }));
    }
  }
}

function details(title: string, content: HTMLElement): HTMLElement {
  return element('details', {}, element('summary', {}, title), content);
}

function valueTable({ head, rows, total }: NonNullable<ReturnType<typeof plotTable>>): HTMLElement {
  const caption = rows.length < total ? `${rows.length} of ${total} records, evenly chosen` : `All ${total} records`;
  return element(
    'section',
    { class: 'scroll', tabindex: '0', 'aria-label': 'Values as a table' },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...head.map((text) => element('th', { scope: 'col' }, text)))),
      element(
        'tbody',
        {},
        ...rows.map((cells) =>
          element(
            'tr',
            {},
            ...cells.map((text, i) => (i === 0 ? element('th', { scope: 'row' }, text) : element('td', {}, text))),
          ),
        ),
      ),
    ),
  );
}
