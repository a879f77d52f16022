/**
 * What a definition tells people and catalogs about its source: contacts, reader options, items (server-protocol 5.3, 5.6).
 *
 * Contract: plain readings of the definition's values, nothing of a request. Values are text of whoever wrote the definition and are
 * escaped by whoever shows them.
 */
import type { Source } from '../../source/source.js';

export interface Contact {
  readonly type: 'technical' | 'scientific';
  readonly name: string;
  readonly email?: string;
}

/** A word of the request parameter `params`. */
export interface ReaderFlag {
  /** Two digits, as in the key. */
  readonly number: string;
  readonly value: string;
  readonly title: string;
}

/** One of the quantities that a source sends. */
export interface DataItem {
  readonly name: string;
  readonly title?: string;
  readonly units?: string;
}

/** `param_NN`: `FLAG | text`, or the longer das2.3 form whose first two fields are the same. */
export function readerFlags(source: Source): ReaderFlag[] {
  return family(source, 'param').map(({ number, fields }) => ({
    number,
    value: fields[0] ?? '',
    title: fields[1] ?? fields[0] ?? '',
  }));
}

/** `item_NN` and `data_NN`: `ID | text [| units]`. */
export function dataItems(source: Source): DataItem[] {
  return [...family(source, 'item'), ...family(source, 'data')].map(({ fields }) => {
    const [name = '', title = '', units = ''] = fields;
    return { name, ...(title !== '' && { title }), ...(units !== '' && { units }) };
  });
}

/** `Name <mail>[, Name <mail>]` of `techContact` and `sciContact`. */
export function contacts(source: Source): Contact[] {
  const list: Contact[] = [];
  for (const [key, type] of [
    ['techContact', 'technical'],
    ['sciContact', 'scientific'],
  ] as const) {
    for (const part of (source.entries.get(key) ?? '').split(/,(?![^<]*>)/)) {
      const [, name = '', email = ''] = /^\s*([^<]*?)\s*(?:<([^>]*)>)?\s*$/.exec(part) ?? [];
      if (name !== '' || email !== '') list.push({ type, name: name || email, ...(email !== '' && { email }) });
    }
  }
  return list;
}

/** Members `base_NN` of a numbered family in order, with the fields of their values. */
function family(source: Source, base: string): { number: string; fields: string[] }[] {
  const members: { number: string; fields: string[] }[] = [];
  for (const [key, value] of source.entries) {
    const number = new RegExp(`^${base}_(\\d{2})$`).exec(key)?.[1];
    const fields = splitFields(value);
    if (number !== undefined && (fields[0] ?? '') !== '') members.push({ number, fields });
  }
  return members.sort((a, b) => Number(a.number) - Number(b.number));
}

/** Fields between bars, trimmed; `\|` is a bar inside a field (5.3). */
function splitFields(value: string): string[] {
  return value.split(/(?<!\\)\|/).map((field) => field.replaceAll('\\|', '|').trim());
}
