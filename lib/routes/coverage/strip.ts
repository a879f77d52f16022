/**
 * Coverage as a picture: one strip of time, dark where there are data, with dates below it (server-internals 7.2).
 *
 * Contract: SVG without scripts, fonts or references to anything else; what it shows is also said in words (`title`, `desc`). A column is
 * one day, or several where there are more days than columns. Colours follow the reader's system, light or dark.
 */
import { type Coverage, coverageWords, dayState } from '../../cache/coverage/coverage.js';
import { type Html, html } from '../../page/html.js';
import { timeTicks } from '../../page/plot/axis-ticks.js';
import { MICROSECONDS_PER_DAY } from '../../stream/time.js';

const WIDTH = 720;
const HEIGHT = 62;
const MARGIN = 12;
const STRIP = { top: 6, height: 28 };
/** Columns at most; fewer for fewer days. */
const COLUMNS = 348;
const INNER = WIDTH - 2 * MARGIN;
/** Steps between the least and the most that a column may hold. */
const SHADES = 5;
const TICKS = 7;

const STYLE = `text { font: 11px system-ui, sans-serif; fill: #546475 }
.ground { fill: #e4eaf1 } .data { fill: #0a5aa8 } .mark { stroke: #76889a } .line { stroke: #b6c2cf }
@media (prefers-color-scheme: dark) {
text { fill: #9fb0c2 } .ground { fill: #2a3a4d } .data { fill: #7cb8f5 } .mark { stroke: #66798d } .line { stroke: #44566a }
}`;

/** A column: 0 without data, up to `SHADES`; undefined where nothing is known. */
type Shade = number | undefined;

/** The picture. */
export function coverageStrip(coverage: Coverage): string {
  const { title } = coverage;
  const markup = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title words">
<title id="title">Coverage of ${title}</title>
<desc id="words">${coverageWords(coverage)}</desc>
<style>${STYLE}</style>
<defs><pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="line" d="M0 0V6" stroke-width="3"/></pattern></defs>
<rect class="ground" x="${MARGIN}" y="${STRIP.top}" width="${INNER}" height="${STRIP.height}"/>
${columns(coverage)}${ticks(coverage)}</svg>
`;
  return markup.markup;
}

function columns(coverage: Coverage): Html[] {
  const shades = shadesOf(coverage);
  const width = INNER / Math.max(1, shades.length);
  const marks: Html[] = [];
  for (let i = 0; i < shades.length; ) {
    const shade = shades[i];
    let next = i + 1;
    while (next < shades.length && shades[next] === shade) next++;
    if (shade !== 0) {
      const place = html`x="${round(MARGIN + i * width)}" y="${STRIP.top}" width="${round((next - i) * width)}" height="${STRIP.height}"`;
      marks.push(
        shade === undefined
          ? html`<rect fill="url(#unknown)" ${place}/>
`
          : html`<rect class="data" fill-opacity="${round(0.3 + (0.7 * shade) / SHADES)}" ${place}/>
`,
      );
    }
    i = next;
  }
  return marks;
}

/** What each column shows: the mean of its days that are known, a day with data being never nothing. */
function shadesOf(coverage: Coverage): Shade[] {
  const { begin, end } = coverage.range;
  const length = end - begin;
  const usual = usualCounts(coverage);
  const count = Math.min(length, COLUMNS);
  return Array.from({ length: count }, (_none, i) => {
    const first = begin + Math.floor((i * length) / count);
    const last = Math.max(first + 1, begin + Math.floor(((i + 1) * length) / count));
    let known = 0;
    let sum = 0;
    for (let day = first; day < last; day++) {
      const { records = 0, resolution = 0 } = coverage.days.get(day) ?? {};
      if (dayState(coverage, day) === 'unknown') continue;
      known++;
      sum += Math.min(1, records / (usual.get(resolution) ?? 1));
    }
    return known === 0 ? undefined : Math.ceil((sum / known) * SHADES);
  });
}

/** Records of a good day, by what was counted: nine of ten days with data have no more. */
function usualCounts({ days }: Coverage): Map<number, number> {
  const all = new Map<number, number[]>();
  for (const { records, resolution } of days.values()) {
    if (records === 0) continue;
    const counts = all.get(resolution);
    if (counts === undefined) all.set(resolution, [records]);
    else counts.push(records);
  }
  const usual = new Map<number, number>();
  for (const [resolution, counts] of all) {
    counts.sort((a, b) => a - b);
    usual.set(resolution, counts[Math.floor((counts.length - 1) * 0.9)] ?? 1);
  }
  return usual;
}

function ticks({ range }: Coverage): Html[] {
  const [begin, end] = [range.begin * MICROSECONDS_PER_DAY, range.end * MICROSECONDS_PER_DAY];
  const bottom = STRIP.top + STRIP.height;
  return timeTicks(begin, end, TICKS).map(({ at, label, dayLabel }) => {
    const x = round(MARGIN + (INNER * (at - begin)) / (end - begin));
    const text = label.includes(':') ? dayLabel : dayLabel === '' ? label : `${dayLabel}-${label}`;
    const anchor = x < MARGIN + 30 ? 'start' : x > WIDTH - MARGIN - 30 ? 'end' : 'middle';
    return html`<path class="mark" d="M${x} ${bottom}v5"/><text x="${x}" y="${bottom + 18}" text-anchor="${anchor}">${text}</text>
`;
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
