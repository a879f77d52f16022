/**
 * The script of the pages of browse (browse-export 12): what it adds is a convenience, and everything works without it.
 */
import { addDateFields } from './browse-dates.js';
import { addRowFilter } from './browse-filter.js';
import { watchSelection } from './browse-selection.js';
import { watchStatus } from './browse-status.js';

const form = document.querySelector<HTMLFormElement>('form.selection');
if (form !== null) watchSelection(form);
const table = document.querySelector<HTMLTableElement>('form.selection table');
if (table !== null) addRowFilter(table);
addDateFields(['start', 'stop']);
watchStatus();
