/**
 * Whose log may a client see? (server-internals 5.2)
 *
 *   all logs       addresses of `VIEW_LOG_ALLOW`, and verified members of `VIEW_LOG_GROUP`
 *   the own one    everybody else
 *
 * A loopback address proves nothing when an unknown proxy has forwarded the request: then it is the proxy's, and everybody's
 * requests are in "its" log, so it is not shown as anybody's own either.
 */
import { isLoopback } from '../../conf/address-list.js';
import type { Configuration } from '../../conf/configuration.js';
import { Das2Error } from '../../error.js';
import { type LogSubject, parseSubject } from '../../log/log-files.js';
import type { Request } from '../../request/request.js';

/** The rights of a client. */
export interface LogViewer {
  /** May see all logs, and delete them. */
  readonly seesAll: boolean;
  /** Verified name, if that gave the right. */
  readonly user: string | undefined;
  /** The client's own log; undefined if it cannot be told. */
  readonly own: LogSubject | undefined;
  /** A name and password could give the right to see all. */
  readonly canLogIn: boolean;
}

/** What the client may see. Failed log-ins are told to `log`. */
export async function logViewer(
  configuration: Configuration,
  request: Request,
  log: (line: string) => void,
): Promise<LogViewer> {
  const isProxy = request.untrustedForwarding && isLoopback(request.clientAddress);
  const own = isProxy ? undefined : parseSubject(request.clientAddress);
  const group = configuration.text('VIEW_LOG_GROUP');
  const canLogIn = group !== undefined;
  if (!isProxy && configuration.addresses('VIEW_LOG_ALLOW').contains(request.clientAddress)) {
    return { seesAll: true, user: undefined, own, canLogIn };
  }
  if (group === undefined || !request.headers.has('authorization')) {
    return { seesAll: false, user: undefined, own, canLogIn };
  }
  const { verifiedMember } = await import('../../auth/read-access.js');
  const user = await verifiedMember(group, { applicant: request, configuration, now: request.receivedAt, log });
  return { seesAll: user !== undefined, user, own, canLogIn };
}

/** The answer to somebody who may not: a challenge where a password could help. */
export function refusal(viewer: LogViewer, what: string): Das2Error {
  if (viewer.canLogIn) {
    return new Das2Error('authenticationRequired', `${what} needs the name and password of an administrator`, {
      data: { realm: 'das2 server log' },
    });
  }
  return new Das2Error('forbidden', `${what} is not for your address`);
}
