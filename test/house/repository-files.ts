/** The files of this repository: what git tracks or would, or, in a source archive without git, what lies there. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Folders that hold results or foreign files, for the walk without git. */
const FOREIGN = new Set(['.git', 'node_modules', 'dist', 'dist-node', '.tap']);

/**
 * Paths relative to the root, sorted, with new files that git does not track yet: what a build here would see. Files that are deleted in the
 * work tree are left out.
 */
export function workFiles(): string[] {
  let files: string[];
  try {
    const options = {
      cwd: ROOT,
      encoding: 'utf8' as const,
      stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'],
    };
    files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], options)
      .split('\0')
      .filter(Boolean);
  } catch {
    files = walk('');
  }
  return files.filter((file) => existsSync(join(ROOT, file))).sort();
}

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (FOREIGN.has(entry.name)) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? walk(path) : [path];
  });
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export function readSource(path: string): SourceFile {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}
