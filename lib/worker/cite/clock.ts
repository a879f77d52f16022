/**
 * Has the cited data looked at every night: one job (TASK_CITE_PROBE) for the ranges that are not expected to change and a sample of the kept citations
 * (citation 13.2). And has the index of all machines get what it did not get, where the site has one (TASK_CITE_SYNC, 6.3).
 *
 * Contract: one job a night, however many workers there are: the time of the last one is that of a file below CITE_ROOT, and the queue takes equal
 * jobs once. Nothing is queued while nothing was ever logged, in the first night of a site, and where the settings want neither look.
 */
import { closeSync, existsSync, statSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { openPrivate } from '../../cite/private-files.js';
import type { Configuration } from '../../conf/configuration.js';
import { errorDetail } from '../../conf/configuration-error.js';
import type { Broker } from '../../queue/broker.js';
import { BrokerUnreachable } from '../../queue/broker-error.js';
import type { Category } from '../../queue/category.js';
import { makeJob, waitingText } from '../../queue/item.js';
import { ownAccount } from '../../queue/own-account.js';
import { sleep } from '../../queue/sleep.js';
import { requireCitations } from './access.js';

const HOUR_MS = 3_600_000;
const LOOK_MS = HOUR_MS / 6;
/** Local hours before this one are night. */
const NIGHT_ENDS = 6;

/** Whether a job is due at a time (milliseconds since 1970) with this local hour: once a night, and by day where the night was missed. */
export function isDue(last: number, now: number, hour: number): boolean {
  const age = now - last;
  return age > 30 * HOUR_MS || (age > 18 * HOUR_MS && hour < NIGHT_ENDS);
}

export interface ClockFacts {
  readonly broker: Broker;
  readonly configuration: () => Configuration;
  readonly log: (line: string) => void;
}

/** Looks again and again whether a job is due, until the signal. */
export async function watchCitations(facts: ClockFacts, signal: AbortSignal): Promise<void> {
  let told = '';
  while (!signal.aborted) {
    try {
      await queueIfDue(facts, new Date());
      await queueUnsent(facts);
    } catch (error) {
      const text = errorDetail(error);
      // The slots themselves say that the queue is out of reach. What lasts is said once.
      if (!(error instanceof BrokerUnreachable) && text !== told) facts.log(`citations are not watched: ${text}`);
      told = text;
    }
    await sleep(LOOK_MS, signal);
  }
}

/** Queues the job of a night if it is due; true if it was queued now. */
export async function queueIfDue({ broker, configuration, log }: ClockFacts, now: Date): Promise<boolean> {
  const settings = configuration();
  const root = settings.flag('CITE_ENABLE') ? settings.path('CITE_ROOT') : undefined;
  const isWanted = (settings.seconds('CITE_PROBE_EVERY') ?? 0) > 0 || (settings.integer('CITE_CHECK_KEPT') ?? 0) > 0;
  if (root === undefined || !isWanted) return false;
  requireCitations(root);
  if (!existsSync(`${root}/log`)) return false;
  const file = `${root}/watched`;
  const last = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (last !== undefined && !isDue(last, now.getTime(), now.getHours())) return false;
  if (last === undefined) closeSync(openPrivate(file, 'a'));
  utimesSync(file, now, now);
  if (last === undefined) return false;
  const isQueued = await queue(broker, 'TASK_CITE_PROBE', 'ALL');
  if (isQueued) log('queued: a look at cited data');
  return isQueued;
}

/** Queues what the index of all machines lacks of the log of this one; the number of jobs that were queued now. */
export async function queueUnsent({ broker, configuration, log }: ClockFacts): Promise<number> {
  const settings = configuration();
  const root = settings.path('CITE_ROOT');
  if (settings.text('CITE_STORE') !== 'redis' || root === undefined || !existsSync(`${root}/log`)) return 0;
  const [{ openIndex }, { logName, unsentSegments }] = await Promise.all([
    import('../../cite/central/central.js'),
    import('../../cite/central/own-log.js'),
  ]);
  const index = openIndex(settings, root);
  let isFilled = false;
  try {
    isFilled = await index.isFilled();
  } catch {
    // It cannot be reached: what it lacks is there the next time.
    return 0;
  } finally {
    index.close();
  }
  let queued = 0;
  for (const part of [...(isFilled ? [] : ['ALL']), ...unsentSegments(root)])
    if (await queue(broker, 'TASK_CITE_SYNC', `${logName(root)}/${part}`)) queued++;
  if (queued > 0) log(`queued: ${queued} parts of the log for the index of citations`);
  return queued;
}

async function queue(broker: Broker, category: Category, field: string): Promise<boolean> {
  const job = makeJob({ category, fields: [field], requester: hostname(), user: ownAccount().name });
  return (await broker.submit(waitingText(job))) === 'queued';
}
