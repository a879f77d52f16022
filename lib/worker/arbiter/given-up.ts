/**
 * Jobs that ended without a result: their worker was lost again and again, or the system stood in the way each time. What they should have
 * made counts as failed, so that the next request does not ask for the same at once (failure/marks.ts).
 *
 * Contract: never throws. Only for jobs of requests, whose blocks are few; what an administrator asked for he sees end.
 */
import { noteFailure } from '../../cache/failure/marks.js';
import { findBlocks } from '../../cache/level/find-blocks.js';
import { blockFile, levelPlace } from '../../cache/level/place.js';
import { parseUmask } from '../../cache/safe-files.js';
import type { Configuration } from '../../conf/configuration.js';
import { isAll } from '../../queue/field.js';
import { itemId } from '../../queue/identity.js';
import { fieldOf, tryParseItem } from '../../queue/item.js';
import { cacheLevelsOf } from '../../source/source.js';
import { sourceOf } from '../../source/source-definitions.js';
import type { SourceTree } from '../../source/tree/source-tree.js';
import { parseTime } from '../../stream/time.js';

/** Far more than a request asks for in one job. */
const MOST_BLOCKS = 1000;

/** Marks the blocks that a job given up has not made. `reason` is for administrators. */
export function noteGivenUp(
  item: string,
  reason: string,
  { configuration, sources }: { readonly configuration: Configuration; readonly sources: SourceTree },
): void {
  const parsed = tryParseItem(item);
  if (typeof parsed === 'string' || parsed.job.category !== 'TASK_CACHE' || parsed.job.remote === '') return;
  const { job } = parsed;
  try {
    const source = sourceOf(sources, fieldOf(job, 'dataset') ?? '');
    const wanted = fieldOf(job, 'level') ?? '';
    const range = { begin: parseTime(fieldOf(job, 'begin') ?? ''), end: parseTime(fieldOf(job, 'end') ?? '') };
    const now = Date.now();
    const options = { job: itemId(item), umask: parseUmask(configuration.text('CACHE_UMASK')), now };
    for (const level of cacheLevelsOf(source).levels) {
      if (!isAll(wanted) && level.number !== Number(wanted)) continue;
      const place = levelPlace(configuration, source, level, now);
      if (place === undefined) continue;
      const missing = findBlocks(place, range, MOST_BLOCKS, now)?.wanted ?? [];
      for (const begin of missing) {
        noteFailure({ place, begin, file: blockFile(place, begin) }, { kind: 'killed', reason }, options);
      }
    }
  } catch {
    // There is no such source any more.
  }
}
