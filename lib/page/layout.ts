/**
 * The frame of every page: head, header with site name and logo, main part, footer with contact (server-protocol 3.10). Pages work
 * without scripts and hold no inline styles; the look is in `static/das2server.css`, which a site may replace.
 */
import type { Configuration } from '../conf/configuration.js';
import type { Request } from '../request/request.js';
import { VERSION } from '../version.js';
import { escapeKeepingReferences, type Html, type HtmlPart, html } from './html.js';

export interface PageOptions {
  readonly title: string;
  readonly main: HtmlPart;
  /** Links of the header besides the way home: text and address; without them that to the data sources. */
  readonly links?: readonly (readonly [string, string])[];
  /** Further files below `/static`: style sheets that go with parts of the page, whatever STYLE_SHEET is, and scripts (modules). */
  readonly styles?: readonly string[];
  readonly scripts?: readonly string[];
}

/** A whole page. */
export function page(configuration: Configuration, request: Request, options: PageOptions): string {
  const base = request.mountPath;
  const site = siteName(configuration);
  const style = configuration.text('STYLE_SHEET') ?? 'das2server.css';
  const links = (options.links ?? [['Data sources', `${base}/source/index.html`]]).map(
    ([text, address]) => html`<li><a href="${address}">${text}</a></li>`,
  );
  const document = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${options.title === site ? site : `${options.title} – ${site}`}</title>
${(options.styles ?? []).map(
  (name) => html`<link rel="stylesheet" href="${versioned(base, name)}">
`,
)}<link rel="stylesheet" href="${base}/static/${style}">
<link rel="icon" href="${base}/static/logo.png">
${(options.scripts ?? []).map(
  (name) => html`<script type="module" src="${versioned(base, name)}"></script>
`,
)}</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<a class="home" href="${base}/"><img src="${base}/static/logo.png" alt="" width="48" height="48"><span>${site}</span></a>
${serverBadge(configuration)}
${links.length === 0 ? undefined : html`<nav aria-label="Server"><ul>${links}</ul></nav>`}
</header>
<main id="main">
${options.main}
</main>
<footer>
${contact(configuration)}
<p>das2srv ${VERSION}</p>
</footer>
</body>
</html>
`;
  return document.markup;
}

/** Our own files change together with the pages: a new release has new addresses for them. */
function versioned(base: string, name: string): string {
  return `${base}/static/${name}?v=${encodeURIComponent(VERSION)}`;
}

/** `SITE_NAME`, else `SERVER_ID`, else what kind of server this is. */
export function siteName(configuration: Configuration): string {
  return configuration.text('SITE_NAME') ?? configuration.text('SERVER_ID') ?? 'das2 server';
}

function serverBadge(configuration: Configuration): Html | undefined {
  const id = configuration.text('SERVER_ID');
  return id === undefined ? undefined : html`<span class="badge" title="Server ID">${id.toUpperCase()}</span>`;
}

function contact(configuration: Configuration): Html | undefined {
  const email = configuration.text('CONTACT_EMAIL');
  const url = configuration.text('CONTACT_URL');
  if (email === undefined && url === undefined) return undefined;
  return html`<p>Contact: ${email === undefined ? undefined : mailLink(email)}${email !== undefined && url !== undefined ? ', ' : undefined}${
    url === undefined ? undefined : urlLink(url)
  }</p>`;
}

/** The address may be written in character references, or be a whole phrase: only a plain address becomes a link. */
function mailLink(email: string): Html {
  const text = escapeKeepingReferences(email);
  return /^[^\s<>"]+$/.test(email) ? html`<a href="mailto:${text}">${text}</a>` : text;
}

function urlLink(url: string): Html {
  const text = escapeKeepingReferences(url);
  return /^(?:https?:\/\/|\/|mailto:)[^\s]*$/i.test(url) ? html`<a href="${text}">${text}</a>` : text;
}
