/**
 * The clocks of a pipeline: first byte, pause, whole run (`FIRST_BYTE_TIMEOUT`, `IDLE_TIMEOUT`, `MAX_RUN_TIME`,
 * server-internals 1.4, 8.6).
 *
 * Until the first byte has left the last stage only the first-byte clock and the whole-run clock count. Then the pause clock
 * counts from the last byte of any stage: a reducer may be silent for long while its reader works. While the client keeps us
 * waiting, the pause clock stands still. One timer, looked at seldom, instead of one set anew for every chunk.
 */
import type { TerminationReason } from './stage/stage.js';

export interface PipelineLimits {
  /** Seconds; undefined or 0: no limit. The same for the others. */
  readonly firstByteSeconds?: number | undefined;
  readonly idleSeconds?: number | undefined;
  readonly runSeconds?: number | undefined;
  /** Bytes out of the last stage (`MAX_OUTPUT_BYTES`). */
  readonly outputBytes?: number | undefined;
}

/** What the clocks ask the pipeline. */
export interface PipelineState {
  readonly firstByteSeen: boolean;
  /** The client, not a stage, is what everything waits for. */
  readonly waitingForClient: boolean;
  /** `performance.now()` of the last byte out of any stage. */
  readonly lastByteAt: number;
}

const LONGEST_NAP_MS = 1000;
const SHORTEST_NAP_MS = 10;

/** Starts the clocks; `expired` is called at most once. The result stops them. */
export function startClocks(
  limits: PipelineLimits,
  state: () => PipelineState,
  expired: (reason: TerminationReason) => void,
): () => void {
  const start = performance.now();
  const runEnd = deadline(start, limits.runSeconds);
  const firstByteEnd = deadline(start, limits.firstByteSeconds);
  const idleMs = deadline(0, limits.idleSeconds);
  let idleFrom = start;
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    const now = performance.now();
    const { firstByteSeen, waitingForClient, lastByteAt } = state();
    idleFrom = waitingForClient ? now : Math.max(idleFrom, lastByteAt);
    const next = firstByteSeen ? idleFrom + idleMs : firstByteEnd;
    if (now >= runEnd) {
      expired('runTimeLimit');
    } else if (now >= next) {
      expired(firstByteSeen ? 'idleTimeout' : 'firstByteTimeout');
    } else {
      const nap = Math.min(runEnd, next) - now;
      timer = setTimeout(look, Math.min(LONGEST_NAP_MS, Math.max(SHORTEST_NAP_MS, nap)));
    }
  };
  timer = setTimeout(look, 0);
  return () => clearTimeout(timer);
}

function deadline(start: number, seconds: number | undefined): number {
  return seconds === undefined || seconds <= 0 ? Number.POSITIVE_INFINITY : start + seconds * 1000;
}
