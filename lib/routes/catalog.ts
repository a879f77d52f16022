/**
 * `/catalog` and `/source/[dir/]`: the source tree as das2 catalog objects, whole or one level deep (server-protocol 6.2, 6.3).
 *
 * Contract: what is shown is what `server=list` shows. Every entry has `type`, `name` and `urls`, without which das2py raises.
 * Where a source and a folder have the same name the folder's key ends in a slash.
 */
import type { Configuration } from '../conf/configuration.js';
import { Das2Error } from '../error.js';
import { jsonReply } from '../reply/build-reply.js';
import type { Reply } from '../reply/reply.js';
import { encodeQueryValue } from '../request/query-string.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import type { ListRecord } from '../source/tree/source-list.js';

/** Answers the tree as one nested catalog. */
export async function wholeCatalog(context: ServerContext, request: Request): Promise<Reply> {
  const { records } = await context.sources.list();
  return jsonReply(request, catalogObject(context, request, { records, folder: '', deep: true }));
}

/** Answers one level: `folder` is '' or ends with a slash. Errors: `notFound`. */
export async function oneLevel(context: ServerContext, request: Request, folder: string): Promise<Reply> {
  const { records } = await context.sources.list();
  if (folder !== '' && !records.some((record) => record.isFolder && record.path === folder)) {
    throw new Das2Error('notFound', 'there is no such directory');
  }
  return jsonReply(request, catalogObject(context, request, { records, folder, deep: false }));
}

interface CatalogEntry {
  readonly type: 'Catalog' | 'HttpStreamSrc';
  readonly version?: string;
  readonly name: string;
  readonly title?: string;
  readonly separator?: string;
  readonly urls?: readonly string[];
  readonly catalog?: Readonly<Record<string, CatalogEntry>>;
}

function catalogObject(
  context: ServerContext,
  request: Request,
  view: { readonly records: readonly ListRecord[]; readonly folder: string; readonly deep: boolean },
): CatalogEntry {
  const { configuration } = context;
  const { records, folder, deep } = view;
  const skipLowerCase = !deep && configuration.flag('SKIP_LOWCASE');
  const children = groupByFolder(records);
  const own = records.find((record) => record.path === folder);
  const entries = (path: string): Readonly<Record<string, CatalogEntry>> => {
    const list = children.get(path) ?? [];
    const shown = list.filter((record) => !(skipLowerCase && record.isFolder && isLowerCase(lastSegment(record.path))));
    // fromEntries makes own properties of any name, `__proto__` included.
    return Object.fromEntries(shown.map((record) => [keyAmong(list, record), entryOf(record)]));
  };
  const entryOf = ({ path, isFolder, description }: ListRecord): CatalogEntry => {
    const url = `${request.baseUrl}/source/${encodeQueryValue(path)}`;
    return {
      type: isFolder ? 'Catalog' : 'HttpStreamSrc',
      name: lastSegment(path),
      ...(description === undefined ? {} : { title: description }),
      urls: [isFolder ? `${url}index.json` : `${url}.json`],
      ...(isFolder && deep ? { catalog: entries(path) } : {}),
    };
  };
  const title = folder === '' ? siteTitle(configuration) : own?.description;
  return {
    type: 'Catalog',
    version: '0.5',
    name: folder === '' ? rootName(configuration) : lastSegment(folder),
    ...(title === undefined ? {} : { title }),
    separator: '/',
    urls: [folder === '' && deep ? `${request.baseUrl}/catalog.json` : folderUrl(request, folder)],
    catalog: entries(folder),
  };
}

/** The name of an entry; that of a folder ends in a slash where a source has the same name. */
function keyAmong(list: readonly ListRecord[], { path, isFolder }: ListRecord): string {
  const name = lastSegment(path);
  return isFolder && list.some((other) => other.path === path.slice(0, -1)) ? `${name}/` : name;
}

function groupByFolder(records: readonly ListRecord[]): Map<string, ListRecord[]> {
  const groups = new Map<string, ListRecord[]>();
  for (const record of records) {
    const bare = record.isFolder ? record.path.slice(0, -1) : record.path;
    const parent = bare.slice(0, bare.lastIndexOf('/') + 1);
    const group = groups.get(parent);
    if (group === undefined) groups.set(parent, [record]);
    else group.push(record);
  }
  return groups;
}

function folderUrl(request: Request, folder: string): string {
  return `${request.baseUrl}/source/${encodeQueryValue(folder)}index.json`;
}

function lastSegment(path: string): string {
  const bare = path.endsWith('/') ? path.slice(0, -1) : path;
  return bare.slice(bare.lastIndexOf('/') + 1);
}

function isLowerCase(name: string): boolean {
  return name === name.toLowerCase() && name !== name.toUpperCase();
}

function rootName(configuration: Configuration): string {
  return (configuration.text('SERVER_ID') ?? configuration.text('SITE_ID') ?? 'das2').toUpperCase();
}

function siteTitle(configuration: Configuration): string | undefined {
  return configuration.text('SITE_NAME') ?? configuration.text('SERVER_ID');
}
