/**
 * Selecting on result pages of browse: a live count of what is selected, boxes for groups, and a selection that survives the way from page to page
 * (browse-export 7.5).
 */
import { Selection } from '../browse/selection.js';

/** Watches the form in which people select, if it is one with a count. */
export function watchSelection(form: HTMLFormElement): void {
  const all = form.querySelector<HTMLInputElement>('#all');
  const count = form.querySelector<HTMLElement>('#count');
  const boxes = [...form.querySelectorAll<HTMLInputElement>('input[name="sel"]:not(:disabled)')];
  const groups = [...form.querySelectorAll<HTMLInputElement>('input[name="group"]')];
  if (all === null || count === null) return;
  const total = Number(count.dataset.total);
  const key = `das2-browse ${form.dataset.key}`;
  const selection = new Selection(stored(key));
  const rowsOf = (group: HTMLInputElement): HTMLInputElement[] =>
    boxes.filter((box) => box.closest('tbody') === group.closest('tbody'));

  for (const box of boxes) {
    if (box.checked) selection.set(box.value, bytesOf(box));
    else box.checked = selection.has(box.value);
  }
  show();

  form.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    if (target === all) for (const box of boxes) tick(box, all.checked);
    else if (target.name === 'group') for (const box of rowsOf(target)) tick(box, target.checked);
    else if (target.name === 'sel') tick(target, target.checked);
    if (target !== all && !target.checked) all.checked = false;
    show();
  });

  form.addEventListener('submit', () => {
    // Boxes of groups are for pages without a script: here the rows say it.
    for (const group of groups) group.disabled = true;
    for (const item of selection.itemsWithout(new Set(boxes.map((box) => box.value)))) {
      const field = document.createElement('input');
      field.type = 'hidden';
      field.name = 'sel';
      field.value = item;
      form.append(field);
    }
  });

  // A page that comes back from the history has its boxes, and must have its groups.
  window.addEventListener('pageshow', () => {
    for (const group of groups) group.disabled = rowsOf(group).length === 0;
    for (const field of form.querySelectorAll('input[type="hidden"][name="sel"]')) field.remove();
  });

  function tick(box: HTMLInputElement, isOn: boolean): void {
    box.checked = isOn;
    if (isOn) selection.set(box.value, bytesOf(box));
    else selection.delete(box.value);
  }

  function show(): void {
    for (const group of groups) {
      const rows = rowsOf(group);
      const ticked = rows.filter((box) => box.checked).length;
      group.checked = ticked > 0 && ticked === rows.length;
      group.indeterminate = ticked > 0 && ticked < rows.length;
    }
    if (count !== null) {
      count.textContent = all?.checked ? `All ${total} datasets selected` : selection.words(total);
    }
    try {
      sessionStorage.setItem(key, selection.text());
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
