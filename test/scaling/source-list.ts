/**
 * Lists of thousands of definitions: the first list makes the index of the sources, each later one compares it with the tree.
 */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Programs } from '../faults/engine/programs.js';
import { bytes, count, fastestMs, ms, type Point } from './points.js';

const PER_FOLDER = 50;

/** Measures `server=list` and one definition by the real program. */
export async function measureLists(folder: string, sizes: readonly number[], bin: string): Promise<Point[]> {
  const points: Point[] = [];
  for (const size of sizes) {
    const top = join(folder, `list-${size}`);
    for (const name of ['log', 'state']) mkdirSync(join(top, name), { recursive: true });
    for (let i = 0; i < size; i++) {
      const place = join(top, 'datasets', `Mission${Math.floor(i / PER_FOLDER)}`);
      if (i % PER_FOLDER === 0) mkdirSync(place, { recursive: true });
      const lines = [
        `description = 'Source number ${i}'`,
        "das2Stream = 'true'",
        "reader = 'cat'",
        "validRange = '2000 to 2020'",
      ];
      writeFileSync(join(place, `Instrument_${i}.dsdf`), `${lines.join('\n')}\n`);
    }
    const file = join(top, 'site.conf');
    writeFileSync(file, 'DSDF_ROOT = datasets\nSTATE_ROOT = state\nLOG_PATH = log\nWORK_QUEUE_BROKER = none\n');
    const programs = new Programs(bin, file);
    const ask = async (query: string): Promise<void> => {
      const { status, errors } = await programs.front(query);
      if (status !== 0) throw new Error(errors);
    };
    const first = await fastestMs(1, () => ask('server=list'));
    const later = await fastestMs(15, () => ask('server=list'));
    const touched = await fastestMs(5, async (run) => {
      writeFileSync(join(top, 'datasets/Mission0/Instrument_0.dsdf'), `description = 'new ${run}'\nreader = 'cat'\n`);
      await ask('server=list');
    });
    const one = await fastestMs(15, () => ask(`server=dsdf&dataset=Mission1/Instrument_${PER_FOLDER}`));
    const state = readdirSync(join(top, 'state'), { recursive: true, encoding: 'utf8' });
    const index = state.map((name) => statSync(join(top, 'state', name))).filter((entry) => entry.isFile());
    points.push({
      what: 'server=list, process and all',
      size: `${count(size)} sources`,
      values: {
        first: ms(first),
        'each later one': ms(later),
        'after an edit': ms(touched),
        'server=dsdf': ms(one),
        index: bytes(index.reduce((sum, entry) => sum + entry.size, 0)),
      },
    });
  }
  return points;
}
