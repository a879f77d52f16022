/**
 * What the series of a result are: one row each; columns that are empty for all are left out (browse-export 8).
 */

import { type Places, seriesAddress } from '../../../browse/forms/links.js';
import type { Series } from '../../../browse/naming/series.js';
import { blockWords } from '../../../browse/record/block.js';
import { cadenceSeconds, durationWords } from '../../../browse/time/duration.js';
import { type Html, html } from '../../../page/html.js';

interface Column {
  readonly title: string;
  readonly value: (series: Series) => string | undefined;
}

/** The table with its heading; `hasRaw`: with the names of the series behind their labels. */
export function seriesTable(all: readonly Series[], places: Places, hasRaw: boolean): Html {
  const unit = commonUnit(all);
  const columns: readonly Column[] = [
    { title: 'Observable', value: ({ observable }) => observable?.label },
    { title: 'Records of', value: ({ grid }) => blockWords(grid.block) },
    { title: 'Cadence', value: cadenceWords },
    { title: 'Image size', value: ({ imageSize }) => imageSize },
    {
      title: unit === undefined ? 'Nominal resolution' : `Nominal resolution [${unit}]`,
      value: ({ resolution }) => (unit === undefined ? resolution : resolution?.slice(0, -unit.length).trim()),
    },
    { title: 'Parameters', value: ({ parameters }) => parameters },
    { title: 'Units', value: ({ units }) => units },
  ];
  const used = columns.filter(({ value }) => all.some((series) => value(series) !== undefined));
  return html`<section>
<h2 id="series">The series</h2>
<section class="scroll wide" tabindex="0" aria-labelledby="series">
<table>
<caption>In order of their first records</caption>
<thead><tr><th scope="col">Series</th>${used.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>
${all.map(
  (
    series,
  ) => html`<tr><th scope="row"><a href="${seriesAddress(series, places)}">${series.label}</a>${hasRaw ? html` <small>${series.series}</small>` : undefined}</th>${used.map(
    ({ value }) => html`<td>${value(series) ?? '–'}</td>`,
  )}</tr>
`,
)}</tbody>
</table>
</section>
</section>`;
}

/** As the definition writes it, with the interval beside: `60 / hour (1 min)`. */
export function cadenceWords({ cadence }: Series): string | undefined {
  const seconds = cadence === undefined ? undefined : cadenceSeconds(cadence);
  return seconds === undefined ? cadence : `${cadence} (${durationWords(seconds)})`;
}

/** The unit of all resolutions, if it is one and the same. */
function commonUnit(all: readonly Series[]): string | undefined {
  const units = new Set(
    all.flatMap(({ resolution }) => (resolution === undefined ? [] : [/^[\d.]+\s*(\S+)$/.exec(resolution)?.[1]])),
  );
  return units.size === 1 ? [...units][0] : undefined;
}
