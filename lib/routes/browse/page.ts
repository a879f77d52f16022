/**
 * The frame of the pages of the browse program: that of the main program, with links to the parts of browse (browse-export 12).
 */
import type { Configuration } from '../../conf/configuration.js';
import { type Html, html } from '../../page/html.js';
import { page } from '../../page/layout.js';
import type { Request } from '../../request/request.js';

export interface BrowsePageOptions {
  /** Without the name of the site. */
  readonly title: string;
  readonly main: Html;
  readonly hasScript?: boolean;
}

/** A page. Style sheet, logo and script come from the main program beside. */
export function browsePage(configuration: Configuration, request: Request, options: BrowsePageOptions): string {
  const own = configuration.text('MAIN_SRV_URL') ?? 'server';
  const parent = request.mountPath.slice(0, request.mountPath.lastIndexOf('/'));
  const address = /^(?:https?:)?\/\//i.test(own) ? own : `${parent}/${own.replace(/^\/+/, '')}`;
  const main = address.replace(/\/+$/, '');
  return page(
    configuration,
    { ...request, mountPath: main },
    {
      title: options.title,
      main: options.main,
      styles: ['browse.css'],
      ...(options.hasScript && { scripts: ['browse.js'] }),
      links: [
        ['Data sources', `${main}/source/index.html`],
        ['Browse by time', request.mountPath],
        ['Which record?', `${request.mountPath}/when`],
      ],
    },
  );
}

/** The page for what went wrong, where no form can show it. */
export function browseErrorPage(
  configuration: Configuration,
  request: Request,
  message: string,
  status: number,
): string {
  const main = html`<h1>${status < 500 ? 'This cannot be answered' : 'The server has a problem'}</h1>
${problemBox([{ message }])}
<p><a href="${request.mountPath}">To the form</a></p>`;
  return browsePage(configuration, request, { title: `Error: ${message.slice(0, 60)}`, main });
}

/** What is wrong, at the top of a page: read out at once, focused by the browser, with links to the fields. */
export function problemBox(
  problems: readonly { readonly message: string; readonly field?: string; readonly more?: Html }[],
): Html {
  return html`<div class="problem" role="alert" tabindex="-1" autofocus>
<p><strong>${problems.length === 1 ? 'One thing is not right:' : `${problems.length} things are not right:`}</strong></p>
<ul>
${problems.map(
  ({ message, field, more }) =>
    html`<li>${field === undefined ? message : html`<a href="#field-${field}">${message}</a>`}${more}</li>
`,
)}</ul>
</div>`;
}
