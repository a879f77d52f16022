/**
 * One series: what it is, what there is of it year by year, and where its other views are (browse-export 8). As page, JSON, JSON-LD, CSV and text.
 */

import { type BrowseFacts, browseAccess, browseNames } from '../../../browse/facts/facts.js';
import { grouped } from '../../../browse/faults.js';
import { csvLine } from '../../../browse/forms/csv.js';
import { JSON_VERSION, seriesJson } from '../../../browse/forms/json.js';
import { roundSize } from '../../../browse/forms/words.js';
import { type Coverage, readCoverage } from '../../../browse/inventory/coverage.js';
import type { Series } from '../../../browse/naming/series.js';
import { blockWords } from '../../../browse/record/block.js';
import { epochText } from '../../../browse/record/epoch.js';
import { isKey, type Triad, triadName } from '../../../browse/record/item-name.js';
import { recordLabel } from '../../../browse/record/label.js';
import type { RecordRange } from '../../../browse/record/number.js';
import { Das2Error, isDas2Error } from '../../../error.js';
import { type Html, html } from '../../../page/html.js';
import { htmlReply, jsonReply, textReply } from '../../../reply/build-reply.js';
import type { Reply } from '../../../reply/reply.js';
import { encodeQueryValue } from '../../../request/query-string.js';
import { exampleRangesOf, type Source } from '../../../source/source.js';
import { sourceOf } from '../../../source/source-definitions.js';
import { formatTime } from '../../../stream/time-text.js';
import { mainRequest } from '../export/fetch.js';
import { browsePage } from '../page.js';
import { browseReply, CSV_TYPE, formOf } from '../reply.js';
import { jsonLdElement, seriesJsonLd } from './series-jsonld.js';
import { cadenceWords } from './series-table.js';

/** Answers `series/PROG/LEVEL/SERIES`. */
export async function browseSeries(facts: BrowseFacts, triad: Triad): Promise<Reply> {
  const { request, context } = facts;
  const form = formOf(request, ['html', 'json', 'text', 'csv', 'jsonld']);
  const isName = [triad.prog, triad.level, triad.series].every(isKey);
  const names = isName
    ? await browseNames(facts, (file) => file.prog === triad.prog && file.level === triad.level)
    : undefined;
  const series = names?.series.find((one) => one.series === triad.series);
  if (series === undefined) throw new Das2Error('notFound', 'there is no such series');
  const access = await browseAccess(facts).of(series);
  const isOpen = access.realm === undefined;
  const coverage = isOpen ? readCoverage(context.configuration.path('BROWSE_INV'), series) : undefined;
  const source = definitionOf(series, facts);
  const description = descriptionOf(source);
  const linked = seriesJsonLd(facts, series, source);
  if (form === 'jsonld') {
    const reply = textReply(request, `${JSON.stringify(linked)}\n`, { contentType: 'application/ld+json' });
    return browseReply(request, reply, { isIndexed: true });
  }
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
  if (form === 'text' || form === 'csv') {
    const years = (coverage?.years ?? []).map(({ year, present, possible }) => [
      String(year),
      `${present} of ${possible}`,
    ]);
    const all = [['Series', triadName(series)], ...rows, ...years];
    const reply =
      form === 'csv'
        ? textReply(request, `${['name,value', ...all.map(csvLine)].join('\r\n')}\r\n`, { contentType: CSV_TYPE })
        : textReply(request, all.map((row, i) => `${i === 0 ? row[1] : row.join('\t')}\n`).join(''));
    return browseReply(request, reply, { isIndexed: true });
  }
  const main = html`<nav class="trail" aria-label="Where this is"><ol><li><a href="${facts.paths.browse}">Browse</a></li><li><a href="${facts.paths.browse}?prog=${encodeQueryValue(series.prog)}">${series.prog}</a></li><li><a href="${facts.paths.browse}?prog=${encodeQueryValue(series.prog)}&amp;level=${encodeQueryValue(series.level)}">${series.level}</a></li></ol></nav>
<h1>${series.label}</h1>
<p class="summary">${triadName(series)}${series.description === undefined || series.description === series.label ? undefined : `: ${series.description}`}</p>
<dl class="facts">
${rows.map(
  ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
)}</dl>
${views(series, source, facts)}
${source === undefined ? undefined : await hapiView(facts, source)}
${isOpen ? coverageSection(coverage, series) : html`<p class="remark">What there is of this series is shown to those who may read it.</p>`}
${jsonLdElement(linked)}`;
  const document = browsePage(context.configuration, request, { title: `${series.label} – Browse`, main });
  return browseReply(request, htmlReply(request, document), { isIndexed: true });
}

/** The definition behind a series; undefined where there is none, or none that can be read any more. */
function definitionOf({ dataset }: Series, { context }: BrowseFacts): Source | undefined {
  try {
    return dataset === undefined ? undefined : sourceOf(context.sources, dataset);
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    return undefined;
  }
}

/** What only the definition says. */
function descriptionOf(source: Source | undefined): Readonly<Record<string, string>> {
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

function views(series: Series, source: Source | undefined, { paths }: BrowseFacts): Html | undefined {
  const { dataset } = series;
  if (dataset === undefined) return undefined;
  const id = encodeQueryValue(dataset);
  const example = source === undefined ? undefined : exampleRangesOf(source).at(-1);
  return html`<h2>Other views</h2>
<ul class="chips">
<li><a href="${paths.main}/source/${id}.html">Plot and data</a></li>
<li><a href="${paths.main}?server=dsdf&amp;dataset=${id}">Description for programs</a></li>
<li><a href="${paths.browse}?prog=${encodeQueryValue(series.prog)}&amp;level=${encodeQueryValue(series.level)}&amp;series=${series.series}">Records of this series</a></li>
${
  paths.hasCitations !== true || example === undefined
    ? undefined
    : html`<li><a href="${paths.main}?server=citation&amp;dataset=${id}&amp;start_time=${formatTime(example.range.begin)}&amp;end_time=${formatTime(example.range.end)}">How to cite</a></li>
`
}</ul>`;
}

/** Where HAPI clients find the same. */
async function hapiView(facts: BrowseFacts, source: Source): Promise<Html | undefined> {
  const { hapiLinks } = await import('../../source/hapi.js');
  const links = await hapiLinks(facts.context, mainRequest(facts, ''), source);
  return links === undefined ? undefined : html`<p>For HAPI clients: ${links}</p>`;
}

/** A share in whole hundredths; what is not all, and not nothing, does not look as if it were. */
function shareWords(present: number, possible: number): string {
  const share = Math.round((100 * present) / possible);
  if (share === 0 && present > 0) return 'under 1 %';
  return share === 100 && present < possible ? 'over 99 %' : `${share} %`;
}

function coverageSection(coverage: Coverage | undefined, series: Series): Html {
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
  const share = shareWords(present, possible);
  return html`<tr><th scope="row">${year}</th><td>${grouped(present)} of ${grouped(possible)}</td><td><meter min="0" max="${possible}" value="${present}">${share}</meter> ${share}</td></tr>
`;
})}</tbody>
</table>
${
  smallest === undefined || typical === undefined || largest === undefined
    ? undefined
    : html`<p>A record has ${roundSize(typical)} as a rule; the smallest ${roundSize(smallest)}, the largest ${roundSize(largest)}.</p>`
}${gapList(coverage, series)}`;
}

/** Where somebody has looked and found nothing. */
function gapList({ gaps, gapCount }: Coverage, { grid }: Series): Html | undefined {
  if (gaps.length === 0) return undefined;
  const words = ({ first, last }: RecordRange): string => {
    const count = last - first + 1;
    const label = recordLabel(first, grid);
    return count === 1 ? label : `${label} to ${recordLabel(last, grid)}: ${grouped(count)} records`;
  };
  return html`<h2>Known gaps</h2>
${gapCount > gaps.length ? html`<p>The ${gaps.length} longest of ${grouped(gapCount)}:</p>` : undefined}
<ul>
${gaps.map(
  (gap) => html`<li>${words(gap)}</li>
`,
)}</ul>`;
}
