/**
 * Where the `rename` keywords of this server's definitions lead in the end (server-protocol 3.3.2): a chain must end at a source, or
 * at another server, and never in a circle.
 */

import { normalizeId } from './definition/source-id.js';
import type { Source } from './source.js';
import { sourceOf } from './source-definitions.js';
import type { SourceTree } from './tree/source-tree.js';

/** Longest chain of renamed sources that is followed. */
const LONGEST_CHAIN = 20;

/** Why the chain that begins with this source leads nowhere; undefined if it does not. Throws for a definition that cannot be read. */
export function renameFault(tree: SourceTree, source: Source): string | undefined {
  const seen = new Set([source.id]);
  let next: Source = source;
  for (let step = 0; step < LONGEST_CHAIN; step++) {
    const { rename, server } = next.redirect;
    if (rename === undefined || (step > 0 && server !== undefined)) return undefined;
    const id = normalizeId(rename);
    if (seen.has(id)) return `${source.id}: rename leads back to ${id}`;
    seen.add(id);
    if (tree.find(id) === undefined) return `${next.id}: rename names '${id}', which does not exist`;
    next = sourceOf(tree, id);
  }
  return `${source.id}: renamed more than ${LONGEST_CHAIN} times`;
}
