/**
 * The deliveries of a request that are on record: those of this machine, and those of all others where the site has an index of them (citation 6.3).
 */
import type { Configuration } from '../../conf/configuration.js';
import type { Elsewhere } from '../history/store.js';
import type { LogEntry } from '../log/row.js';
import { LogStore } from '../log/store.js';

/** Entries of a request, newest first; none where there is no log. Never rejects. */
export async function logEntries(configuration: Configuration, rk: string): Promise<readonly LogEntry[]> {
  const root = configuration.path('CITE_ROOT');
  if (root === undefined) return [];
  const others = (await elsewhere(configuration, rk)) ?? [];
  const { entries } = new LogStore(root).find(rk);
  return others.length === 0 ? entries : [...others, ...entries].sort((a, b) => (a.time < b.time ? 1 : -1));
}

/** What tells of deliveries of a dataset on other machines, where the site has an index of them. */
export function deliveriesOfOthers(configuration: Configuration, dataset: string): Elsewhere | undefined {
  if (configuration.text('CITE_STORE') !== 'redis') return undefined;
  return async (since) => (await import('../central/central.js')).deliveriesElsewhere(configuration, dataset, since);
}

/** Keeps a request where the workers of all machines find it. Never rejects. */
export async function keepElsewhere(configuration: Configuration, rk: string, request: string): Promise<void> {
  if (configuration.text('CITE_STORE') === 'redis')
    await (await import('../central/central.js')).keepRequestElsewhere(configuration, rk, request);
}

/** The request of a key, from the files of this machine or from the index. Never rejects. */
export async function requestOfKey(configuration: Configuration, rk: string): Promise<string | undefined> {
  const root = configuration.path('CITE_ROOT');
  const own = root === undefined ? undefined : new LogStore(root).requestOf(rk);
  if (own !== undefined || configuration.text('CITE_STORE') !== 'redis') return own;
  return (await import('../central/central.js')).requestElsewhere(configuration, rk);
}

async function elsewhere(configuration: Configuration, rk: string): Promise<readonly LogEntry[] | undefined> {
  if (configuration.text('CITE_STORE') !== 'redis') return undefined;
  const { entriesElsewhere } = await import('../central/central.js');
  return entriesElsewhere(configuration, rk);
}
