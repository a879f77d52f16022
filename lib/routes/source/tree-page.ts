/**
 * `/source/[dir/]index.html`: the tree of sources for people, one level a page, or what matches `find=WORDS` in and below the folder.
 *
 * Contract: what is listed is what `server=list` lists, without folders whose `_dirinfo_` says `browse = no` (server-protocol 5.6). Searching
 * happens here, so it needs no scripts: every word must be in the id or the description, in any case.
 */

import { Das2Error } from '../../error.js';
import { type Html, html } from '../../page/html.js';
import { page } from '../../page/layout.js';
import { htmlReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';
import { encodeQueryValue } from '../../request/query-string.js';
import type { Request } from '../../request/request.js';
import type { ServerContext } from '../../server/context.js';
import { folderInfoOf } from '../../source/source-definitions.js';
import type { ListRecord } from '../../source/tree/source-list.js';
import { siteLinks } from '../site-links.js';
import { folderPage, trail } from './trail.js';

/** Most results of a search on a page. */
const RESULT_LIMIT = 500;

/** Answers one folder: '' or a path with a slash at its end. Errors: `notFound`. */
export async function treePage(context: ServerContext, request: Request, folder: string): Promise<Reply> {
  const { configuration } = context;
  const { records } = await context.sources.list();
  const own = records.find((record) => record.isFolder && record.path === folder);
  if (folder !== '' && own === undefined) throw new Das2Error('notFound', 'there is no such directory');
  const words = (request.parameters.get('find') ?? '').trim();
  const title = folder === '' ? 'Data sources' : folder.slice(0, -1).replace(/^.*\//, '');
  const main = html`${folder === '' ? undefined : trail(request, folder)}
<h1>${title}</h1>
${own?.description === undefined ? undefined : html`<p class="summary">${own.description}</p>`}
${searchForm(request, folder, words)}
${words === '' ? level(context, request, records, folder) : results(request, records, folder, words)}`;
  return htmlReply(request, page(configuration, request, { title, main, links: siteLinks(configuration, request) }));
}

/** True if a folder may be shown to people: `browse = no` hides it. */
export function isBrowsable(context: ServerContext, folder: string): boolean {
  const browse = folderInfoOf(context.sources, folder)?.entries.get('browse') ?? '';
  return !/^\s*(?:no|0|false)\s*$/i.test(browse);
}

function searchForm(request: Request, folder: string, words: string): Html {
  return html`<search><form class="find" method="get" action="${folderPage(request, folder)}">
<label for="find">Find a source${folder === '' ? '' : ' in this folder'}</label>
<input type="search" id="find" name="find" value="${words}">
<button type="submit">Find</button>
</form></search>`;
}

function level(context: ServerContext, request: Request, records: readonly ListRecord[], folder: string): Html {
  const below = records.filter(({ path }) => path !== folder && path.startsWith(folder));
  const isHere = ({ path }: ListRecord): boolean => path.indexOf('/', folder.length) < 0;
  const isFolderHere = ({ path, isFolder }: ListRecord): boolean =>
    isFolder && path.indexOf('/', folder.length) === path.length - 1;
  const folders = below.filter((record) => isFolderHere(record) && isBrowsable(context, record.path.slice(0, -1)));
  const sources = below.filter((record) => !record.isFolder && isHere(record));
  if (folders.length + sources.length === 0) return html`<p class="note">There are no data sources yet.</p>`;
  const counts = sourceCounts(below, folder);
  return html`${
    folders.length === 0
      ? undefined
      : html`<section aria-labelledby="folders-heading">
<h2 id="folders-heading">Folders</h2>
<ul class="cards">${folders.map(({ path, description }) => {
          const sourceCount = counts.get(path) ?? 0;
          return html`<li><a href="${folderPage(request, path)}">${path.slice(folder.length, -1)}</a>
<span>${description}</span> <small>${sourceCount} ${sourceCount === 1 ? 'source' : 'sources'}</small></li>
`;
        })}</ul>
</section>`
  }
${
  sources.length === 0
    ? undefined
    : html`<section aria-labelledby="sources-heading">
<h2 id="sources-heading">Sources</h2>
${sourceList(request, sources, folder.length)}
</section>`
}`;
}

/** Number of sources in and below each folder of this level. */
function sourceCounts(below: readonly ListRecord[], folder: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path, isFolder } of below) {
    if (isFolder) continue;
    const top = path.slice(0, path.indexOf('/', folder.length) + 1);
    counts.set(top, (counts.get(top) ?? 0) + 1);
  }
  return counts;
}

function results(request: Request, records: readonly ListRecord[], folder: string, words: string): Html {
  const wanted = words.toLowerCase().split(/\s+/);
  const found = records.filter(({ path, isFolder, description }) => {
    if (isFolder || !path.startsWith(folder)) return false;
    const text = `${path} ${description ?? ''}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
  const shown = found.slice(0, RESULT_LIMIT);
  return html`<section aria-labelledby="found-heading">
<h2 id="found-heading">${found.length === 1 ? '1 source' : `${found.length} sources`} found</h2>
${shown.length < found.length ? html`<p class="note">The first ${shown.length} are shown.</p>` : undefined}
${found.length === 0 ? html`<p><a href="${folderPage(request, folder)}">Show all</a></p>` : sourceList(request, shown, 0)}
</section>`;
}

function sourceList(request: Request, sources: readonly ListRecord[], from: number): Html {
  return html`<ul class="cards">${sources.map(
    ({ path, description }) =>
      html`<li><a href="${request.mountPath}/source/${encodeQueryValue(path)}.html">${path.slice(from)}</a>
<span>${description}</span></li>
`,
  )}</ul>`;
}
