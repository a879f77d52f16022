/**
 * The entry form as HTML: one form by GET, every field with a label, groups with a legend, faults at the top and beside their field
 * (browse-export 6, 12).
 */

import type { BrowseFacts } from '../../../browse/facts/facts.js';
import type { FieldChoice } from '../../../browse/find/choices.js';
import type { BrowseQuery, ChoiceField } from '../../../browse/find/query.js';
import { type Html, html } from '../../../page/html.js';
import { problemBox } from '../page.js';

/** Something that is wrong with the question. */
export interface FormFault {
  /** The field of the form that it is about. */
  readonly field: string | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  /** The question with start and stop in the other order, where that would help. */
  readonly swapped: string | undefined;
}

export interface FormViewModel {
  readonly query: BrowseQuery;
  /** Text fields as they were typed. */
  readonly typed: ReadonlyMap<string, string>;
  readonly choices: ReadonlyMap<ChoiceField, readonly FieldChoice[]>;
  readonly hidden: ReadonlySet<string>;
  readonly title: string | undefined;
  readonly faults: readonly FormFault[];
  /** Series that are searched without a further choice. */
  readonly count: number;
}

/** Fields of the form in their order, with their words. */
export const FIELD_WORDS: Readonly<Record<string, string>> = {
  start: 'Start',
  stop: 'Stop',
  scale: 'Times are',
  nick: 'What',
  prog: 'Program',
  level: 'Level',
  obs: 'Kind of observable',
  cover: 'Spatial coverage',
  region: 'Region',
  block: 'Length of a record',
  series: 'Series',
  order: 'Order',
  show: 'List',
};

/** More choices than this are a menu. */
const MOST_BOXES = 8;
const CHECKED = html` checked`;
const SELECTED = html` selected`;

const SCALES = [
  ['UTC', 'UTC'],
  ['TAI', 'TAI'],
  ['series', 'Each series’ own'],
] as const;
const ORDERS = [
  ['time', 'By time'],
  ['series', 'By series'],
] as const;
const SHOWN = [
  ['known', 'Existing records only'],
  ['assumed', 'Also assumed ones: nobody has looked yet'],
  ['missing', 'Also missing ones'],
] as const;

/** The main part of the page. */
export function formView(facts: BrowseFacts, model: FormViewModel): Html {
  const { faults, query, hidden } = model;
  const { browse } = facts.paths;
  const group = (field: ChoiceField): Html | undefined => choiceGroup(field, model);
  return html`${
    faults.length === 0
      ? undefined
      : problemBox(
          faults.map(({ field, message, hint, swapped }) => ({
            message,
            ...(field !== undefined && isShown(field, model) && { field }),
            more: html`${hint === undefined ? undefined : html` <small>${hint}</small>`}${
              swapped === undefined ? undefined : html` <a href="${browse}/find?${swapped}">Swap start and stop</a>`
            }`,
          })),
        )
  }<div class="intro">
<h1>${model.title ?? 'Browse by time'}</h1>
<p>What is there for one time? Give an interval: ${model.count === 1 ? 'the one series' : `all ${model.count} series`} ${hidden.size === 0 ? 'of this server' : 'of this page'} ${model.count === 1 ? 'is' : 'are'} searched, or those that you choose.</p>
</div>
<form class="request browse" method="get" action="${browse}/find" autocomplete="off">
<div class="fields">
${textField('start', model, { hint: 'Such as 1999-10-09T05:30, 1999.10.09_05:30_TAI or 1999-282', required: true })}
${textField('stop', model, { hint: 'Empty: 24 hours after start. Also +6h, +90m, +2d', required: false })}
</div>
${radioGroup('scale', SCALES, model, 'A time that ends in Z, _UTC or _TAI says so itself.')}
${group('nick')}
<div class="groups">
${group('prog')}${group('level')}${group('obs')}${group('cover')}${group('region')}${group('block')}
</div>
<details${isMoreOpen(model) ? html` open` : undefined}><summary>More choices</summary>
${textField('series', model, { hint: 'Names with * for any letters, as in fd_V_*; also names of spacecraft and instruments', required: false })}
${radioGroup('order', ORDERS, model)}
${radioGroup('show', SHOWN, model)}
</details>
${[...hidden].flatMap((field) =>
  hiddenValues(field, model).map(
    (value) => html`<input type="hidden" name="${field}" value="${value}">
`,
  ),
)}${keptChoices(query)}<p class="buttons"><button type="submit">Find records</button></p>
</form>`;
}

/** What a field that is not shown sends. The start is always asked for. */
function hiddenValues(field: string, { query, typed }: FormViewModel): readonly string[] {
  if (field === 'scale' || field === 'order' || field === 'show') return [query[field]];
  if (field === 'stop' || field === 'series') return [typed.get(field) ?? ''].filter((value) => value !== '');
  return Object.hasOwn(query.choices, field) ? query.choices[field as ChoiceField] : [];
}

/** What has no field of its own here, and was chosen on a page of results. */
function keptChoices({ edge, raw }: BrowseQuery): Html {
  const kept: [string, string][] = [];
  if (edge !== 'auto') kept.push(['edge', String(edge)]);
  if (raw !== 'on') kept.push(['raw', raw]);
  return html`${kept.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">
`,
  )}`;
}

function textField(
  name: 'start' | 'stop' | 'series',
  model: FormViewModel,
  { hint, required }: { readonly hint: string; readonly required: boolean },
): Html | undefined {
  if (name !== 'start' && model.hidden.has(name)) return undefined;
  const problem = problemOf(name, model);
  const described = problem === undefined ? `hint-${name}` : `fault-${name} hint-${name}`;
  return html`<div class="field"><label for="field-${name}">${FIELD_WORDS[name]}</label>
<input id="field-${name}" name="${name}" type="text" value="${model.typed.get(name) ?? ''}" maxlength="200" spellcheck="false" aria-describedby="${described}"${
    required ? html` required` : undefined
  }${problem === undefined ? undefined : html` aria-invalid="true"`}>
${faultText(name, problem)}<small id="hint-${name}">${hint}</small></div>`;
}

function radioGroup(
  name: 'scale' | 'order' | 'show',
  values: readonly (readonly [value: string, label: string])[],
  model: FormViewModel,
  hint?: string,
): Html | undefined {
  if (model.hidden.has(name)) return undefined;
  const chosen = model.query[name];
  const problem = problemOf(name, model);
  return html`<fieldset class="flags" id="field-${name}"${describedBy(name, problem)}><legend>${FIELD_WORDS[name]}</legend>
${faultText(name, problem)}${values.map(
  ([
    value,
    label,
  ]) => html`<span class="flag"><input type="radio" id="${name}-${value}" name="${name}" value="${value}"${value === chosen ? CHECKED : undefined}><label for="${name}-${value}">${label}</label></span>
`,
)}${hint === undefined ? undefined : html`<small>${hint}</small>`}</fieldset>
`;
}

function choiceGroup(field: ChoiceField, model: FormViewModel): Html | undefined {
  if (!hasChoice(field, model)) return undefined;
  const offered = model.choices.get(field) ?? [];
  const problem = problemOf(field, model);
  if (offered.length > MOST_BOXES && (field === 'prog' || field === 'level')) {
    return choiceMenu(field, offered, problem);
  }
  return html`<fieldset class="flags choices" id="field-${field}"${describedBy(field, problem)}><legend>${FIELD_WORDS[field]}</legend>
${faultText(field, problem)}${offered.map((choice) => choiceBox(field, choice))}</fieldset>
`;
}

/** One choice is none, unless it has been made, or could not be read. */
function hasChoice(field: ChoiceField, model: FormViewModel): boolean {
  const offered = model.choices.get(field) ?? [];
  if (model.hidden.has(field) || offered.length === 0) return false;
  if (offered.length > 1 || field === 'nick') return true;
  return model.query.choices[field].length > 0 || problemOf(field, model) !== undefined;
}

/** True if the form has the field, so that a link can lead there. */
function isShown(field: string, model: FormViewModel): boolean {
  return !Object.hasOwn(model.query.choices, field) || hasChoice(field as ChoiceField, model);
}

function isMoreOpen(model: FormViewModel): boolean {
  const { typed, query } = model;
  if (typed.has('series') || query.order !== 'time' || query.show !== 'assumed') return true;
  return ['series', 'order', 'show'].some((field) => problemOf(field, model) !== undefined);
}

function problemOf(field: string, { faults }: FormViewModel): string | undefined {
  return faults.find((fault) => fault.field === field)?.message;
}

function faultText(field: string, problem: string | undefined): Html | undefined {
  if (problem === undefined) return undefined;
  return html`<span class="fault" id="fault-${field}">${problem}</span>
`;
}

function describedBy(field: string, problem: string | undefined): Html | undefined {
  return problem === undefined ? undefined : html` aria-describedby="fault-${field}"`;
}

function choiceBox(field: ChoiceField, { key, label, description, count, isChosen, depth }: FieldChoice): Html {
  const id = `${field}-${key}`;
  return html`<span class="flag${depth === 0 ? undefined : ` depth-${Math.min(depth, 4)}`}"><input type="checkbox" id="${id}" name="${field}" value="${key}"${
    isChosen ? CHECKED : undefined
  }><label for="${id}">${label} <span class="count">(${countWords(count)})</span>${
    description === undefined ? undefined : html` <small>${description}</small>`
  }</label></span>
`;
}

function choiceMenu(field: ChoiceField, offered: readonly FieldChoice[], problem: string | undefined): Html {
  return html`<div class="field"><label for="field-${field}">${FIELD_WORDS[field]}</label>
<select id="field-${field}" name="${field}" multiple size="6" aria-describedby="${problem === undefined ? undefined : `fault-${field} `}hint-${field}">
${offered.map(
  ({
    key,
    label,
    count,
    isChosen,
  }) => html`<option value="${key}"${isChosen ? SELECTED : undefined}>${label} (${countWords(count)})</option>
`,
)}</select>
${faultText(field, problem)}<small id="hint-${field}">None chosen: all</small></div>
`;
}

function countWords(count: number): string {
  return count === 1 ? '1 series' : `${count} series`;
}
