/**
 * Which addresses belong to the public network: for connections that the server makes because of what somebody has written, so that nobody can use it to
 * look into the network of the site (citation 11, 14.2).
 *
 * Contract: what is reserved, private, local, shared, for examples, a group or the whole network is not public (the registries of special-purpose addresses,
 * RFC 6890 and those that update it). Nor are forms of IPv6 that carry an IPv4 address, since what they lead to depends on the way.
 */
import { parseAddress, parseAddressList } from './address-list.js';

const SPECIAL = parseAddressList(
  [
    '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24',
    '192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
    '2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20',
  ].join(' '),
  'special addresses',
);
/** All of IPv6 that is given out for use in public. */
const GLOBAL_V6 = parseAddressList('2000::/3', 'global addresses');

/** True for an address that anybody can reach; false for others, and for text that is none. */
export function isPublicAddress(address: string): boolean {
  const bytes = parseAddress(address);
  if (bytes === undefined || SPECIAL.contains(address)) return false;
  return bytes.length === 4 ? !address.includes(':') : GLOBAL_V6.contains(address);
}
