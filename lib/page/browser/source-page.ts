/**
 * Script of the page of a source: the plot, and calls that follow the form. Everything else on the page works without it.
 *
 * Contract: the form is the state. Zooming writes the new range into the form and the address, so that the page can be kept and sent, and
 * the browser's Back leads to the range before. Each range is asked of the server in the resolution of the screen; the answer to an older
 * question is dropped. Requests go to the own server only, which the page's policy demands anyway.
 */
import { calls, dataAddress } from '../calls.js';
import { formFault } from '../form-fault.js';
import { questionFault } from '../plot/question-fault.js';
import { askedStep, rangeFromText, rangeToText } from '../plot/view-range.js';
import { button } from './elements.js';
import { fetchPlotData } from './fetch-data.js';
import { type FieldValues, FormFields } from './form-fields.js';
import { PlotView } from './plot-view.js';

/** The plot of a page together with the form that says what it shows. */
class PlottedForm {
  readonly #view: PlotView;
  readonly #needsInterval: boolean;
  /** Where the data are asked for. */
  readonly #place: { readonly baseUrl: string; readonly id: string };
  #running: AbortController | undefined;

  constructor(
    private readonly fields: FormFields,
    plot: HTMLElement,
    /** Called when the form has changed by itself. */
    private readonly changed: () => void,
  ) {
    this.#needsInterval = plot.dataset.needsInterval === '1';
    this.#place = { baseUrl: plot.dataset.mount ?? '', id: plot.dataset.source ?? '' };
    this.#view = new PlotView(plot, (range) => {
      const { begin, end } = rangeToText(range);
      fields.set('start_time', begin);
      fields.set('end_time', end);
      this.remember();
      void this.show();
    });
  }

  /** What the server would refuse the form for. */
  fault(): string | undefined {
    return questionFault({ ...this.fields.question(this.#place), needsInterval: this.#needsInterval });
  }

  /** Asks for the data of the form and draws them; a question that is still under way is dropped. */
  async show(): Promise<void> {
    this.#running?.abort();
    const own = new AbortController();
    this.#running = own;
    const question = this.fields.question(this.#place);
    const range = rangeFromText(question.start, question.end);
    const wrong = this.fault();
    if (range === undefined || wrong !== undefined) {
      this.#refuse(wrong ?? 'The time range cannot be shown.');
      return;
    }
    const view = this.#view;
    view.wait('Asking for data…');
    const step = askedStep(range, view.pixels, { ...question, needsInterval: this.#needsInterval });
    const address = dataAddress({ ...question, ...step, ascii: false });
    try {
      const answer = await fetchPlotData(address, own.signal, (bytes) => view.wait(`Reading data: ${size(bytes)}…`));
      if (this.#running !== own) return;
      if (answer.isFault && answer.data === undefined && answer.message !== undefined) this.#refuse(answer.message);
      else view.show(range, answer);
    } catch (error) {
      if (!own.signal.aborted) throw error;
    }
  }

  /** Writes the form into the address, as a page of its own in the history. */
  remember(): void {
    const { fields } = this;
    fields.unmark();
    history.pushState({ fields: fields.values() }, '', `?${fields.query()}`);
    forgetServerWords();
    this.changed();
  }

  /** Shows the form as it was in an earlier page of the history. */
  restore(values: FieldValues): void {
    this.fields.restore(values);
    this.fields.unmark();
    this.changed();
    void this.show();
  }

  /** Says what is wrong at the field that it is about, else where the plot would be. */
  #refuse(message: string): void {
    const { fields } = this;
    const isMarked = fields.mark(formFault(message, fields.labels()));
    this.#view.show(undefined, { data: undefined, message: isMarked ? undefined : message, isFault: true });
    if (isMarked && fields.form.contains(document.activeElement)) fields.focusMarked();
  }
}

function start(form: HTMLFormElement, plot: HTMLElement): void {
  const fields = new FormFields(form);
  const { base = '', source = '', draw } = plot.dataset;
  const followForm = (): void => updateCalls(fields, { baseUrl: base, id: source });
  addCopyButtons();
  form.addEventListener('input', followForm);
  if (draw === undefined) return;

  const plotted = new PlottedForm(fields, plot, followForm);
  history.replaceState({ fields: fields.values() }, '');
  window.addEventListener('popstate', (event) => {
    const state = event.state as { fields?: FieldValues } | null;
    if (state?.fields !== undefined) plotted.restore(state.fields);
  });
  form.addEventListener('submit', (event) => {
    // Another button leads to another address: the data themselves. What the server would refuse need not go there.
    if (event.submitter?.hasAttribute('formaction')) {
      fields.unmark();
      const wrong = plotted.fault();
      if (wrong === undefined || !fields.mark(formFault(wrong, fields.labels()))) return;
      event.preventDefault();
      fields.focusMarked();
      return;
    }
    event.preventDefault();
    plotted.remember();
    void plotted.show();
  });
  if (draw === 'now') void plotted.show();
}

/** What the server wrote for the state in which the page came is no longer so. */
function forgetServerWords(): void {
  for (const problem of document.querySelectorAll('[data-of-query]')) problem.remove();
  for (const chip of document.querySelectorAll('.chips [aria-current]')) chip.removeAttribute('aria-current');
}

function updateCalls(fields: FormFields, facts: { readonly baseUrl: string; readonly id: string }): void {
  for (const { name, text } of calls(fields.question(facts))) {
    const place = document.querySelector(`[data-call="${name}"]`);
    if (place !== null) place.textContent = text;
  }
}

function addCopyButtons(): void {
  // Browsers give a clipboard to pages of secure origins only.
  if (!('clipboard' in navigator)) return;
  for (const call of document.querySelectorAll<HTMLElement>('.call')) {
    const title = call.querySelector('h3')?.textContent ?? '';
    const copy = button('Copy', `Copy the call for ${title}`, () => {
      void navigator.clipboard.writeText(call.querySelector('code')?.textContent ?? '').then(
        () => {
          copy.textContent = 'Copied';
          setTimeout(() => {
            copy.textContent = 'Copy';
          }, 2000);
        },
        () => {},
      );
    });
    copy.classList.add('copy');
    call.append(copy);
  }
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

const form = document.getElementById('request');
const plot = document.getElementById('plot');
if (form instanceof HTMLFormElement && plot !== null) start(form, plot);
