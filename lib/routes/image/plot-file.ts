/**
 * The file that a plot program writes to: in a folder of its own that only this account may enter, gone when the request ends.
 *
 * The folder lies in STATE_ROOT or, where that cannot be written, in the folder for temporary files of the system. What a
 * killed process left in STATE_ROOT is removed by the next plot after an hour.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  read,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { Das2Error } from '../../error.js';

/** Largest picture. */
export const PLOT_LIMIT = 64 * 1024 * 1024;

const ABANDONED_MS = 3_600_000;

export interface PlotFile {
  /** Where the picture shall be; there is nothing yet. */
  readonly file: string;
  /** Removes folder and file. Never fails. */
  remove(): void;
}

/** Makes the private folder. Throws `internal` when there is no place for it. */
export function makePlotFile(stateRoot: string | undefined): PlotFile {
  const folder = (stateRoot === undefined ? undefined : folderIn(`${stateRoot}/plot-files`)) ?? temporaryFolder();
  return {
    file: `${folder}/plot.png`,
    remove() {
      try {
        rmSync(folder, { recursive: true, force: true });
      } catch {
        // The next plot tries again.
      }
    },
  };
}

/** The picture. Empty if there is none; throws `outputLimit` for one that is too large. Follows no link. */
export async function readPlot(file: string): Promise<Buffer> {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return Buffer.alloc(0);
    if (stats.size > PLOT_LIMIT) throw new Das2Error('outputLimit', 'the plot is larger than this server allows');
    return await readWhole(descriptor, stats.size);
  } finally {
    closeSync(descriptor);
  }
}

async function readWhole(descriptor: number, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  for (let length = 0; length < size; ) {
    const count = await new Promise<number>((resolve, reject) => {
      read(descriptor, bytes, length, size - length, length, (error, got) => (error ? reject(error) : resolve(got)));
    });
    if (count === 0) return bytes.subarray(0, length);
    length += count;
  }
  return bytes;
}

function folderIn(parent: string): string | undefined {
  try {
    mkdirSync(parent, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return undefined;
  }
  try {
    removeAbandoned(parent);
    return mkdtempSync(`${parent}/`);
  } catch {
    return undefined;
  }
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(`${process.env.TMPDIR || '/tmp'}/das2-plot-`);
  } catch (cause) {
    throw new Das2Error('internal', 'internal error', {
      cause,
      data: {
        detail:
          'there is no folder for the picture: neither STATE_ROOT nor the folder for temporary files can be written',
      },
    });
  }
}

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const stats = statSync(`${parent}/${name}`, { throwIfNoEntry: false });
    if (stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_MS) {
      rmSync(`${parent}/${name}`, { recursive: true, force: true });
    }
  }
}
