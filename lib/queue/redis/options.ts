/**
 * Options of ioredis for a connection of ours. What they have in common: nothing is queued while there is no connection and nothing is
 * sent twice (redis/client.ts).
 */
import { readFileSync } from 'node:fs';
import type { RedisOptions } from 'ioredis';
import { configurationError } from '../../conf/configuration-error.js';
import type { RedisConnection, TlsFiles } from '../connection.js';

const PATIENT_TIMEOUT_MS = 15_000;
const HASTY_TIMEOUT_MS = 3000;

export interface ConnectingOptions {
  readonly connection: RedisConnection;
  /** Wait long for a connection and an answer (workers). */
  readonly patient: boolean;
  /** For commands that wait: no time limit of a command. */
  readonly blocking?: boolean;
}

/** The options. Throws `configuration` if a file that TLS needs cannot be read. */
export function redisOptions({ connection, patient, blocking }: ConnectingOptions): Omit<RedisOptions, 'replyMapping'> {
  const timeout = patient ? PATIENT_TIMEOUT_MS : HASTY_TIMEOUT_MS;
  // Whoever asks knows how long to wait between two questions; pauses of the library would come on top of that.
  const retryStrategy = (): null => null;
  return {
    ...place(connection),
    db: connection.database,
    ...(connection.user !== undefined && { username: connection.user }),
    ...(connection.password !== undefined && { password: connection.password }),
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
    connectTimeout: timeout,
    ...(!blocking && { commandTimeout: timeout }),
    keepAlive: 30_000,
    retryStrategy,
    sentinelRetryStrategy: retryStrategy,
    // A master that has become a replica takes no more writes: ask again which server is the master.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

function place(connection: RedisConnection): Omit<RedisOptions, 'replyMapping'> {
  const { socket, sentinels, masterName, sentinelPassword } = connection;
  const tls = connection.tls ? { tls: tlsOptions(connection.tlsFiles) } : {};
  if (socket !== undefined) return { path: socket };
  if (sentinels === undefined) {
    return { host: connection.host ?? 'localhost', port: connection.port ?? 6379, ...tls };
  }
  return {
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name: masterName ?? '',
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...tls,
    ...(connection.tls && { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(connection.tlsFiles) }),
  };
}

function tlsOptions(files: TlsFiles = {}): Record<string, string | Buffer> {
  const options: Record<string, string | Buffer> = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const file = files[name];
    if (file !== undefined) options[name] = readPem(file, name);
  }
  if (files.servername !== undefined) options.servername = files.servername;
  return options;
}

function readPem(file: string, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw configurationError(
      `WORK_QUEUE_CONN: the file of ${name} cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}
