/**
 * The instance under test: a folder with configuration, one source with three cache levels, its reader, and a cache root that is a small
 * file system of its own where the system allows that, so that it can be filled.
 *
 *   level 0  full resolution, daily      level 1  15 min, daily      level 2  40 min, monthly
 *
 * Beside the site itself it has two configurations of the same source for answers to compare with: `off` has no cache, `live` has one
 * that stays empty; both have a reader of their own that never misbehaves, and no queue.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayText, READER, type ReaderMode, recordLines } from './reader.js';

export const SOURCE = 'F/S';
/** Seconds without a sign of life after which a worker counts as dead. */
export const LEASE_SECONDS = 2;
const CACHE_SIZE = '8m';
const QUEUE_SIZE = '4m';
const DEFINITION = [
  "description = 'records for the fault harness'",
  'das2Stream = 1',
  "reader = 'fault_reader'",
  "cacheLevel_00 = 'intrinsic | daily'",
  "cacheLevel_01 = '900 s | daily'",
  "cacheLevel_02 = '2400 s | monthly'",
];

export interface FaultSite {
  readonly folder: string;
  readonly configuration: string;
  readonly cacheRoot: string;
  readonly queueFolder: string;
  /** Configurations for answers to compare with. */
  readonly off: string;
  readonly live: string;
  /** A whole cache, built before anything goes wrong. */
  readonly whole: string;
  readonly wholeRoot: string;
  /** Why the cache cannot be filled up; undefined if it can. */
  readonly noMount: string | undefined;
  /** Makes the reader misbehave on days counted from the first one; without a mode it is good again. */
  setReader(mode?: ReaderMode, days?: readonly number[]): void;
  /** Process ids of readers that hang; the list is empty afterwards. */
  takeHanging(): number[];
  remove(): void;
}

/** Lays the site out. `queue` are the lines of the configuration about the queue. */
export function makeSite(queue: readonly string[], parent = tmpdir()): FaultSite {
  const folder = mkdtempSync(join(parent, 'das2-faults-'));
  for (const name of ['datasets/F', 'bin', 'good', 'log', 'cache', 'state', 'queue', 'empty', 'whole']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, 'datasets/F/S.dsdf'), `${DEFINITION.join('\n')}\n`);
  for (const name of ['bin', 'good']) {
    const script = name === 'good' ? READER.replace('test -z "$HURRY" && sleep 0.01', '') : READER;
    writeFileSync(join(folder, name, 'records'), `${recordLines().join('\n')}\n`);
    writeFileSync(join(folder, name, 'fault_reader'), script);
    chmodSync(join(folder, name, 'fault_reader'), 0o755);
  }
  const configure = (name: string, lines: readonly string[]): string => {
    const file = join(folder, `${name}.conf`);
    const common = [`DSDF_ROOT = ${folder}/datasets`, `LOG_PATH = ${folder}/log`, `STATE_ROOT = ${folder}/state`];
    writeFileSync(file, `${[...common, ...lines].join('\n')}\n`);
    return file;
  };
  const limits = ['FIRST_BYTE_TIMEOUT = 5', 'IDLE_TIMEOUT = 5', 'MAX_RUN_TIME = 60', 'FINISHED_KEEP = 0'];
  const good = [`BIN_PATH = ${folder}/good`, 'WORK_QUEUE_BROKER = none'];
  const noMount = mount(join(folder, 'cache'), CACHE_SIZE) ?? mount(join(folder, 'queue'), QUEUE_SIZE);
  const hanging = join(folder, 'bin/hanging');
  return {
    folder,
    configuration: configure('site', [
      `BIN_PATH = ${folder}/bin`,
      `CACHE_ROOT = ${folder}/cache`,
      `WORK_QUEUE_DIR = ${folder}/queue/jobs`,
      ...limits,
      ...queue,
    ]),
    cacheRoot: join(folder, 'cache'),
    queueFolder: join(folder, 'queue/jobs'),
    off: configure('off', good),
    live: configure('live', [`CACHE_ROOT = ${folder}/empty`, ...good]),
    whole: configure('whole', [`CACHE_ROOT = ${folder}/whole`, ...good]),
    wholeRoot: join(folder, 'whole'),
    noMount,
    setReader(mode, days = []) {
      const file = join(folder, 'bin/mode');
      if (mode === undefined) rmSync(file, { force: true });
      else writeFileSync(file, `${mode} ${days.map(dayText).join(' ')}\n`);
    },
    takeHanging() {
      if (!existsSync(hanging)) return [];
      const pids = readFileSync(hanging, 'utf8').trim().split('\n').map(Number);
      rmSync(hanging);
      return pids;
    },
    remove() {
      for (const name of ['cache', 'queue']) spawnSync('umount', ['-l', join(folder, name)], { stdio: 'ignore' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function mount(folder: string, size: string): string | undefined {
  const { status, error, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0775`, 'none', folder]);
  if (status === 0) return undefined;
  return error === undefined ? stderr.toString().trim() : `mount: ${error.message}`;
}
