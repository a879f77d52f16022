/**
 * What work on citations needs that nobody has asked for over the web: the surroundings of a request, and a request of the server to itself.
 *
 * Contract: rights have been looked at before, or whoever runs the command has all of them. Addresses are those of SERVER_URL.
 */
import type { Configuration } from '../conf/configuration.js';
import type { RequestLog } from '../log/request-log.js';
import { makeRequest } from '../request/make-request.js';
import type { Request } from '../request/request.js';
import { makeContext, makeServer, type ServerContext } from '../server/context.js';

/** The surroundings; lines of the log go to `log`. */
export function ownContext(configuration: Configuration, log: (line: string) => void): ServerContext {
  const requestLog: RequestLog = {
    line(...lines) {
      for (const line of lines) log(line);
    },
    text() {},
    close() {},
  };
  return makeContext(makeServer(configuration), requestLog);
}

/** A request of the server to itself. */
export function ownRequest(configuration: Configuration): Request {
  const facts = {
    method: 'GET',
    httpVersion: '1.1',
    scheme: 'http',
    serverName: 'localhost',
    serverPort: undefined,
  } as const;
  const rest = { peerAddress: '', mountPath: '', path: '', query: '', headers: new Map<string, string>() };
  return makeRequest({ ...facts, ...rest }, { serverUrl: configuration.text('SERVER_URL') });
}
