/**
 * The form of a source's page as the script sees it: what it asks for, the query that keeps its state, and its fields as a whole for the
 * history of the browser. The names of the fields are those of the data request (server-protocol 4.1, 6.5).
 */
import type { DataQuestion } from '../calls.js';
import type { FormFault } from '../form-fault.js';
import { element } from './elements.js';

type Field = HTMLInputElement | HTMLSelectElement;

/** Values of all fields by name; check boxes are `on` or ''. */
export type FieldValues = Readonly<Record<string, string>>;

/** The fields of one form. */
export class FormFields {
  constructor(readonly form: HTMLFormElement) {}

  text(name: string): string {
    const field = this.form.elements.namedItem(name);
    return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field.value.trim() : '';
  }

  set(name: string, value: string): void {
    const field = this.form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
  }

  /** Words for the reader: those of the text field, then the checked flags, as the server joins them. */
  params(): string {
    const flags = this.fields().filter((field) => field.name.startsWith('params~') && isOn(field));
    return [this.text('params'), ...flags.map((field) => field.name.slice('params~'.length))].join(' ').trim();
  }

  question(facts: { readonly baseUrl: string; readonly id: string }): DataQuestion {
    return {
      ...facts,
      start: this.text('start_time'),
      end: this.text('end_time'),
      resolution: this.text('resolution'),
      interval: this.text('interval'),
      params: this.params(),
      ascii: this.text('ascii') === '1',
    };
  }

  /** The query for this state, as the form itself would send it but without empty fields. */
  query(): string {
    const pairs = new URLSearchParams();
    for (const field of this.fields()) {
      const value = field.type === 'checkbox' ? (isOn(field) ? 'on' : '') : field.value.trim();
      if (value !== '') pairs.append(field.name, value);
    }
    return pairs.toString().replaceAll('%3A', ':').replaceAll('%7E', '~');
  }

  values(): FieldValues {
    return Object.fromEntries(
      this.fields().map((field) => [field.name, field.type === 'checkbox' ? (isOn(field) ? 'on' : '') : field.value]),
    );
  }

  restore(values: FieldValues): void {
    for (const field of this.fields()) {
      const value = values[field.name] ?? '';
      if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = value === 'on';
      else field.value = value;
    }
  }

  /** Labels of the text fields by their names. */
  labels(): ReadonlyMap<string, string> {
    const texts = this.fields().filter((field) => field.type === 'text');
    return new Map(texts.map((field) => [field.name, field.labels?.[0]?.textContent ?? field.name]));
  }

  /** Marks the field of a fault and says there what is wrong, as the server does; false if the fault is about no field. */
  mark({ field: name, message }: FormFault): boolean {
    const field = name === undefined ? null : this.form.elements.namedItem(name);
    if (!(field instanceof HTMLInputElement)) return false;
    const id = `${field.id}-problem`;
    const hint = `${field.id}-hint`;
    document.getElementById(hint)?.before(element('small', { class: 'fault', id }, message));
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', `${id} ${hint}`);
    field.closest('details')?.setAttribute('open', '');
    return true;
  }

  /** Leads to the marked field. */
  focusMarked(): void {
    this.form.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }

  unmark(): void {
    for (const field of this.form.querySelectorAll('[aria-invalid]')) {
      field.removeAttribute('aria-invalid');
      field.removeAttribute('autofocus');
      field.setAttribute('aria-describedby', `${field.id}-hint`);
    }
    for (const words of this.form.querySelectorAll('.fault')) words.remove();
  }

  private fields(): Field[] {
    return [...this.form.elements].filter(
      (element): element is Field =>
        (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) && element.name !== '',
    );
  }
}

function isOn(field: Field): boolean {
  return field instanceof HTMLInputElement && field.type === 'checkbox' && field.checked;
}
