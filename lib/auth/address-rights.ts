/**
 * What an address gives its client: `TEST_FROM` and `VIEW_LOG_ALLOW` (server-internals 4.3, 5.2).
 *
 * A loopback address says "somebody at this machine", and two others can look like that:
 *
 *   a proxy on this machine        everybody's requests come from there, so what a proxy has handed on does not count, whichever proxy it is
 *   a page in a browser here       that comes from a name whose owner lets it lead to 127.0.0.1 (DNS rebinding). The browser takes our answers
 *                                  for its own; what it cannot change is the name in `Host`. So that must be one that no stranger can own
 *
 * A request without `Host` comes from no browser. Other addresses are believed: behind which names they are reached, only the site knows.
 */
import { isLoopback, parseAddress } from '../conf/address-list.js';
import type { Configuration } from '../conf/configuration.js';
import { hostName as machineName } from '../log/host-name.js';
import { isForwarded } from '../request/client-address.js';
import { hostName, urlHostName } from '../request/own-url.js';

/** What is known of the one who asks; a `Request` will do. */
export interface Applicant {
  /** After TRUSTED_PROXIES. */
  readonly clientAddress: string;
  /** Keys in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** True if a setting lists the client's address and the address proves something. If it does not, `log` is told why. */
export async function isAllowedAddress(
  client: Applicant,
  key: 'TEST_FROM' | 'VIEW_LOG_ALLOW',
  { configuration, log }: { readonly configuration: Configuration; readonly log: (line: string) => void },
): Promise<boolean> {
  if (!configuration.addresses(key).contains(client.clientAddress)) return false;
  const doubt = await addressDoubt(client, configuration);
  if (doubt !== undefined) log(`${key} lists ${client.clientAddress}, but ${doubt}`);
  return doubt === undefined;
}

/** Why the address of a client proves nothing, and what would; undefined if it does. */
export async function addressDoubt(
  { clientAddress, headers }: Applicant,
  configuration: Configuration,
): Promise<string | undefined> {
  if (!isLoopback(clientAddress)) return undefined;
  if (isForwarded(headers)) {
    return (
      'a loopback address does not count for requests that a proxy hands on: list the proxy in TRUSTED_PROXIES, so that the address ' +
      'of its client is seen, or ask without it'
    );
  }
  const doubt = await hostDoubt(headers.get('host') ?? '', configuration);
  return doubt === undefined ? undefined : `a loopback address counts only for ${doubt}`;
}

/** Why a request from this machine may be one of a stranger's page, behind "only for": its `Host`. Undefined if that says nothing against it. */
export async function hostDoubt(host: string, configuration: Configuration): Promise<string | undefined> {
  if (host === '' || (await isOwnName(hostName(host), configuration))) return undefined;
  return (
    'requests to localhost, to an IP address, to the name of the machine or to the host of SERVER_URL, and this one is to ' +
    `'${host.slice(0, 64)}'`
  );
}

/** A name of this machine that nobody else can have: no name server is asked about it, or the administrator has written it. */
async function isOwnName(name: string | undefined, configuration: Configuration): Promise<boolean> {
  if (name === undefined) return false;
  if (name === 'localhost' || parseAddress(name) !== undefined) return true;
  const machine = hostName(await machineName());
  const shortName = machine?.split('.')[0];
  return name === machine || name === shortName || name === urlHostName(configuration.text('SERVER_URL') ?? '');
}
