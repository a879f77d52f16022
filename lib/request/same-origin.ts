/**
 * Does a form come from a page of this server? By what browsers say: `Sec-Fetch-Site`, `Origin`. Clients that send neither are no browsers, and
 * nobody can make them send a form for somebody else.
 */
import type { Request } from './request.js';

/** True unless the browser says that the form is from elsewhere. `siteUrl`: the address under which clients know the server. */
export function isSameOrigin(request: Request, siteUrl: string | undefined): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin') return false;
  const origin = request.headers.get('origin');
  if (origin === undefined) return true;
  const host = hostOf(origin);
  const own = [request.headers.get('host'), hostOf(request.baseUrl), hostOf(siteUrl ?? '')];
  return host !== undefined && own.includes(host);
}

function hostOf(url: string): string | undefined {
  try {
    return new URL(url).host;
  } catch {
    return undefined;
  }
}
