/**
 * Which stage, if any, made a pipeline fail (server-protocol 4.6.5, where every stage counts, not the last one only).
 *
 * Decisions
 * - The first stage in order that failed decides: what follows it may only have suffered from it.
 * - A stage that the server ended, because its output had become useless, is no failure of its own. So is one that is ended by SIGPIPE when the
 *   stage behind it has read enough: its output is closed by us, since all that a stage writes passes through this program. A SIGPIPE without that
 *   comes from elsewhere (the connection of a reader to its data, say), and the data are not whole.
 * - A process that got no byte from a stage that ended well is not blamed for complaining about empty input: there were no data.
 *   (Filters inside the process are not even asked, see filter-stage.ts; a fault of theirs is one of their arguments.)
 * - A stage that says that it could not open its output by name and wrote nothing has failed, even if the script around it ended well: there may
 *   be data, and nobody has seen them.
 */
import { outputByNameAdvice } from './output-by-name.js';
import type { StageResult } from './stage.js';

/** The stage whose failure decides, or undefined if all ended well. */
export function failedStage(stages: readonly StageResult[]): StageResult | undefined {
  let empty = false;
  for (const stage of stages) {
    const starved: boolean = empty && stage.bytesIn === 0 && !stage.inProcess;
    const isWell = stage.status === 0 && outputByNameAdvice(stage) === undefined;
    if (!isWell && !stage.endedByServer && !starved) return stage;
    empty = stage.bytesOut === 0 && !stage.endedByServer && (starved || stage.status === 0);
  }
  return undefined;
}
