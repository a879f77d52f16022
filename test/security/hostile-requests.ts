/**
 * Requests that want to do harm, more than two thousand, the same ones each time: every payload in every place and coding, and
 * valid requests with random damage. `pwned` is a file that shell payloads try to make; `root` is the top of the site, which
 * no client should know, but may.
 */
import type { HostileRequest } from './hostile-parts.js';
import { injectionRequests, traversalRequests } from './path-requests.js';
import { byteRequests, credentialRequests, damagedRequests, methodRequests, shapeRequests } from './shape-requests.js';
import { hapiRequests, shellRequests } from './shell-requests.js';

/** All requests, in a fixed order. */
export function hostileRequests(pwned: string, root: string): HostileRequest[] {
  return [
    ...shellRequests(pwned),
    ...traversalRequests(root),
    ...injectionRequests(),
    ...shapeRequests(),
    ...methodRequests(),
    ...byteRequests(),
    ...credentialRequests(),
    ...hapiRequests(pwned),
    ...damagedRequests(),
  ];
}
