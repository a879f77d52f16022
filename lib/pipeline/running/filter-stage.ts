/**
 * A stage that runs inside the process: one of our own stream filters between its neighbours (server-protocol 4.6.2).
 *
 * Input goes in slices, which bounds what waits for the next part to what a filter makes of one slice.
 * A fault ends the stage with the exit status that the filter program would have; what the filter had finished by then still
 * goes out, and so does nothing behind it. No exception packet tells of it there: often it comes of a reader that died, and
 * only the end of the whole pipeline shows which stage is to blame (outcome.ts).
 *
 * A stage that never got a byte is not asked to finish: filters call empty input an error, while an empty answer is none.
 */
import { asDas2Error, type Das2Error } from '../../error.js';
import type { FilterProgram } from '../../filter/program.js';
import type { ByteFilter } from '../../stream/byte-filter.js';
import { commandLine, type Stage, type StageResult } from '../stage/stage.js';
import type { Consumer, RunningStage, StageEvents } from './flow.js';
import { OutputQueue } from './output-queue.js';

/** Bytes given to a filter at a time. Text forms grow by a factor of about four: 1 MiB a stage holds. */
export const SLICE_BYTES = 131_072;

/** Characters of notices that are kept. */
const LONGEST_NOTICES = 4000;

export interface FilterStageOptions {
  readonly stage: Stage;
  readonly program: FilterProgram;
  /** Words of the command behind the program's name. */
  readonly fixedArgs: readonly string[];
  readonly next: Consumer;
  readonly events: StageEvents;
}

/** Makes the filter at once; a usage error is a failed stage like any other. */
export class FilterStage implements RunningStage {
  readonly inProcess = true;
  readonly ended: Promise<void>;
  readonly #options: FilterStageOptions;
  readonly #output: OutputQueue;
  #filter: ByteFilter | undefined;
  #fault: Das2Error | undefined;
  /** What the filter had to say, as its program says it on standard error. */
  #said = '';
  #bytesIn = 0;
  #over = false;
  #endedByServer = false;
  #inputEnded = false;
  #settle: () => void = () => {};

  constructor(options: FilterStageOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const { stage, program, fixedArgs, next, events } = options;
    this.#output = new OutputQueue(next, events);
    this.#guard(() => {
      this.#filter = program.create([...fixedArgs, ...(stage.inProcessArgs ?? stage.args)], {
        write: (bytes) => {
          if (!this.#over) this.#output.put(bytes);
        },
        notice: (text) => this.#say(text),
        tellsFaults: true,
      });
    });
  }

  get failed(): boolean {
    return this.#fault !== undefined;
  }

  write(bytes: Uint8Array): void | Promise<void> {
    this.#bytesIn += bytes.length;
    for (let at = 0; at < bytes.length && !this.#over; at += SLICE_BYTES) {
      this.#guard(() => this.#filter?.push(bytes.subarray(at, at + SLICE_BYTES)));
      if (this.#output.waiting !== undefined) return this.#writeRest(bytes, at + SLICE_BYTES);
    }
  }

  end(): void {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    // Input may end while output waits: the filter's last words queue behind it.
    if (!this.#over && this.#bytesIn > 0) this.#guard(() => this.#filter?.end());
    this.#finish();
  }

  flush(): void {
    if (this.#over || this.#bytesIn === 0 || this.#inputEnded || this.#output.waiting !== undefined) return;
    this.#guard(() => this.#filter?.flush());
  }

  closeOutput(): boolean {
    if (this.#over) return false;
    this.#endedByServer = true;
    this.#output.discard();
    this.#finish();
    this.#options.events.inputClosed();
    return true;
  }

  terminate(): Promise<void> {
    this.closeOutput();
    return Promise.resolve();
  }

  result(): StageResult {
    const { stage, program } = this.#options;
    return {
      role: stage.role,
      commandLine: commandLine(stage.command, stage.args),
      inProcess: true,
      status: this.#fault?.exitStatus ?? 0,
      signal: undefined,
      bytesIn: this.#bytesIn,
      bytesOut: this.#output.byteCount,
      standardError: this.#fault === undefined ? this.#said : `${program.name}: ${this.#fault.message}\n`,
      endedByServer: this.#endedByServer && this.#fault === undefined,
    };
  }

  async #writeRest(bytes: Uint8Array, from: number): Promise<void> {
    for (let at = from; ; at += SLICE_BYTES) {
      while (this.#output.waiting !== undefined) await this.#output.waiting;
      if (at >= bytes.length || this.#over) return;
      this.#guard(() => this.#filter?.push(bytes.subarray(at, at + SLICE_BYTES)));
    }
  }

  #say(text: string): void {
    if (this.#said.length < LONGEST_NOTICES) this.#said += `${this.#options.program.name}: ${text}\n`;
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (this.#fault !== undefined) return;
      this.#fault = asDas2Error(error);
      this.#finish();
      this.#options.events.inputClosed();
    }
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    const last = async (): Promise<void> => {
      while (this.#output.waiting !== undefined) await this.#output.waiting;
      this.#options.next.end();
      this.#settle();
    };
    void last();
  }
}
