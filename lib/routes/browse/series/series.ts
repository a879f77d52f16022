/**
 * One series: what it is, what there is of it year by year, and where its other views are (browse-export 8). As page, JSON and text.
 */

import { grouped } from '../../../browse/faults.js';
import { JSON_VERSION, seriesJson } from '../../../browse/forms/json.js';
import { roundSize } from '../../../browse/forms/words.js';
import { type Coverage, readCoverage } from '../../../browse/inventory/coverage.js';
import type { Series } from '../../../browse/naming/series.js';
import { blockWords } from '../../../browse/record/block.js';
import { epochText } from '../../../browse/record/epoch.js';
import { isKey, type Triad, triadName } from '../../../browse/record/item-name.js';
import { Das2Error, isDas2Error } from '../../../error.js';
import { type Html, html } from '../../../page/html.js';
import { htmlReply, jsonReply, textReply } from '../../../reply/build-reply.js';
import type { Reply } from '../../../reply/reply.js';
import { encodeQueryValue } from '../../../request/query-string.js';
import type { Source } from '../../../source/source.js';
import { sourceOf } from '../../../source/source-definitions.js';
import { type BrowseFacts, browseAccess, browseNames } from '../context.js';
import { browsePage } from '../page.js';
import { browseReply, formOf } from '../reply.js';
import { cadenceWords } from './series-table.js';

/** Answers `series/PROG/LEVEL/SERIES`. */
export async function browseSeries(facts: BrowseFacts, triad: Triad): Promise<Reply> {
  const { request, context } = facts;
  const form = formOf(request, ['html', 'json', 'text']);
  const isName = [triad.prog, triad.level, triad.series].every(isKey);
  const names = isName
    ? await browseNames(facts, (file) => file.prog === triad.prog && file.level === triad.level)
    : undefined;
  const series = names?.series.find((one) => one.series === triad.series);
  if (series === undefined) throw new Das2Error('notFound', 'there is no such series');
  const access = await browseAccess(facts).of(series);
  const isOpen = access.realm === undefined;
  const coverage = isOpen ? readCoverage(context.configuration.path('BROWSE_INV'), series) : undefined;
  const description = descriptionOf(series, facts);
  if (form === 'json') {
    const value = {
      version: JSON_VERSION,
      ...seriesJson(series),
      epoch: epochText(series.grid.epoch),
      ...description,
      ...(coverage && { coverage }),
    };
    return browseReply(request, jsonReply(request, value), { isIndexed: true });
  }
  const rows = rowsOf(series, description);
  if (form === 'text') {
    const years = (coverage?.years ?? []).map(({ year, present, possible }) => `${year}\t${present} of ${possible}\n`);
    const text = [...rows.map(([name, value]) => `${name}\t${value}\n`), ...years].join('');
    return browseReply(request, textReply(request, `${triadName(series)}\n${text}`), { isIndexed: true });
  }
  const main = html`<nav class="trail" aria-label="Where this is"><ol><li><a href="${facts.paths.browse}">Browse</a></li><li>${series.prog}</li><li>${series.level}</li></ol></nav>
<h1>${series.label}</h1>
<p class="summary">${triadName(series)}${series.description === undefined || series.description === series.label ? undefined : `: ${series.description}`}</p>
<dl class="facts">
${rows.map(
  ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
)}</dl>
${views(series, facts)}
${isOpen ? coverageSection(coverage) : html`<p class="remark">What there is of this series is shown to those who may read it.</p>`}`;
  const document = browsePage(context.configuration, request, { title: `${series.label} – Browse`, main });
  return browseReply(request, htmlReply(request, document), { isIndexed: true });
}

/** What only the definition says. */
function descriptionOf({ dataset }: Series, { context }: BrowseFacts): Readonly<Record<string, string>> {
  let source: Source | undefined;
  try {
    source = dataset === undefined ? undefined : sourceOf(context.sources, dataset);
  } catch (error) {
    if (!isDas2Error(error)) throw error;
  }
  const entries = source?.entries;
  const text = (key: string, name = key): Record<string, string> => {
    const value = entries?.get(key)?.trim();
    return value ? { [name]: value } : {};
  };
  return {
    ...text('summary'),
    ...text('validRange'),
    ...text('techContact'),
    ...text('sciContact'),
    ...text('browseNotes', 'notes'),
  };
}

function rowsOf(series: Series, description: Readonly<Record<string, string>>): [string, string][] {
  const rows: [string, string | undefined][] = [
    ['About', description.summary],
    ['Observable', series.observable?.label],
    ['Spatial coverage', series.coverage?.label],
    ['Regions', series.regions.join(', ') || undefined],
    ['Spacecraft', series.spacecraft],
    ['Instrument', series.instrument],
    ['Kind of instrument', series.instrumentType],
    ['Kind of measurement', series.measurementType],
    ['Records of', blockWords(series.grid.block)],
    ['Counted from', epochText(series.grid.epoch)],
    ['Cadence', cadenceWords(series)],
    ['Image size', series.imageSize],
    ['Nominal resolution', series.resolution],
    ['Parameters', series.parameters],
    ['Units', series.units],
    ['Valid', description.validRange],
    ['Nicknames', series.groups.map(({ label }) => label).join(', ') || undefined],
    ['Technical contact', description.techContact],
    ['Scientific contact', description.sciContact],
    ['Notes', description.notes],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}

function views(series: Series, { paths }: BrowseFacts): Html | undefined {
  const { dataset } = series;
  if (dataset === undefined) return undefined;
  const id = encodeQueryValue(dataset);
  return html`<h2>Other views</h2>
<ul class="chips">
<li><a href="${paths.main}/source/${id}.html">Plot and data</a></li>
<li><a href="${paths.main}?server=dsdf&amp;dataset=${id}">Description for programs</a></li>
<li><a href="${paths.browse}?prog=${series.prog}&amp;level=${series.level}&amp;series=${series.series}">Records of this series</a></li>
</ul>`;
}

function coverageSection(coverage: Coverage | undefined): Html {
  if (coverage === undefined || coverage.years.length === 0) {
    return html`<h2>What there is</h2>
<p class="note">Nobody has looked yet: records inside the valid range are assumed to be there.</p>`;
  }
  const { smallest, typical, largest } = coverage;
  return html`<h2>What there is</h2>
<table class="years">
<caption>Records present, by year</caption>
<thead><tr><th scope="col">Year</th><th scope="col">Present</th><th scope="col">Share</th></tr></thead>
<tbody>
${coverage.years.map(({ year, present, possible }) => {
  const share = Math.round((100 * present) / possible);
  return html`<tr><th scope="row">${year}</th><td>${grouped(present)} of ${grouped(possible)}</td><td><meter min="0" max="100" value="${share}">${share} %</meter> ${share} %</td></tr>
`;
})}</tbody>
</table>
${
  smallest === undefined || typical === undefined || largest === undefined
    ? undefined
    : html`<p>A record has ${roundSize(typical)} as a rule; the smallest ${roundSize(smallest)}, the largest ${roundSize(largest)}.</p>`
}`;
}
