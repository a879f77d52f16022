/**
 * A source as a das2 catalog object of type HttpStreamSrc (server-protocol 6.4): the form that das2py can read.
 */
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import { readerTimeText } from '../../request/time-text.js';
import type { ServerContext } from '../../server/context.js';
import { exampleRangesOf, realmOf, type Source, validRangeOf } from '../../source/source.js';
import { contacts, dataItems, readerFlags } from './facts.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const PARAMS_TITLE = 'Options of the source';

/** The object; values come from the definition only, never from a request. */
export function streamSourceObject(context: ServerContext, request: Request, source: Source): JsonObject {
  const summary = source.entries.get('summary')?.trim() || source.description;
  return {
    type: 'HttpStreamSrc',
    version: '0.5',
    name: source.id.slice(source.id.lastIndexOf('/') + 1),
    title: source.description ?? source.id,
    ...(summary !== undefined && { description: summary }),
    contacts: contacts(source).map((contact) => ({ ...contact })),
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
    start_time: { required: true, type: 'isotime', title: 'Begin of the time range, inclusive' },
    end_time: { required: true, type: 'isotime', title: 'End of the time range, exclusive' },
    ...(source.requiresInterval
      ? { interval: { required: true, type: 'real', units: 's', title: 'Time from one record to the next' } }
      : { resolution: { required: false, type: 'real', units: 's', title: 'Width of averages; without it all data' } }),
    params:
      flags.length === 0
        ? { required: false, type: 'string', title: PARAMS_TITLE }
        : {
            required: false,
            type: 'flag_set',
            title: PARAMS_TITLE,
            flag_sep: ' ',
            flags: Object.fromEntries(flags.map(({ number, value, title }) => [number, { value, title }])),
          },
    ascii: { required: false, type: 'boolean', title: 'Send text instead of binary numbers' },
    ...(source.kind !== 'qstream' && {
      csv: { required: false, type: 'boolean', title: 'Send delimited text instead of a stream' },
      planes: {
        required: false,
        type: 'string',
        title: 'Names of planes, with commas between; without it all are sent',
      },
    }),
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
  const bounds = range === undefined ? undefined : [readerTimeText(range.begin), readerTimeText(range.end)];
  // das2py shows what a bound may be when its setter has a range.
  const bound = (param: string): JsonObject => ({
    value: null,
    set: { param, ...(bounds !== undefined && { range: bounds }) },
  });
  return {
    coordinates: {
      time: {
        name: 'Time',
        units: { value: 'UTC' },
        ...(bounds !== undefined && { valid_range: bounds }),
        minimum: bound('start_time'),
        maximum: bound('end_time'),
        [step]: { value: null, units: 's', set: { param: step } },
      },
    },
    data: Object.fromEntries(
      dataItems(source).map(({ name, title, units }) => [
        name,
        { name, ...(title !== undefined && { title }), ...(units !== undefined && { units: { value: units } }) },
      ]),
    ),
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
