/**
 * A stage that is a process of its own: `/bin/sh -c '<command> "$@"' das2 ARG…`, leader of its own process group, with an
 * environment made for it (server-protocol 4.6.2). The command is the operator's; arguments are positional parameters, so no
 * byte of a request is ever read as shell text.
 *
 * How the output is read was measured, under Bun and under Node, with a writer of 4 KiB and of 64 KiB blocks and `cat` behind
 * us, against `writer | cat | cat`: 'data' events of `child.stdout` 0.41 to 0.9 of that, a loop over 'readable' the same,
 * `fs.read` on a FIFO up to 0.9 in both cases. Nearly all of the time is the kernel's, copying through the socket pair that
 * both run-times use for children; a FIFO avoids it, but to make one costs 4 to 8 ms a request (there is no call for it, so a
 * program has to be run), and it needs a folder to write to. So: 'data' events. Chunks come in blocks of up to 64 KiB (Node)
 * or 448 KiB (Bun), and while the stream is paused the child blocks as soon as the socket is full.
 * One chunk is read while the one before it is written: to wait for each cost a third of the speed (0.53 of `cat` instead of
 * 0.71 to 0.85).
 *
 * Under Bun a child that is always ahead of us is read without end in one turn of the event loop: so others get theirs now and then.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Turns } from '../../turns.js';
import { forgetNote, noteGroup } from '../process/group-notes.js';
import { forgetGroup, rememberGroup } from '../process/own-signals.js';
import { terminateGroup } from '../process/terminate.js';
import { shellText } from '../stage/command-words.js';
import { textOnPipes } from '../stage/output-by-name.js';
import { commandLine, type Stage, type StageResult } from '../stage/stage.js';
import type { Consumer, RunningStage, StageEvents } from './flow.js';
import { StandardErrorTail } from './standard-error.js';

/** Statuses by which a shell says that a command cannot be run or is not there. */
const CANNOT_RUN = 126;
const NOT_FOUND = 127;

/** How long standard error may stay open behind the end of a stage (a daemon that it left behind may hold it). */
const LATE_ERRORS_MS = 200;

/** The server gives up waiting for a process this long after KILL; only one stuck in the kernel lives on. */
const GIVE_UP_MS = 1000;

export interface ChildStageOptions {
  readonly stage: Stage;
  readonly environment: Readonly<Record<string, string>>;
  /** The first stage has an empty standard input. */
  readonly first: boolean;
  readonly next: Consumer;
  readonly events: StageEvents;
  /** Time between TERM and KILL; default that of terminate.ts. */
  readonly killDelayMs?: number | undefined;
}

/** Starts the process. Never throws: what cannot be started ends with status 126 or 127. */
export class ChildStage implements RunningStage {
  readonly inProcess = false;
  readonly ended: Promise<void>;
  readonly #options: ChildStageOptions;
  readonly #errors = new StandardErrorTail();
  readonly #turns = new Turns();
  #child: ChildProcess | undefined;
  #status: number | undefined;
  #signal: string | undefined;
  #bytesIn = 0;
  #bytesOut = 0;
  #endedByServer = false;
  #exited = false;
  #outputEnded = false;
  #errorsEnded = false;
  #finished = false;
  #inputClosed = false;
  #resumeInput: (() => void) | undefined;
  /** Set while the next part keeps us waiting. */
  #waiting: Promise<void> | undefined;
  #late: Buffer[] = [];
  #settle: () => void = () => {};
  #termination: Promise<void> | undefined;

  constructor(options: ChildStageOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    try {
      this.#start();
    } catch (error) {
      this.#cannotStart(error);
    }
  }

  get failed(): boolean {
    return this.#status !== 0 && !this.#endedByServer;
  }

  write(bytes: Uint8Array): void | Promise<void> {
    const input = this.#child?.stdin;
    if (this.#inputClosed || input === null || input === undefined) return;
    this.#bytesIn += bytes.length;
    // A stream that asks for more may still hold what is small. Without a promise its owner may use it again.
    const mayBeHeld = bytes.length < input.writableHighWaterMark;
    if (input.write(mayBeHeld ? new Uint8Array(bytes) : bytes)) return;
    return new Promise((resolve) => {
      this.#resumeInput = resolve;
    });
  }

  end(): void {
    if (!this.#inputClosed) this.#child?.stdin?.end();
  }

  /** A process decides itself when it writes. */
  flush(): void {}

  closeOutput(): boolean {
    if (this.#outputEnded) return false;
    this.#endedByServer ||= !this.#exited;
    this.#child?.stdout?.destroy();
    this.#outputIsOver();
    return true;
  }

  terminate(): Promise<void> {
    this.#endedByServer ||= !this.#exited && !this.#outputEnded;
    this.#termination ??= this.#end();
    return this.#termination;
  }

  result(): StageResult {
    const { stage } = this.#options;
    return {
      role: stage.role,
      commandLine: commandLine(stage.command, stage.args),
      inProcess: false,
      status: this.#status,
      signal: this.#signal,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      standardError: this.#errors.text(),
      endedByServer: this.#endedByServer,
    };
  }

  #start(): void {
    const { stage, environment, first } = this.#options;
    const text = (stage.outputByName ? textOnPipes : shellText)(stage.command);
    const child = spawn('/bin/sh', ['-c', text, 'das2', ...stage.args], {
      cwd: '/',
      env: { ...environment, ...stage.environment },
      // A session and process group of its own, and no terminal.
      detached: true,
      stdio: [first ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    if (child.pid !== undefined) {
      rememberGroup(child.pid);
      noteGroup(child.pid);
    }
    child.on('error', (error) => this.#cannotStart(error));
    child.on('exit', (status, signal) => this.#hasExited(status, signal));
    this.#readOutput();
    child.stderr?.on('data', (chunk: Buffer) => this.#errors.add(chunk));
    child.stderr?.on('error', () => {});
    child.stderr?.on('close', () => {
      this.#errorsEnded = true;
      this.#check();
    });
    // EPIPE: the stage reads no further. That is its right; how it ends is judged by its status.
    child.stdin?.on('error', () => this.#closeInput());
    child.stdin?.on('close', () => this.#closeInput());
    child.stdin?.on('drain', () => this.#goOn());
  }

  #readOutput(): void {
    const output = this.#child?.stdout;
    if (output === null || output === undefined) return;
    const { next, events } = this.#options;
    output.on('data', (chunk: Buffer) => {
      if (this.#outputEnded) return;
      this.#bytesOut += chunk.length;
      events.progress();
      // One chunk is read while the one before it is on its way. Both run-times may hand over one more after `pause`.
      if (this.#waiting !== undefined) {
        this.#late.push(chunk);
        output.pause();
        return;
      }
      const wait = next.write(chunk);
      if (wait === undefined && !this.#turns.isDue) return;
      this.#waiting = this.#handOnLate(wait).then(() => {
        this.#waiting = undefined;
      });
    });
    output.on('error', () => this.#outputIsOver());
    output.on('close', () => this.#outputIsOver());
    output.on('end', () => this.#outputIsOver());
  }

  async #handOnLate(first: void | Promise<void>): Promise<void> {
    await first;
    await this.#turns.next();
    for (let chunk = this.#late.shift(); chunk !== undefined; chunk = this.#late.shift()) {
      const wait = this.#options.next.write(chunk);
      if (this.#late.length === 0) this.#child?.stdout?.resume();
      await wait;
      await this.#turns.next();
    }
  }

  #outputIsOver(): void {
    if (this.#outputEnded) return;
    this.#outputEnded = true;
    const last = (): void => {
      this.#options.next.end();
      this.#check();
    };
    if (this.#waiting === undefined) last();
    else this.#waiting.then(last);
  }

  #hasExited(status: number | null, signal: string | null): void {
    if (this.#exited) return;
    this.#exited = true;
    this.#status = status ?? undefined;
    this.#signal = signal ?? undefined;
    // Behind the end of its output a stage may still end by itself while it is being ended: then its status is its own.
    if (this.#termination !== undefined && isEndedBySignal(status, signal)) this.#endedByServer = true;
    this.#closeInput();
    this.#check();
  }

  #cannotStart(error: unknown): void {
    if (this.#exited) return;
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    this.#errors.add(Buffer.from(`cannot be started: ${code}\n`));
    this.#exited = true;
    this.#status = code === 'ENOENT' ? NOT_FOUND : CANNOT_RUN;
    this.#errorsEnded = true;
    this.#closeInput();
    this.#child?.stdout?.destroy();
    this.#outputIsOver();
    this.#check();
  }

  #closeInput(): void {
    if (this.#inputClosed) return;
    this.#inputClosed = true;
    this.#goOn();
    this.#options.events.inputClosed();
  }

  #goOn(): void {
    const resume = this.#resumeInput;
    this.#resumeInput = undefined;
    resume?.();
  }

  /** Ended: exited, output read to its end, and standard error too unless something left behind holds it. */
  #check(): void {
    if (!this.#exited || !this.#outputEnded) return;
    if (this.#errorsEnded) this.#finish();
    // Behind the timer what has come in is read once more: on a busy machine it may be due before anything was.
    else setTimeout(() => setImmediate(() => this.#finish()), LATE_ERRORS_MS);
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#child?.stderr?.destroy();
    const groupId = this.#child?.pid;
    if (groupId === undefined) {
      this.#settle();
      return;
    }
    // What it left running in the background ends with the request.
    terminateGroup(groupId).then(() => {
      forgetGroup(groupId);
      forgetNote(groupId);
      this.#settle();
    });
  }

  async #end(): Promise<void> {
    const groupId = this.#child?.pid;
    if (groupId === undefined) return;
    await terminateGroup(groupId, this.#options.killDelayMs);
    this.#child?.stdout?.destroy();
    this.#outputIsOver();
    setTimeout(() => {
      if (this.#exited) return;
      this.#errors.add(Buffer.from('did not end when it was killed\n'));
      this.#errorsEnded = true;
      this.#hasExited(null, null);
    }, GIVE_UP_MS);
  }
}

/** Ended by TERM or KILL, as the system or a shell tells it; or never seen to end. */
function isEndedBySignal(status: number | null, signal: string | null): boolean {
  if (signal !== null) return signal === 'SIGTERM' || signal === 'SIGKILL';
  return status === null || status === 128 + 15 || status === 128 + 9;
}
