/**
 * A field above a table that hides the rows without a text (browse-export 12). What is hidden stays as it is: ticked rows stay ticked.
 */

/** Adds the field. */
export function addRowFilter(table: HTMLTableElement): void {
  const section = table.parentElement;
  if (section === null) return;
  const label = document.createElement('label');
  label.htmlFor = 'row-filter';
  label.textContent = 'Show only rows with';
  const field = document.createElement('input');
  field.id = 'row-filter';
  field.type = 'search';
  const shown = document.createElement('span');
  shown.setAttribute('role', 'status');
  const line = document.createElement('p');
  line.className = 'row-filter';
  line.append(label, field, shown);
  section.before(line);
  field.addEventListener('input', show);
  // It stands in the form in which people select, and is not for sending that.
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') event.preventDefault();
  });
  window.addEventListener('pageshow', show);

  function show(): void {
    const words = field.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    let [count, all] = [0, 0];
    for (const body of table.tBodies) {
      let isAny = false;
      for (const row of body.rows) {
        if (row.classList.contains('group')) continue;
        const text = (row.textContent ?? '').toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        all++;
        if (row.hidden) continue;
        count++;
        isAny = true;
      }
      for (const row of body.querySelectorAll<HTMLTableRowElement>('tr.group')) row.hidden = !isAny;
    }
    shown.textContent = words.length === 0 ? '' : `${count} of ${all} rows of this page`;
  }
}
