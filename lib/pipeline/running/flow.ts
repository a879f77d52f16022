/**
 * How the parts of a pipeline hand bytes on, with back-pressure.
 *
 * A producer calls `write` and, if it gets a promise, writes nothing more until that is settled; the bytes stay untouched as
 * long. So no part ever holds more than the chunk in its hands (at most 448 KiB from a child, see child-stage.ts) and what a
 * filter makes of one slice (filter-stage.ts): the limit of 1 MiB a stage follows from the construction.
 */

/** Takes the bytes of the part in front of it. */
export interface Consumer {
  /** A promise means: wait. It is never rejected. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** The producer has written its last byte. */
  end(): void;
}

/** One running stage as the pipeline sees it. */
export interface RunningStage extends Consumer {
  readonly inProcess: boolean;
  /** Resolves when the stage has ended and its last byte has been taken, or when the pipeline has given it up. */
  readonly ended: Promise<void>;
  /** It ended with something other than success. Known once `ended` is settled. */
  readonly failed: boolean;
  /** What it holds back for the sake of larger blocks goes out. */
  flush(): void;
  /** Its output is no longer wanted: it finds its standard output closed. False if it had closed that itself. */
  closeOutput(): boolean;
  /** Ends it: TERM and KILL to a process group. Resolves when that is done. */
  terminate(): Promise<void>;
}

/** What a stage tells the pipeline. */
export interface StageEvents {
  /** Bytes came out of the stage. */
  progress(): void;
  /** The stage takes no more input, though the producer may have some. */
  inputClosed(): void;
}
