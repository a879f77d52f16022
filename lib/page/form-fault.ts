/**
 * What is wrong with the form on the page of a source, in words of the form: messages of data requests name parameters (`start_time`),
 * people see labels (`Begin (UTC)`). Pure; the page of the server and its script use the same words.
 */
import { BOUND_FAMILIES, INTERVAL_KEYS, PARAMS_KEYS, RESOLUTION_KEYS } from '../request/data-keys.js';

/** A fault for people. */
export interface FormFault {
  /** Name of the field that has to be changed; undefined if the message is about no single one. */
  readonly field: string | undefined;
  /** A sentence. */
  readonly message: string;
}

/** What a message begins with, if it is about one parameter. */
const PREFIX = /^(?:(?:the parameter|this data source needs the parameter) )?([a-z][\w.]*)(?: \([^()]*\))?/;

/** The fault that the message of a data request tells. `labels`: name of a field -> its label, for the fields that the form has. */
export function formFault(message: string, labels: ReadonlyMap<string, string>): FormFault {
  const text = message.trim();
  const [prefix = '', name = ''] = PREFIX.exec(text) ?? [];
  const field = fieldOf(name, labels);
  const rest = text.slice(prefix.length).trim();
  // Two names of one parameter, and one that is given twice, are faults of an address that no form has sent.
  if (field === undefined || /^(?:and|is given twice)\b/.test(rest))
    return { field: undefined, message: sentence(text) };
  const words =
    rest === '' ? 'is missing' : rest.replace(/ (start_time|end_time)\b/g, (_, other) => ` ${label(other)}`);
  return { field, message: sentence(`${label(field)} ${words}`) };

  function label(of: string): string {
    return `“${labels.get(of) ?? of}”`;
  }
}

/** The field for a parameter under any of its names; resolution and interval stand in for each other. */
function fieldOf(name: string, labels: ReadonlyMap<string, string>): string | undefined {
  const is = (keys: readonly string[]): boolean => keys.includes(name);
  if (BOUND_FAMILIES.some(({ begin }) => is(begin))) return 'start_time';
  if (BOUND_FAMILIES.some(({ end }) => is(end))) return 'end_time';
  if (is(PARAMS_KEYS)) return 'params';
  if (is(RESOLUTION_KEYS) || is(INTERVAL_KEYS)) return labels.has('interval') ? 'interval' : 'resolution';
  return undefined;
}

/** A message of the server as a sentence. */
function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
