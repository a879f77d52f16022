/**
 * The pages of the log viewer. Everything in a log was written by clients, readers and the network: all of it is escaped, and
 * control characters are shown as such (server-internals 5.2).
 */
import { escapeLine } from '../log/log-text.js';
import { type Html, type HtmlPart, html } from './html.js';

/** One request as it is shown. */
export interface ShownRequest {
  /** `2026-11-20`. */
  readonly day: string;
  /** `10:30:15`. */
  readonly clock: string;
  readonly pid: number;
  /** Whose log it stands in, where the page shows several. */
  readonly who: string | undefined;
  readonly requestId: string | undefined;
  /** `200`, `404, refused`, `running` … */
  readonly outcome: string;
  readonly lines: readonly string[];
  /** Its lines are longer than a page. */
  readonly isCut: boolean;
}

export interface LogPageModel {
  readonly title: string;
  readonly clock: 'UTC' | 'local time';
  /** Names of the files that were looked for. */
  readonly lookedFor: string;
  readonly requests: readonly ShownRequest[];
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  /** Notes about what is not shown. */
  readonly notes: readonly string[];
  /** Address of this page with parameters put in, or taken out where the value is undefined. */
  readonly link: (changes: Readonly<Record<string, string | undefined>>) => string;
  readonly days: readonly string[];
  readonly form: FilterForm;
  /** Form for deletion, for those who may. */
  readonly deletion: { readonly action: string; readonly subject: string; readonly token: string } | undefined;
  readonly mainAddress: string;
  readonly seesAll: boolean;
  readonly canLogIn: boolean;
}

/** Values of the filter form. */
export interface FilterForm {
  readonly action: string;
  /** Undefined: the field is not offered. */
  readonly ip: string | undefined;
  readonly values: Readonly<Partial<Record<string, string>>>;
}

export interface AddressRow {
  readonly who: string;
  readonly link: string;
  /** Last change, as ISO text in UTC. */
  readonly changed: string;
  readonly bytes: number;
}

/** The log of one subject, or what was found for a request id. */
export function logPageMain(model: LogPageModel): Html {
  return html`<h1>${model.title}</h1>
${actions(model)}
${filterForm(model.form)}
${model.notes.map(
  (note) => html`<p class="note">${note}</p>
`,
)}${model.requests.length === 0 ? nothing(model) : sections(model)}
${paging(model)}
${deletion(model)}`;
}

/** Whose logs there are. */
export function addressListMain(rows: readonly AddressRow[], total: number, ownLog: string): Html {
  return html`<h1>Logs of this server</h1>
<p><a href="${ownLog}">Log of your address</a></p>
${total > rows.length ? html`<p class="note">The latest ${rows.length} of ${total}.</p>` : undefined}
<table>
<thead><tr><th scope="col">Address</th><th scope="col">Last change (UTC)</th><th scope="col">Bytes</th></tr></thead>
<tbody>
${rows.map(
  (
    row,
  ) => html`<tr><td><a href="${row.link}">${visible(row.who)}</a></td><td>${row.changed}</td><td>${row.bytes}</td></tr>
`,
)}</tbody>
</table>`;
}

function actions(model: LogPageModel): Html {
  const { link } = model;
  const entries: HtmlPart[] = [
    html`<li><a href="${model.mainAddress}">Server</a></li>`,
    ...model.days.map(
      (day) => html`<li><a href="${link({ day, from: undefined, to: undefined, page: undefined })}">${day}</a></li>`,
    ),
    html`<li><a href="${link({ status: 'error', page: undefined })}">Errors only</a></li>`,
    html`<li><a href="${link({ refresh: '5', page: undefined, tail: '20' })}">Follow</a></li>`,
    html`<li><a href="${link({ format: 'text' })}">As text</a></li>`,
    model.seesAll ? html`<li><a href="?list=addresses">All addresses</a></li>` : undefined,
    !model.seesAll && model.canLogIn ? html`<li><a href="${link({ login: '1' })}">Log in</a></li>` : undefined,
  ];
  return html`<nav class="links" aria-label="Log"><ul>
${entries.map(
  (entry) => html`${entry}
`,
)}</ul></nav>`;
}

/** At the end of the page, where nobody presses it for something else. */
function deletion({ deletion: form }: LogPageModel): Html | undefined {
  if (form === undefined) return undefined;
  return html`<form method="post" action="${form.action}">
<input type="hidden" name="action" value="deleteAll">
<input type="hidden" name="ip" value="${form.subject}">
<input type="hidden" name="token" value="${form.token}">
<button class="second">Delete this log</button>
</form>`;
}

function filterForm({ action, ip, values }: FilterForm): Html {
  const field = (name: string, label: string, type: string): Html =>
    html`<label>${label} <input name="${name}" type="${type}" value="${visible(values[name] ?? '')}"></label>
`;
  const level = (name: string, text: string): Html =>
    html`<option value="${name}"${values.level === name ? html` selected` : undefined}>${text}</option>`;
  return html`<form method="get" action="${action}">
${
  ip === undefined
    ? undefined
    : html`<label>Address <input name="ip" value="${ip}"></label>
`
}${field('request', 'Request id', 'text')}${field('grep', 'Text', 'text')}${field('day', 'Day', 'date')}${field('tail', 'Latest requests', 'number')}<label>Level <select name="level">${level('', 'all')}${level('warning', 'refused and failed')}${level('error', 'failed')}</select></label>
<button>Show</button>
</form>`;
}

function nothing(model: LogPageModel): Html {
  return html`<p>Nothing is logged that fits. Looked for: <code>${model.lookedFor}</code></p>`;
}

/** One section a day, in it one a request; the latest first. */
function sections(model: LogPageModel): Html[] {
  const days = new Map<string, ShownRequest[]>();
  for (const request of model.requests) {
    const list = days.get(request.day) ?? [];
    list.push(request);
    days.set(request.day, list);
  }
  return [...days].map(
    ([day, requests]) => html`<section>
<h2>${model.title}, ${day} (${model.clock})</h2>
${requests.map((request) => requestSection(request, model))}</section>
`,
  );
}

function requestSection(request: ShownRequest, model: LogPageModel): Html {
  const { requestId } = request;
  return html`<section>
<h3>${request.clock}, process ${request.pid}${request.who === undefined ? undefined : `, ${visible(request.who)}`}</h3>
<p class="note">${request.outcome}${
    requestId === undefined
      ? undefined
      : html`, request <a href="${model.link({ request: requestId, page: undefined, tail: undefined })}">${requestId}</a>`
  }${request.isCut ? ', cut: too long for a page' : undefined}</p>
<pre class="wrap">${request.lines.map((line) => `${visible(line)}\n`)}</pre>
</section>
`;
}

function paging(model: LogPageModel): Html | undefined {
  if (model.pages < 2) return html`<p class="note">${model.total} ${model.total === 1 ? 'request' : 'requests'}.</p>`;
  const to = (page: number, text: string): Html | undefined =>
    page < 1 || page > model.pages
      ? undefined
      : html`<li><a href="${model.link({ page: String(page) })}">${text}</a></li>`;
  return html`<p class="note">${model.total} requests, page ${model.page} of ${model.pages}, the latest first.</p>
<nav class="links" aria-label="Pages"><ul>${to(model.page - 1, 'Later')}${to(model.page + 1, 'Earlier')}</ul></nav>`;
}

/** Text without characters that do something instead of being seen. */
function visible(text: string): string {
  return escapeLine(text).replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
