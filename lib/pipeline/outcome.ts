/**
 * Which stage, if any, made a pipeline fail (server-protocol 4.6.5, where every stage counts, not the last one only).
 *
 * Decisions
 * - The first stage in order that failed decides: what follows it may only have suffered from it.
 * - A stage that is ended by SIGPIPE (or says so as a shell does, 141) because the stage behind it had read enough is no failure.
 *   If that stage had failed instead, it stands in the list itself.
 * - A stage that the server ended, because its output had become useless, is no failure of its own.
 * - A process that got no byte from a stage that ended well is not blamed for complaining about empty input: there were no data.
 *   (Filters inside the process are not even asked, see stage-filter.ts; a fault of theirs is one of their arguments.)
 */
import type { StageResult } from './stage.js';

const SHELL_SIGPIPE = 128 + 13;

/** The stage whose failure decides, or undefined if all ended well. */
export function failedStage(stages: readonly StageResult[]): StageResult | undefined {
  let empty = false;
  for (const [i, stage] of stages.entries()) {
    const last = i === stages.length - 1;
    const starved: boolean = empty && stage.bytesIn === 0 && !stage.inProcess;
    const excused = stage.endedByServer || (!last && endedByPipe(stage)) || starved;
    if (stage.status !== 0 && !excused) return stage;
    empty = stage.bytesOut === 0 && !stage.endedByServer && (starved || stage.status === 0);
  }
  return undefined;
}

function endedByPipe(stage: StageResult): boolean {
  return stage.signal === 'SIGPIPE' || stage.status === SHELL_SIGPIPE;
}
