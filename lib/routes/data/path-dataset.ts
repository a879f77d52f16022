/** The source named by a path: `/data/<id>`, `/source/<id>/das2` (server-protocol 6.5, 6.6). */
import type { Request } from '../../request/request.js';

/** The source that the path asks data of, as the client wrote it; undefined if the query (`server=`) asks. */
export function pathDataset(request: Request): string | undefined {
  if (request.parameters.has('server')) return undefined;
  if (request.path.startsWith('/data/')) return request.path.slice('/data/'.length);
  return /^\/source\/(.+)\/das2$/.exec(request.path)?.[1];
}
