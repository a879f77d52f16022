/**
 * Runs programs of a source for the worker: their environment, their limits, and their end when the worker is to stop.
 *
 * Contract: as a pipeline of a request, but nobody waits for the first byte, so a program may think as long as between others, and one that is
 * to end has more time for it (server-internals 3.4).
 */
import type { Configuration } from '../../conf/configuration.js';
import { noteGroupsBelow } from '../../pipeline/process/own-signals.js';
import { startPipeline } from '../../pipeline/run.js';
import { stageEnvironment } from '../../pipeline/stage/environment.js';
import type { PipelineResult, Stage } from '../../pipeline/stage/stage.js';
import { runFailure } from '../failure/block-failure.js';

const KILL_DELAY_MS = 10_000;

export interface ProgramRun {
  readonly stages: readonly Stage[];
  readonly configuration: Configuration;
  readonly signal: AbortSignal | undefined;
  /** Takes the output; `stop` ends the programs. */
  write(bytes: Uint8Array, stop: () => void): void;
}

/** Runs the stages to their end. Never rejects for what they do. */
export async function runPrograms({ stages, configuration, signal, write }: ProgramRun): Promise<PipelineResult> {
  noteGroupsBelow(configuration.path('STATE_ROOT'), configuration.has('STATE_ROOT'));
  const idleSeconds = configuration.seconds('IDLE_TIMEOUT');
  const pipeline = await startPipeline({
    stages,
    environment: stageEnvironment({
      binPath: configuration.paths('BIN_PATH'),
      libPath: configuration.paths('LIB_PATH'),
      passNames: configuration.words('PASS_ENV'),
    }),
    limits: {
      firstByteSeconds: longer(configuration.seconds('FIRST_BYTE_TIMEOUT'), idleSeconds),
      idleSeconds,
      runSeconds: configuration.seconds('MAX_RUN_TIME'),
    },
    killDelayMs: KILL_DELAY_MS,
  });
  const stop = (): void => void pipeline.cancel('serverStopped');
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await pipeline.deliver({ write: (bytes) => write(bytes, stop) });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Why a run of programs cannot be trusted; undefined if it can. */
export function runFault(result: PipelineResult): string | undefined {
  return runFailure(result)?.reason;
}

function longer(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined || a === 0 || b === 0 ? undefined : Math.max(a, b);
}
