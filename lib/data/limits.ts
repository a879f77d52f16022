/**
 * The settings of a server as limits and environment of a pipeline (server-internals 1.4, 8.1).
 */
import { clientNetwork } from '../conf/address-list.js';
import type { Configuration } from '../conf/configuration.js';
import { isFirstToday } from '../log/rare-lines.js';
import type { RequestLog } from '../log/request-log.js';
import type { PipelineLimits } from '../pipeline/limits.js';
import { noteGroupsBelow } from '../pipeline/process/own-signals.js';
import type { Slot } from '../pipeline/slots/slot-queue.js';
import type { SlotOptions } from '../pipeline/slots/take-slot.js';
import { stageEnvironment } from '../pipeline/stage/environment.js';
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
  const isProxy = configuration.addresses('TRUSTED_PROXIES').contains(request.clientAddress);
  return slotOf(configuration, log, {
    kind: 'pipelines',
    most: await maxPipelines(configuration),
    mostPerAddress: isProxy ? undefined : configuration.integer('MAX_PIPELINES_PER_IP'),
    address: clientNetwork(request.clientAddress),
    gone: request.gone,
  });
}

/** Waits for the right to run a plot program, of which each may be as large as a desktop program (server-internals 7.1). */
export async function plotSlot(configuration: Configuration, request: Request, log: RequestLog): Promise<Slot> {
  return slotOf(configuration, log, { kind: 'plots', most: MAX_PLOTS, gone: request.gone });
}

const MAX_PLOTS = 2;

async function maxPipelines(configuration: Configuration): Promise<number> {
  return configuration.integer('MAX_PIPELINES') ?? 4 * (await import('node:os')).availableParallelism();
}

async function slotOf(
  configuration: Configuration,
  log: RequestLog,
  wish: Pick<SlotOptions, 'kind' | 'most' | 'mostPerAddress' | 'address' | 'gone'>,
): Promise<Slot> {
  const stateRoot = configuration.path('STATE_ROOT');
  noteGroupsBelow(stateRoot, configuration.has('STATE_ROOT'));
  // What is answered from files alone takes no place.
  const { takeSlot } = await import('../pipeline/slots/take-slot.js');
  const slot = await takeSlot({
    ...wish,
    stateRoot,
    mayCreate: configuration.has('STATE_ROOT'),
    waitSeconds: configuration.seconds('PIPELINE_WAIT'),
    unshared: (reason) => {
      const line = `STATE_ROOT ${stateRoot}: limits are not shared between processes, it cannot be written (${reason})`;
      if (isNews(stateRoot ?? '', line)) log.line(line);
    },
  });
  if (slot.waitedMs > LONG_WAIT_MS) log.line(`Waited ${(slot.waitedMs / 1000).toFixed(3)} s for a free place`);
  return slot;
}

/** A wait that somebody may have noticed. */
const LONG_WAIT_MS = 5;

const said = new Map<string, number>();

/** Once a day: noted in STATE_ROOT where only the folder of slots is out of order, else for this process. */
function isNews(stateRoot: string, line: string): boolean {
  const now = Date.now();
  const before = said.get(line);
  if (before !== undefined && now - before < 86_400_000) return false;
  said.set(line, now);
  return isFirstToday(stateRoot, line);
}
