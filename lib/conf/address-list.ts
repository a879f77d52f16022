/**
 * Lists of client addresses: `TEST_FROM`, `TRUSTED_PROXIES`, `VIEW_LOG_ALLOW` (server-internals 4.3).
 *
 * Grammar: addresses or CIDR ranges separated by blanks or commas; IPv4 and IPv6. An IPv4-mapped IPv6 address is the IPv4
 * address; brackets and a zone (`%eth0`) are dropped from addresses to be tested, never accepted in a list. A bare address
 * is exactly that one address. A wrong entry is a `configuration` error.
 */
import { configurationError } from './configuration-error.js';

interface Range {
  /** 4 or 16 bytes. */
  readonly bytes: readonly number[];
  /** Leading bits that count. */
  readonly bits: number;
}

/** A parsed list of addresses and ranges. */
export interface AddressList {
  /** True if the address text is one of the list; false for anything that is no address. */
  contains(address: string): boolean;
  readonly size: number;
}

const NOBODY: AddressList = { size: 0, contains: () => false };

/** Parses a list; `name` (a setting) is named in the error for a wrong entry. */
export function parseAddressList(text: string, name: string): AddressList {
  if (text === '') return NOBODY;
  const ranges: Range[] = [];
  for (const entry of text.split(/[\s,]+/)) {
    if (entry === '') continue;
    const range = parseRange(entry);
    if (range === undefined) throw configurationError(`${name}: '${entry}' is neither an address nor a CIDR range`);
    ranges.push(range);
  }
  return {
    size: ranges.length,
    contains(address) {
      if (ranges.length === 0) return false;
      const bytes = parseClientAddress(address);
      return bytes !== undefined && ranges.some((range) => within(bytes, range));
    },
  };
}

/** True for 127.0.0.0/8, ::1 and their mapped forms. */
export function isLoopback(address: string): boolean {
  const bytes = parseClientAddress(address);
  if (bytes === undefined) return false;
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes.every((byte, i) => byte === (i === 15 ? 1 : 0));
}

/** The bytes of an address (4, or 16), mapped IPv6 unified with IPv4; undefined if the text is no address. */
export function parseAddress(text: string): readonly number[] | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text);
  if (bytes === undefined) return undefined;
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return mapped ? bytes.slice(12) : bytes;
}

/**
 * The network that one client has for itself: an IPv4 address, or the first 64 bits of an IPv6 one, since whoever has one of those has all that begin alike.
 * Text that is no address stays as it is.
 */
export function clientNetwork(address: string): string {
  const bytes = parseClientAddress(address);
  if (bytes === undefined) return address;
  return bytes.length === 4 ? bytes.join('.') : `${bytes.slice(0, 8).join('.')}/64`;
}

function parseClientAddress(text: string): readonly number[] | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = bare.indexOf('%');
  return parseAddress(zone < 0 ? bare : bare.slice(0, zone));
}

function parseRange(entry: string): Range | undefined {
  const slash = entry.indexOf('/');
  const text = slash < 0 ? entry : entry.slice(0, slash);
  const bytes = parseAddress(text);
  if (bytes === undefined) return undefined;
  if (slash < 0) return { bytes, bits: bytes.length * 8 };
  const prefix = entry.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix)) return undefined;
  // A prefix behind a mapped address counts from the start of the 128 bits.
  const bits = Number(prefix) - (bytes.length === 4 && text.includes(':') ? 96 : 0);
  return bits < 0 || bits > bytes.length * 8 ? undefined : { bytes, bits };
}

function within(bytes: readonly number[], range: Range): boolean {
  if (bytes.length !== range.bytes.length) return false;
  let bits = range.bits;
  for (let i = 0; bits > 0; i++, bits -= 8) {
    const mask = bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
    if ((((bytes[i] ?? 0) ^ (range.bytes[i] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

function parseIpv4(text: string): readonly number[] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const bytes: number[] = [];
  for (const part of match.slice(1)) {
    // 010 is eight to some programs and ten to others: refused.
    if ((part.length > 1 && part.startsWith('0')) || Number(part) > 255) return undefined;
    bytes.push(Number(part));
  }
  return bytes;
}

function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [i, group] of groups.entries()) {
    if (mayEndInIpv4 && i === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === undefined) return undefined;
      bytes.push(...ipv4);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      return undefined;
    }
  }
  return bytes;
}
