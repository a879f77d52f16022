/**
 * A first stage that runs inside the process: it makes bytes (from files, or from other pipelines) instead of reading them.
 *
 * The producer writes as it likes and awaits `drained` now and then, so that no more than a chunk or two wait for a slow taker. It looks
 * at `stopped`: once that is true nobody wants its bytes, and it returns. It fails by throwing; `ProducerFailure` says which program of
 * its own was to blame, or which clock.
 */
import { asDas2Error } from '../../error.js';
import { expectLongWork } from '../../runtime.js';
import { Turns } from '../../turns.js';
import type { StageResult, StageRole, TerminationReason } from '../stage/stage.js';
import type { Consumer, RunningStage, StageEvents } from './flow.js';
import { OutputQueue } from './output-queue.js';

/** From so many bytes on what they go through is worth being compiled. */
const LONG_WORK_BYTES = 256 * 1024;

/** Where a producer writes. */
export interface ProducerOutput {
  /** Bytes that are valid during the call only. */
  write(bytes: Uint8Array): void;
  /** Bytes that stay as they are until `drained` is undefined again: they are not copied. */
  give(bytes: Uint8Array): void;
  /** Set while the taker wants no more, or others should have their turn; undefined: go on. */
  readonly drained: Promise<void> | undefined;
  /** True when the bytes are no longer wanted. */
  readonly stopped: boolean;
  /** The same as a signal, for those who wait for something else. */
  readonly signal: AbortSignal;
}

export interface Producer {
  readonly role: StageRole;
  /** What it does, for the log. */
  readonly label: string;
  run(output: ProducerOutput): Promise<void>;
}

/** A producer's own pipeline did not end well. */
export class ProducerFailure extends Error {
  constructor(
    readonly stage: StageResult | undefined,
    readonly reason: TerminationReason | undefined,
  ) {
    super(stage?.standardError.trim() || 'a pipeline was ended');
  }
}

export interface ProducerStageOptions {
  readonly producer: Producer;
  readonly next: Consumer;
  readonly events: StageEvents;
  /** One of its own pipelines was ended by a clock. */
  readonly expired: (reason: TerminationReason) => void;
}

export class ProducerStage implements RunningStage {
  readonly inProcess = true;
  readonly ended: Promise<void>;
  readonly #options: ProducerStageOptions;
  readonly #output: OutputQueue;
  readonly #turns = new Turns();
  /** Set while others have their turn. */
  #givingTurn: Promise<void> | undefined;
  /** Made for those who ask: most have ended before. */
  #stop: AbortController | undefined;
  #fault: unknown;
  #over = false;
  #endedByServer = false;

  constructor(options: ProducerStageOptions) {
    this.#options = options;
    this.#output = new OutputQueue(options.next, options.events);
    this.ended = this.#run();
  }

  get failed(): boolean {
    return this.#fault !== undefined;
  }

  write(): void {}

  end(): void {}

  flush(): void {}

  closeOutput(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#endedByServer = true;
    this.#output.discard();
    this.#stop?.abort();
    return true;
  }

  terminate(): Promise<void> {
    this.closeOutput();
    return this.ended;
  }

  result(): StageResult {
    const { role, label } = this.#options.producer;
    const fault = this.#fault;
    const own = fault instanceof ProducerFailure ? fault.stage : undefined;
    return {
      role: own?.role ?? role,
      commandLine: own?.commandLine ?? label,
      inProcess: true,
      status: own === undefined ? (fault === undefined ? 0 : asDas2Error(fault).exitStatus) : own.status,
      signal: own?.signal,
      bytesIn: 0,
      bytesOut: this.#output.byteCount,
      standardError: own?.standardError ?? (fault === undefined ? '' : `${asDas2Error(fault).message}\n`),
      endedByServer: this.#endedByServer && fault === undefined,
    };
  }

  async #run(): Promise<void> {
    // The stages behind are not complete before the constructor of the pipeline has returned.
    await Promise.resolve();
    const output = this.#output;
    let isLong = false;
    const noteWork = (): void => {
      if (isLong || output.byteCount < LONG_WORK_BYTES) return;
      isLong = true;
      expectLongWork();
    };
    const isOver = (): boolean => this.#over;
    const drained = (): Promise<void> | undefined => output.waiting ?? this.#turn();
    const signal = (): AbortSignal => this.#stopSignal();
    try {
      await this.#options.producer.run({
        write: (bytes) => {
          if (this.#over) return;
          output.put(bytes);
          noteWork();
        },
        give: (bytes) => {
          if (this.#over) return;
          output.give(bytes);
          noteWork();
        },
        get drained() {
          return drained();
        },
        get stopped() {
          return isOver();
        },
        get signal() {
          return signal();
        },
      });
    } catch (error) {
      if (!this.#over) this.#fail(error);
    }
    while (output.waiting !== undefined) await output.waiting;
    this.#over = true;
    this.#options.next.end();
  }

  #turn(): Promise<void> | undefined {
    if (this.#givingTurn === undefined && this.#turns.isDue) {
      this.#givingTurn = this.#turns.give().then(() => {
        this.#givingTurn = undefined;
      });
    }
    return this.#givingTurn;
  }

  #stopSignal(): AbortSignal {
    this.#stop ??= new AbortController();
    if (this.#over) this.#stop.abort();
    return this.#stop.signal;
  }

  #fail(error: unknown): void {
    this.#fault = error;
    if (error instanceof ProducerFailure && error.reason !== undefined) this.#options.expired(error.reason);
  }
}
