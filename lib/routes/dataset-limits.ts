/**
 * The settings of a server as limits and environment of a pipeline (server-internals 1.4, 8.1).
 */
import type { Configuration } from '../conf/configuration.js';
import type { RequestLog } from '../log/request-log.js';
import { stageEnvironment } from '../pipeline/environment.js';
import type { PipelineLimits } from '../pipeline/limits.js';
import { type Slot, takeSlot } from '../pipeline/slots.js';
import type { Request } from '../request/request.js';

/** The limits under which readers run. */
export function pipelineLimits(configuration: Configuration): PipelineLimits {
  return {
    firstByteSeconds: configuration.seconds('FIRST_BYTE_TIMEOUT'),
    idleSeconds: configuration.seconds('IDLE_TIMEOUT'),
    runSeconds: configuration.seconds('MAX_RUN_TIME'),
    outputBytes: configuration.bytes('MAX_OUTPUT_BYTES'),
  };
}

/** The environment of readers and filters that serve a request. */
export function requestEnvironment(configuration: Configuration, request: Request): Record<string, string> {
  return stageEnvironment({
    binPath: configuration.paths('BIN_PATH'),
    libPath: configuration.paths('LIB_PATH'),
    passNames: configuration.words('PASS_ENV'),
    requestFacts: {
      REMOTE_ADDR: request.clientAddress,
      SERVER_NAME: /^https?:\/\/(\[[^\]]*\]|[^:/]*)/.exec(request.baseUrl)?.[1] ?? '',
    },
  });
}

/** Waits for the right to run a pipeline. Throws `overload` when the server, or this client, has too many of them. */
export async function pipelineSlot(configuration: Configuration, request: Request, log: RequestLog): Promise<Slot> {
  const stateRoot = configuration.path('STATE_ROOT');
  const isProxy = configuration.addresses('TRUSTED_PROXIES').contains(request.clientAddress);
  const slot = await takeSlot('pipelines', {
    limits: {
      total: configuration.integer('MAX_PIPELINES') ?? 4 * (await import('node:os')).availableParallelism(),
      perAddress: configuration.integer('MAX_PIPELINES_PER_IP') ?? Number.POSITIVE_INFINITY,
    },
    // Behind a proxy that does not tell its clients apart, all of them share one address.
    address: isProxy ? undefined : request.clientAddress,
    waitMs: 1000 * (configuration.seconds('PIPELINE_WAIT') ?? 0),
    gone: request.gone,
    place:
      stateRoot === undefined
        ? undefined
        : { folder: `${stateRoot}/pipelines`, mayCreate: configuration.has('STATE_ROOT') },
    unshared: (reason) => log.line(`STATE_ROOT cannot be used (${reason}): pipelines are counted in this process only`),
  });
  if (slot.waitedMs > 1) log.line(`Waited ${(slot.waitedMs / 1000).toFixed(3)} s for a free pipeline`);
  return slot;
}
