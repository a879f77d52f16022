/**
 * The settings of the queue that a worker keeps from its start to its end: where the queue is and how much it holds. A worker holds jobs, locks
 * and signs of life there, so it does not change to another one under way; it says that it has to be started anew.
 */
import type { Configuration } from '../../conf/configuration.js';
import type { SettingKey } from '../../conf/settings.js';
import { brokerKind } from '../../queue/open-broker.js';

/** Names of the settings by which two configurations have different queues; the value of none is told, since one may hold a password. */
export function changedQueueSettings(before: Configuration, after: Configuration): SettingKey[] {
  const changed: SettingKey[] = [];
  const kind = brokerKind(before);
  if (brokerKind(after) !== kind) changed.push('WORK_QUEUE_BROKER');
  if (before.text('WORK_QUEUE_CONN') !== after.text('WORK_QUEUE_CONN')) changed.push('WORK_QUEUE_CONN');
  if (kind === 'spool' && before.path('WORK_QUEUE_DIR') !== after.path('WORK_QUEUE_DIR'))
    changed.push('WORK_QUEUE_DIR');
  for (const limit of ['QUEUE_MAX', 'FINISHED_KEEP'] as const) {
    if (before.integer(limit) !== after.integer(limit)) changed.push(limit);
  }
  return changed;
}
