/** Links that stand at the head of every page: the data sources, and the log viewer where there is one (server-protocol 3.10). */
import type { Configuration } from '../conf/configuration.js';
import type { Request } from '../request/request.js';

/** Text and address of each. */
export function siteLinks(configuration: Configuration, request: Request): [string, string][] {
  const links: [string, string][] = [['Data sources', `${request.mountPath}/source/index.html`]];
  const log = logAddress(configuration, request);
  if (log !== undefined) links.push(['Activity log', log]);
  return links;
}

/** `VIEW_LOG_URL`: absolute if it contains `//`, else beside the server. */
function logAddress(configuration: Configuration, request: Request): string | undefined {
  const url = configuration.text('VIEW_LOG_URL');
  if (url === undefined) return undefined;
  if (url.includes('//')) return /^(?:https?:)?\/\//i.test(url) ? url : undefined;
  return `${request.mountPath.slice(0, request.mountPath.lastIndexOf('/'))}/${url.replace(/^\/+/, '')}`;
}
