/**
 * Space for exports (browse-export 13): below EXPORT_MIN_FREE nothing more is written to EXPORT_ROOT.
 */
import { statfsSync } from 'node:fs';
import type { Configuration } from '../conf/configuration.js';

/** True if the folder has the free space that the site wants, and so many bytes more. Throws what the system throws. */
export function hasExportSpace(configuration: Configuration, folder: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= (configuration.bytes('EXPORT_MIN_FREE') ?? 0) + bytes;
}
