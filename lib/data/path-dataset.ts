/** The source named by a path: `/data/<id>`, `/source/<id>/das2` (server-protocol 6.5, 6.6). */
import type { Request } from '../request/request.js';

const SOURCE = '/source/';
const DATA = '/das2';

/** The source that the path asks data of, as the client wrote it; undefined if the query (`server=`) asks. */
export function pathDataset(request: Request): string | undefined {
  if (request.parameters.has('server')) return undefined;
  if (request.path.startsWith('/data/')) return request.path.slice('/data/'.length);
  const { path } = request;
  const isSource = path.startsWith(SOURCE) && path.endsWith(DATA) && path.length > SOURCE.length + DATA.length;
  return isSource ? path.slice(SOURCE.length, path.length - DATA.length) : undefined;
}
