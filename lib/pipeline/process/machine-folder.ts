/**
 * A folder of STATE_ROOT for facts about the processes of this machine: each machine, each boot and each space of process ids has a folder of
 * its own below it, named by `machineMark`.
 *
 * Contract: made when it is first needed, for all accounts of the group; those of other machines and earlier boots go when nobody has touched
 * them for two days.
 */
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { makeFolders } from '../../files/make-folders.js';
import { machineMark } from './process-identity.js';

export interface MachineFolderOptions {
  /** Each machine has a folder of its own below this one. */
  readonly folder: string;
  /** Folders above that are missing may be made, too. */
  readonly mayCreate: boolean;
}

const ABANDONED_MS = 2 * 86_400_000;

export class MachineFolder {
  /** The folder of this machine. */
  readonly path: string;
  readonly #options: MachineFolderOptions;

  constructor(options: MachineFolderOptions) {
    this.#options = options;
    this.path = `${options.folder}/${machineMark()}`;
  }

  /** Does something in the folder, after making it if that is what is missing. Throws what the system throws. */
  existing<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const { folder, mayCreate } = this.#options;
    if (mayCreate) makeFolders(folder.slice(0, folder.lastIndexOf('/')));
    makeShared(folder);
    makeShared(this.path);
    removeAbandoned(folder);
    return action();
  }
}

/** A folder that all accounts of the group may write to, whatever the umask. */
function makeShared(folder: string): void {
  try {
    mkdirSync(folder);
    chmodSync(folder, 0o2770);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!/^[0-9a-f]{16}$/.test(name) || name === machineMark()) continue;
    const changed = statSync(`${folder}/${name}`, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - changed < ABANDONED_MS) continue;
    try {
      rmSync(`${folder}/${name}`, { recursive: true, force: true });
    } catch {
      // Of another account: whoever made it will remove it.
    }
  }
}
