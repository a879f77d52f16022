/**
 * What whoever answers knows besides the request: the server as a whole, and the notebook of this one request.
 *
 * Contract: a `Server` lives as long as the process (one request for CGI, many for the embedded server) and holds nothing of a
 * request. A `ServerContext` belongs to one request. Routes write what they learn into `notes`: the access log is made from
 * it, and so is the form of an error answer.
 */
import type { Configuration } from '../conf/configuration.js';
import type { AccessLogSettings, AccessNotes } from '../log/access-log.js';
import type { LogSettings, RequestLog } from '../log/request-log.js';
import type { ReplyOutcome } from '../reply/cgi-reply.js';
import type { RequestSettings } from '../request/make-request.js';
import { SourceTree } from '../source/tree/source-tree.js';

/** One running server. */
export interface Server {
  readonly configuration: Configuration;
  /** The source definitions; what they have to complain about goes to the given log. */
  sourcesFor(log: RequestLog): SourceTree;
  /** `Date.now()` at start, for the uptime. */
  readonly startedAt: number;
}

/** What routes learn about a request. */
export interface RequestNotes extends AccessNotes {
  /** The source concerned is known to produce Q streams, so errors are framed for their reader. */
  qstream?: boolean;
  /** The address of the client, not a password, opened what is in the answer: it is for nobody else. */
  byAddress?: boolean;
}

/** The surroundings of one request. */
export interface ServerContext {
  readonly configuration: Configuration;
  /** Made at the first use, since not every question needs it. Throws `configuration` if `DSDF_ROOT` is not set. */
  readonly sources: SourceTree;
  readonly startedAt: number;
  readonly log: RequestLog;
  readonly notes: RequestNotes;
  /** What is to be done when the answer has ended; the client does not wait for it. Faults are logged. */
  readonly afterwards: ((outcome: ReplyOutcome) => Promise<void>)[];
}

/** A server with this configuration. */
export function makeServer(configuration: Configuration): Server {
  let tree: SourceTree | undefined;
  let current: RequestLog | undefined;
  return {
    configuration,
    startedAt: Date.now(),
    sourcesFor(log) {
      // All work of the tree is synchronous, so its complaints belong to whoever asked last.
      current = log;
      tree ??= new SourceTree(configuration, (line) => current?.line(line));
      return tree;
    },
  };
}

/** The surroundings of a request with this log. */
export function makeContext(server: Server, log: RequestLog): ServerContext {
  return {
    configuration: server.configuration,
    get sources() {
      return server.sourcesFor(log);
    },
    startedAt: server.startedAt,
    log,
    notes: {},
    afterwards: [],
  };
}

/** How requests are read under a configuration (`SERVER_URL`, `TRUSTED_PROXIES`). */
export function requestSettings(configuration: Configuration): RequestSettings {
  const serverUrl = configuration.text('SERVER_URL');
  return {
    serverUrl,
    // Asked of forwarded requests alone.
    isTrustedProxy: (address) => configuration.addresses('TRUSTED_PROXIES').contains(address),
  };
}

/** How requests are logged under a configuration. */
export function logSettings(configuration: Configuration): LogSettings & AccessLogSettings {
  return {
    folder: configuration.path('LOG_PATH'),
    keepDays: configuration.integer('LOG_KEEP_DAYS') ?? 3,
    localTime: configuration.flag('LOG_LOCALTIME'),
    enabled: configuration.flag('ACCESS_LOG'),
    keepMonths: configuration.integer('ACCESS_KEEP_MONTHS') ?? 13,
  };
}
