/** A tree of definitions in a temporary folder, and a clock that tests may set, for the tests of the tree of sources. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { Configuration } from '../../../lib/conf/configuration.js';
import { SourceTree } from '../../../lib/source/tree/source-tree.js';
import { type TemporaryFolder, temporaryFolder } from '../../tools/temporary-folder.js';

const realNow = Date.now;
/** Sets the clock of the process right again. */
export function resetClock(): void {
  Date.now = realNow;
}

/** Lets the clock of the process run ahead, so that files just written count as old. */
export function settle(): void {
  Date.now = () => realNow() + 60_000;
}

/** A tree of definitions of its own. */
export interface Site {
  readonly folder: TemporaryFolder;
  readonly warnings: string[];
  /** Writes a definition. */
  write(id: string, content: string): string;
  /** A tree as a new process would open it. */
  open(settings?: string): SourceTree;
  /** The list as a new process would make it. */
  list(settings?: string): Promise<string[]>;
  indexFile(): string;
}

/** A site with these definitions. */
export function site(t: Test, sources: Record<string, string> = {}): Site {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder.path, 'datasets'));
  mkdirSync(join(folder.path, 'state'));
  const warnings: string[] = [];
  const own: Site = {
    folder,
    warnings,
    write: (id, content) => folder.write(`datasets/${id}.dsdf`, content),
    open: (settings = '') =>
      new SourceTree(
        new Configuration(`DSDF_ROOT = ${folder.path}/datasets\nSTATE_ROOT = ${folder.path}/state\n${settings}`, {
          file: `${folder.path}/das2server.conf`,
          prefix: folder.path,
        }),
        (line) => warnings.push(line),
      ),
    list: async (settings) =>
      Buffer.from((await own.open(settings).list()).body)
        .toString()
        .split('\r\n')
        .slice(0, -1),
    indexFile: () => {
      const name = readdirSync(`${folder.path}/state`).find((entry) => /^source-index-[0-9a-f]{16}$/.test(entry));
      return `${folder.path}/state/${name}`;
    },
  };
  for (const [id, content] of Object.entries(sources)) own.write(id, content);
  return own;
}
