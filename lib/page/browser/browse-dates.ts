/**
 * Calendars, no larger than a button, beside the fields for times (browse-export 6): what is chosen there is written into the field, and a time of day behind it stays.
 */

/** Adds a calendar to each of these fields that the page has. */
export function addDateFields(names: readonly string[]): void {
  for (const name of names) {
    const field = document.querySelector<HTMLInputElement>(`form.browse input[type="text"]#field-${name}`);
    if (field !== null) addCalendar(field);
  }
}

function addCalendar(field: HTMLInputElement): void {
  const calendar = document.createElement('input');
  calendar.type = 'date';
  calendar.className = 'calendar';
  const name = field.labels?.[0]?.textContent ?? '';
  calendar.setAttribute('aria-label', `${name}: choose a day`);
  const read = (): void => {
    calendar.value = /^\d{4}-\d\d-\d\d/.exec(field.value)?.[0] ?? '';
  };
  read();
  field.addEventListener('change', read);
  calendar.addEventListener('change', () => {
    if (calendar.value === '') return;
    const time = /^\d{4}-\d\d-\d\d([T ].*)$/.exec(field.value)?.[1] ?? '';
    field.value = calendar.value + time;
  });
  const both = document.createElement('span');
  both.className = 'with-calendar';
  field.before(both);
  both.append(field, calendar);
}
