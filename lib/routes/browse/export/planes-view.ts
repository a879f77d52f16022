/**
 * The choice of planes on the page of a request: boxes where the definition of a source names its planes, a field for their names where it does not
 * (browse-export 9.1, 10).
 */
import type { FoundRecord } from '../../../browse/find/found-records.js';
import { planesField, readPlaneChoices } from '../../../browse/find/plane-choices.js';
import type { Series } from '../../../browse/naming/series.js';
import { triadName } from '../../../browse/record/item-name.js';
import { parsePart } from '../../../browse/record/part.js';
import { type Html, html } from '../../../page/html.js';
import type { Pairs } from './selection.js';

/** More would fill a page. */
const MOST_SERIES = 20;
const MOST_PLANES = 200;

/** The choices for the series of streams among the records; nothing where there are none. */
export function planesView(rows: readonly FoundRecord[], pairs: Pairs): Html | undefined {
  const chosen = readPlaneChoices(pairs);
  const series = new Map<string, Series>();
  for (const row of rows) {
    const triad = triadName(row.series);
    if (row.series.kind === 'files' || (hasOwnPlanes(row) && !chosen.has(triad))) continue;
    series.set(triad, row.series);
  }
  if (series.size === 0) return undefined;
  const shown = [...series].slice(0, MOST_SERIES);
  return html`<details${chosen.size > 0 ? html` open` : undefined}><summary>Only some planes</summary>
<p>Without a choice all planes of a stream are sent.${series.size > MOST_SERIES ? ` The first ${MOST_SERIES} of ${series.size} series are here; ask for the others by themselves.` : undefined}</p>
${shown.map(([triad, one], i) => choiceOf(one, chosen.get(triad) ?? [], i))}</details>
`;
}

function hasOwnPlanes({ part }: FoundRecord): boolean {
  return part !== undefined && (parsePart(part)?.names.length ?? 0) > 0;
}

function choiceOf(series: Series, chosen: readonly string[], number: number): Html {
  const field = planesField(series);
  const planes = (series.planes ?? []).slice(0, MOST_PLANES);
  if (planes.length === 0) {
    return html`<div class="field"><label for="planes-${number}">Planes of ${series.label}</label>
<input type="text" id="planes-${number}" name="${field}" value="${chosen.join(', ')}" maxlength="1000" aria-describedby="planes-help-${number}">
<small id="planes-help-${number}">Names with commas between; empty: all.</small></div>
`;
  }
  return html`<fieldset class="flags"><legend>Planes of ${series.label}</legend>
${planes.map(
  ({ key, label }, i) =>
    html`<span class="flag"><input type="checkbox" id="planes-${number}-${i}" name="${field}" value="${key}"${chosen.includes(key) ? html` checked` : undefined}><label for="planes-${number}-${i}">${label} <small>${key}</small></label></span>
`,
)}</fieldset>
`;
}
