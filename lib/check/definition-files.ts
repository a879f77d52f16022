/**
 * All definition files below DSDF_ROOT, hidden and refused ones included: what the administrator wrote, not what clients see.
 */
import { namesIfAny, statsIfAny } from '../files/files-if-any.js';

const DEEPEST = 20;

/** Ids of all files that end in `.dsdf`, whatever the case, in order; `_dirinfo_` files are left out. Loops of links are followed once. */
export function definitionIds(root: string): string[] {
  const ids: string[] = [];
  const visit = (path: string, above: ReadonlySet<string>): void => {
    const stats = statsIfAny(`${root}/${path}`);
    const key = `${stats?.dev}:${stats?.ino}`;
    if (!stats?.isDirectory() || above.has(key) || above.size > DEEPEST) return;
    const seen = new Set([...above, key]);
    for (const name of namesIfAny(`${root}/${path}`)) {
      if (name.startsWith('.')) continue;
      const child = path === '' ? name : `${path}/${name}`;
      if (!name.toLowerCase().endsWith('.dsdf')) visit(child, seen);
      else if (name !== '_dirinfo_.dsdf') ids.push(child.replace(/\.dsdf$/, ''));
    }
  };
  visit('', new Set());
  return ids.sort();
}

/** A test for ids from shell patterns: `*` within a segment, `**` across segments, `?` one character. */
export function idMatcher(patterns: readonly string[]): (id: string) => boolean {
  const tests = patterns.map((pattern) => {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*\*|\*|\?/g, (wild) => ({ '**': '.*', '*': '[^/]*', '?': '[^/]' })[wild] ?? '');
    return new RegExp(`^${source}$`);
  });
  return (id) => tests.length === 0 || tests.some((test) => test.test(id));
}
