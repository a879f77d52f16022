/**
 * Runs a pipeline: reader | filter | …, from the first process to one truthful record of how everything ended.
 *
 *   const pipeline = await startPipeline({ stages, environment, limits });
 *   if (await pipeline.firstByte) result = await pipeline.deliver(sink);   // bytes are on their way
 *   else result = await pipeline.result;                                  // it ended without any
 *
 * Contract
 * - Both ends of every joint are awaited: the result is there when every process has gone, its group with it.
 * - Bytes are handed on as they come. Filters inside the process hold some back for the sake of larger blocks; they are
 *   flushed for the first byte, whenever their producer pauses for `FLUSH_MS`, and now and then in between.
 * - A stage that ends early closes the output of the one in front of it. One that fails, at once or in the end, also ends the
 *   stages in front of it; those behind it see the end of their input and finish what they have.
 * - `cancel` ends all: TERM to each process group, KILL two seconds later (or `killDelayMs`). The first reason is the one that is recorded.
 * - Never throws for anything that a stage does; a sink must not throw either.
 */
import type { FilterProgram } from '../filter/program.js';
import { expectLongWork } from '../runtime.js';
import { type PipelineLimits, startClocks } from './limits.js';
import { OutputGate, type PipelineSink } from './output-gate.js';
import { onOwnSignal } from './process/own-signals.js';
import type { ChildStageOptions } from './running/child-stage.js';
import { FilterStage } from './running/filter-stage.js';
import type { Consumer, RunningStage } from './running/flow.js';
import { type Producer, ProducerStage } from './running/producer-stage.js';
import { plainWords } from './stage/command-words.js';
import { failedStage } from './stage/outcome.js';
import type { PipelineResult, Stage, StageResult, TerminationReason } from './stage/stage.js';
import { type PipelineTap, tapped } from './tap.js';

/** A producer that was silent this long has paused, and filters are flushed. */
const FLUSH_MS = 20;
/** Longest time that a filter may hold back what it has while its producer never pauses. */
const LONGEST_HOLD_MS = 200;
/** A stage whose output nobody reads any more gets this long to notice before it is ended. */
const UNREAD_MS = 2000;

export interface PipelineOptions {
  /** At least one; the first gets an empty standard input and is always a process, unless there is a producer. */
  readonly stages: readonly Stage[];
  /** Makes the bytes inside the process, in front of all stages; then there may be no stage at all. */
  readonly producer?: Producer | undefined;
  /** Is shown the bytes in front of the converters. */
  readonly tap?: PipelineTap | undefined;
  /** See environment.ts. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limits?: PipelineLimits;
  /** Time between TERM and KILL for programs that are to end; default two seconds. */
  readonly killDelayMs?: number;
  /** Finds the filters that run inside the process; default: those of the program. */
  readonly findFilter?: (name: string) => Promise<FilterProgram | undefined>;
}

export interface Pipeline {
  /** True as soon as the last stage has given its first byte; false if the pipeline has ended without one. */
  readonly firstByte: Promise<boolean>;
  /** True once `firstByte` is, if that byte can begin a das2 stream or a QStream: `[` or `|`. */
  readonly beginsLikeStream: boolean;
  /** The record of the run, when everything has ended. With bytes on their way, only after `deliver` or `cancel`. */
  readonly result: Promise<PipelineResult>;
  /** Hands all bytes to the sink; resolves with the record. Call once. */
  deliver(sink: PipelineSink): Promise<PipelineResult>;
  /** Ends everything; resolves when it has gone. */
  cancel(reason: TerminationReason): Promise<PipelineResult>;
}

/** Starts all stages. Resolves as soon as they run. */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  // What a producer makes of files may be a few kilobytes; it says so when it is more (producer-stage.ts).
  if (options.producer === undefined) expectLongWork();
  const programs: Awaited<ReturnType<typeof ownFilter>>[] = [];
  for (const stage of options.stages) {
    const position = options.producer === undefined ? programs.length : programs.length + 1;
    programs.push(await ownFilter(stage, position, options.findFilter));
  }
  // What is answered from files runs no process, and need not load what starts them.
  if (!programs.includes(undefined)) return new Run(options, programs, noChild);
  const { ChildStage } = await import('./running/child-stage.js');
  return new Run(options, programs, (child) => new ChildStage(child));
}

/** The filter that a stage names with plain words and without a path, if it is ours. */
async function ownFilter(
  stage: Stage,
  position: number,
  findFilter = findOwnFilter,
): Promise<{ program: FilterProgram; args: string[] } | undefined> {
  if (stage.filter !== undefined) return { program: await stage.filter(), args: [] };
  const words = position === 0 ? undefined : plainWords(stage.command);
  const name = words?.[0];
  if (words === undefined || name === undefined || name.includes('/')) return undefined;
  const program = await findFilter(name);
  return program === undefined ? undefined : { program, args: words.slice(1) };
}

async function findOwnFilter(name: string): Promise<FilterProgram | undefined> {
  if (!name.startsWith('das')) return undefined;
  const { filterProgram } = await import('../filter/registry.js');
  return filterProgram(name);
}

type AnyStage = RunningStage & { result(): StageResult };

function noChild(): never {
  throw new Error('a stage without a program of ours needs a process');
}

class Run implements Pipeline {
  readonly firstByte: Promise<boolean>;
  readonly result: Promise<PipelineResult>;
  readonly #start = performance.now();
  readonly #gate: OutputGate;
  readonly #stages: AnyStage[] = [];
  readonly #outputEnded: Promise<void>;
  #firstByteAt: number | undefined;
  #lastByteAt = this.#start;
  #reason: TerminationReason | undefined;
  #announce: (arrived: boolean) => void = () => {};
  #flushTimer: NodeJS.Timeout | undefined;
  #flushedAt = 0;
  #hasFilters = false;

  constructor(
    options: PipelineOptions,
    programs: readonly ({ program: FilterProgram; args: string[] } | undefined)[],
    startChild: (child: ChildStageOptions) => AnyStage,
  ) {
    this.firstByte = new Promise((resolve) => {
      this.#announce = resolve;
    });
    let ended: () => void = () => {};
    this.#outputEnded = new Promise((resolve) => {
      ended = resolve;
    });
    this.#gate = new OutputGate(options.limits?.outputBytes, {
      firstByte: () => {
        this.#firstByteAt = performance.now();
        this.#announce(true);
      },
      limitReached: () => void this.cancel('outputLimit'),
      ended,
    });
    // Without a process there is nothing that must be ended with us.
    const forget = startChild === noChild ? () => {} : onOwnSignal(() => this.cancel('serverStopped').then(() => {}));
    this.#startStages(options, programs, startChild);
    const stopClocks = startClocks(
      options.limits ?? {},
      () => ({
        firstByteSeen: this.#firstByteAt !== undefined,
        waitingForClient: this.#gate.waiting,
        lastByteAt: this.#lastByteAt,
      }),
      (reason) => void this.cancel(reason),
    );
    this.result = this.#finish().finally(() => {
      stopClocks();
      clearTimeout(this.#flushTimer);
      forget();
      this.#announce(false);
    });
  }

  get beginsLikeStream(): boolean {
    return this.#gate.first === 0x5b || this.#gate.first === 0x7c;
  }

  deliver(sink: PipelineSink): Promise<PipelineResult> {
    this.#gate.attach(sink);
    return this.result;
  }

  cancel(reason: TerminationReason): Promise<PipelineResult> {
    this.#reason ??= reason;
    this.#gate.close();
    for (const stage of this.#stages) void stage.terminate();
    return this.result;
  }

  /** From the last to the first, since each needs to know where its output goes. */
  #startStages(
    options: PipelineOptions,
    programs: readonly ({ program: FilterProgram; args: string[] } | undefined)[],
    startChild: (child: ChildStageOptions) => AnyStage,
  ): void {
    let next: Consumer = this.#gate;
    let { tap } = options;
    const listen = (): void => {
      if (tap !== undefined) next = tapped(next, tap);
      tap = undefined;
    };
    for (let i = options.stages.length - 1; i >= 0; i--) {
      const stage = options.stages[i];
      if (stage === undefined) continue;
      if (stage.role !== 'converter') listen();
      const own = programs[i];
      const place = options.stages.length - i;
      const events = { progress: () => this.#progress(), inputClosed: () => this.#inputClosed(place) };
      const started: AnyStage =
        own === undefined
          ? startChild({
              stage,
              environment: options.environment,
              first: i === 0 && options.producer === undefined,
              next,
              events,
              killDelayMs: options.killDelayMs,
            })
          : new FilterStage({ stage, program: own.program, fixedArgs: own.args, next, events });
      this.#hasFilters ||= own !== undefined;
      this.#stages.unshift(started);
      next = started;
    }
    if (options.producer === undefined) return;
    listen();
    const events = { progress: () => this.#progress(), inputClosed: () => {} };
    const expired = (reason: TerminationReason): void => void this.cancel(reason);
    this.#stages.unshift(new ProducerStage({ producer: options.producer, next, events, expired }));
  }

  async #finish(): Promise<PipelineResult> {
    for (const stage of this.#stages) stage.ended.then(() => this.#stageEnded(stage));
    await Promise.all([...this.#stages.map((stage) => stage.ended), this.#outputEnded]);
    const stages = this.#stages.map((stage) => stage.result());
    const failed = this.#reason === undefined ? failedStage(stages) : undefined;
    const now = performance.now();
    return {
      ok: this.#reason === undefined && failed === undefined,
      bytes: this.#gate.bytes,
      firstByteMs: this.#firstByteAt === undefined ? undefined : this.#firstByteAt - this.#start,
      durationMs: now - this.#start,
      terminationReason: this.#reason,
      stages,
      failedStage: failed,
    };
  }

  /** A stage that has failed takes those in front of it along. */
  #stageEnded(stage: AnyStage): void {
    if (!stage.failed) return;
    for (const earlier of this.#stages.slice(0, this.#stages.indexOf(stage))) {
      // One that has closed its output is about to end by itself, and its status may be the true reason of all.
      if (earlier.closeOutput()) void earlier.terminate();
      else this.#terminateLate(earlier);
    }
  }

  #terminateLate(stage: AnyStage): void {
    const timer = setTimeout(() => void stage.terminate(), UNREAD_MS);
    stage.ended.then(() => clearTimeout(timer));
  }

  /** A stage (counted from the last one, which is 1) reads no further. */
  #inputClosed(place: number): void {
    const producer = this.#stages[this.#stages.length - place - 1];
    if (producer === undefined || !producer.closeOutput()) return;
    this.#terminateLate(producer);
  }

  #progress(): void {
    const now = performance.now();
    this.#lastByteAt = now;
    if (!this.#hasFilters) return;
    if (this.#firstByteAt === undefined || now - this.#flushedAt > LONGEST_HOLD_MS) {
      setImmediate(() => this.#flush());
    }
    this.#flushTimer ??= setTimeout(() => this.#flushIfPaused(), FLUSH_MS);
  }

  /** One timer for many chunks: it looks how long the pause has been, and naps again if it was too short. */
  #flushIfPaused(): void {
    const pause = performance.now() - this.#lastByteAt;
    if (pause >= FLUSH_MS) {
      this.#flushTimer = undefined;
      this.#flush();
    } else {
      this.#flushTimer = setTimeout(() => this.#flushIfPaused(), FLUSH_MS - pause);
    }
  }

  #flush(): void {
    this.#flushedAt = performance.now();
    for (const stage of this.#stages) if (stage.inProcess) stage.flush();
  }
}
