/**
 * The queue that the configuration asks for (design 6): `WORK_QUEUE_BROKER` = redis, spool or none; unset: redis if
 * `WORK_QUEUE_CONN` is set, else spool.
 */
import type { Configuration } from '../conf/configuration.js';
import { type Broker, LEASE_SECONDS, type QueueLimits } from './broker.js';
import { parseConnection } from './connection.js';

export interface OpenBrokerOptions {
  /** A worker: waits long for a connection and an answer. */
  readonly patient?: boolean;
  /** What the sign of life of a slot says. */
  readonly life?: Readonly<Record<string, unknown>>;
  readonly leaseSeconds?: number;
}

/** The broker, not yet connected; undefined if the site wants no jobs. Throws `configuration`. */
export async function openBroker(
  configuration: Configuration,
  options: OpenBrokerOptions = {},
): Promise<Broker | undefined> {
  const limits: QueueLimits = {
    waiting: configuration.integer('QUEUE_MAX') ?? 10_000,
    finished: configuration.integer('FINISHED_KEEP') ?? 10_000,
    leaseSeconds: options.leaseSeconds ?? LEASE_SECONDS,
  };
  const life = options.life ?? {};
  switch (brokerKind(configuration)) {
    case 'none':
      return undefined;
    case 'redis': {
      const connection = parseConnection(configuration.text('WORK_QUEUE_CONN'));
      const { redisBroker } = await import('./redis/broker.js');
      return redisBroker({ connection, limits, patient: options.patient ?? false, life });
    }
    case 'spool': {
      const folder = configuration.requiredPath('WORK_QUEUE_DIR');
      const { spoolBroker } = await import('./spool/broker.js');
      return spoolBroker({ folder, limits, life });
    }
  }
}

/** Which kind of queue the configuration asks for. */
export function brokerKind(configuration: Configuration): 'redis' | 'spool' | 'none' {
  switch (configuration.text('WORK_QUEUE_BROKER')) {
    case 'redis':
      return 'redis';
    case 'none':
      return 'none';
    case 'spool':
      return 'spool';
    default:
      return configuration.has('WORK_QUEUE_CONN') ? 'redis' : 'spool';
  }
}
