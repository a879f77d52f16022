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

function start(form: HTMLFormElement, plot: HTMLElement): void {
  const fields = new FormFields(form);
  const { base = '', mount = '', source = '', needsInterval, draw } = plot.dataset;
  const followForm = (): void => updateCalls(fields, { baseUrl: base, id: source });
  addCopyButtons();
  form.addEventListener('input', followForm);
  if (draw === undefined) return;

  const view = new PlotView(plot, (range) => {
    const { begin, end } = rangeToText(range);
    fields.set('start_time', begin);
    fields.set('end_time', end);
    remember();
    void show();
  });
  const faultOfForm = (): string | undefined =>
    questionFault({ ...fields.question({ baseUrl: mount, id: source }), needsInterval: needsInterval === '1' });
  let running: AbortController | undefined;

  const show = async (): Promise<void> => {
    running?.abort();
    const own = new AbortController();
    running = own;
    const question = fields.question({ baseUrl: mount, id: source });
    const range = rangeFromText(question.start, question.end);
    const wrong = faultOfForm();
    if (range === undefined || wrong !== undefined) {
      refuse(wrong ?? 'The time range cannot be shown.');
      return;
    }
    view.wait('Asking for data…');
    const step = askedStep(range, view.pixels, { ...question, needsInterval: needsInterval === '1' });
    const address = dataAddress({ ...question, ...step, ascii: false });
    try {
      const answer = await fetchPlotData(address, own.signal, (bytes) => view.wait(`Reading data: ${size(bytes)}…`));
      if (running !== own) return;
      if (answer.isFault && answer.data === undefined && answer.message !== undefined) refuse(answer.message);
      else view.show(range, answer);
    } catch (error) {
      if (!own.signal.aborted) throw error;
    }
  };

  /** Says what is wrong at the field that it is about, else where the plot would be. */
  const refuse = (message: string): void => {
    const fault = formFault(message, fields.labels());
    const isMarked = fields.mark(fault);
    view.show(undefined, { data: undefined, message: isMarked ? undefined : message, isFault: true });
    if (isMarked && form.contains(document.activeElement)) fields.focusMarked();
  };

  const remember = (): void => {
    fields.unmark();
    history.pushState({ fields: fields.values() }, '', `?${fields.query()}`);
    forgetServerWords();
    followForm();
  };

  history.replaceState({ fields: fields.values() }, '');
  window.addEventListener('popstate', (event) => {
    const state = event.state as { fields?: FieldValues } | null;
    if (state?.fields === undefined) return;
    fields.restore(state.fields);
    fields.unmark();
    followForm();
    void show();
  });
  form.addEventListener('submit', (event) => {
    // Another button leads to another address: the data themselves. What the server would refuse need not go there.
    if (event.submitter?.hasAttribute('formaction')) {
      fields.unmark();
      const wrong = faultOfForm();
      if (wrong === undefined || !fields.mark(formFault(wrong, fields.labels()))) return;
      event.preventDefault();
      fields.focusMarked();
      return;
    }
    event.preventDefault();
    remember();
    void show();
  });
  if (draw === 'now') void show();
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
