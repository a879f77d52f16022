/**
 * Name of this machine for log lines. Where the kernel tells it in a file, `node:os` need not be loaded, which costs a request more than
 * all the rest of its log.
 */
import { readFileSync } from 'node:fs';

const KERNEL_FILE = '/proc/sys/kernel/hostname';

/** The name that `hostname` prints. */
export async function hostName(): Promise<string> {
  try {
    return readFileSync(KERNEL_FILE, 'utf8').trim();
  } catch {
    return (await import('node:os')).hostname();
  }
}
