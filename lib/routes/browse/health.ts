/**
 * How the browse program is doing, as JSON for monitors (browse-export 13): ages, queue, space, limits in force. Names no paths.
 */
import { statfsSync } from 'node:fs';
import { jobLimits, keepDays, streamLimits } from '../../browse/export/limits.js';
import type { BrowseFacts } from '../../browse/facts/facts.js';
import { JSON_VERSION } from '../../browse/forms/json.js';
import { inventoryChangedAt } from '../../browse/inventory/age.js';
import { namingTable } from '../../browse/naming/table.js';
import { isDas2Error } from '../../error.js';
import { jsonReply } from '../../reply/build-reply.js';
import type { Reply } from '../../reply/reply.js';

/** Settings with paths and commands of the host, of which nothing more is told than that they are there. */
const OF_THE_HOST = [
  'BROWSE_CACHE',
  'BROWSE_INV',
  'BROWSE_GROUPS',
  'BROWSE_PAGES',
  'EXPORT_ROOT',
  'STAGE_CMD',
  'MAIL_CMD',
  'LEAP_SECONDS_FILE',
] as const;

/** Status 200 as long as questions can be answered, 503 otherwise. */
export async function browseHealth({ context, request, now, table, places }: BrowseFacts): Promise<Reply> {
  const { configuration } = context;
  const names = await namesHealth(context, now);
  const value = {
    version: JSON_VERSION,
    status: names.problem === undefined ? 'ok' : names.series > 0 ? 'degraded' : 'failing',
    names,
    inventory: { ageSeconds: secondsSince(inventoryChangedAt(configuration.path('BROWSE_INV')), now) },
    leapSeconds: { expires: new Date(Date.UTC(2000, 0, 1) + table.expires * 86_400_000).toISOString().slice(0, 10) },
    broker: await brokerHealth(context),
    ...(configuration.text('CITE_STORE') === 'redis' && { citations: await citationsHealth(context) }),
    freeBytes: freeBytes(configuration.path('EXPORT_ROOT')) ?? freeBytes(configuration.path('STATE_ROOT')) ?? null,
    settings: {
      BROWSE_CACHE_MAXAGE: configuration.seconds('BROWSE_CACHE_MAXAGE'),
      BROWSE_DEFAULT_BLOCK: configuration.text('BROWSE_DEFAULT_BLOCK'),
      BROWSE_DEFAULT_EPOCH: configuration.text('BROWSE_DEFAULT_EPOCH'),
      BROWSE_MAX_BLOCKS: configuration.integer('BROWSE_MAX_BLOCKS'),
      EXPORT_KEEP_DAYS: keepDays(configuration),
      EXPORT_MAX_BYTES: { archive: streamLimits(configuration).bytes, export: jobLimits(configuration).bytes },
      EXPORT_MAX_ITEMS: { archive: streamLimits(configuration).items, export: jobLimits(configuration).items },
      EXPORT_MIN_FREE: configuration.bytes('EXPORT_MIN_FREE'),
      EXPORT_URL: configuration.text('EXPORT_URL') ?? `${places.browse}/export`,
      ...Object.fromEntries(OF_THE_HOST.map((name) => [name, configuration.has(name) ? 'set' : 'not set'])),
    },
  };
  const reply = jsonReply(request, value, { status: value.status === 'failing' ? 503 : 200 });
  return {
    ...reply,
    headers: [...reply.headers.filter(([name]) => name !== 'Cache-Control'), ['Cache-Control', 'no-store']],
  };
}

async function namesHealth({ sources }: BrowseFacts['context'], now: number) {
  try {
    const { series, asOf, problem, complaints } = await namingTable(sources, { now });
    return {
      series: series.length,
      asOf: new Date(asOf).toISOString(),
      ageSeconds: Math.max(0, Math.round((now - asOf) / 1000)),
      complaints: complaints.length,
      ...(problem !== undefined && { problem: 'the table could not be made anew; the log says why' }),
    };
  } catch (error) {
    if (!isDas2Error(error)) throw error;
    return { series: 0, problem: 'there is no table, and none could be made; the log says why' };
  }
}

async function brokerHealth({ configuration }: BrowseFacts['context']) {
  const { openBroker } = await import('../../queue/open-broker.js');
  try {
    const broker = await openBroker(configuration);
    if (broker === undefined) return { kind: 'none', reachable: false, waiting: null };
    try {
      return { kind: broker.kind, reachable: true, waiting: await broker.count('todo') };
    } finally {
      await broker.close();
    }
  } catch {
    return { kind: null, reachable: false, waiting: null };
  }
}

/** The index of citations, which must outlast a restart of its server. */
async function citationsHealth({ configuration }: BrowseFacts['context']) {
  const { indexHealth } = await import('../../cite/central/central.js');
  const persistent = await indexHealth(configuration);
  return {
    reachable: persistent !== undefined,
    persistent: persistent ?? null,
    ...(persistent === false && { problem: 'the Redis server keeps nothing: it needs appendonly yes' }),
  };
}

function secondsSince(time: number | undefined, now: number): number | null {
  return time === undefined ? null : Math.max(0, Math.round((now - time) / 1000));
}

function freeBytes(folder: string | undefined): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder ?? '');
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
