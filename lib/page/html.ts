/**
 * HTML from parts: a template tag that escapes everything it is not told to trust.
 *
 *   html`<p>${text}</p>`      text is escaped; nested html`…` and lists of it are put in as they are; undefined is nothing
 */

/** Markup that is safe to put into a page. */
export class Html {
  constructor(readonly markup: string) {}
  toString(): string {
    return this.markup;
  }
}

export type HtmlPart = Html | string | number | undefined | false | readonly HtmlPart[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for elements and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/**
 * Text in which character references are kept and everything else is escaped: `CONTACT_EMAIL` may hold an address written in
 * references to hide it from robots.
 */
export function escapeKeepingReferences(text: string): Html {
  return new Html(escapeHtml(text).replace(/&amp;(#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});/g, '&$1;'));
}

/** Joins markup and escaped values. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let markup = strings[0] ?? '';
  for (const [i, part] of parts.entries()) markup += render(part) + (strings[i + 1] ?? '');
  return new Html(markup);
}

function render(part: HtmlPart): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.markup;
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return part.map(render).join('');
}
