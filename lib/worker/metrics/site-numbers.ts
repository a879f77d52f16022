/**
 * Numbers about the site that the worker does not count itself: how large the cache is, and how often it had what was asked for. For
 * metrics.ts.
 *
 * Contract: the cache is walked now and then in the background, without hurry; the access log of the month is read on from where it was
 * read before. Whatever cannot be read is left as it was.
 */
import { closeSync, fstatSync, openSync, readSync, statfsSync } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '../../conf/configuration.js';
import { sleep } from '../../queue/sleep.js';
import { accessLogName, parseUsageRecord } from '../usage/records.js';

const WALK_MS = 900_000;
/** Of a log that is longer when the worker starts, only so much is read. */
const MOST_BYTES = 64 << 20;
const CHUNK_BYTES = 256 << 10;
const LINE_FEED = 0x0a;

export interface SiteNumbers {
  /** Undefined without a cache, and until it was looked at for the first time. */
  readonly cache: { readonly blocks: number; readonly bytes: number } | undefined;
  /** Space left where the cache is; undefined as long as it is not there. */
  readonly freeBytes: number | undefined;
  /** Data requests of this month by outcome; robots as well. */
  readonly requests: Readonly<Record<CacheOutcome, number>>;
}

type CacheOutcome = 'hit' | 'partial' | 'miss' | 'off';

const NO_REQUESTS: Readonly<Record<CacheOutcome, number>> = { hit: 0, partial: 0, miss: 0, off: 0 };

export class SiteWatch {
  #cache: SiteNumbers['cache'];
  #requests = { ...NO_REQUESTS };
  #log = '';
  #at = 0;

  /** What is known now; the log is read on. */
  numbers(configuration: Configuration): SiteNumbers {
    try {
      this.#readOn(configuration.path('LOG_PATH'));
    } catch {
      // A month without any request has no log.
    }
    return {
      cache: this.#cache,
      freeBytes: freeBytes(configuration.path('CACHE_ROOT')),
      requests: { ...this.#requests },
    };
  }

  /** Looks at the size of the cache, again and again until the signal. */
  async watchCache(configuration: () => Configuration, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const root = configuration().path('CACHE_ROOT');
      try {
        if (root !== undefined) this.#cache = await sizeOf(root, signal);
      } catch {
        // The folder is not there yet, or may not be read.
      }
      await sleep(WALK_MS, signal);
    }
  }

  #readOn(folder: string | undefined): void {
    if (folder === undefined) return;
    const name = accessLogName(new Date().toISOString().slice(0, 7));
    const descriptor = openSync(join(folder, name), 'r');
    try {
      const { size } = fstatSync(descriptor);
      if (name !== this.#log || size < this.#at) {
        this.#log = name;
        this.#requests = { ...NO_REQUESTS };
        this.#at = Math.max(0, size - MOST_BYTES);
      }
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, Math.max(1, size - this.#at)));
      while (this.#at < size) {
        const count = readSync(descriptor, chunk, 0, chunk.length, this.#at);
        const end = chunk.subarray(0, count).lastIndexOf(LINE_FEED) + 1;
        // A line that is not whole yet is read the next time; one that fills all is none.
        this.#at += end === 0 && count === CHUNK_BYTES ? count : end;
        for (const line of chunk.toString('utf8', 0, end).split('\n')) this.#count(line);
        if (end === 0) break;
      }
    } finally {
      closeSync(descriptor);
    }
  }

  #count(line: string): void {
    const outcome = line === '' ? undefined : parseUsageRecord(line)?.cache;
    if (outcome !== undefined && Object.hasOwn(NO_REQUESTS, outcome)) this.#requests[outcome as CacheOutcome]++;
  }
}

async function sizeOf(root: string, signal: AbortSignal): Promise<NonNullable<SiteNumbers['cache']>> {
  let blocks = 0;
  let bytes = 0;
  const folders = [join(root, 'data')];
  for (let folder = folders.pop(); folder !== undefined && !signal.aborted; folder = folders.pop()) {
    try {
      for await (const entry of await opendir(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) folders.push(path);
        if (!entry.isFile()) continue;
        bytes += (await lstat(path)).size;
        if (/^[^.].*\.(?:d2s|qds)$/.test(entry.name)) blocks++;
      }
    } catch {
      // It has just gone.
    }
  }
  return { blocks, bytes };
}

function freeBytes(root: string | undefined): number | undefined {
  if (root === undefined) return undefined;
  try {
    const { bavail, bsize } = statfsSync(root);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
