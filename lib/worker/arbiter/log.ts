/**
 * The log of a worker (server-internals 5.1): lines of three weights, in the files of the site or on standard error.
 */
import { hostname } from 'node:os';
import type { Configuration } from '../../conf/configuration.js';
import { type LogSettings, requestLog } from '../../log/request-log.js';

export interface WorkerLog {
  /** What an operator should look at. */
  error(line: string): void;
  info(line: string): void;
  debug(line: string): void;
}

export interface LogOptions {
  readonly debug: boolean;
  readonly quiet: boolean;
  /** Log to `LOG_PATH` and not to standard error. */
  readonly logToFile: boolean;
}

/** Lines as in all our logs; the file is chosen for each line, so that a long-lived worker changes it every day. */
export function workerLog(options: LogOptions, configuration: () => Configuration): WorkerLog {
  const line = (text: string): void => {
    const now = configuration();
    const settings: LogSettings = {
      folder: options.logToFile ? now.path('LOG_PATH') : undefined,
      keepDays: now.integer('LOG_KEEP_DAYS') ?? 3,
      localTime: now.flag('LOG_LOCALTIME'),
    };
    const log = requestLog({ settings, address: `arbiter_${hostname()}`, time: Date.now() });
    log.line(text);
    log.close();
  };
  return {
    error: line,
    info: (text) => {
      if (!options.quiet) line(text);
    },
    debug: (text) => {
      if (options.debug) line(text);
    },
  };
}

/** The same log with a name in front of each line. */
export function namedLog(log: WorkerLog, name: string): WorkerLog {
  return {
    error: (line) => log.error(`${name}: ${line}`),
    info: (line) => log.info(`${name}: ${line}`),
    debug: (line) => log.debug(`${name}: ${line}`),
  };
}
