/**
 * The entry form of browse (browse-export 6): as page, as JSON and as text. The whole question is in the address, so that it can be kept.
 */

import { type BrowseFacts, browseNames } from '../../../browse/facts/facts.js';
import { fieldChoices } from '../../../browse/find/choices.js';
import { chooseSeries } from '../../../browse/find/choose-series.js';
import { readPresetPage } from '../../../browse/find/entry-pages.js';
import { type BrowseQuery, CHOICE_FIELDS, queryText, readQueryLeniently } from '../../../browse/find/query.js';
import { JSON_VERSION } from '../../../browse/forms/json.js';
import { Das2Error, isDas2Error } from '../../../error.js';
import { shortTime } from '../../../page/time-label.js';
import { htmlReply, jsonReply, textReply } from '../../../reply/build-reply.js';
import type { Reply } from '../../../reply/reply.js';
import { exampleRangesOf } from '../../../source/source.js';
import { sourceOf } from '../../../source/source-definitions.js';
import { browsePage } from '../page.js';
import { browseReply, formOf } from '../reply.js';
import { FIELD_WORDS, type FormFault, formView } from './form-view.js';

export interface EntryOptions {
  /** What is wrong with the question. */
  readonly faults?: readonly Das2Error[];
  /** Heading, and fields that are preset and not shown. */
  readonly title?: string | undefined;
  readonly hidden?: ReadonlySet<string>;
  /** Parameters besides those of the request. */
  readonly pairs?: readonly (readonly [string, string])[];
}

/** Fields that people type into: they keep what was typed, whatever it is. */
const TYPED: ReadonlySet<string> = new Set(['start', 'stop', 'series']);

/** Answers the address of the program itself. */
export function browseEntry(facts: BrowseFacts): Promise<Reply> {
  return entryReply(facts, {});
}

/** Answers a page of `browse-pages.ini`. */
export async function browsePreset(facts: BrowseFacts, name: string): Promise<Reply> {
  const { context } = facts;
  const file = context.configuration.path('BROWSE_PAGES');
  const preset = readPresetPage(file, name, (line) => context.sources.logOnceADay(line));
  if (preset === undefined) throw new Das2Error('notFound', 'there is no page of this name');
  return entryReply(facts, preset);
}

/** The form. With faults: status 400, the values as they were typed, and what is wrong at the top and beside the fields. */
export async function entryReply(facts: BrowseFacts, options: EntryOptions): Promise<Reply> {
  const { request, context } = facts;
  const form = formOf(request, ['html', 'json', 'text']);
  const names = await browseNames(facts);
  const pairs = [...(options.pairs ?? []), ...request.pairs];
  const { query } = readQueryLeniently(pairs);
  const typed = new Map(pairs.filter(([key]) => TYPED.has(key)));
  const { faults = [] } = options;
  const start = typed.get('start') ?? (faults.length === 0 ? exampleRange(facts) : undefined);
  const choices = fieldChoices(names.series, query, names.groups);
  if (form === 'json') {
    const fields = Object.entries(FIELD_WORDS).map(([name, label]) => {
      const offered = choices.get(name as Parameters<typeof choices.get>[0]);
      return {
        name,
        label,
        ...(offered !== undefined && { choices: offered.map(({ depth: _depth, ...one }) => one) }),
      };
    });
    const count = chooseSeries(names.series, query).length;
    return browseReply(
      request,
      jsonReply(request, {
        version: JSON_VERSION,
        form: { action: `${facts.places.browse}/find`, series: count, fields },
      }),
    );
  }
  if (form === 'text') {
    const lines = [...choices].flatMap(([field, offered]) =>
      offered.map(({ key, label, count }) => `${field}=${key}\t${count}\t${label}\n`),
    );
    const fields = Object.entries(FIELD_WORDS).map(([name, label]) => `${name}\t${label}\n`);
    return browseReply(request, textReply(request, `${fields.join('')}\n${lines.join('')}`));
  }
  const main = formView(facts, {
    query,
    typed: new Map([...typed, ...(start === undefined ? [] : ([['start', start]] as const))]),
    choices,
    hidden: options.hidden ?? new Set(),
    title: options.title,
    faults: faults.map((fault) => faultFor(fault, query)),
    count:
      options.hidden === undefined
        ? names.series.length
        : chooseSeries(names.series, hiddenPart(query, options.hidden)).length,
  });
  const heading = options.title ?? 'Browse by time';
  const title = faults.length === 0 ? heading : `Error: ${heading}`;
  const status = faults.every(({ code }) => code === 'tooWide') ? 200 : 400;
  const document = browsePage(context.configuration, request, { title, main, hasScript: true });
  return browseReply(request, htmlReply(request, document, { status }), { isIndexed: request.query === '' });
}

/** The question with what a page has decided, and nothing of what people choose. */
function hiddenPart(query: BrowseQuery, hidden: ReadonlySet<string>): BrowseQuery {
  const choices = Object.fromEntries(
    CHOICE_FIELDS.map((field) => [field, hidden.has(field) ? query.choices[field] : []]),
  ) as unknown as BrowseQuery['choices'];
  return { ...query, choices, series: hidden.has('series') ? query.series : '' };
}

/** The fault for the form; one about the order of the times comes with a link that swaps them. */
function faultFor(fault: Das2Error, query: BrowseQuery): FormFault {
  const { field, hint } = fault.data;
  const swapped = fault.message.includes('is before start')
    ? queryText({ ...query, start: query.stop, stop: query.start })
    : undefined;
  const name = typeof field === 'string' && Object.hasOwn(FIELD_WORDS, field) ? field : undefined;
  const words = name === undefined ? '' : `${FIELD_WORDS[name]}: `;
  const rest = fault.message.replace(/^\w+: /, '');
  return { field: name, message: `${words}${rest}`, hint: typeof hint === 'string' ? hint : undefined, swapped };
}

/** The last example of the site's sample source, for people who do not know what to type. */
function exampleRange({ context }: BrowseFacts): string | undefined {
  const sample = context.configuration.text('SAMPLE_DSDF');
  if (sample === undefined) return undefined;
  try {
    const example = exampleRangesOf(sourceOf(context.sources, sample)).at(-1);
    return example === undefined ? undefined : shortTime(example.range.begin);
  } catch (error) {
    if (isDas2Error(error)) return undefined;
    throw error;
  }
}
