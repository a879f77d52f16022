/**
 * A source as a das2 catalog object of type HttpStreamSrc (server-protocol 6.4): the form that das2py can read.
 */
import { encodeQueryValue } from '../request/query-string.js';
import type { Request } from '../request/request.js';
import { readerTimeText } from '../request/time-text.js';
import { exampleRangesOf, realmOf, type Source, validRangeOf } from '../source/source.js';
import type { ServerContext } from './context.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** The object; values come from the definition only, never from a request. */
export function streamSourceObject(context: ServerContext, request: Request, source: Source): JsonObject {
  const summary = source.entries.get('summary')?.trim() || source.description;
  return {
    type: 'HttpStreamSrc',
    version: '0.5',
    name: source.id.slice(source.id.lastIndexOf('/') + 1),
    title: source.description ?? source.id,
    ...(summary !== undefined && { description: summary }),
    contacts: contacts(source),
    protocol: protocolObject(context, request, source),
    interface: interfaceObject(context, source),
  };
}

function protocolObject(context: ServerContext, request: Request, source: Source): JsonObject {
  return {
    convention: 'das2/2.2',
    method: 'GET',
    base_urls: [`${request.baseUrl}?server=dataset&dataset=${encodeQueryValue(source.id)}`],
    authentication:
      source.readAccess === undefined
        ? { required: false }
        : {
            required: true,
            realm: realmOf(source, request.mountPath),
            ...(/(?:^|\|)\s*AGE\s*:/i.test(source.readAccess) && { description: 'needed for recent data only' }),
          },
    http_params: httpParameters(source),
    examples: examples(context, source),
  };
}

function httpParameters(source: Source): JsonObject {
  const flags = readerFlags(source);
  return {
    start_time: { required: true, type: 'isotime' },
    end_time: { required: true, type: 'isotime' },
    ...(source.requiresInterval
      ? { interval: { required: true, type: 'real', units: 's' } }
      : { resolution: { required: false, type: 'real', units: 's' } }),
    params:
      flags.length === 0
        ? { required: false, type: 'string' }
        : {
            required: false,
            type: 'flag_set',
            flag_sep: ' ',
            flags: Object.fromEntries(flags.map(({ number, value, title }) => [number, { value, title }])),
          },
    ascii: { required: false, type: 'boolean' },
  };
}

function examples(context: ServerContext, source: Source): JsonObject {
  const list = exampleRangesOf(source, (line) => context.log.line(line));
  return Object.fromEntries(
    list.map((example, i) => {
      const resolution = String(Number(example.resolution.toPrecision(6)));
      const step = source.requiresInterval ? { interval: example.interval ?? resolution } : { resolution };
      const parameters: JsonObject = {
        start_time: readerTimeText(example.range.begin),
        end_time: readerTimeText(example.range.end),
        ...step,
        ...(example.params !== undefined && { params: example.params }),
      };
      return [
        `example_${String(i).padStart(2, '0')}`,
        { ...(example.label !== undefined && { title: example.label }), http_params: parameters },
      ];
    }),
  );
}

function interfaceObject(context: ServerContext, source: Source): JsonObject {
  const range = validRangeOf(source, Date.now(), (line) => context.log.line(line));
  const step = source.requiresInterval ? 'interval' : 'resolution';
  const flags = readerFlags(source);
  return {
    coordinates: {
      time: {
        name: 'Time',
        units: { value: 'UTC' },
        ...(range !== undefined && { valid_range: [readerTimeText(range.begin), readerTimeText(range.end)] }),
        minimum: { value: null, set: { param: 'start_time' } },
        maximum: { value: null, set: { param: 'end_time' } },
        [step]: { value: null, units: 's', set: { param: step } },
      },
    },
    data: dataItems(source),
    ...(flags.length > 0 && {
      options: Object.fromEntries(
        flags.map(({ number, title }) => [
          number,
          { title, value: false, set: { param: 'params', flag: number, value: true } },
        ]),
      ),
    }),
  };
}

/** `param_NN`: `FLAG | text`, or the longer das2.3 form whose first two fields are the same. */
function readerFlags(source: Source): { number: string; value: string; title: string }[] {
  return family(source, 'param').map(({ number, fields }) => ({
    number,
    value: fields[0] ?? '',
    title: fields[1] ?? fields[0] ?? '',
  }));
}

/** `item_NN` and `data_NN`: `ID | text [| units]`. */
function dataItems(source: Source): JsonObject {
  return Object.fromEntries(
    [...family(source, 'item'), ...family(source, 'data')].map(({ fields }) => {
      const [name = '', title = '', units = ''] = fields;
      return [name, { name, ...(title !== '' && { title }), ...(units !== '' && { units: { value: units } }) }];
    }),
  );
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

/** `Name <mail>[, Name <mail>]` of `techContact` and `sciContact`. */
function contacts(source: Source): JsonObject[] {
  const list: JsonObject[] = [];
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
