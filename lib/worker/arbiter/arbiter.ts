/**
 * The worker: several slots in one process that take jobs from the queue and do them (server-internals 3.4, 3.6).
 *
 *   TERM, INT   no new jobs; what runs is ended with its processes and goes back to the queue unchanged. A second one ends all at once.
 *   HUP         configuration and sources are read anew for the next jobs; the queue stays that of the start
 *   USR1        the state of the slots goes to the log
 *
 * Readers that killed workers of this machine have left running are ended, at the start and every minute.
 * While the queue is out of reach, jobs go on and the queue is asked again, ever more seldom. Every lease is renewed three times in its
 * length; jobs of workers that died are put back.
 */
import { hostname, setPriority } from 'node:os';
import { parseUmask } from '../../cache/safe-files.js';
import { type Configuration, loadConfiguration } from '../../conf/configuration.js';
import { configurationError, errorDetail } from '../../conf/configuration-error.js';
import { type LogSettings, requestLog } from '../../log/request-log.js';
import { handleSignalsElsewhere, noteGroupsBelow } from '../../pipeline/own-signals.js';
import { type Broker, holderName, LEASE_SECONDS } from '../../queue/broker.js';
import { BrokerUnreachable } from '../../queue/broker-error.js';
import { itemTime } from '../../queue/item.js';
import { openBroker } from '../../queue/open-broker.js';
import { sleep } from '../../queue/sleep.js';
import { SourceTree } from '../../source/tree/source-tree.js';
import { VERSION } from '../../version.js';
import { watchCitations } from '../cite/clock.js';
import { openMetricsDoor, writeMetricsFile } from '../metrics/door.js';
import { type QueueState, WorkerMetrics, type WorkerState } from '../metrics/metrics.js';
import { SiteWatch } from '../metrics/site-numbers.js';
import { changedQueueSettings } from './queue-settings.js';
import { serviceManager } from './service-manager.js';
import { Slot } from './slot.js';

const NICENESS = 5;
const RECLAIM_MS = 60_000;
const METRICS_FILE_MS = 15_000;

export interface ArbiterOptions {
  readonly config: string | undefined;
  readonly slots: number;
  readonly once: boolean;
  readonly leaseSeconds?: number;
  readonly debug: boolean;
  readonly quiet: boolean;
  /** Log to `LOG_PATH` and not to standard error. */
  readonly logToFile: boolean;
  readonly metrics?: { readonly host: string; readonly port: number } | undefined;
  readonly metricsFile?: string | undefined;
}

interface Site {
  readonly configuration: Configuration;
  readonly sources: SourceTree;
}

/** Runs the worker; answers its exit status. Throws `configuration`, and with `once` `BrokerUnreachable`. */
export async function runArbiter(options: ArbiterOptions): Promise<number> {
  let site = readSite(options);
  noteGroupsBelow(site.configuration.path('STATE_ROOT'), site.configuration.has('STATE_ROOT'));
  const atStart = site.configuration;
  const log = makeLog(options, () => site.configuration);
  const leaseSeconds = options.leaseSeconds ?? LEASE_SECONDS;
  const host = hostname();
  const broker = await openBroker(site.configuration, {
    patient: !options.once,
    leaseSeconds,
    life: { host, pid: process.pid, start: itemTime(Date.now()), version: VERSION },
  });
  if (broker === undefined) throw configurationError('WORK_QUEUE_BROKER = none: there is nothing to do for a worker');
  beNice(site.configuration);
  const metrics = new WorkerMetrics();
  const stop = new AbortController();
  const slots = Array.from(
    { length: options.slots },
    (_none, number) =>
      new Slot({
        broker,
        holder: holderName(host, process.pid, number),
        log: {
          error: (line) => log.error(`slot ${number}: ${line}`),
          info: (line) => log.info(`slot ${number}: ${line}`),
          debug: (line) => log.debug(`slot ${number}: ${line}`),
        },
        metrics,
        site: () => site,
        stop: stop.signal,
        once: options.once,
        leaseSeconds,
      }),
  );
  const manager = serviceManager(process.env);
  let lastWord: Promise<void> | undefined;
  const removeSignals = installSignals({
    end: () => {
      log.info('ending: jobs that run go back to the queue');
      stop.abort();
      lastWord = manager.tell('STOPPING=1');
    },
    reload: () => {
      try {
        site = readSite(options);
        log.info('configuration read anew');
        const kept = changedQueueSettings(atStart, site.configuration);
        if (kept.length > 0) {
          const names = kept.join(', ');
          log.error(`the queue stays that of the start, at ${broker.place}: restart the worker for the new ${names}`);
        }
      } catch (error) {
        log.error(`configuration not changed: ${errorDetail(error)}`);
      }
    },
    report: () => {
      for (const slot of slots) log.info(`${slot.holder}: ${slot.describe()}`);
    },
  });
  const watch = new SiteWatch();
  const state = async (): Promise<WorkerState> => ({
    slots: slots.length,
    busy: slots.filter((slot) => slot.busy).length,
    queue: await queueState(broker).catch(() => undefined),
    site: watch.numbers(site.configuration),
  });
  const numbers = async (): Promise<string> => metrics.text(await state());
  const health = async () => metrics.health(await state());
  const door = options.metrics === undefined ? undefined : await openMetricsDoor(options.metrics, { numbers, health });
  if (door !== undefined) log.info(`metrics at ${door.url}`);
  const writeNumbers = async (): Promise<void> => {
    if (options.metricsFile === undefined) return;
    const text = await numbers();
    attempt(log, () => writeMetricsFile(options.metricsFile ?? '', text));
  };
  const done = new AbortController();
  const beats = beating(slots, (leaseSeconds * 1000) / 3, done.signal, log);
  const reclaims = reclaiming(
    { broker, metrics, log, site: () => site, everyMs: Math.min(RECLAIM_MS, leaseSeconds * 2000) },
    done.signal,
  );
  const isWatched = options.metrics !== undefined || options.metricsFile !== undefined;
  const walks = isWatched ? watch.watchCache(() => site.configuration, done.signal) : undefined;
  const watched = options.once
    ? undefined
    : watchCitations({ broker, configuration: () => site.configuration, log: (line) => log.info(line) }, done.signal);
  const swept = sweeping(() => site.configuration, log, done.signal);
  const clocks = [setInterval(() => void writeNumbers(), METRICS_FILE_MS)];
  if (manager.watchdogMs !== undefined)
    clocks.push(setInterval(() => void manager.tell('WATCHDOG=1'), manager.watchdogMs));
  log.info(`${slots.length} ${slots.length === 1 ? 'slot waits' : 'slots wait'} for jobs at ${broker.place}`);
  await manager.tell('READY=1', `STATUS=${slots.length} slots`);
  try {
    // A slot that fails ends the others, which give their jobs back first.
    const ends = await Promise.allSettled(
      slots.map((slot) =>
        slot.run().catch((error: unknown) => {
          stop.abort();
          throw error;
        }),
      ),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    done.abort();
    stop.abort();
    for (const clock of clocks) clearInterval(clock);
    await Promise.all([beats, reclaims, walks, watched, swept, lastWord]);
    await writeNumbers();
    await broker.close();
    door?.close();
    removeSignals();
  }
  log.info('ended');
  return 0;
}

async function queueState(broker: Broker): Promise<QueueState> {
  const [waiting, dead, working, oldest] = [
    await broker.count('todo'),
    await broker.count('dead'),
    await broker.working(),
    await broker.oldest(),
  ];
  const asked = oldest === undefined ? Number.NaN : Date.parse(`${oldest.slice(0, oldest.indexOf('|'))}Z`);
  const oldestSeconds = Number.isNaN(asked) ? undefined : Math.max(0, (Date.now() - asked) / 1000);
  return { waiting, dead, working: working.length, oldestSeconds };
}

function readSite(options: ArbiterOptions): Site {
  const configuration = loadConfiguration({ file: options.config });
  return { configuration, sources: new SourceTree(configuration) };
}

/** Jobs must not be in the way of requests; what they write, the group may change. */
function beNice(configuration: Configuration): void {
  process.umask(parseUmask(configuration.text('CACHE_UMASK')));
  handleSignalsElsewhere();
  try {
    setPriority(NICENESS);
  } catch {
    // An account that may not, or a system that cannot.
  }
}

interface Log {
  error(line: string): void;
  info(line: string): void;
  debug(line: string): void;
}

/** Lines as in all our logs; the file is chosen for each line, so that a long-lived worker changes it every day. */
function makeLog(options: ArbiterOptions, configuration: () => Configuration): Log {
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

/** Renews all leases, starting at once, until the signal. */
async function beating(slots: readonly Slot[], everyMs: number, signal: AbortSignal, log: Log): Promise<void> {
  while (!signal.aborted) {
    for (const slot of slots) {
      try {
        if (!signal.aborted) await slot.beat();
      } catch (error) {
        // The slots themselves say that the queue is out of reach.
        if (!(error instanceof BrokerUnreachable)) log.error(`no sign of life: ${errorDetail(error)}`);
      }
    }
    await sleep(everyMs, signal);
  }
}

interface Reclaiming {
  readonly broker: Broker;
  readonly metrics: WorkerMetrics;
  readonly log: Log;
  readonly site: () => Site;
  readonly everyMs: number;
}

/** Puts jobs of dead workers back: at once, then again and again, not all workers at the same time. */
async function reclaiming({ broker, metrics, log, site, everyMs }: Reclaiming, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await endOrphans(log);
    try {
      const found = await broker.reclaim();
      metrics.reclaimed(found.length);
      for (const { holder, item, outcome } of found) {
        log.error(`${outcome}, from lost worker ${holder}: ${item}`);
        if (outcome !== 'dead') continue;
        const { noteGivenUp } = await import('./given-up.js');
        noteGivenUp(item, 'its worker was lost each time', site());
      }
    } catch (error) {
      if (!(error instanceof BrokerUnreachable)) log.error(`jobs of lost workers: ${errorDetail(error)}`);
    }
    await sleep(everyMs * (0.75 + Math.random() / 2), signal);
  }
}

/** Ends readers of workers on this machine that were killed and could not do it themselves. */
async function endOrphans(log: Log): Promise<void> {
  const { endOrphanedGroups } = await import('../../pipeline/group-notes.js');
  for (const groupId of await endOrphanedGroups()) {
    log.error(`process group ${groupId} ended: the program that had started it was killed`);
  }
}

/** Removes what builders that were killed have left in the cache. */
async function sweeping(configuration: () => Configuration, log: Log, signal: AbortSignal): Promise<void> {
  const root = configuration().path('CACHE_ROOT');
  if (root === undefined) return;
  const { sweepCache } = await import('../../cache/administration/sweep-cache.js');
  const count = await sweepCache(root, signal);
  if (count > 0) log.info(`${count} leftovers of dead workers removed from the cache`);
}

function installSignals(actions: { end(): void; reload(): void; report(): void }): () => void {
  let asked = 0;
  const end = (): void => {
    // The second time nobody waits any more; processes of jobs are ended by the exit.
    if (++asked > 1) process.exit(1);
    actions.end();
  };
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGTERM', end],
    ['SIGINT', end],
    ['SIGHUP', () => actions.reload()],
    ['SIGUSR1', () => actions.report()],
  ];
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) process.off(name, handler);
  };
}

function attempt(log: Log, action: () => void): void {
  try {
    action();
  } catch (error) {
    log.error(`--metrics-file: ${errorDetail(error)}`);
  }
}
