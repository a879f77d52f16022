/**
 * The worker: several slots in one process that take jobs from the queue and do them (server-internals 3.4, 3.6).
 *
 *   TERM, INT   no new jobs; what runs is ended with its processes and goes back to the queue unchanged. A second one ends all at once.
 *   HUP         configuration and sources are read anew for the next jobs; the queue stays that of the start
 *   USR1        the state of the slots goes to the log
 *
 * Readers that killed workers of this machine have left running are ended, at the start and every minute.
 * While the queue is out of reach, jobs go on and the queue is asked again, ever more seldom (pauses.ts). Every lease is renewed three times in its
 * length; jobs of workers that died are put back.
 */
import { hostname, setPriority } from 'node:os';
import { parseUmask } from '../../cache/safe-files.js';
import type { Configuration } from '../../conf/configuration.js';
import { configurationError } from '../../conf/configuration-error.js';
import { statsIfAny } from '../../files/files-if-any.js';
import { handleSignalsElsewhere, noteGroupsBelow } from '../../pipeline/process/own-signals.js';
import { type Broker, holderName, LEASE_SECONDS } from '../../queue/broker.js';
import { itemTime } from '../../queue/item.js';
import { openBroker } from '../../queue/open-broker.js';
import { VERSION } from '../../version.js';
import { watchCitations } from '../cite/clock.js';
import { WorkerMetrics } from '../metrics/metrics.js';
import { type LogOptions, namedLog, type WorkerLog, workerLog } from './log.js';
import { type Numbers, type NumbersOptions, showNumbers } from './numbers.js';
import { Pauses } from './pauses.js';
import { type ServiceManager, serviceManager } from './service-manager.js';
import { installSignals } from './signals.js';
import { CurrentSite } from './site.js';
import { Slot } from './slot.js';
import { keepUp, type Upkeep } from './upkeep.js';

const NICENESS = 5;

export interface ArbiterOptions extends LogOptions, NumbersOptions {
  readonly config: string | undefined;
  readonly slots: number;
  readonly once: boolean;
  readonly leaseSeconds?: number;
}

/** Runs the worker; answers its exit status. Throws `configuration`, and with `once` `BrokerUnreachable`. */
export async function runArbiter(options: ArbiterOptions): Promise<number> {
  const current = new CurrentSite(options.config);
  const site = () => current.now;
  const configuration = () => current.now.configuration;
  noteGroupsBelow(configuration().path('STATE_ROOT'), configuration().has('STATE_ROOT'));
  const log = workerLog(options, configuration);
  const leaseSeconds = options.leaseSeconds ?? LEASE_SECONDS;
  const broker = await openQueue(configuration(), options, leaseSeconds);
  beNice(configuration());
  warnOfRoot(configuration(), log);
  const metrics = new WorkerMetrics();
  const pauses = new Pauses();
  const stop = new AbortController();
  const slots = Array.from(
    { length: options.slots },
    (_none, number) =>
      new Slot({
        broker,
        holder: holderName(hostname(), process.pid, number),
        log: namedLog(log, `slot ${number}`),
        metrics,
        pauses,
        site,
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
    reload: () => current.reload(log, broker.place),
    report: () => {
      for (const slot of slots) log.info(`${slot.holder}: ${slot.describe()}`);
    },
  });
  try {
    await work({ slots, broker, metrics, pauses, log, site, leaseSeconds }, options, manager, stop);
  } finally {
    await lastWord;
    await broker.close();
    removeSignals();
  }
  log.info('ended');
  return 0;
}

/** Root may do anything, and so may its readers; the account that owns the cache cannot write to folders that root makes there. */
function warnOfRoot(configuration: Configuration, log: WorkerLog): void {
  const root = configuration.path('CACHE_ROOT');
  const owner = root === undefined ? undefined : statsIfAny(root)?.uid;
  if (process.getuid?.() === 0 && owner !== undefined && owner !== 0)
    log.error(
      `runs as root, and so do readers: start it as the account that owns CACHE_ROOT (${owner}: ls -ld ${root})`,
    );
}

/** Runs the slots, and beside them all that goes on as long as they work. */
async function work(
  facts: Upkeep,
  options: ArbiterOptions,
  manager: ServiceManager,
  stop: AbortController,
): Promise<void> {
  const { slots, broker, log, site } = facts;
  const done = new AbortController();
  const aside: (Promise<void> | undefined)[] = [];
  let numbers: Numbers | undefined;
  let watchdog: NodeJS.Timeout | undefined;
  try {
    numbers = await showNumbers(options, facts, done.signal);
    aside.push(numbers.watched, keepUp(facts, done.signal));
    const watched = { broker, configuration: () => site().configuration, log: (line: string) => log.info(line) };
    if (!options.once) aside.push(watchCitations(watched, done.signal));
    if (manager.watchdogMs !== undefined)
      watchdog = setInterval(() => void manager.tell('WATCHDOG=1'), manager.watchdogMs);
    log.info(`${slots.length} ${slots.length === 1 ? 'slot waits' : 'slots wait'} for jobs at ${broker.place}`);
    await manager.tell('READY=1', `STATUS=${slots.length} slots`);
    await runSlots(slots, stop);
  } finally {
    done.abort();
    stop.abort();
    clearInterval(watchdog);
    await Promise.all(aside);
    await numbers?.close();
  }
}

/** The queue of the site, as a worker asks it. Throws `configuration` where there is none. */
async function openQueue(configuration: Configuration, options: ArbiterOptions, leaseSeconds: number): Promise<Broker> {
  const broker = await openBroker(configuration, {
    patient: !options.once,
    leaseSeconds,
    life: { host: hostname(), pid: process.pid, start: itemTime(Date.now()), version: VERSION },
  });
  if (broker === undefined) throw configurationError('WORK_QUEUE_BROKER = none: there is nothing to do for a worker');
  return broker;
}

/** Until all have ended. A slot that fails ends the others, which give their jobs back first; then the first fault is thrown. */
async function runSlots(slots: readonly Slot[], stop: AbortController): Promise<void> {
  const ends = await Promise.allSettled(
    slots.map((slot) =>
      slot.run().catch((error: unknown) => {
        stop.abort();
        throw error;
      }),
    ),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
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
