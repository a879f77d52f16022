/**
 * The folders of a spool queue, and the item of a slot in them (layout in spool/broker.ts).
 *
 * Contract: folders are made when they are first asked for. Paths in, paths out: the order of files is spool/names.ts, what is in them
 * item.ts.
 */
import { join } from 'node:path';
import type { ListName } from '../broker.js';
import { categoryRule } from '../category.js';
import { originalText, tryParseItem } from '../item.js';
import { ensureFolder, moveFile, namesIn, readText, writeWhole } from './files.js';
import { isSpoolName, type Lane } from './names.js';

/** Name of a slot's folder in front of its holder. */
export const WORKING = 'working_';
/** In a slot's folder: the text of its item as it was taken, and the sign of life. */
export const ORIGINAL = 'original';
export const BEAT = 'beat';

type FolderName = ListName | 'delayed' | 'pending';

/** An item in a slot's folder. */
export interface Held {
  /** Path of its file. */
  readonly file: string;
  readonly name: string;
  /** The text now, and as it was taken. */
  readonly text: string;
  readonly item: string;
}

export class SpoolFolder {
  readonly #ready = new Set<string>();

  constructor(readonly top: string) {}

  /** Path of a folder that is there. */
  folder(name: FolderName): string {
    const folder = join(this.top, name);
    if (!this.#ready.has(folder)) ensureFolder(folder);
    this.#ready.add(folder);
    return folder;
  }

  /** The folder of a slot, made if it is not there: a reclaimer may have taken it away. */
  slot(holder: string): string {
    const folder = join(this.top, WORKING + holder);
    ensureFolder(folder);
    return folder;
  }

  /** The item of a slot. */
  held(holder: string): Held | undefined {
    return heldIn(join(this.top, WORKING + holder));
  }

  /** Files of a list in the order of taking; oldest first where the order does not matter. Makes no folder: who looks changes nothing. */
  files(name: ListName | 'delayed'): string[] {
    const files = (folder: FolderName): string[] =>
      namesIn(join(this.top, folder))
        .filter(isSpoolName)
        .map((file) => join(this.top, folder, file));
    return name === 'todo' ? [...files('todo'), ...files('delayed')] : files(name);
  }

  /** Lets an item wait again, as it was taken, under a new name. */
  putBack(held: Held, name: string): void {
    writeWhole(held.file, held.item);
    moveFile(held.file, join(this.folder('todo'), name));
  }
}

/** The item in a slot's folder. */
export function heldIn(folder: string): Held | undefined {
  const name = namesIn(folder).find(isSpoolName);
  if (name === undefined) return undefined;
  const file = join(folder, name);
  const text = readText(file);
  if (text === undefined) return undefined;
  return { file, name, text, item: readText(join(folder, ORIGINAL)) ?? originalText(text) };
}

/** Where an item waits. */
export function laneOf(item: string): Lane {
  const parsed = tryParseItem(item);
  return typeof parsed !== 'string' && categoryRule(parsed.job.category).own ? 'own' : 'normal';
}
