/**
 * Which program of the server an address belongs to. The embedded server answers for all programs that a web server would run
 * through CGI, each at its place below the mount path: `/das/server`, `/das/log`, `/das/browse`.
 *
 * A target is what stands in the request line: an absolute path with query, or a whole URL (RFC 9112 3.2).
 */

import type { ReplyOutcome } from '../reply/cgi-reply.js';
import { decodePercent } from '../request/query-string.js';
import type { Request } from '../request/request.js';
import { type ReplyWriter, serve } from '../routes/serve.js';
import type { Server } from '../server/context.js';

/** One program behind the server. */
export interface Mount {
  /** Last segment of its address. */
  readonly name: string;
  serve(server: Server, request: Request, write: ReplyWriter): Promise<ReplyOutcome>;
}

const MAIN = 'server';

/** The programs. */
const MOUNTS: readonly Mount[] = [
  { name: MAIN, serve },
  {
    name: 'log',
    serve: async (server, request, write) => (await import('../routes/log/serve.js')).serveLog(server, request, write),
  },
  {
    name: 'browse',
    serve: async (server, request, write) =>
      (await import('../routes/browse/serve.js')).serveBrowse(server, request, write),
  },
];

/** Where a request goes. */
export type Destination =
  | {
      readonly kind: 'program';
      readonly mount: Mount;
      /** `/das/server`. */
      readonly mountPath: string;
      /** Percent-decoded, behind the mount point: '' or `/…`. */
      readonly path: string;
      readonly query: string;
    }
  /** The address of the main program, where the front door leads, or that of its logo. */
  | { readonly kind: 'redirect'; readonly path: string }
  | { readonly kind: 'nowhere' };

/** Finds the program for a target. `base` is the mount path: '' or `/das`. */
export function findDestination(target: string, base: string): Destination {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const mark = local.search(/[?#]/);
  const rawPath = mark < 0 ? local : local.slice(0, mark);
  const query = mark >= 0 && local[mark] === '?' ? (local.slice(mark + 1).split('#', 1)[0] ?? '') : '';
  const path = decodePercent(rawPath);
  for (const mount of MOUNTS) {
    const mountPath = `${base}/${mount.name}`;
    if (path === mountPath || path.startsWith(`${mountPath}/`)) {
      return { kind: 'program', mount, mountPath, path: path.slice(mountPath.length), query };
    }
  }
  if (path === '' || path === '/' || path === base || path === `${base}/`) {
    return { kind: 'redirect', path: `${base}/${MAIN}` };
  }
  // Browsers ask for it with every answer that is no page of ours, which would name it.
  if (path === '/favicon.ico') return { kind: 'redirect', path: `${base}/${MAIN}/static/logo.png` };
  return { kind: 'nowhere' };
}

/** A mount path as given on the command line, without a slash at its end: '' or `/…`. Undefined if it is none. */
export function normalizeMountPath(text: string): string | undefined {
  const path = text.replace(/\/+$/, '');
  return path === '' || /^(?:\/[A-Za-z0-9_][A-Za-z0-9._~-]*)+$/.test(path) ? path : undefined;
}
