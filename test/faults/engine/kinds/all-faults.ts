/**
 * All faults, in the order in which a run without a seed of its own would show them.
 */
import type { Fault } from '../world.js';
import { BLOCK_FAULTS } from './block-faults.js';
import { CLOCK_FAULTS } from './clock-faults.js';
import { DISK_FAULTS } from './disk-faults.js';
import { READER_FAULTS } from './reader-faults.js';
import { REDIS_FAULTS } from './redis-faults.js';
import { WORKER_FAULTS } from './worker-faults.js';

export const ALL_FAULTS: readonly Fault[] = [
  { name: 'none' },
  ...WORKER_FAULTS,
  ...READER_FAULTS,
  ...DISK_FAULTS,
  ...BLOCK_FAULTS,
  ...CLOCK_FAULTS,
  ...REDIS_FAULTS,
];

/** The faults that a queue of this kind can have. */
export function faultsFor(kind: 'spool' | 'redis'): readonly Fault[] {
  return ALL_FAULTS.filter(({ broker }) => broker === undefined || broker === kind);
}
