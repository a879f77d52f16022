/**
 * The form on the page of a source: its state is read from the query of the page and written into its fields, so an address is a
 * state that can be kept and sent to others.
 *
 *     start_time end_time resolution|interval params~FLAG=on … params ascii          the parameters of server-protocol 4.1 and 6.5
 *
 * Contract: `formState` never throws for what is wrong with the query: the message stands in `problem`, the texts in the fields. The
 * same form sent to `/data/<id>` is the data request, with or without scripts.
 */
import { Das2Error, isDas2Error } from '../../error.js';
import type { FormTexts } from '../../page/calls.js';
import { type FormFault, formFault } from '../../page/form-fault.js';
import { type Html, html } from '../../page/html.js';
import { shortTime } from '../../page/time-label.js';
import { macroParameters, normaliseSteps, readDataParameters } from '../../request/data-parameters.js';
import { encodeQueryValue } from '../../request/query-string.js';
import { splitReaderWords } from '../../request/reader-words.js';
import type { Request } from '../../request/request.js';
import { parseTimeRange } from '../../request/time-text.js';
import type { ExampleRange } from '../../source/example-range.js';
import { exampleRangesOf, type Source, validRangeOf } from '../../source/source.js';
import { addNanoseconds, compareTimes, NANOSECONDS_PER_DAY } from '../../stream/time.js';
import { type ReaderFlag, readerFlags } from './facts.js';

export interface FormState extends FormTexts {
  /** What is wrong with the query. */
  readonly problem?: FormFault;
}

/** The state that the query asks for; an empty query shows the first example. */
export function formState(request: Request, source: Source): FormState {
  const { values, problem } = readQuery(request);
  const text = (name: string): string => values.get(name) ?? '';
  if (problem === undefined && text('start_time') === '' && text('end_time') === '') {
    const initial = initialState(source);
    return values.has('params') ? { ...initial, params: text('params') } : initial;
  }
  const step = text('resolution') || text('interval');
  const state = {
    start: text('start_time'),
    end: text('end_time'),
    resolution: source.requiresInterval ? '' : step,
    interval: source.requiresInterval ? text('interval') || step : '',
    params: text('params'),
    ascii: isText(request),
  };
  const fault = problem ?? faultOf(request, source);
  return fault === undefined ? state : { ...state, problem: formFault(fault, labelsOf(source)) };
}

/** The state of an example. */
export function exampleState(source: Source, example: ExampleRange): FormState {
  const step = String(Number(example.resolution.toPrecision(6)));
  return {
    start: shortTime(example.range.begin),
    end: shortTime(example.range.end),
    resolution: !source.requiresInterval && example.resolutionGiven ? step : '',
    interval: source.requiresInterval ? (example.interval ?? step) : '',
    params: example.params ?? '',
    ascii: false,
  };
}

/** The query that gives a state, without `?`. */
export function stateQuery(state: FormState): string {
  const pairs: [string, string][] = [
    ['start_time', state.start],
    ['end_time', state.end],
    ['resolution', state.resolution],
    ['interval', state.interval],
    ['params', state.params],
    ['ascii', state.ascii ? '1' : ''],
  ];
  return pairs
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${encodeQueryValue(value)}`)
    .join('&');
}

/** Addresses the form can be sent to; the last two are undefined where this server has not the data, or makes no citations. */
export interface FormTargets {
  readonly page: string;
  readonly download: string | undefined;
  readonly citation: string | undefined;
}

/** Labels of the fields that a fault can be about, by their names. */
function labelsOf(source: Source): ReadonlyMap<string, string> {
  return new Map([
    ['start_time', 'Begin (UTC)'],
    ['end_time', 'End (UTC)'],
    source.requiresInterval ? ['interval', 'Interval in seconds'] : ['resolution', 'Resolution in seconds'],
    ['params', 'Words for the reader'],
  ]);
}

/** The form with a state. `hasText`: the data can be sent as text. */
export function requestForm(
  source: Source,
  state: FormState,
  facts: FormTargets & { readonly hasText: boolean },
): Html {
  const flags = readerFlags(source);
  const { checked, rest } = splitFlags(flags, state.params);
  const labels = labelsOf(source);
  const field = (name: string, value: string, options: FieldOptions): Html =>
    textField(name, labels.get(name) ?? name, value, {
      ...options,
      problem: state.problem?.field === name ? state.problem.message : undefined,
    });
  const step = source.requiresInterval
    ? field('interval', state.interval, { required: true, hint: 'Between points' })
    : field('resolution', state.resolution, {
        required: false,
        hint: 'Empty: full, and in the plot that of the screen',
      });
  const words = field('params', rest, { required: false, hint: 'With blanks between' });
  // Words that the definition does not list: out of the way, as few sources take any.
  const isOpen = rest !== '' || state.problem?.field === 'params';
  return html`<form id="request" class="request" method="get" action="${facts.page}" autocomplete="off">
<div class="fields">
${field('start_time', state.start, { required: true, hint: 'Such as 2026-01-31T12:30' })}
${field('end_time', state.end, { required: true, hint: 'Not part of the range itself' })}
${step}
${facts.hasText ? formatField(state.ascii) : undefined}
</div>
${flags.length === 0 ? undefined : flagFields(flags, checked)}
<details${isOpen ? OPEN : undefined}><summary>${flags.length === 0 ? 'Options' : 'Further options'}</summary>
${words}</details>
<p class="buttons"><button type="submit">Show</button>
${
  facts.download === undefined
    ? undefined
    : html`<button type="submit" class="second" formaction="${facts.download}" name="on_fault" value="page">Download data</button>`
}${
  facts.citation === undefined
    ? undefined
    : html`
<button type="submit" class="second" formaction="${facts.citation}">Cite these data</button>`
}</p>
</form>`;
}

interface FieldOptions {
  readonly required: boolean;
  readonly hint: string;
  /** What is wrong with its text. */
  readonly problem?: string | undefined;
}

/** A field with its hint, and with what is wrong with it: then it is where the reader of the page finds himself. */
function textField(name: string, label: string, value: string, { required, hint, problem }: FieldOptions): Html {
  const described = problem === undefined ? `${name}-hint` : `${name}-problem ${name}-hint`;
  return html`<div class="field"><label for="${name}">${label}</label>
<input type="text" id="${name}" name="${name}" value="${value}"${required ? REQUIRED : undefined} spellcheck="false" aria-describedby="${described}"${problem === undefined ? undefined : INVALID}>
${problem === undefined ? undefined : html`<small class="fault" id="${name}-problem">${problem}</small>\n`}<small id="${name}-hint">${hint}</small></div>
`;
}

const REQUIRED = html` required`;
const INVALID = html` aria-invalid="true" autofocus`;
const OPEN = html` open`;
const CHECKED = html` checked`;
const SELECTED = html` selected`;

function formatField(ascii: boolean): Html {
  return html`<div class="field"><label for="ascii">Format of the data</label>
<select id="ascii" name="ascii" aria-describedby="ascii-hint">
<option value="">das2 stream</option>
<option value="1"${ascii ? SELECTED : undefined}>das2 stream, as text</option>
</select>
<small id="ascii-hint">For downloads and calls</small></div>
`;
}

function flagFields(flags: readonly ReaderFlag[], checked: ReadonlySet<string>): Html {
  return html`<fieldset class="flags"><legend>Options</legend>
${flags.map(
  ({
    number,
    value,
    title,
  }) => html`<div class="flag"><input type="checkbox" id="flag-${number}" name="params~${value}" value="on"${
    checked.has(value) ? CHECKED : undefined
  }>
<label for="flag-${number}"><code>${value}</code> ${title === value ? '' : title}</label></div>
`,
)}</fieldset>`;
}

/** Which flags the words of `params` set, and the words that are no flag. A flag may be of several words. */
function splitFlags(flags: readonly ReaderFlag[], params: string): { checked: Set<string>; rest: string } {
  const checked = new Set<string>();
  let rest = ` ${params.trim().replace(/\s+/g, ' ')} `;
  for (const { value } of [...flags].sort((a, b) => b.value.length - a.value.length)) {
    const padded = ` ${value} `;
    if (!rest.includes(padded)) continue;
    checked.add(value);
    while (rest.includes(padded)) rest = rest.replace(padded, () => ' ');
  }
  return { checked, rest: rest.trim() };
}

function readQuery(request: Request): { values: ReadonlyMap<string, string>; problem?: string } {
  try {
    return { values: macroParameters(request) };
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    return { values: request.parameters, problem: error.message };
  }
}

/** What a data request with this query would be refused for, before anything runs. */
function faultOf(request: Request, source: Source): string | undefined {
  try {
    const parameters = readDataParameters(request, source.id);
    parseTimeRange(parameters);
    splitReaderWords(parameters.params, { utf8: source.paramCharsetUtf8 });
    const { interval } = normaliseSteps(parameters, source.requiresInterval);
    if (source.requiresInterval && interval === undefined) {
      throw new Das2Error('illegalArgument', 'the parameter interval (seconds between points) is missing');
    }
    return undefined;
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    return error.message;
  }
}

function isText(request: Request): boolean {
  return /^(?!0$|false$|no$|off$)./i.test(request.parameters.get('ascii') ?? request.parameters.get('text') ?? '');
}

/** The first example; without one, the last day that the source has data for. */
function initialState(source: Source): FormState {
  const [example] = exampleRangesOf(source);
  if (example !== undefined) return exampleState(source, example);
  const empty = { start: '', end: '', resolution: '', interval: '', params: '', ascii: false };
  const valid = validRangeOf(source, Date.now());
  if (valid === undefined || compareTimes(valid.begin, valid.end) >= 0) return empty;
  const dayBefore = addNanoseconds(valid.end, -NANOSECONDS_PER_DAY);
  const begin = compareTimes(dayBefore, valid.begin) > 0 ? dayBefore : valid.begin;
  return {
    ...empty,
    start: shortTime(begin),
    end: shortTime(valid.end),
    interval: source.requiresInterval ? '60' : '',
  };
}
