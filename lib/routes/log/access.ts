/**
 * Whose log may a client see? (server-internals 5.2)
 *
 *   all logs       addresses of `VIEW_LOG_ALLOW`, and verified members of `VIEW_LOG_GROUP`
 *   the own one    everybody else
 *
 * The log of a loopback address that proves nothing (`addressDoubt`) is not shown as anybody's own either: behind a proxy everybody's
 * requests are in it.
 */
import { addressDoubt } from '../../auth/address-rights.js';
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
  /** Why the address gives no right, whatever the settings say. */
  readonly doubt: string | undefined;
}

/** What the client may see. Failed log-ins are told to `log`. */
export async function logViewer(
  configuration: Configuration,
  request: Request,
  log: (line: string) => void,
): Promise<LogViewer> {
  const doubt = await addressDoubt(request, configuration);
  const own = doubt === undefined ? parseSubject(request.clientAddress) : undefined;
  const group = configuration.text('VIEW_LOG_GROUP');
  const facts = { own, canLogIn: group !== undefined, doubt };
  if (doubt === undefined && configuration.addresses('VIEW_LOG_ALLOW').contains(request.clientAddress)) {
    return { ...facts, seesAll: true, user: undefined };
  }
  if (group === undefined || !request.headers.has('authorization')) {
    return { ...facts, seesAll: false, user: undefined };
  }
  const { verifiedMember } = await import('../../auth/read-access.js');
  const user = await verifiedMember(group, { applicant: request, configuration, now: request.receivedAt, log });
  return { ...facts, seesAll: user !== undefined, user };
}

/** The answer to somebody who may not: a challenge where a password could help. */
export function refusal(viewer: LogViewer, what: string): Das2Error {
  const reason = viewer.doubt === undefined ? '' : `: ${viewer.doubt}`;
  if (viewer.canLogIn) {
    return new Das2Error('authenticationRequired', `${what} needs the name and password of an administrator${reason}`, {
      data: { realm: 'das2 server log' },
    });
  }
  return new Das2Error('forbidden', `${what} is not for your address${reason}`);
}
