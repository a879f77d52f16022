/**
 * Makes what was made, renamed or linked in a folder outlast a loss of power.
 *
 * Contract: throws what the disk has against it. Some file systems cannot do this for folders; there it happens some time later, and nothing is thrown.
 */
import { closeSync, constants, fsyncSync, openSync } from 'node:fs';

/** What file systems say that cannot. */
const CANNOT = new Set(['EINVAL', 'ENOTSUP', 'EISDIR', 'EBADF']);

/** Returns when the names in the folder are on disk. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (!CANNOT.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    closeSync(descriptor);
  }
}
