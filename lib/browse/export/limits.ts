/**
 * How large archives and exports may be (browse-export 9.2), how long exports are kept (9.5), and how much space they leave free (13): what the site says,
 * else what is usual.
 */
import { statfsSync } from 'node:fs';
import type { Configuration } from '../../conf/configuration.js';
import { Das2Error } from '../../error.js';
import { grouped } from '../faults.js';
import type { FoundRecord } from '../find/found-records.js';
import { roundSize } from '../forms/words.js';

export interface ExportLimits {
  readonly items: number;
  readonly bytes: number;
}

const GIBIBYTE = 1024 ** 3;
const STREAM: ExportLimits = { items: 500, bytes: 2 * GIBIBYTE };
const JOB: ExportLimits = { items: 5000, bytes: 50 * GIBIBYTE };
const KEEP_DAYS = 7;

/** Limits of archives that are made while they are sent: clients cannot go on where they were cut, so large ones are for a worker. */
export function streamLimits(configuration: Configuration): ExportLimits {
  const { items, bytes } = limits(configuration, STREAM);
  return { items, bytes: Math.min(bytes, STREAM.bytes) };
}

/** Limits of exports that a worker prepares. */
export function jobLimits(configuration: Configuration): ExportLimits {
  return limits(configuration, JOB);
}

/** Days that the data of an export are kept behind its end. */
export function keepDays(configuration: Configuration): number {
  return configuration.integer('EXPORT_KEEP_DAYS') ?? KEEP_DAYS;
}

/** True if the folder has the free space that the site wants, and so many bytes more. Throws what the system throws. */
export function hasExportSpace(configuration: Configuration, folder: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= (configuration.bytes('EXPORT_MIN_FREE') ?? 0) + bytes;
}

/**
 * The sum of known sizes. Throws `tooWide` that says how many requests it would have to be, where rows or sizes are above the limits. `what`: the
 * thing that has them.
 */
export function requireWithin(
  rows: readonly Pick<FoundRecord, 'bytes'>[],
  limits: ExportLimits,
  what: string,
  hint?: string,
): number {
  const bytes = rows.reduce((sum, row) => sum + (row.bytes ?? 0), 0);
  const parts = Math.max(Math.ceil(rows.length / limits.items), Math.ceil(bytes / limits.bytes));
  if (parts <= 1) return bytes;
  const most = grouped(Math.ceil(rows.length / parts));
  throw new Das2Error(
    'tooWide',
    `${what} may have ${grouped(limits.items)} items and ${roundSize(limits.bytes)}: make ${grouped(parts)} requests of at most ${most} ${most === '1' ? 'item' : 'items'}`,
    { data: { field: 'sel', ...(hint !== undefined && { hint }) } },
  );
}

function limits(configuration: Configuration, usual: ExportLimits): ExportLimits {
  return {
    items: configuration.integer('EXPORT_MAX_ITEMS') ?? usual.items,
    bytes: configuration.bytes('EXPORT_MAX_BYTES') ?? usual.bytes,
  };
}
