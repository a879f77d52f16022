/**
 * Short names of questions (browse-export 11): kept when somebody asks for one, as files `<first two digits>/<16 digits>` with the question as it stands in an
 * address. The name is a digest of the question, so that the same question has one name.
 *
 * Contract: names are checked before they become part of a path. What was kept stays; when a folder is full no more are kept.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Das2Error } from '../../error.js';
import { ensureFolder, writeNew } from '../../queue/spool/files.js';

const NAME = /^[0-9a-f]{16}$/;
/** Names of a folder, of which there are 256: anybody may ask for one. */
const MOST_NAMES = 200;

/** Keeps a question; gives its name. Throws `overload` when there is no room. */
export async function keepQuery(root: string, query: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  const name = createHash('sha256').update(query).digest('hex').slice(0, 16);
  if (keptQuery(root, name) === query) return name;
  const folder = join(root, name.slice(0, 2));
  const isKept = attempt(() => {
    ensureFolder(folder);
    return readdirSync(folder).length < MOST_NAMES && writeNew(join(folder, name), query);
  });
  if (isKept === true || keptQuery(root, name) === query) return name;
  throw new Das2Error('overload', 'this server keeps no more short addresses just now; the long one is good for ever');
}

/** The question of this name; undefined if none was kept. */
export function keptQuery(root: string, name: string): string | undefined {
  return NAME.test(name) ? attempt(() => readFileSync(join(root, name.slice(0, 2), name), 'utf8')) : undefined;
}

function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
