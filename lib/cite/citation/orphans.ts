/**
 * What of the citations has lost what it belongs to: ids and kept citations whose deliveries the log does not have, events and signatures without a record
 * (citation 14.3).
 *
 * Contract: the log drops nothing that a citation refers to, so an orphan tells of files that were lost or removed.
 */
import { join } from 'node:path';
import { namesIfAny } from '../../files/files-if-any.js';
import { visitLog } from '../log/census.js';
import { readCitationId } from './id.js';
import { KeptCitations } from './kept.js';
import { writtenForm } from './states.js';

export interface Orphans {
  /** Ids that can be resolved no more, since the log has no delivery of their digests and nobody has kept them. */
  readonly ids: readonly string[];
  /** Kept citations whose deliveries the log does not have: their pages stay, nothing can be compared with them by the log. */
  readonly kept: readonly string[];
  /** Files below `kept` that belong to no record. */
  readonly files: readonly string[];
}

/** Looks through ids, kept citations and the whole log. */
export function findOrphans(root: string): Orphans {
  const known = new Set<string>();
  visitLog(root, (_file, entries) => {
    for (const { rk, d2c1 } of entries) if (d2c1 !== undefined) known.add(`${rk} ${writtenForm(d2c1)}`);
  });
  const store = new KeptCitations(root);
  const found = { ids: [] as string[], kept: [] as string[], files: [] as string[] };
  for (const { name } of filesBelow(join(root, 'ids'))) {
    const id = readCitationId(name);
    const issued = id === undefined ? undefined : store.issued(id);
    if (id === undefined || issued === undefined || known.has(`${issued.rk} ${issued.digest}`)) continue;
    if (store.isKept(id)) found.kept.push(id);
    else found.ids.push(id);
  }
  for (const { folder, name } of filesBelow(join(root, 'kept'))) {
    const id = readCitationId(/^(.+)\.(?:events|sig)$/.exec(name)?.[1] ?? '');
    if (id !== undefined && !store.isKept(id)) found.files.push(`kept/${folder}/${name}`);
  }
  return found;
}

function filesBelow(root: string): { folder: string; name: string }[] {
  return namesIfAny(root).flatMap((folder) => namesIfAny(join(root, folder)).map((name) => ({ folder, name })));
}
