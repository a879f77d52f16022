/**
 * What the modules of browse need for their work, where there is no client: a request of nobody in particular, who may read only what needs no sign-in.
 */
import type { ExportPlaces } from '../../browse/export/documents.js';
import type { BrowseFacts } from '../../browse/facts/facts.js';
import { readLeapTable } from '../../browse/time/read-leap-table.js';
import type { RequestLog } from '../../log/request-log.js';
import { makeRequest } from '../../request/make-request.js';
import { makeContext, makeServer } from '../../server/context.js';
import type { TaskContext } from './task.js';

/** The facts for work on behalf of nobody. `places` and `paths`: where clients find the programs. */
export function nobodysFacts(
  { places, paths }: { readonly places: ExportPlaces; readonly paths: ExportPlaces },
  { configuration, log }: Pick<TaskContext, 'configuration' | 'log'>,
): BrowseFacts {
  const request = makeRequest({
    method: 'GET',
    httpVersion: '1.1',
    scheme: 'http',
    serverName: 'localhost',
    serverPort: 80,
    peerAddress: '',
    mountPath: paths.browse,
    path: '',
    query: '',
    headers: new Map(),
  });
  const requestLog: RequestLog = {
    line: (...lines) => {
      for (const line of lines) log(line);
    },
    text: log,
    close: () => {},
  };
  return {
    context: makeContext(makeServer(configuration), requestLog),
    request,
    places,
    paths,
    table: readLeapTable(configuration, request.receivedAt, () => {}),
    now: request.receivedAt,
  };
}
