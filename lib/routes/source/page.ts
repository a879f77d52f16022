/**
 * `/source/<id>.html`: one source for people. What it is, a form whose state is the address of the page, a plot, and calls to paste
 * into other programs.
 *
 * Contract: everything but the plot works without scripts. Texts of the definition are escaped; commands, paths and names of
 * accounts are not shown. The script of the page takes all it needs from the form and from `data-` attributes of `#plot`.
 */
import { textConverter } from '../../data/stages.js';
import { type Call, calls, type DataQuestion } from '../../page/calls.js';
import { type Html, html } from '../../page/html.js';
import { page } from '../../page/layout.js';
import { unitText } from '../../page/plot/label-text.js';
import { shortTime } from '../../page/time-label.js';
import { htmlReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { foreignServer } from '../../server/redirect.js';
import { exampleRangesOf, type Source, validRangeOf } from '../../source/source.js';
import { compareTimes } from '../../stream/time.js';
import { siteLinks } from '../site-links.js';
import { accessWords } from './access-words.js';
import { coverageSection } from './coverage.js';
import { type Contact, contacts, dataItems } from './facts.js';
import { exampleState, type FormState, formState, requestForm, stateQuery } from './form.js';
import { hapiLinks } from './hapi.js';
import { trail } from './trail.js';

/** Descriptions up to this length, three lines of a wide screen, are the heading of the page. */
const LONGEST_TITLE = 180;

/** Answers the page of a source that is described here. */
export async function sourcePage(context: ServerContext, request: Request, source: Source): Promise<Reply> {
  const { configuration } = context;
  const description = source.description ?? '';
  // A description that is a text stands below the name: as a heading it would fill the page.
  const isTitle = description !== '' && description.length <= LONGEST_TITLE;
  const title = isTitle ? description : source.id;
  const state = formState(request, source);
  const remote = foreignServer(context, request, source);
  const summary = source.entries.get('summary')?.trim();
  const main = html`${trail(request, source.id)}
<h1>${title}</h1>
${isTitle || description === '' ? undefined : html`<p class="summary">${description}</p>`}
${summary ? html`<p class="summary">${summary}</p>` : undefined}
${remote === undefined ? undefined : html`<p class="note">The data are at another server: <a href="${remote}">${remote}</a>.</p>`}
${plotSection({ context, request, source, state, remote })}
${callSection({ ...state, baseUrl: remote ?? request.baseUrl, id: source.id })}
${remote === undefined ? coverageSection(context, request, source) : undefined}
${itemSection(source)}
${factSection(context, request, source, await hapiLinks(context, request, source))}`;
  return htmlReply(
    request,
    page(configuration, request, {
      title,
      main,
      links: siteLinks(configuration, request),
      styles: ['plot.css'],
      scripts: ['source-page.js'],
    }),
  );
}

interface View {
  readonly context: ServerContext;
  readonly request: Request;
  readonly source: Source;
  readonly state: FormState;
  /** The server that has the data, if it is another one. */
  readonly remote: string | undefined;
}

function plotSection({ context, request, source, state, remote }: View): Html {
  const id = encodeQueryValue(source.id);
  const form = requestForm(source, state, {
    page: `${request.mountPath}/source/${id}.html`,
    download: remote === undefined ? `${request.mountPath}/data/${id}` : undefined,
    citation:
      remote === undefined && context.configuration.flag('CITE_ENABLE')
        ? `${request.mountPath}/data/${id}.citation`
        : undefined,
    hasText: textConverter(source, context.configuration) !== undefined,
  });
  const canPlot = remote === undefined && source.kind !== 'qstream';
  const isDrawn = drawsAtOnce(request, source, state);
  return html`<section aria-labelledby="plot-heading">
<h2 id="plot-heading">Data</h2>
${examples(request, source, state)}
${form}
${problemOf(state)}
${canPlot && !isDrawn ? passwordNote(state) : undefined}
<div id="plot" class="plot" data-mount="${request.mountPath}" data-base="${remote ?? request.baseUrl}" data-source="${source.id}"${
    source.requiresInterval ? html` data-needs-interval="1"` : undefined
  }${canPlot ? html` data-draw="${isDrawn ? 'now' : 'asked'}"` : undefined}>
${
  canPlot
    ? html`<noscript><p class="note">The plot needs scripts. Data and calls are there without.</p></noscript>`
    : html`<p class="note">${
        remote === undefined
          ? 'This source sends QStreams, which this page cannot draw. Autoplot can.'
          : 'This page draws data of this server only.'
      }</p>`
}
</div>
</section>`;
}

/** What is wrong with the query and with no single field: those say it themselves. */
function problemOf({ problem }: FormState): Html | undefined {
  if (problem === undefined || problem.field !== undefined) return undefined;
  return html`<p class="problem" role="alert" data-of-query="1">${problem.message}</p>`;
}

/** Why there is no plot yet, where nothing else says it. The script takes it away when somebody asks for data. */
function passwordNote({ problem, start }: FormState): Html | undefined {
  if (problem !== undefined || start === '') return undefined;
  return html`<p class="note" data-of-query="1">Some or all of these data need a name and a password. Press Show, and your browser asks for them.</p>`;
}

/** A page must not ask for a password before its reader has asked for data, nor ask the server for what it will refuse. */
function drawsAtOnce(request: Request, source: Source, state: FormState): boolean {
  if (state.problem !== undefined || state.start === '') return false;
  return source.readAccess === undefined || request.pairs.length > 0;
}

function examples(request: Request, source: Source, state: FormState): Html | undefined {
  const list = exampleRangesOf(source);
  if (list.length === 0) return undefined;
  const shown = stateQuery(state);
  return html`<nav aria-label="Examples"><ul class="chips">
${list.map((example) => {
  const its = exampleState(source, example);
  const query = stateQuery(its);
  const address = `${request.mountPath}/source/${encodeQueryValue(source.id)}.html?${query}`;
  return html`<li><a href="${address}"${query === shown ? html` aria-current="true"` : undefined}>${
    example.label ?? `${its.start} to ${its.end}`
  }</a></li>
`;
})}</ul></nav>`;
}

function callSection(question: DataQuestion): Html | undefined {
  if (question.start === '' || question.end === '') return undefined;
  return html`<section aria-labelledby="calls-heading">
<h2 id="calls-heading">Use these data in your program</h2>
<p class="note">The calls follow the form above.</p>
<div class="calls">
${calls(question).map(callBlock)}</div>
</section>`;
}

function callBlock({ name, title, hint, text }: Call): Html {
  return html`<div class="call"><h3 id="call-${name}">${title}</h3>
<p class="note">${hint}</p>
<pre><code data-call="${name}">${text}</code></pre></div>
`;
}

function itemSection(source: Source): Html | undefined {
  const items = dataItems(source);
  if (items.length === 0) return undefined;
  return html`<section aria-labelledby="items-heading">
<h2 id="items-heading">Quantities</h2>
<section class="scroll" tabindex="0" aria-label="Table of quantities"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Meaning</th><th scope="col">Unit</th></tr></thead>
<tbody>
${items.map(
  ({ name, title, units }) =>
    html`<tr><th scope="row"><code>${name}</code></th><td>${title}</td><td>${units === undefined ? '' : unitText(units)}</td></tr>
`,
)}</tbody>
</table></section>
</section>`;
}

function factSection(context: ServerContext, request: Request, source: Source, hapi: Html | undefined): Html {
  const id = encodeQueryValue(source.id);
  const rows: [string, Html | string | undefined][] = [
    ['Source', html`<code>${source.id}</code>`],
    ['Valid range', validWords(context, source)],
    ['Access', accessWords(source.readAccess)],
    ['Resolution', stepWords(source)],
    ...contactRows(source),
    ['Terms of use', linkOrText(source.entries.get('usagePolicyUrl')?.trim())],
    [
      'For programs',
      html`<a href="${request.mountPath}/source/${id}.json">definition as JSON</a>, <a href="${request.mountPath}/source/${id}/das2.d2t">as a das2 stream header</a>`,
    ],
    ['HAPI datasets', hapi],
  ];
  return html`<section aria-labelledby="facts-heading">
<h2 id="facts-heading">About this source</h2>
<dl class="facts">
${rows.map(([name, value]) =>
  value === undefined
    ? undefined
    : html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
)}</dl>
</section>`;
}

function validWords(context: ServerContext, source: Source): string | undefined {
  const valid = validRangeOf(source, Date.now(), (line) => context.log.line(line));
  if (valid === undefined) return undefined;
  const untilNow = /\bto\s+now\b/i.test(source.entries.get('validRange') ?? '');
  if (compareTimes(valid.begin, valid.end) >= 0) return `From ${shortTime(valid.begin)} on; nothing yet`;
  return `${shortTime(valid.begin)} to ${untilNow ? 'now' : shortTime(valid.end)}`;
}

function stepWords(source: Source): string {
  if (source.requiresInterval) return 'Computed at any interval';
  return source.reducer.kind === 'command'
    ? 'Averaged by the server to any resolution, or as the reader gives it'
    : 'As the reader gives it';
}

function contactRows(source: Source): [string, Html][] {
  const people = contacts(source);
  const rows: [string, Html][] = [];
  for (const [type, name] of [
    ['technical', 'Technical contact'],
    ['scientific', 'Scientific contact'],
  ] as const) {
    const links = people.filter((person) => person.type === type).map(contactLink);
    if (links.length > 0) rows.push([name, html`${links.map((link, i) => (i === 0 ? link : html`, ${link}`))}`]);
  }
  return rows;
}

function contactLink({ name, email }: Contact): Html {
  // Only what looks like an address becomes one.
  if (email === undefined || !/^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$/.test(email)) {
    return html`${name}${email === undefined || email === name ? '' : ` (${email})`}`;
  }
  return html`<a href="mailto:${email}">${name}</a>`;
}

function linkOrText(text: string | undefined): Html | undefined {
  if (text === undefined || text === '') return undefined;
  return /^https?:\/\/[!-~]+$/i.test(text) ? html`<a href="${text}">${text}</a>` : html`${text}`;
}
