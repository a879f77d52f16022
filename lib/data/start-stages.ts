/**
 * The start of a pipeline for a request: its log lines, its slot among those that run, the client that may leave, the server
 * that may end.
 *
 * Contract: the slot is taken when everything has been checked, just before the first process starts, and given back when the
 * last stage has ended (server-internals 1.4). `finished` must be called with the result, for the log.
 */
import { hostName } from '../log/host-name.js';
import type { PipelineLimits } from '../pipeline/limits.js';
import { type Pipeline, startPipeline } from '../pipeline/run.js';
import type { Producer } from '../pipeline/running/producer-stage.js';
import { commandLine, type PipelineResult, type Stage } from '../pipeline/stage/stage.js';
import type { PipelineTap } from '../pipeline/tap.js';
import type { Request } from '../request/request.js';
import type { ServerContext } from '../server/context.js';
import { pipelineLimits, pipelineSlot, requestEnvironment } from './limits.js';
import { logResult } from './outcome.js';

export interface StartedStages {
  readonly pipeline: Pipeline;
  /** Writes how it ended into the log and the notes. */
  finished(result: PipelineResult): void;
}

export interface StageOptions {
  /** Default: those of the configuration. */
  readonly limits?: PipelineLimits;
  /** The stages are no data pipeline: whoever calls counts them himself. */
  readonly uncounted?: boolean;
  /** Makes the bytes in front of the stages. */
  readonly producer?: Producer | undefined;
  /** Is shown the bytes in front of the converters. */
  readonly tap?: PipelineTap | undefined;
  /** Is told how it ended. */
  readonly ended?: (result: PipelineResult) => void;
}

/** Waits for a slot and starts the stages. Throws `overload` when there is none in time. */
export async function startStages(
  context: ServerContext,
  request: Request,
  stages: readonly Stage[],
  options: StageOptions = {},
): Promise<StartedStages> {
  const { configuration, log, notes } = context;
  log.line(`Host: ${await hostName()}`);
  for (const stage of stages) log.line(`${stage.role}: ${commandLine(stage.command, stage.args)}`);
  const slot = options.uncounted ? undefined : await pipelineSlot(configuration, request, log);
  let pipeline: Pipeline;
  try {
    pipeline = await startPipeline({
      stages,
      producer: options.producer,
      tap: options.tap,
      // Asked for by what starts processes alone.
      get environment() {
        return requestEnvironment(configuration, request);
      },
      limits: options.limits ?? pipelineLimits(configuration),
    });
  } catch (error) {
    slot?.release();
    throw error;
  }
  if (slot !== undefined) pipeline.result.then(slot.release);
  const leave = (): void =>
    void pipeline.cancel(request.gone?.reason === 'serverStopped' ? 'serverStopped' : 'clientGone');
  request.gone?.addEventListener('abort', leave);
  if (request.gone?.aborted) leave();
  return {
    pipeline,
    finished(result) {
      request.gone?.removeEventListener('abort', leave);
      const status = result.stages[0]?.status;
      if (status !== undefined && stages[0]?.role === 'reader') notes.readerExit = status;
      logResult(log, result);
      options.ended?.(result);
    },
  };
}
