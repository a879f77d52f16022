/**
 * What the definitions of a source tree say: a source, the text of its definition, the information about a folder (server-protocol 4.2,
 * 4.4). Apart from source-tree.ts, since many requests only ask which sources there are, and code that is loaded costs them time.
 */
import { definitionOf, readDefinition } from './definition/definition-file.js';
import type { Dsdf } from './definition/dsdf.js';
import { DIRECTORY_INFO, SUFFIX } from './definition/source-id.js';
import { makeSource, type Source } from './source.js';
import type { SourceTree } from './tree/source-tree.js';

/**
 * The source with macros expanded and defaults filled in. `request`: parameters under canonical names, for macros.
 * Errors: `noSuchSource`, `sourceDefinition`, and `illegalArgument` for request text that a macro cannot take.
 */
export function sourceOf(tree: SourceTree, id: string, request?: ReadonlyMap<string, string>): Source {
  const file = tree.get(id);
  return makeSource(definitionOf(tree, file), {
    id: file.id,
    file: file.file,
    changedAt: file.mtimeMs,
    configuration: tree.configuration,
    request,
  });
}

/**
 * What `_dirinfo_` says about a folder (`Examples`, '' for the root); undefined if there is none or it cannot be read, which
 * is logged.
 */
export function folderInfoOf(tree: SourceTree, folder: string): Dsdf | undefined {
  const path = tree.fileIn(folder, DIRECTORY_INFO + SUFFIX);
  if (path === undefined) return undefined;
  try {
    return readDefinition(`${tree.root}/${path}`, path, tree.log);
  } catch {
    tree.logOnceADay(`${path}: cannot be read or parsed`);
    return undefined;
  }
}
