/**
 * By what usage can be counted (server-internals 7.3): source, month, day, network of the client, kind of program.
 */
import { parseAddress } from '../../conf/address-list.js';
import { isBrowserAgent } from '../../request/browser.js';
import type { UsageRecord } from './records.js';

/** Value of a record in each dimension. */
const VALUES = {
  month: ({ time }: UsageRecord) => time.slice(0, 7),
  day: ({ time }: UsageRecord) => time.slice(0, 10),
  dataset: ({ dataset }: UsageRecord) => dataset,
  network: ({ address }: UsageRecord) => networkOf(address),
  agent: ({ agent }: UsageRecord) => agentClass(agent),
} as const satisfies Record<string, (record: UsageRecord) => string>;

export type Dimension = keyof typeof VALUES;

export const DIMENSIONS = Object.keys(VALUES) as readonly Dimension[];

/** True for the name of a dimension. */
export function isDimension(name: string): name is Dimension {
  return Object.hasOwn(VALUES, name);
}

/** Where a record belongs. */
export function placeIn(record: UsageRecord, dimension: Dimension): string {
  return VALUES[dimension](record);
}

/** True for robots that say so, which are counted apart. */
export function isRobot(agent: string): boolean {
  return /bot/i.test(agent);
}

/** Kinds of programs, by what they call themselves; the first that fits. */
const AGENTS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Autoplot', /autoplot/i],
  ['das2', /das2/i],
  ['SPEDAS', /spedas/i],
  ['IDL', /\bIDL\b/],
  ['MATLAB', /matlab/i],
  ['HAPI client', /hapi/i],
  ['Python', /python|urllib|aiohttp|httpx/i],
  ['curl', /^curl\b/i],
  ['Wget', /^wget\b/i],
  ['Java', /\bJava\//],
];

/** Kind of the program behind a User-Agent. */
export function agentClass(agent: string): string {
  if (agent.trim() === '') return 'unnamed';
  if (isRobot(agent)) return 'robot';
  const known = AGENTS.find(([, pattern]) => pattern.test(agent));
  return known?.[0] ?? (isBrowserAgent(agent) ? 'browser' : 'other');
}

/** The network of an address: the first 24 bits of IPv4, 48 of IPv6; the text itself where it is no address. */
export function networkOf(address: string): string {
  const parts = parseAddress(address);
  if (parts === undefined) return address;
  if (parts.length === 4) return `${parts.slice(0, 3).join('.')}.0/24`;
  const words = [0, 2, 4].map((i) => (((parts[i] ?? 0) << 8) | (parts[i + 1] ?? 0)).toString(16));
  return `${words.join(':')}::/48`;
}
