/**
 * Links that stand at the head of every page: the data sources, browse by time once somebody has made its naming table, and the log viewer
 * where there is one (server-protocol 3.10).
 */
import { statSync } from 'node:fs';
import type { Configuration } from '../conf/configuration.js';
import type { Request } from '../request/request.js';

/** Text and address of each. */
export function siteLinks(configuration: Configuration, request: Request): [string, string][] {
  const links: [string, string][] = [['Data sources', `${request.mountPath}/source/index.html`]];
  if (hasNamingTable(configuration)) links.push(['Browse by time', `${parentOf(request)}/browse`]);
  const log = logAddress(configuration, request);
  if (log !== undefined) links.push(['Activity log', log]);
  return links;
}

/** `VIEW_LOG_URL`: absolute if it contains `//`, else beside the server. */
function logAddress(configuration: Configuration, request: Request): string | undefined {
  const url = configuration.text('VIEW_LOG_URL');
  if (url === undefined) return undefined;
  if (url.includes('//')) return /^(?:https?:)?\/\//i.test(url) ? url : undefined;
  return `${parentOf(request)}/${url.replace(/^\/+/, '')}`;
}

/** Where the programs of the server lie beside each other. */
function parentOf({ mountPath }: Request): string {
  return mountPath.slice(0, mountPath.lastIndexOf('/'));
}

/** A web server that knows nothing of the browse program has no table either: nobody could have asked for it. */
function hasNamingTable(configuration: Configuration): boolean {
  const folder = configuration.path('BROWSE_CACHE');
  return folder !== undefined && statSync(`${folder}/.table.json`, { throwIfNoEntry: false }) !== undefined;
}
