/** Where a page is in the tree of sources: links to the folders above it. */
import { type Html, html } from '../../page/html.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';

/** The trail to a source (`A/B`) or a folder (`A/B/`); its last part is the page itself. */
export function trail(request: Request, path: string): Html {
  const names = path.split('/').filter((name) => name !== '');
  const steps = names.map((name, i) => {
    if (i === names.length - 1) return html`<li aria-current="page">${name}</li>`;
    return html`<li><a href="${folderPage(request, `${names.slice(0, i + 1).join('/')}/`)}">${name}</a></li>`;
  });
  return html`<nav class="trail" aria-label="Place in the tree"><ol>
<li><a href="${folderPage(request, '')}">Data sources</a></li>
${steps}
</ol></nav>`;
}

/** Address of the page of a folder: '' or a path with a slash at its end. */
export function folderPage(request: Request, folder: string): string {
  return `${request.mountPath}/source/${encodeQueryValue(folder)}index.html`;
}
