/**
 * Selecting on result pages of browse: a live count of what is selected, boxes for groups, and a selection that survives the way from page to page
 * (browse-export 7.5).
 */
import { Selection } from '../browse/selection.js';

/** Watches the form in which people select, if it is one with a count. */
export function watchSelection(form: HTMLFormElement): void {
  const all = form.querySelector<HTMLInputElement>('#all');
  const count = form.querySelector<HTMLElement>('#count');
  if (all === null || count === null) return;
  const page = new SelectionPage(form, all, count);
  form.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement) page.changed(target);
  });
  form.addEventListener('submit', () => page.submitted());
  window.addEventListener('pageshow', () => page.shownAgain());
}

/** One page of a result: its boxes, and what is selected on all its pages. */
class SelectionPage {
  private readonly boxes: readonly HTMLInputElement[];
  private readonly groups: readonly HTMLInputElement[];
  private readonly key: string;
  private readonly selection: Selection;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly all: HTMLInputElement,
    private readonly count: HTMLElement,
  ) {
    this.boxes = [...form.querySelectorAll<HTMLInputElement>('input[name="sel"]:not(:disabled)')];
    this.groups = [...form.querySelectorAll<HTMLInputElement>('input[name="group"]')];
    this.key = `das2-browse ${form.dataset.key}`;
    this.selection = new Selection(stored(this.key));
    for (const box of this.boxes) {
      if (box.checked) this.selection.set(box.value, bytesOf(box));
      else box.checked = this.selection.has(box.value);
    }
    this.show();
  }

  /** Somebody has ticked a box, or taken its tick away. */
  changed(box: HTMLInputElement): void {
    if (box === this.all) for (const row of this.boxes) this.tick(row, box.checked);
    else if (box.name === 'group') for (const row of this.rowsOf(box)) this.tick(row, box.checked);
    else if (box.name === 'sel') this.tick(box, box.checked);
    if (box !== this.all && !box.checked) this.all.checked = false;
    this.show();
  }

  /** The form leaves, and takes along what is selected on other pages. */
  submitted(): void {
    // Boxes of groups are for pages without a script: here the rows say it.
    for (const group of this.groups) group.disabled = true;
    for (const item of this.selection.itemsWithout(new Set(this.boxes.map((box) => box.value)))) {
      const field = document.createElement('input');
      field.type = 'hidden';
      field.name = 'sel';
      field.value = item;
      this.form.append(field);
    }
  }

  /** A page that comes back from the history has its boxes, and must have its groups. */
  shownAgain(): void {
    for (const group of this.groups) group.disabled = this.rowsOf(group).length === 0;
    for (const field of this.form.querySelectorAll('input[type="hidden"][name="sel"]')) field.remove();
  }

  private rowsOf(group: HTMLInputElement): HTMLInputElement[] {
    return this.boxes.filter((box) => box.closest('tbody') === group.closest('tbody'));
  }

  private tick(box: HTMLInputElement, isOn: boolean): void {
    box.checked = isOn;
    if (isOn) this.selection.set(box.value, bytesOf(box));
    else this.selection.delete(box.value);
  }

  private show(): void {
    for (const group of this.groups) {
      const rows = this.rowsOf(group);
      const ticked = rows.filter((box) => box.checked).length;
      group.checked = ticked > 0 && ticked === rows.length;
      group.indeterminate = ticked > 0 && ticked < rows.length;
    }
    const total = Number(this.count.dataset.total);
    this.count.textContent = this.all.checked ? `All ${total} datasets selected` : this.selection.words(total);
    try {
      sessionStorage.setItem(this.key, this.selection.text());
    } catch {
      // No room, or not allowed: the selection holds for this page.
    }
  }
}

function stored(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

function bytesOf(box: HTMLInputElement): number {
  return Number(box.dataset.bytes) || 0;
}
