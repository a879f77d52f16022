/**
 * Measures how the server scales: `scripts/scaling` bundles this file and runs it. docs/scaling.md has the points of one run.
 *
 * Everything is laid out below the temporary folder and removed again. It takes about 4 kB of disk and one inode for each file of the
 * synthetic cache; what does not fit is refused before anything is written.
 */
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readCommandLine, refuseCommandLine } from '../../scripts/tools/command-line.mjs';
import { filesOfSource, measureCache } from './cache-tree.js';
import { count, type Point, tableOf } from './points.js';
import { measureRedis, measureSpool } from './queues.js';
import { measureLists } from './source-list.js';

const PARTS = ['cache', 'list', 'spool', 'redis'] as const;
const NAME = 'scripts/scaling';
const HELP = `usage: scripts/scaling [--part NAME]... [--cache N,N] [--list N,N] [--spool N,N] [--redis N,N] [--bin DIR]

Measures look-ups in a cache of twenty years, lists of many sources, and long queues, and prints a table.

  --part NAME  only this part: ${PARTS.join(', ')}; may be given several times
  --cache N,N  sources with twenty years of blocks (1,4,8; each has ${count(filesOfSource())} files)
  --list N,N   definitions in the tree (1000,5000,10000)
  --spool N,N  jobs that wait in a spool folder (1000,10000,100000)
  --redis N,N  jobs that wait in Redis (10000,100000,1000000)
  --bin DIR    folder of the programs (dist/bin, or DAS2SRV_BIN)
  --help       this text

Times are those of the fastest of several runs, with the files in the system's memory.

Example:
  scripts/scaling --part list --list 1000
`;
const FILE_BYTES = 4096;

class Usage extends Error {}

async function main(): Promise<void> {
  const values = readArguments();
  const parts = values.part.length === 0 ? PARTS : values.part;
  for (const part of parts) if (!PARTS.some((name) => name === part)) throw new Usage(`there is no part '${part}'`);
  const bin = resolve(values.bin);
  if (!existsSync(join(bin, 'das2srv'))) throw new Usage(`there are no programs in ${bin}: run scripts/build first`);
  const [cache, list, spool, redis] = PARTS.map((name) => numbers(name, values[name])) as [
    number[],
    number[],
    number[],
    number[],
  ];
  const folder = mkdtempSync(join(tmpdir(), 'das2-scaling-'));
  const tell = (part: string): void => void process.stderr.write(`measuring: ${part}\n`);
  try {
    const points: Point[] = [];
    const add = async (part: string, measure: () => Promise<Point[]>): Promise<void> => {
      if (!parts.some((name) => name === part)) return;
      tell(part);
      points.push(...(await measure()));
    };
    if (parts.some((name) => name === 'cache')) checkRoom(folder, Math.max(...cache) * filesOfSource());
    await add('cache', () => measureCache(join(folder, 'cache'), cache, bin));
    await add('list', () => measureLists(folder, list, bin));
    await add('spool', () => measureSpool(folder, spool));
    await add('redis', () => measureRedis(redis));
    const cores = cpus();
    process.stdout.write(
      `${tableOf(points)}\n\n${cores.length} × ${cores[0]?.model ?? 'unknown'}, Node ${process.version}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readArguments() {
  return readCommandLine(NAME, HELP, {
    options: {
      part: { type: 'string', multiple: true, default: [] },
      cache: { type: 'string', default: '1,4,8' },
      list: { type: 'string', default: '1000,5000,10000' },
      spool: { type: 'string', default: '1000,10000,100000' },
      redis: { type: 'string', default: '10000,100000,1000000' },
      bin: { type: 'string', default: process.env.DAS2SRV_BIN || 'dist/bin' },
    },
  }).values;
}

function numbers(name: string, text: string): number[] {
  if (!/^\d{1,8}(,\d{1,8})*$/.test(text)) throw new Usage(`--${name} must be whole numbers with commas between`);
  return text
    .split(',')
    .map(Number)
    .sort((a, b) => a - b);
}

/** A full disk would hurt others. */
function checkRoom(folder: string, files: number): void {
  const { bavail, bsize, ffree } = statfsSync(folder);
  if (files * 1.2 > ffree) throw new Usage(`${count(files)} files do not fit: ${count(ffree)} inodes are free`);
  if (files * FILE_BYTES * 1.5 > bavail * bsize) throw new Usage(`${count(files)} files do not fit on the disk`);
}

try {
  await main();
} catch (error) {
  if (error instanceof Usage) refuseCommandLine(NAME, error.message);
  process.stderr.write(`${NAME}: ${(error as Error).stack}\n`);
  process.exitCode = 1;
}
